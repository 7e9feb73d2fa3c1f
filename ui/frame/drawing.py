"""The canvas with its pens: a frame drawn by hand, on one colour, a pattern or a stored frame."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from jaxtyping import UInt8
from streamlit.delta_generator import DeltaGenerator

from analysis.descriptor_range import Range
from analysis.frame_query import FrameQuery, stored_frame
from morphcore.patterns import LEAST_FRACTION, MOST_FRACTION, PATTERNS, Pattern, pattern
from morphcore.types import FRAME_SHAPE, BinaryFrame
from store import asked_frames, trajectories
from store.asked_frames import Drawing
from store.db import open_store
from ui import links
from ui.cached import analysis as cached_analysis
from ui.frame import canvas, keeping, picker

ON_FRAME = "Stored frame"
OPENED = "Linked"
_PATTERNS: dict[str, Pattern] = {name.capitalize(): name for name in PATTERNS}
GROUNDS = ("Black", "White", *_PATTERNS, ON_FRAME)
_PENS = {"White": "#ffffff", "Black": "#000000", "Eraser": None}
_OTHERWISE = Range(0.5, 0.5, 0.5), Range(15.0, 15.0, 15.0)  # of patterns, where nothing is measured
_ZOOMS = range(30, 101, 2)  # per cent
_OPENED = "drawing_opened"  # the key and the frame of the drawing that a link has opened
_LINKED = "drawing_linked"  # the key of the drawing that is shown; None: it could not be kept


@dataclass(frozen=True)
class _Drawing:
    """The last strokes on the canvas, shown again when one comes back from another page."""

    key: str  # of the canvas, one for each ground
    raw: dict[str, Any] | None  # the canvas's own description of its strokes
    rgba: UInt8[np.ndarray, "height width 4"] | None


def draw(
    store: Path, dataset_id: int, place: DeltaGenerator, *, link: str | None = None
) -> FrameQuery | None:
    """Show the canvas in `place`, pens here -> the frame; None where an even ground is untouched.

    On an even ground and on a pattern it has the size and edges of the data set's frames, and a
    pattern its area fraction and L. What is drawn is kept in the store, and `?link=KEY` in the
    address names it.
    """
    state = st.session_state
    opened: tuple[str, Drawing] | None = state.get(_OPENED)
    grounds = GROUNDS if opened is None else (*GROUNDS, OPENED)
    if state.get("draw_ground") not in grounds:
        state["draw_ground"] = GROUNDS[0]
    state.setdefault("draw_pen", "White")
    state.setdefault("draw_width", "Medium")
    start = st.pills(
        "Start from",
        grounds,
        required=True,
        key="draw_ground",
        persist_state="session",
        on_change=_pen_that_shows,
        help="Another start begins a new drawing. Patterns have the area fraction and the domain"
        " size that are usual in the data set.",
    )
    with st.container(horizontal=True, gap="medium"):
        pen = st.segmented_control(
            "Pen",
            list(_PENS),
            required=True,
            key="draw_pen",
            persist_state="session",
            help="The eraser brings back what the drawing started from.",
        )
        width = st.segmented_control(
            "Width, px",
            list(canvas.PEN_WIDTHS),
            format_func=lambda name: f"{canvas.PEN_WIDTHS[name]}",
            required=True,
            key="draw_width",
            persist_state="session",
        )
    made = _ground(store, dataset_id, start or GROUNDS[0], opened)
    if made is None:
        return None
    ground, layout, key = made
    with place:
        st.html(_zooms(layout.width))
        with st.container(key="canvas_room"), st.container(key="canvas_box"):
            rgba = _canvas(
                ground,
                layout,
                key,
                layout.scale * canvas.PEN_WIDTHS[width or "Medium"],
                _PENS[pen or "White"],
            )
        # Below the canvas: its buttons appear above it.
        notes = []
        if layout.margin:
            notes.append("The film goes on in the margins.")
        if pen == "Eraser" and _mixed(ground):
            notes.append("What the eraser touched is pink.")
        if notes:
            st.caption(" ".join(notes))
    bits = ground
    if rgba is not None and canvas.has_strokes(rgba):
        bits = canvas.frame(ground, rgba, layout)
    elif not _mixed(ground):
        return None
    if link is not None:
        _link(store, Drawing(bits, bool(layout.margin)), link)
    return FrameQuery(bits, None, bool(layout.margin))


def follow(store: Path, linked: str) -> bool:
    """Have the canvas show a drawing that is kept, unless it has it; False where it is no more."""
    state = st.session_state
    if state.get(_LINKED) == linked:
        return True
    with open_store(store) as db:
        found = asked_frames.drawing(db, linked)
    if found is None:
        return False
    state[_OPENED] = (linked, found)
    state["draw_ground"] = OPENED
    return True


def _ground(
    store: Path, dataset_id: int, start: str, opened: tuple[str, Drawing] | None
) -> tuple[BinaryFrame, canvas.CanvasLayout, str] | None:
    """What the drawing starts from, its layout, and the key of its canvas."""
    if start == OPENED and opened is not None:
        key, drawn = opened
        layout = canvas.layout_of(_shape(drawn.bits), periodic=drawn.periodic)
        return canvas.middle(drawn.bits, layout), layout, f"canvas_{key}"
    if start == ON_FRAME:
        with st.container(horizontal=True, gap="small"):
            frame_id = picker.pick(store, dataset_id, "ground")
        if frame_id is None:
            return None
        query = stored_frame(store, frame_id)
        layout = canvas.layout_of(_shape(query.bits), periodic=query.periodic)
        return canvas.middle(query.bits, layout), layout, f"canvas_{frame_id}"
    shape, periodic = _size(store, dataset_id)
    layout = canvas.layout_of(shape, periodic=periodic)
    key = f"canvas_{start}"
    if layout.shape != FRAME_SHAPE or not layout.margin:
        key += f"_{layout.shape[0]}_{layout.shape[1]}_{layout.margin}"
    if start not in _PATTERNS:
        return np.full(layout.shape, start == "White"), layout, key
    data = cached_analysis.data_range_of(store, dataset_id)
    usual = _OTHERWISE if data is None else (data.fraction, data.length)
    ground = pattern(
        _PATTERNS[start],
        layout.shape,
        fraction=min(max(usual[0].middle, LEAST_FRACTION), MOST_FRACTION),
        length=usual[1].middle,
        periodic=bool(layout.margin),
    )
    return ground, layout, f"{key}_{dataset_id}"


def _link(store: Path, drawn: Drawing, link: str) -> None:
    """Keep a drawing, once, and have the address name it."""
    state, wanted = st.session_state, asked_frames.drawing_key(drawn)
    if state.get(_LINKED) != wanted:
        state[_LINKED] = keeping.keep(store, lambda db: asked_frames.add_drawing(db, drawn))
    if state[_LINKED] is None:
        links.drop_params(link)
    else:
        links.set_params({link: wanted})


def _mixed(ground: BinaryFrame) -> bool:
    return bool(ground.any() and not ground.all())


def _zooms(width: int) -> str:
    """The style by which a canvas, of a fixed width in pixels, is shown as wide as its room is."""
    rules = (
        f"@container (min-width: {-(-width * zoom // 100)}px)"
        f" {{ .st-key-canvas_box {{ zoom: {zoom}% }} }}"
        for zoom in _ZOOMS
    )
    room = ".st-key-canvas_room { container-type: inline-size }"
    least = f".st-key-canvas_box {{ zoom: {_ZOOMS[0]}% }}"
    return f"<style>{room} {least} {' '.join(rules)}</style>"


def _size(store: Path, dataset_id: int) -> tuple[tuple[int, int], bool]:
    """Height and width of a data set's frames, and whether they are periodic, by its first ones."""
    with open_store(store) as db:
        infos = trajectories.trajectories(db, dataset_id)
    return (infos[0].shape, infos[0].periodic) if infos else (FRAME_SHAPE, True)


def _shape(bits: BinaryFrame) -> tuple[int, int]:
    return bits.shape[0], bits.shape[1]


def start_from(store: Path, frame_id: int) -> None:
    """Have the next drawing begin on a stored frame; to be called before the widgets are made."""
    st.session_state["draw_ground"] = ON_FRAME
    picker.point_at(store, frame_id, "ground")


def _pen_that_shows() -> None:
    """Choose the pen of the other colour: white on white would seem not to draw."""
    start = st.session_state["draw_ground"]
    if start in ("Black", "White"):
        st.session_state["draw_pen"] = "Black" if start == "White" else "White"


def _canvas(
    ground: BinaryFrame,
    layout: canvas.CanvasLayout,
    key: str,
    pen_width: int,
    colour: str | None,
) -> UInt8[np.ndarray, "height width 4"] | None:
    """The strokes on the canvas; None before the first."""
    from PIL import Image
    from streamlit_drawable_canvas import st_canvas

    state = st.session_state
    last: _Drawing | None = state.get("drawing")
    kept = last if last is not None and last.key == key else None
    if key not in state or kept is None:
        # Fixed as long as this canvas is on the page: given another drawing, it would begin anew.
        state["drawing_begun"] = kept.raw if kept else None
    result = st_canvas(
        width=layout.width,
        height=layout.height,
        stroke_width=pen_width,
        stroke_color=colour or canvas.eraser_colour(ground),
        background_image=Image.fromarray(canvas.ground_picture(ground, layout)),
        initial_drawing=state["drawing_begun"],
        return_image_data=True,
        key=key,
    )
    rgba: np.ndarray | None = result.image_data
    if rgba is None and kept is not None:  # shown again, not touched yet
        return kept.rgba
    state["drawing"] = _Drawing(key, result.json_data, rgba)
    return rgba
