"""The canvas with its pens: a frame drawn by hand, on black, on white or on a stored frame."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from analysis.frame_query import FrameQuery, stored_frame
from morphcore.types import FRAME_SHAPE, BinaryFrame
from store import trajectories
from store.db import open_store
from ui.frame import canvas, picker

ON_FRAME = "A stored frame"
GROUNDS = ("Black", "White", ON_FRAME)
_PENS = {"White": "#ffffff", "Black": "#000000", "Eraser": None}
# The canvas has a fixed width; on a narrower page it is shown smaller rather than cut off.
_NARROW = """<style>
@media (max-width: 1130px) { .st-key-canvas_box { zoom: 0.88 } }
@media (max-width: 1000px) { .st-key-canvas_box { zoom: 0.6 } }
</style>"""


@dataclass(frozen=True)
class _Drawing:
    """The last strokes on the canvas, shown again when one comes back from another page."""

    key: str  # of the canvas, one for each ground
    raw: dict[str, Any] | None  # the canvas's own description of its strokes
    rgba: UInt8[np.ndarray, "height width 4"] | None


def draw(store: Path, dataset_id: int) -> FrameQuery | None:
    """Show pens and canvas -> the drawn frame; None where nothing is drawn on an even ground.

    On an even ground it has the size and edges of the data set's frames.
    """
    state = st.session_state
    state.setdefault("draw_ground", GROUNDS[0])
    state.setdefault("draw_pen", "White")
    state.setdefault("draw_width", "Medium")
    with st.container(horizontal=True, gap="medium"):
        start = st.segmented_control(
            "Start from",
            GROUNDS,
            required=True,
            key="draw_ground",
            persist_state="session",
            on_change=_pen_that_shows,
            help="Another start begins a new drawing.",
        )
        pen = st.segmented_control(
            "Pen",
            list(_PENS),
            required=True,
            key="draw_pen",
            persist_state="session",
            help="The eraser brings back what the drawing started from.",
        )
        width = st.segmented_control(
            "Width",
            list(canvas.PEN_WIDTHS),
            format_func=lambda name: f"{name}, {canvas.PEN_WIDTHS[name]} px",
            required=True,
            key="draw_width",
            persist_state="session",
        )
    shape, periodic = _size(store, dataset_id)
    if start == ON_FRAME:
        with st.container(horizontal=True, gap="medium"):
            frame_id = picker.pick(store, dataset_id, "ground")
        if frame_id is None:
            return None
        query = stored_frame(store, frame_id)
        layout = canvas.layout_of(_shape(query.bits), periodic=query.periodic)
        ground, key = canvas.middle(query.bits, layout), f"canvas_{frame_id}"
    else:
        layout = canvas.layout_of(shape, periodic=periodic)
        height, width_px = layout.shape
        ground, key = np.full(layout.shape, start == "White"), f"canvas_{start}"
        if layout.shape != FRAME_SHAPE or not layout.margin:
            key += f"_{height}_{width_px}_{layout.margin}"
    # Above the canvas: its buttons appear there, on the right, and must not cover the pens.
    pink = " What the eraser touched is pink." if start == ON_FRAME else ""
    around = "The film goes on in the margins: a stroke there comes in at the other end."
    st.caption(f"{around if layout.margin else ''}{pink}")
    st.html(_NARROW)
    with st.container(key="canvas_box"):
        rgba = _canvas(
            ground,
            layout,
            key,
            layout.scale * canvas.PEN_WIDTHS[width or "Medium"],
            _PENS[pen or "White"],
        )
    if rgba is None or not canvas.has_strokes(rgba):
        return FrameQuery(ground, None, bool(layout.margin)) if start == ON_FRAME else None
    return FrameQuery(canvas.frame(ground, rgba, layout), None, bool(layout.margin))


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
    if st.session_state["draw_ground"] != ON_FRAME:
        on_white = st.session_state["draw_ground"] == "White"
        st.session_state["draw_pen"] = "Black" if on_white else "White"


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
