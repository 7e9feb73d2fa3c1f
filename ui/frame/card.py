"""A stored frame as a picture with its facts and links to other pages."""

from pathlib import Path

import numpy as np
import streamlit as st

from morphcore import frames, times
from store import descriptors, properties, trajectories
from store.db import open_store
from store.descriptors import FrameDescriptors
from store.trajectories import FrameInfo
from ui.cached import rows as cached_rows
from wording import properties as property_words
from wording.descriptors import fraction_and_length
from wording.escapes import plain


def show(
    store: Path, frame_id: int, *, note: str = "", links: bool = True, binary: bool = False
) -> None:
    """Show a frame's picture, its facts and properties, and links to other pages.

    The picture is gray as stored, or black and white as models see it (`binary`).
    """
    with open_store(store) as db:
        info = trajectories.frame_info(db, frame_id)
        facts = descriptors.of_frame(db, frame_id)
        known = properties.of_frame(db, frame_id)
    # PNG: left to itself, Streamlit makes a JPEG of it, which is no longer the stored frame.
    picture: bytes | np.ndarray = cached_rows.png(store, frame_id)
    if binary:
        gray = cached_rows.gray(store, frame_id)
        picture = frames.to_gray(frames.binarise(gray, info.trajectory.threshold))
    st.image(picture, width="stretch", output_format="PNG", alt=alt_text(info))
    lines = [caption(info, facts), property_words.few(known), note]
    st.caption("  \n".join(filter(None, lines)), help=property_words.rest(known))
    if not links:
        return
    with st.container(horizontal=True):
        st.page_link(
            "pages/trajectories.py",
            label="Trajectory",
            icon=":material/play_circle:",
            query_params={"frame": str(frame_id)},
        )
        st.page_link(
            "pages/compare.py",
            label="Find similar",
            icon=":material/search:",
            query_params={"frame": str(frame_id)},
        )


def caption(info: FrameInfo, facts: FrameDescriptors | None) -> str:
    """A frame's trajectory, time and measured descriptors, in a line."""
    known = times.known(info.trajectory.time_unit)
    counted = f"{when(info)} of {info.trajectory.frame_count}"
    parts = [f"**{plain(info.trajectory.name)}**", plain(when(info) if known else counted)]
    if facts is not None:
        measured = fraction_and_length(
            facts.fraction,
            facts.length,
            unseparated=info.unseparated,
            contrast=facts.contrast,
            pixel_size=info.trajectory.pixel_size,
            length_unit=info.trajectory.length_unit,
        )
        parts.append(plain(measured))
    elif info.unseparated:
        parts.append("not yet separated")
    return " · ".join(parts)


def alt_text(info: FrameInfo) -> str:
    """The picture's alternative text, for those who do not see it."""
    known = when(info) if times.known(info.trajectory.time_unit) else ""
    return ", ".join(filter(None, [f"Frame {info.index + 1} of {info.trajectory.name}", known]))


def when(info: FrameInfo) -> str:
    """A frame's time in words, or its number counted from 1 where it has none."""
    unit = info.trajectory.time_unit
    return times.when(info.time, unit) if times.known(unit) else f"frame {info.index + 1}"
