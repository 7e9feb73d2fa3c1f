"""Frames put aside: by clicks with Shift, whose list is the chart's own, and by buttons."""

from types import SimpleNamespace

import pytest

from ui import map_kept


@pytest.fixture(autouse=True)
def _tab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.map_kept.st", SimpleNamespace(session_state={}))


def _clicked(*frame_ids: int) -> dict[str, list[dict[str, int]]]:
    return {"keep": [{"id": each} for each in frame_ids]}


def test_a_click_keeps_and_another_lets_go() -> None:
    map_kept.hear("a", _clicked(5))
    map_kept.hear("a", _clicked(5))  # the page runs again without a click
    map_kept.hear("a", _clicked(5, 9))
    assert map_kept.frames() == [5, 9]
    map_kept.hear("a", _clicked(9))
    assert map_kept.frames() == [9]


def test_a_click_lets_go_of_what_a_button_kept() -> None:
    map_kept.turn(7)
    map_kept.hear("a", _clicked(7))
    assert map_kept.frames() == []


def test_a_chart_that_begins_anew_loses_nothing() -> None:
    map_kept.hear("a", _clicked(5))
    map_kept.hear("b", {"keep": {}})
    map_kept.hear("b", _clicked(6))
    assert map_kept.frames() == [5, 6]


def test_the_newest_twelve_are_kept() -> None:
    for frame_id in range(20):
        map_kept.turn(frame_id)
    assert map_kept.frames() == list(range(8, 20))
