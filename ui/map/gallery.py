"""Gallery of the frames within a region of a map, in pages; each selects its point."""

from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Int64

from analysis.map_points import MapPoints, pages_of, spread
from ui.cached import rows as cached_rows
from ui.map import pinned, selection
from wording.escapes import plain
from wording.maps import when
from wording.numbers import amount

MOST = 24  # frames shown at once
PICKED = "Evenly picked over trajectories and time; the arrows show the others."
COLUMNS = 2
_PAGE, _AREA = "map_gallery_page", "map_gallery_area"


def show(store: Path, points: MapPoints, chosen: Int64[np.ndarray, " chosen"]) -> None:
    """Show the frames of some rows, evenly picked over trajectories and time."""
    if not len(chosen):
        st.info("No frame that is shown lies in the area.", icon=":material/highlight_alt:")
        return
    pages = pages_of(len(chosen), MOST)
    frames_hash = hash(points.frame_ids[chosen].tobytes())  # a zoom rounds the area's ends anew
    if st.session_state.get(_AREA) != frames_hash:
        st.session_state[_AREA], st.session_state[_PAGE] = frames_hash, 0
    rows = spread(chosen, st.session_state[_PAGE], MOST).tolist()
    with st.container(horizontal=True, vertical_alignment="center", key="map_gallery_head"):
        if len(rows) == len(chosen):
            st.markdown(f"**{amount(len(chosen), 'frame')} in the area**", width="stretch")
        else:
            st.markdown(f"**{len(rows):,} of {len(chosen):,} shown**", width="stretch", help=PICKED)
        if pages > 1:
            _turn_button(-1, pages, "Other frames of the area, back", ":material/chevron_left:")
            _turn_button(+1, pages, "Other frames of the area", ":material/chevron_right:")
    with st.container(key="map_gallery"):
        for first in range(0, len(rows), COLUMNS):
            columns = st.columns(COLUMNS, gap="small")
            for row, column in zip(rows[first : first + COLUMNS], columns, strict=False):
                with column:
                    _thumbnail(store, points, row)


def _thumbnail(store: Path, points: MapPoints, row: int) -> None:
    frame_id = int(points.frame_ids[row])
    name = points.names[int(points.trajectory_ids[row])]
    picture, words = cached_rows.png(store, frame_id), f"{name}, {when(points, row)}"
    with st.container(gap=None):
        st.image(picture, width="stretch", output_format="PNG", alt=words)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.button(
                plain(words),
                type="tertiary",
                key=f"map_gallery_{frame_id}",
                help="Select it on the map.",
                on_click=selection.select,
                args=(frame_id,),
                wrap=True,
            )
            pinned.button(frame_id, key=f"map_keep_listed_{frame_id}", bare=True)


def _turn_button(step: int, pages: int, words: str, icon: str) -> None:
    st.button(
        "",
        icon=icon,
        help=words,
        key=f"map_gallery_turn_{step}",
        disabled=not 0 <= st.session_state[_PAGE] + step < pages,
        on_click=_turn,
        args=(step,),
    )


def _turn(step: int) -> None:
    st.session_state[_PAGE] += step
