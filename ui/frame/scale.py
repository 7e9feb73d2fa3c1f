"""The question how frames compare in size with those that a model knows, where it is not known."""

import streamlit as st

from morphcore.embedding.rescaling import (
    LEAST_FACTOR,
    MOST_FACTOR,
    PixelScale,
    Rescaling,
    ScaleChoice,
)
from wording.escapes import plain

_WORDS = {"one": "One pixel is one pixel", "factor": "Scaled by a factor"}


def ask(
    model: PixelScale, frame: PixelScale, *, key: str, default: str | None
) -> ScaleChoice | None:
    """Three choices by radio; None as long as nothing is chosen, where there is no default."""
    thickness = (
        f"The height of the picture is the film's thickness: {frame.height:,} px are"
        f" {model.height:,} px of the model's"
    )
    words = {"thickness": thickness, **_WORDS}
    options = list(words)
    chosen = st.radio(
        "How large is a pixel?",
        options,
        format_func=lambda option: plain(words[option]),
        index=None if default is None else options.index(default),
        key=f"{key}_scale",
        persist_state="session",
        help="A model knows domains by their size in pixels, and the pixel size of these frames or"
        " of the model's is not known. The answer is shown with every result.",
    )
    if chosen == "factor":
        return float(
            st.number_input(
                "Factor: pixels of the model's frames that a pixel becomes",
                LEAST_FACTOR,
                MOST_FACTOR,
                1.0,
                format="%g",
                key=f"{key}_factor",
                persist_state="session",
            )
        )
    if chosen == "thickness":
        return "thickness"
    return None if chosen is None else "one"


def caption(rescaling: Rescaling) -> None:
    """Say how frames were scaled."""
    st.caption(f":material/straighten: {sentence(rescaling.words)}")


def sentence(words: str) -> str:
    """How frames were scaled, as a line of Markdown of its own."""
    return plain(f"{words[:1].upper()}{words[1:]}.")
