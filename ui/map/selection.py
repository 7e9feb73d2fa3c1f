"""What is selected on the maps, as long as the tab is open: a frame, a region, an empty place.

A click and a rectangle come back as a chart's selections, all else as acts of the stage that lies
over it (`ui.map.stage`). What is selected goes back by signals, so that no chart begins anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from analysis.map_points import Area, Line
from ui import links

Coords = tuple[float, float]  # on the map

_NOW, _READ, _TAB = "map_now", "map_read", "map_tab"
TABS = ("Frame", "Neighbours", "Gallery", "Place")


@dataclass(frozen=True)
class View:
    """What is selected on a map."""

    map_id: int
    frame_id: int | None = None
    area: Area | None = None  # a rectangle
    lasso: Line | None = None  # a line around frames
    spot: Coords | None = None  # an empty place that was clicked


def chart_key(map_id: int) -> str:
    """The widget key of a map's chart, whose selections the browser keeps."""
    return f"map-{map_id}"


def follow_link(map_id: int) -> None:
    """Select the link's frame where that is another; on another map the frame stays alone."""
    now, linked = current(), links.int_param("frame")
    if now is None or now.map_id != map_id:
        now = View(map_id, now.frame_id if now else None)
    if linked is None and links.went_back():
        now = replace(now, frame_id=None)
    if linked is not None and linked != now.frame_id:
        now = replace(now, frame_id=linked)
        open_tab("Frame")
    _remember(now)


def current() -> View | None:
    """What is selected; None before any map was shown."""
    view = st.session_state.get(_NOW)
    return view if isinstance(view, View) else None


def read(chart: str, selection: Mapping[str, Any], *, first: bool) -> View:
    """Take over what was clicked in a chart since it was last read; areas of the `first` alone."""
    now = current()
    assert now is not None
    seen: dict[str, tuple[int | None, Area | None]] = st.session_state.setdefault(_READ, {})
    before = seen.get(chart, (None, None))
    picked = selection.get("pick")
    frame_id = int(picked[0]["id"]) if picked else None
    area = _area(selection.get("area") or {}) if first else None
    seen[chart] = (frame_id, area)
    if frame_id is not None and frame_id != before[0]:
        now = replace(now, frame_id=frame_id, spot=None)
        _open_frame()
    if first and area != now.area:
        now = replace(now, area=area, lasso=None if area else now.lasso)
        if area is not None and area != before[1]:
            open_tab("Gallery")
    _remember(now)
    return now


def select(frame_id: int) -> None:
    """Select a frame from the panel; what else is selected stays, and so does the open tab."""
    now = current()
    assert now is not None
    _remember(replace(now, frame_id=frame_id))


def pick(frame_id: int) -> None:
    """Select a frame of the map, as a click on its point does."""
    select(frame_id)
    _open_frame()


def select_place(spot: Coords) -> None:
    """Select an empty place of the map."""
    now = current()
    assert now is not None
    _remember(replace(now, spot=spot))
    open_tab("Place")


def select_inside(line: Line) -> None:
    """Select the frames within a line."""
    now = current()
    assert now is not None
    _remember(replace(now, lasso=line))
    open_tab("Gallery")


def clear() -> None:
    """Select nothing; a chart clears its rectangle itself."""
    now = current()
    if now is not None:
        st.session_state[_NOW] = View(now.map_id)
    links.drop_params("frame")
    open_tab("Frame")


def open_tab(name: str) -> None:
    """Show a tab of the panel beside the map; to be called before the panel is drawn."""
    st.session_state[_TAB] = name


def _open_frame() -> None:
    """Show the selected frame, or leave the tab of its neighbours open."""
    if st.session_state.get(_TAB) != "Neighbours":
        open_tab("Frame")


def _remember(view: View) -> None:
    st.session_state[_NOW] = view
    if view.frame_id is not None:
        links.set_params({"frame": view.frame_id})


def _area(ends: Mapping[str, Any]) -> Area | None:
    if not ends:
        return None
    (left, right), (bottom, top) = sorted(ends["x"]), sorted(ends["y"])
    return (float(left), float(right)), (float(bottom), float(top))
