"""The map's state between clicks, links and charts that begin anew."""

from types import SimpleNamespace
from typing import Any

import pytest

from ui import map_view
from ui.map_chart import SELECTIONS
from ui.map_view import View

NOTHING_YET: dict[str, Any] = {name: {} for name in SELECTIONS}
ZOOM = {"x": [0.0, 1.0], "y": [2.0, 3.0]}
AREA = {"x": [0.5, 0.25], "y": [2.5, 2.25]}


@pytest.fixture
def tab(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A browser's tab: its session and its address."""
    tab = SimpleNamespace(session_state={}, query_params={})
    monkeypatch.setattr("ui.map_view.st", tab)
    return tab


def _pick(frame_id: int) -> dict[str, Any]:
    return {"pick": [{"id": frame_id, "t": 1}]}


def test_a_click_selects_and_keeps_the_chart(tab: SimpleNamespace) -> None:
    map_view.follow_link(1)
    key = map_view.begun().key
    assert map_view.update(NOTHING_YET).frame_id is None
    assert map_view.update(_pick(17)).frame_id == 17
    assert tab.query_params == {"frame": "17"}
    map_view.follow_link(1)  # the whole page runs again, with the link as the click left it
    assert map_view.begun().key == key
    assert map_view.update(_pick(17)).frame_id == 17


def test_a_link_selects_in_a_chart_of_its_own(tab: SimpleNamespace) -> None:
    tab.query_params["frame"] = "5"
    map_view.follow_link(1)
    first = map_view.begun()
    assert first.frame_id == 5
    assert map_view.update(NOTHING_YET).frame_id == 5
    tab.query_params["frame"] = "6"
    map_view.follow_link(1)
    assert map_view.begun().frame_id == 6
    assert map_view.begun().key != first.key


def test_a_frame_of_the_gallery_keeps_the_zoom_and_the_area(tab: SimpleNamespace) -> None:
    map_view.follow_link(1)
    map_view.update({**_pick(17), "zoom": ZOOM, "area": AREA})
    map_view.select(18)
    begun = map_view.begun()
    assert begun.frame_id == 18
    assert begun.zoom == ((0.0, 1.0), (2.0, 3.0))
    assert begun.area == ((0.25, 0.5), (2.25, 2.5))
    # The new chart has said nothing yet, then that the area was cleared, then a click.
    assert map_view.update(NOTHING_YET) == begun
    assert map_view.update({"area": {}}).area is None
    assert map_view.update({"area": {}}).zoom == begun.zoom
    clicked = map_view.update({"area": {}, **_pick(19)})
    assert (clicked.frame_id, clicked.area, clicked.zoom) == (19, None, begun.zoom)
    assert tab.query_params["frame"] == "19"


def test_another_map_keeps_the_frame_and_not_the_zoom(tab: SimpleNamespace) -> None:
    map_view.follow_link(1)
    map_view.update({**_pick(17), "zoom": ZOOM})
    map_view.follow_link(2)
    assert map_view.begun() == View(map_id=2, visit=1, frame_id=17)
    assert tab.query_params["frame"] == "17"


def test_coming_back_from_another_page_finds_all_as_it_was(tab: SimpleNamespace) -> None:
    map_view.follow_link(1)
    left = map_view.update({**_pick(17), "zoom": ZOOM, "area": AREA})
    tab.query_params.clear()  # the navigation's links carry nothing
    map_view.follow_link(1)
    begun = map_view.begun()
    assert (begun.frame_id, begun.zoom, begun.area) == (17, left.zoom, left.area)
    assert begun.key != left.key
    assert tab.query_params == {"frame": "17"}


@pytest.mark.parametrize("asked", ["", "x", "-1", "1e3", "9" * 30, "٣"])
def test_a_link_that_is_no_number_selects_nothing(tab: SimpleNamespace, asked: str) -> None:
    tab.query_params["frame"] = asked
    map_view.follow_link(1)
    assert map_view.begun().frame_id is None


def test_a_frame_of_another_chart_is_selected_until_this_one_is_clicked(
    tab: SimpleNamespace,
) -> None:
    map_view.follow_link(1)
    key = map_view.begun().key
    assert map_view.update(_pick(17)).frame_id == 17
    map_view.take(40)
    assert map_view.update(_pick(17)).frame_id == 40
    assert tab.query_params == {"frame": "40"}
    map_view.follow_link(1)
    assert map_view.begun().key == key  # nothing was drawn anew
    assert map_view.is_taken()
    assert map_view.update(_pick(18)).frame_id == 18
    assert not map_view.is_taken()
    assert map_view.update(_pick(17)).frame_id == 17


@pytest.mark.usefixtures("tab")
def test_an_empty_place_stays_until_it_is_let_go() -> None:
    map_view.follow_link(1)
    clicked = {"spot": [{"gx": 1.5, "gy": -2.0}], "zoom": ZOOM}
    assert map_view.update(clicked).spot == (1.5, -2.0)
    map_view.leave_spot()
    assert map_view.update(NOTHING_YET).spot is None
    assert map_view.begun().zoom == ((0.0, 1.0), (2.0, 3.0))
