"""Input of a query frame: drawn, uploaded or picked from the store."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from analysis import attached, frame_query
from analysis.frame_query import FrameQuery, stored_frame, unseparated_words
from morphcore import frames
from morphcore.embedding.rescaling import PixelScale, ScaleChoice
from morphcore.errors import MorphError
from morphcore.types import BinaryFrame
from store import datasets, trajectories
from store.db import open_store
from store.runs import IndexedRun
from ui import failures, links
from ui.cached import analysis as cached_analysis
from ui.frame import card as frame_card
from ui.frame import drawing, scale, upload
from ui.frame import picker as frame_picker
from wording.descriptors import fraction_and_length
from wording.escapes import plain

DRAW, UPLOAD, STORED = "Draw", "Upload", "Stored frame"
MODES = {DRAW: ":material/draw:", UPLOAD: ":material/upload:", STORED: ":material/image_search:"}
BLANK = "Draw at least one domain: a canvas of one colour has nothing to compare."


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


def choose(
    store: Path,
    dataset_id: int,
    slot: Slot = FIRST,
    *,
    run: IndexedRun | None = None,
    early: bool = False,
) -> FrameQuery | None:
    """Widgets for a query frame; None, and a sentence on why, as long as there is none.

    With a run, a frame that is not of its data set is brought to the pixels that its model knows.
    `early`: a stored frame that has not separated yet will do, if it has two colours.

    A link with `?frame=ID` opens on that stored frame, and the address follows what is picked.
    Pickers begin with the data set `dataset_id`.
    """
    _follow_link(store, slot)
    st.session_state.setdefault(f"{slot.key}_mode", STORED)
    mode = st.segmented_control(
        slot.label,
        slot.modes,
        format_func=lambda option: f"{MODES[option]} {option}",
        required=True,
        key=f"{slot.key}_mode",
        persist_state="session",
        on_change=_unlink,
        args=(slot,),
    )
    if mode == DRAW:
        return _drawn(store, dataset_id)
    if mode == UPLOAD:
        query = upload.choose(slot.key, None if run is None else _model_scale(store, run))
        return None if query is None else _both_colours(query)
    return _stored(store, dataset_id, slot, run, early)


def facts(query: FrameQuery) -> str:
    """The frame's area fraction and domain size, in a line of Markdown."""
    from morphcore.descriptors.measure import domain_length, fraction  # not before it is needed

    length = domain_length(query.bits[None], query.periodic, query.periodic_y)
    words = fraction_and_length(
        float(fraction(query.bits[None])[0]),
        float(length[0]),
        unseparated=query.unseparated,
        contrast=query.contrast,
        pixel_size=query.pixel_size,
        length_unit=query.length_unit,
    )
    return plain(words)


def shown(bits: BinaryFrame) -> UInt8[np.ndarray, "h w"]:
    """Black and white as gray levels, to be shown."""
    return frames.to_gray(bits)


def _follow_link(store: Path, slot: Slot) -> None:
    """Take a link's frame as the stored query frame, once."""
    linked = links.text_param(slot.link)
    state = st.session_state
    if linked is None or (
        state.get(f"{slot.key}_mode") == STORED and state.get(f"{slot.key}_linked") == linked
    ):
        return
    if frame_picker.point_at_link(store, slot.picker, slot.link):
        state[f"{slot.key}_mode"] = STORED
    else:
        _unlink(slot)


def _unlink(slot: Slot) -> None:
    """Take the frame out of the address; a picked one is written to it again."""
    links.drop_params(slot.link)


def _model_scale(store: Path, run: IndexedRun) -> PixelScale:
    with open_store(store) as db:
        return attached.model_scale(db, run)


def _stored(
    store: Path, dataset_id: int, slot: Slot, run: IndexedRun | None, early: bool
) -> FrameQuery | None:
    controls, card = st.columns([1, 2], gap="medium")
    with controls:
        frame_id = frame_picker.pick(store, dataset_id, slot.picker, lambda: _unlink(slot))
    if frame_id is None:
        return None
    st.session_state[f"{slot.key}_linked"] = str(frame_id)
    links.set_params({slot.link: frame_id})
    with card:
        frame_card.show(store, frame_id, links=False)
        if DRAW in slot.modes:
            st.button(
                "Draw on this frame",
                icon=":material/draw:",
                on_click=_draw_on,
                args=(store, frame_id, slot),
            )
        query = _seen(store, frame_id, slot, run)
    return None if query is None else _both_colours(query, early)


def _seen(store: Path, frame_id: int, slot: Slot, run: IndexedRun | None) -> FrameQuery | None:
    """A stored frame as a run's model sees it; how its size compares is asked if it is not known.

    Without an answer a pixel is a pixel, which is said.
    """
    if run is None:
        return stored_frame(store, frame_id)
    with open_store(store) as db:
        info = trajectories.frame_info(db, frame_id).trajectory
        own = frame_query.is_own(run, info.dataset_id, datasets.by_id(db, info.dataset_id).serves)
    known = own or info.dataset_id in {
        each.dataset_id for each in cached_analysis.attached_to(store, run)
    }
    choice: ScaleChoice | None = None
    frame, model = attached.scale_of(info), _model_scale(store, run)
    if not known and frame.over(model) is None:
        choice = scale.ask(model, frame, key=f"{slot.key}_stored", default="one")
    try:
        query = frame_query.seen_frame(store, run, frame_id, choice)
    except MorphError as err:
        st.error(plain(str(err)), icon=":material/straighten:")
        return None
    if query.rescaling is not None:
        scale.caption(query.rescaling)
    return query


@failures.said()
def _draw_on(store: Path, frame_id: int, slot: Slot) -> None:
    drawing.start_from(store, frame_id)
    st.session_state[f"{slot.key}_mode"] = DRAW
    _unlink(slot)


def _drawn(store: Path, dataset_id: int) -> FrameQuery | None:
    query = drawing.draw(store, dataset_id)
    if query is None:
        st.info(BLANK, icon=":material/draw:")
        return None
    return _both_colours(query)


def _both_colours(query: FrameQuery, early: bool = False) -> FrameQuery | None:
    stored = query.frame_id is not None
    if frames.is_unseparated(query.bits) or (query.unseparated and stored and not early):
        st.info(unseparated_words(query), icon=":material/contrast:")
        return None
    if (
        query.unseparated and not stored
    ):  # of a picture, one sees better than a rule whether there are phases
        st.warning(
            f"Its contrast is {query.contrast:.2f} of 1: nothing in it seems to have separated"
            " yet, and what follows may be the morphology of noise.",
            icon=":material/contrast:",
        )
    return query
