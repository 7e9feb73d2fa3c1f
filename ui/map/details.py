"""The panel beside the map: the selected frame, its neighbours, a region's frames, a decoded place.

One of them at a time, under tabs; whatever is selected opens its own.
"""

from pathlib import Path

import streamlit as st

from analysis.map_points import MapPoints, inside, within
from store.projections import Map
from store.runs import IndexedRun
from ui.frame import card
from ui.map import gallery, neighbours, pinned, placement, selection
from ui.map.selection import View
from wording import maps as map_wording

_ICONS = {
    "Frame": ":material/image:",
    "Neighbours": ":material/hub:",
    "Gallery": ":material/grid_view:",
    "Place": ":material/auto_awesome:",
}
_HELP = {
    "Frame": "The selected frame, and those that are pinned.",
    "Neighbours": "The frames nearest to it in the model's latent space.",
    "Gallery": "The frames in the rectangle or the lasso.",
    "Place": "What the model puts at an empty place that was clicked.",
}


def tabs() -> str:
    """Show the tabs; returns the open one."""
    st.session_state.setdefault("map_tab", selection.TABS[0])
    chosen = st.segmented_control(
        "Beside the map",
        selection.TABS,
        key="map_tab",
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    return chosen or selection.TABS[0]


def show(
    store: Path, run: IndexedRun, stored: Map, whole: MapPoints, points: MapPoints, now: View
) -> None:
    """Show the panel; `points` are those of the `whole` map that pass the filters."""
    tab = tabs()
    with st.container(key="map_details", gap="small"):
        if tab == "Frame":
            _frame(store, run, whole, points, now)
        elif tab == "Neighbours":
            neighbours.show(store, run, now.frame_id)
        elif tab == "Gallery":
            if now.lasso is not None:
                gallery.show(store, points, within(points, now.lasso))
            elif now.area is not None:
                gallery.show(store, points, inside(points, now.area))
            else:
                st.caption(
                    "Drag with Shift, or choose the rectangle or the lasso at the map's left: the"
                    " frames inside appear here."
                )
        else:
            if now.spot is not None:
                placement.show_decoded(store, run, stored, now.spot)
            else:
                st.caption("Click an empty place: what the model puts there appears here.")
            placement.place_another(store, run, stored)


def _frame(store: Path, run: IndexedRun, whole: MapPoints, points: MapPoints, now: View) -> None:
    if now.frame_id is None:
        st.caption(
            "Point at a frame to see it, click to keep it here, Shift-click to pin it beside"
            " others. Esc clears. Arrow keys go from frame to frame."
        )
    else:
        note = map_wording.facts(whole, points, now.frame_id, run.name)
        with st.container(key="map_frame", gap="small"):
            card.show(store, now.frame_id, note=note)
            pinned.button(now.frame_id, key="map_keep_shown")
    pinned.show(store)
