"""What is selected: charts tell of clicks, the stage of the rest, and neither undoes the other."""

from typing import Any

import pytest
import streamlit as st

from ui import links
from ui.map import pinned, selection

NOTHING: dict[str, Any] = {"pick": [], "pin": [], "area": {}}


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tab of its own, with an address."""
    state: dict[str, Any] = {}
    address: dict[str, str] = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(
        links, "int_param", lambda name: int(address[name]) if name in address else None
    )
    monkeypatch.setattr(
        links, "set_params", lambda values: address.update({k: str(v) for k, v in values.items()})
    )
    monkeypatch.setattr(links, "went_back", lambda: False)
    monkeypatch.setattr(links, "drop_params", lambda *names: [address.pop(n, None) for n in names])
    selection.follow_link(1)


def _read(chart: str = "map-1", *, first: bool = True, **clicked: Any) -> selection.View:
    return selection.read(chart, {**NOTHING, **clicked}, first=first)


def _pick(frame_id: int) -> list[dict[str, int]]:
    return [{"id": frame_id, "t": 1}]


def test_the_last_click_counts_whichever_chart_or_gallery_it_was_in() -> None:
    assert _read(pick=_pick(5)).frame_id == 5
    assert _read("map-2", first=False, pick=_pick(7)).frame_id == 7
    assert _read(pick=_pick(5)).frame_id == 7  # an old click of the first chart
    selection.select(9)
    assert _read(pick=_pick(5)).frame_id == 9
    assert _read(pick=_pick(6)).frame_id == 6


def test_escape_clears_frame_place_lasso_and_pinned_frames() -> None:
    assert _read(pick=_pick(5)).frame_id == 5
    pinned.on_selection("map-1", {"pin": [{"id": 8}]})
    selection.select_place((0.5, 0.25))
    selection.select_inside(((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)))
    selection.clear()
    pinned.clear()
    # The chart clears its own selections a little later, which must not bring anything back.
    for pins in ([{"id": 8}], []):
        pinned.on_selection("map-1", {"pin": pins})
        now = _read(pick=_pick(5) if pins else [])
        assert (now.frame_id, now.spot, now.lasso) == (None, None, None)
        assert pinned.frames() == []
    pinned.on_selection("map-1", {"pin": [{"id": 8}]})
    assert pinned.frames() == [8]
    assert _read(pick=_pick(5)).frame_id == 5  # the same frame can be clicked again


def test_another_map_keeps_the_frame_alone() -> None:
    _read(pick=_pick(5), area={"x": [2.0, 1.0], "y": [0.0, 3.0]})
    now = selection.current()
    assert now is not None
    assert now.area == ((1.0, 2.0), (0.0, 3.0))
    selection.follow_link(2)
    assert selection.current() == selection.View(2, 5)


def test_what_was_selected_last_opens_its_tab() -> None:
    for act, tab in (
        (lambda: _read(pick=_pick(5)), "Frame"),
        (lambda: _read(pick=_pick(5), area={"x": [1.0, 2.0], "y": [0.0, 3.0]}), "Gallery"),
        (lambda: selection.select_place((0.0, 0.0)), "Place"),
        (lambda: selection.select_inside(((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))), "Gallery"),
    ):
        act()
        assert st.session_state["map_tab"] == tab
