"""The frame that one asks about: drawn, uploaded or picked, with what becomes of it shown."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from analysis.frame_query import FrameQuery, stored_frame
from analysis.latent_space import UNSEPARATED
from morphcore import frames
from morphcore.types import FRAME_SHAPE, BinaryFrame
from store.trajectories import UnknownFrame
from ui.frame import card as frame_card
from ui.frame import drawing
from ui.frame import picker as frame_picker
from wording.numbers import plain

DRAW, UPLOAD, STORED = "Draw", "Upload", "Stored frame"
MODES = {DRAW: ":material/draw:", UPLOAD: ":material/upload:", STORED: ":material/image_search:"}
FILE_TYPES = ["png", "jpg", "jpeg", "tif", "tiff", "bmp", "gif", "npy", "txt"]
BLANK = "Draw at least one domain: a canvas of one colour has nothing to compare."
ONE_SIDE = "All of it is on one side of this gray level; move it until both colours show."
_MEGABYTES = 64
_SHOWN_PX = 800  # an original is shown at most this wide


@dataclass(frozen=True)
class Slot:
    """One of the frames that a page asks for: its label, its link and the keys of its widgets."""

    label: str
    key: str
    picker: str  # key of the picker of stored frames
    link: str  # the query parameter that names a stored frame
    modes: tuple[str, ...]


FIRST = Slot("The frame to compare", "compare", "query", "frame", tuple(MODES))
# One canvas a page: the second frame is drawn as the first one.
SECOND = Slot("The frame to compare it with", "with", "with", "with", (UPLOAD, STORED))


def choose(store: Path, dataset_id: int, slot: Slot = FIRST) -> FrameQuery | None:
    """Widgets for a frame to ask about; None, and a sentence on why, as long as there is none.

    A link with `?frame=ID` opens on that stored frame, and the address follows what is picked.
    Pickers begin with the data set `dataset_id`.
    """
    _follow_link(store, slot)
    st.session_state.setdefault(f"{slot.key}_mode", STORED)
    mode = st.segmented_control(
        slot.label,
        slot.modes,
        format_func=lambda each: f"{MODES[each]} {each}",
        required=True,
        key=f"{slot.key}_mode",
        persist_state="session",
        on_change=_unlink,
        args=(slot,),
    )
    if mode == DRAW:
        return _drawn(store, dataset_id)
    if mode == UPLOAD:
        return _uploaded(slot)
    return _stored(store, dataset_id, slot)


def facts(query: FrameQuery) -> str:
    """What is measured on the frame, in a line."""
    from morphcore.descriptors.measure import (  # with scipy: not before it is needed
        domain_length,
        fraction,
    )

    white, length = fraction(query.bits[None]), domain_length(query.bits[None], query.periodic)
    return f"white {white[0]:.1%} · L {length[0]:.1f} px"


def shown(bits: BinaryFrame) -> UInt8[np.ndarray, "100 400"]:
    """Black and white as gray levels, to be shown."""
    return frames.to_gray(bits)


def _follow_link(store: Path, slot: Slot) -> None:
    """A link's frame becomes the stored frame that is asked about, once."""
    asked = st.query_params.get(slot.link)
    state = st.session_state
    if asked is None or (
        state.get(f"{slot.key}_mode") == STORED and state.get(f"{slot.key}_linked") == asked
    ):
        return
    try:
        frame_picker.point_at(store, int(asked), slot.picker)
    except (UnknownFrame, ValueError):
        st.warning(
            f"The store has no frame {plain(asked)}; pick another one.", icon=":material/link_off:"
        )
        _unlink(slot)
        return
    state[f"{slot.key}_mode"] = STORED


def _unlink(slot: Slot) -> None:
    """The address no longer says which frame; a picked one is written to it again."""
    st.query_params.pop(slot.link, None)


def _stored(store: Path, dataset_id: int, slot: Slot) -> FrameQuery | None:
    controls, card = st.columns([1, 2], gap="medium")
    with controls:
        frame_id = frame_picker.pick(store, dataset_id, slot.picker, lambda: _unlink(slot))
    if frame_id is None:
        return None
    st.query_params[slot.link] = st.session_state[f"{slot.key}_linked"] = str(frame_id)
    with card:
        frame_card.show(store, frame_id, links=False)
        if DRAW in slot.modes:
            st.button(
                "Draw on this frame",
                icon=":material/draw:",
                on_click=_draw_on,
                args=(store, frame_id, slot),
            )
    return _both_colours(stored_frame(store, frame_id))


def _draw_on(store: Path, frame_id: int, slot: Slot) -> None:
    drawing.start_from(store, frame_id)
    st.session_state[f"{slot.key}_mode"] = DRAW
    _unlink(slot)


def _drawn(store: Path, dataset_id: int) -> FrameQuery | None:
    bits = drawing.draw(store, dataset_id)
    if bits is None:
        st.info(BLANK, icon=":material/draw:")
        return None
    return _both_colours(FrameQuery(bits, None, periodic=True))


def _uploaded(slot: Slot) -> FrameQuery | None:
    state, key = st.session_state, slot.key
    st.file_uploader(
        "A picture of a film, an .npy array or a GraSPI text file",
        type=FILE_TYPES,
        key=f"{key}_file",
        max_upload_size=_MEGABYTES,
        on_change=_keep_upload,
        args=(key,),
        help="Of any size: it is stretched to 400 × 100 pixels and cut to black and white.",
    )
    if f"{key}_upload" not in state:
        return None
    name, data = state[f"{key}_upload"]
    if state.get(f"{key}_file") is None:
        st.caption(f"Uploaded before: {plain(name)}")
    from morphcore.readers.read import frame_file
    from morphcore.readers.results import UnreadableFrame

    try:
        gray = frame_file(data, name)
    except UnreadableFrame as err:
        st.error(f"{plain(name)} cannot be read. {err}", icon=":material/broken_image:")
        return None
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        threshold = st.slider(
            "White from this gray level on",
            0.05,
            0.95,
            0.5,
            0.01,
            key=f"{key}_threshold",
            persist_state="session",
            width=360,
        )
        inverted = st.toggle(
            "The phases are swapped", key=f"{key}_inverted", persist_state="session"
        )
    bits = frames.binarise(gray, threshold)
    steps = [
        *_original(data),
        (gray, f"Brought to {FRAME_SHAPE[1]} × {FRAME_SHAPE[0]} px, gray"),
        (shown(bits), f"White from {threshold:.2f} on"),
    ]
    if inverted:
        bits = ~bits
        steps.append((shown(bits), "Black and white swapped"))
    for column, (step, words) in zip(st.columns(len(steps)), steps, strict=True):
        with column.container(border=True):
            st.image(step, caption=words, width="stretch", output_format="PNG", alt=words)
    if frames.is_unseparated(bits) and gray.min() < gray.max():
        st.info(ONE_SIDE, icon=":material/contrast:")
        return None
    return _both_colours(FrameQuery(bits, None, periodic=False))


def _original(data: bytes) -> list[tuple[UInt8[np.ndarray, "h w"], str]]:
    """A picture file as it came, made smaller where it is large; nothing for numbers and text."""
    from morphcore.readers.images import picture
    from morphcore.readers.results import UnreadableFrame

    try:
        gray = picture(data)
    except UnreadableFrame:
        return []
    height, width = gray.shape
    every = -(-width // _SHOWN_PX)
    return [(gray[::every, ::every], f"As uploaded, {width:,} × {height:,} px")]


def _keep_upload(key: str) -> None:
    """Keep the file itself: the widget forgets it while another way of input is shown."""
    file = st.session_state[f"{key}_file"]
    if file is None:
        st.session_state.pop(f"{key}_upload", None)
    else:
        st.session_state[f"{key}_upload"] = (file.name, file.getvalue())


def _both_colours(query: FrameQuery) -> FrameQuery | None:
    if frames.is_unseparated(query.bits):
        st.info(UNSEPARATED, icon=":material/contrast:")
        return None
    return query
