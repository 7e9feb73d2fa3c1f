"""The selection on the map and its zoom, as long as the tab is open.

A click, a zoom and an area are the browser's own and come back as the chart's selections. To select
a frame from outside the chart (by a link, or in the gallery) a chart is begun anew, with the frame,
the zoom and the area that it is to begin with; each such beginning is a visit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from analysis.map_points import Area
from charts.map.spec import SELECTIONS
from ui import links

Coords = tuple[float, float]  # on the map

_INITIAL = "map_initial"
_NOW = "map_now"
_OWN, _EXTERNAL = "map_own_pick", "map_external_pick"


@dataclass(frozen=True)
class View:
    """A state of the map."""

    map_id: int
    visit: int
    frame_id: int | None = None
    zoom: Area | None = None
    area: Area | None = None
    spot: Coords | None = None  # an empty place that was clicked

    @property
    def key(self) -> str:
        """The chart's widget key: the same for as long as the browser's own state is to be kept."""
        return f"map-{self.map_id}-{self.visit}"


def follow_link(map_id: int) -> None:
    """Begin anew with the link's frame where that is another; another map keeps the frame alone."""
    now = _now()
    frame_id = links.int_param("frame")
    if now is None:
        _begin(View(map_id, 0, frame_id))
    elif map_id != now.map_id or (frame_id is not None and frame_id != now.frame_id):
        if frame_id is None:
            frame_id = now.frame_id
        _begin(View(map_id, now.visit + 1, frame_id))
    elif frame_id is None and now.frame_id is not None:  # back from another page
        _begin(replace(now, visit=now.visit + 1))


def initial() -> View:
    """The view that the chart began with."""
    view = st.session_state[_INITIAL]
    assert isinstance(view, View)
    return view


def update(selection: Mapping[str, Any]) -> View:
    """Read the chart's selections into the present view, and have the link follow it."""
    first = initial()
    if all(name in selection for name in SELECTIONS) and not any(selection.values()):
        selection = {}  # Streamlit's word for: nothing has happened in this chart yet
    pick, spot = selection.get("pick"), selection.get("spot")
    now = replace(
        first,
        frame_id=int(pick[0]["id"]) if pick else first.frame_id,
        zoom=_area(selection["zoom"]) if "zoom" in selection else first.zoom,
        area=_area(selection["area"]) if "area" in selection else first.area,
        spot=(float(spot[0]["gx"]), float(spot[0]["gy"])) if spot else first.spot,
    )
    st.session_state[_OWN] = now.frame_id
    external = st.session_state.get(_EXTERNAL)
    if external is not None and external[:2] == (first.key, now.frame_id):
        now = replace(now, frame_id=external[2])
    else:
        st.session_state[_EXTERNAL] = None  # the chart's own click came after it
    _remember(now)
    return now


def select_externally(frame_id: int) -> None:
    """Select a frame that was clicked in another chart; a signal has this one ring it."""
    state = st.session_state
    state[_EXTERNAL] = (initial().key, state.get(_OWN), frame_id)


def is_external() -> bool:
    """Whether the selected frame is one that was clicked in another chart."""
    return st.session_state.get(_EXTERNAL) is not None


def select(frame_id: int) -> None:
    """Select a frame from outside the chart; the zoom and the area stay."""
    now = _now() or initial()
    _begin(replace(now, visit=now.visit + 1, frame_id=frame_id))


def leave_spot() -> None:
    """Deselect the empty place that was clicked; all else stays."""
    now = _now() or initial()
    _begin(replace(now, visit=now.visit + 1, spot=None))


def _begin(view: View) -> None:
    st.session_state[_INITIAL] = view
    _remember(view)


def _remember(view: View) -> None:
    st.session_state[_NOW] = view
    if view.frame_id is not None:
        links.set_params({"frame": view.frame_id})


def _now() -> View | None:
    view = st.session_state.get(_NOW)
    return view if isinstance(view, View) else None


def _area(ends: Mapping[str, Any]) -> Area | None:
    if not ends:
        return None
    (left, right), (bottom, top) = sorted(ends["x"]), sorted(ends["y"])
    return (float(left), float(right)), (float(bottom), float(top))
