"""How frames are drawn on Compare, the query and its neighbours alike: gray, or black and white."""

from typing import Literal

import streamlit as st

Look = Literal["gray", "binary"]
_LOOKS: tuple[Look, ...] = ("gray", "binary")
_WORDS = {"gray": "Gray", "binary": "Black and white"}


def choose() -> Look:
    """Choose how all frames of the page are drawn."""
    chosen: Look | None = st.segmented_control(
        "Frames are shown",
        _LOOKS,
        format_func=_WORDS.__getitem__,
        default="gray",
        required=True,
        key="compare_look",
        persist_state="session",
        bind="query-params",
        label_visibility="collapsed",
        help="Gray, as stored; or black and white, which is what a model sees.",
    )
    return chosen or "gray"  # `?compare_look=` leaves none chosen, required or not
