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
    picture(store, frame_id, binary=binary)
    words, rest = lines(store, frame_id)
    st.caption("  \n".join(filter(None, [words, note])), help=rest)
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


def picture(store: Path, frame_id: int, *, binary: bool = False) -> None:
    """Show a frame's picture alone, gray as stored, or black and white."""
    with open_store(store) as db:
        info = trajectories.frame_info(db, frame_id)
    # PNG: left to itself, Streamlit makes a JPEG of it, which is no longer the stored frame.
    shown: bytes | np.ndarray = cached_rows.png(store, frame_id)
    if binary:
        gray = cached_rows.gray(store, frame_id)
        shown = frames.to_gray(frames.binarise(gray, info.trajectory.threshold))
    st.image(shown, width="stretch", output_format="PNG", alt=alt_text(info))


def lines(store: Path, frame_id: int) -> tuple[str, str | None]:
    """A frame's facts and a few of its properties as Markdown, and the rest of these as help."""
    with open_store(store) as db:
        info = trajectories.frame_info(db, frame_id)
        facts = descriptors.of_frame(db, frame_id)
        known = properties.of_frame(db, frame_id)
    few = property_words.few(known)
    return "  \n".join(filter(None, [caption(info, facts), few])), property_words.rest(known)


def caption(info: FrameInfo, facts: FrameDescriptors | None) -> str:
    """A frame's trajectory, time and measured descriptors, in a line."""
    parts = [f"**{plain(info.trajectory.name)}**", plain(place(info))]
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


def place(info: FrameInfo) -> str:
    """A frame's number among those of its trajectory, from 1 on, and its time where it has one."""
    number = f"frame {info.index + 1:,} of {info.trajectory.frame_count:,}"
    return f"{number} · {when(info)}" if times.known(info.trajectory.time_unit) else number


def when(info: FrameInfo) -> str:
    """A frame's time in words, or its number counted from 1 where it has none."""
    unit = info.trajectory.time_unit
    return times.when(info.time, unit) if times.known(unit) else f"frame {info.index + 1}"
