"""How frames are drawn on Compare, the query and its neighbours alike: gray, or black and white."""

from typing import Literal

import streamlit as st
from jaxtyping import UInt8
from numpy import ndarray

from analysis.frame_query import FrameQuery
from morphcore.frames import to_gray

Look = Literal["gray", "binary"]
_LOOKS: tuple[Look, ...] = ("gray", "binary")
_WORDS = {"gray": "Gray, as stored", "binary": "Black and white"}


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
        help="A model sees black and white. What is drawn by hand has no other levels.",
    )
    return chosen or "gray"  # `?compare_look=` leaves none chosen, required or not


def picture(query: FrameQuery, look: Look) -> UInt8[ndarray, "h w"]:
    """The gray levels of a query as it is drawn."""
    if look == "binary" or query.gray is None:
        return to_gray(query.bits)
    return query.gray
