"""Input of a query frame: drawn, uploaded or picked from the store."""

from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import UInt8
from streamlit.delta_generator import DeltaGenerator

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
from ui.frame import data_range, drawing, scale, upload
from ui.frame import picker as frame_picker
from ui.frame.slot import DRAW, FIRST, MODES, STORED, UPLOAD, Slot, follow_link, unlink
from wording.descriptors import fraction_and_length
from wording.escapes import plain

# Beside each other, bars with and without a button are of one height.
_STYLE = """<style>
:is(.st-key-compare_bar, .st-key-with_bar) { min-height: 2.5rem }
</style>"""
BLANK = "Draw at least one domain: a canvas of one colour has nothing to compare."


def choose(
    store: Path,
    dataset_id: int,
    slot: Slot = FIRST,
    *,
    run: IndexedRun | None = None,
    early: bool = False,
    binary: bool = False,
    name: str = "",
) -> FrameQuery | None:
    """A query frame's picture over the widgets that choose it; None as long as there is none.

    With a run, a frame that is not of its data set is brought to the pixels that its model knows.
    `early`: a stored frame that has not separated yet will do, if it has two colours. `binary`: the
    picture is black and white, not gray. `name` is put before the frame's facts.

    A link with `?frame=ID`, or with the key of a drawing or an upload, opens on that frame, and the
    address follows what is chosen. Pickers begin with the data set `dataset_id`.
    """
    follow_link(store, slot)
    st.session_state.setdefault(f"{slot.key}_mode", STORED)
    place = st.container(key=f"{slot.key}_frame")
    st.html(_STYLE)
    bar = st.container(
        horizontal=True, vertical_alignment="center", gap="small", key=f"{slot.key}_bar"
    )
    mode = bar.segmented_control(
        slot.label,
        slot.modes,
        format_func=lambda option: f"{MODES[option]} {option}",
        required=True,
        key=f"{slot.key}_mode",
        persist_state="session",
        on_change=unlink,
        args=(slot,),
        label_visibility="collapsed",
    )
    if mode == DRAW:
        query = _drawn(store, dataset_id, slot, place)
    elif mode == UPLOAD:
        scale_of_model = None if run is None else _model_scale(store, run)
        query = upload.choose(slot.key, scale_of_model, store=store, link=slot.upload)
        query = None if query is None else _both_colours(query)
    else:
        frame_id = _picked(store, dataset_id, slot, bar)
        if frame_id is None:
            return None
        query = _stored(store, frame_id, slot, run, early)
        if query is None:
            with place:
                frame_card.show(store, frame_id, links=False)
    if query is not None:
        # A drawing's picture comes last, so that the pens lie close to the canvas.
        with st.container() if mode == DRAW else place:
            _show(store, query, dataset_id, slot, binary, name)
    return query


def picture(query: FrameQuery, *, binary: bool) -> UInt8[np.ndarray, "h w"]:
    """The gray levels of a query; `binary`: black and white."""
    if binary or query.gray is None:
        return frames.to_gray(query.bits)
    return query.gray


def _show(
    store: Path, query: FrameQuery, dataset_id: int, slot: Slot, binary: bool, name: str
) -> None:
    """The frame as it is compared, with its facts; where it lies against the data, if it is new."""
    words, rest = "", None
    if query.frame_id is not None:
        words, rest = frame_card.lines(store, query.frame_id)
    else:
        data = cached_analysis.data_range_of(store, dataset_id)
        if data is None or query.unseparated or query.pixel_size is not None:
            words = facts(query)
        if data is not None and not query.unseparated:
            data_range.show(*_fraction_and_length(query), data)
    st.image(picture(query, binary=binary), width="stretch", output_format="PNG", alt=slot.label)
    words = " · ".join(filter(None, [f"**{name}**" if name else "", words]))
    if words:
        st.caption(words, help=rest)


def facts(query: FrameQuery) -> str:
    """The frame's area fraction and domain size, in a line of Markdown."""
    fraction, length = _fraction_and_length(query)
    words = fraction_and_length(
        fraction,
        length,
        unseparated=query.unseparated,
        contrast=query.contrast,
        pixel_size=query.pixel_size,
        length_unit=query.length_unit,
    )
    return plain(words)


def _fraction_and_length(query: FrameQuery) -> tuple[float, float]:
    """The share of white, and L in pixels."""
    from morphcore.descriptors.measure import domain_length, fraction  # not before it is needed

    length = domain_length(query.bits[None], query.periodic, query.periodic_y)
    return float(fraction(query.bits[None])[0]), float(length[0])


def shown(bits: BinaryFrame) -> UInt8[np.ndarray, "h w"]:
    """Black and white as gray levels, to be shown."""
    return frames.to_gray(bits)


def _model_scale(store: Path, run: IndexedRun) -> PixelScale:
    with open_store(store) as db:
        return attached.model_scale(db, run)


def _picked(store: Path, dataset_id: int, slot: Slot, bar: DeltaGenerator) -> int | None:
    """The stored frame that is picked; the bar takes the button that draws on it."""
    with st.container(horizontal=True, gap="small"):
        frame_id = frame_picker.pick(store, dataset_id, slot.picker, lambda: unlink(slot))
    if frame_id is None:
        return None
    st.session_state[f"{slot.key}_linked"] = str(frame_id)
    links.set_params({slot.link: frame_id})
    if DRAW in slot.modes:
        bar.button(
            "Draw on it",
            icon=":material/edit:",
            type="tertiary",
            on_click=_draw_on,
            args=(store, frame_id, slot),
            help="Begin a drawing with this frame.",
        )
    return frame_id


def _stored(
    store: Path, frame_id: int, slot: Slot, run: IndexedRun | None, early: bool
) -> FrameQuery | None:
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
    unlink(slot)


def _drawn(store: Path, dataset_id: int, slot: Slot, place: DeltaGenerator) -> FrameQuery | None:
    query = drawing.draw(store, dataset_id, place, link=slot.drawing)
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
