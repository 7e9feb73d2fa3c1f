"""The map's chart: what is sent, what stands still, what reaches it by signals."""

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis.map_points import MapPoints, separated, with_attached
from charts.map import colour as map_colour
from charts.map import layers
from charts.map import rows as map_rows
from charts.map import spec as map_chart
from charts.palette import Theme
from tests.analysis.test_map_points import points_of
from tests.factory import Made


@pytest.fixture
def points(made: Made) -> MapPoints:
    return points_of(made)


def _rows(points: MapPoints) -> list[dict[str, Any]]:
    return [
        {name: None if value != value else value for name, value in row.items()}
        for row in map_rows.rows(points, np.arange(len(points))).to_dict("records")
    ]


def _selections(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in spec["params"] if "select" in each}


def test_the_browser_gets_each_frames_own_facts_and_no_picture(points: MapPoints) -> None:
    rows = _rows(points)
    assert [row["id"] for row in rows] == points.frame_ids.tolist()
    for row, point in zip(rows, range(len(points)), strict=True):
        assert row["x"] == pytest.approx(float(points.x[point]))
        assert row["t"] == points.trajectory_ids[point]
        assert row["n"] == points.names[int(points.trajectory_ids[point])]
        assert row["s"] == points.time[point]
    assert len(json.dumps(rows)) / len(rows) < 220  # bytes a point
    table = map_rows.rows(points, np.arange(len(points)))
    narrow = table.drop(columns="n").memory_usage(index=False)
    assert narrow.sum() / len(points) <= 32


def test_a_path_has_its_ends_marked_and_a_single_frame_has_none(points: MapPoints) -> None:
    rows = _rows(points)
    for trajectory in set(points.trajectory_ids.tolist()):
        ends = [row["e"] for row in rows if row["t"] == trajectory]
        assert ends == [1, *[0] * 18, 2]
    first = points.trajectory_ids == points.trajectory_ids[0]
    alone = first & (np.cumsum(first) == 1)
    columns = {
        name: value[alone] for name, value in vars(points).items() if isinstance(value, np.ndarray)
    }
    assert [row["e"] for row in _rows(replace(points, **columns))] == [0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chart_uses_only_the_columns_that_are_sent(points: MapPoints, theme: Theme) -> None:
    spec = map_chart.spec(points, theme=theme)
    assert set(_selections(spec)) == set(map_chart.SELECTIONS)
    used = set(re.findall(r'"field": "(\w+)"', json.dumps(spec)))
    computed = {"nx", "ny", "mx", "my", "k", "r", "c"}
    contours = {"x2", "y2", "share"}
    sent = set(map_rows.rows(points, np.arange(len(points))))
    assert used - computed - contours <= sent


def test_what_changes_over_the_points_follows_signals_with_inputs_of_their_own(
    points: MapPoints,
) -> None:
    bound = {each["name"]: each for each in map_chart.spec(points)["params"] if "bind" in each}
    assert set(bound) == {*layers.SIGNALS, "sight"}
    assert {name: bound[name]["value"] for name in layers.SIGNALS} == layers.SIGNALS


def test_no_colour_no_filter_and_no_selection_changes_the_chart(points: MapPoints) -> None:
    """Else a view is built anew, which takes a second at 14,535 points and loses the zoom."""
    spec = map_chart.spec(points)
    words = json.dumps(spec)
    # Each is made for every point whenever the map moves; Streamlit would give every mark one.
    assert spec["config"]["mark"]["tooltip"] is None
    assert words.count("tooltip") == 1
    assert "legend" not in words.replace('"legend": null', "")
    assert spec == map_chart.spec(replace(points, time=points.time * 2))


def test_hidden_frames_are_not_sent_and_the_others_keep_their_places(points: MapPoints) -> None:
    places = np.flatnonzero(~points.unseparated)
    rows = map_rows.rows(separated(points), places).to_dict("records")
    assert len(rows) == 114
    by_id = {row["id"]: row for row in _rows(points)}
    # What is left is as it was, but that a path may begin at another frame now, with its arrows.
    anew = {"e": 0, "h": 0}
    assert all({**row, **anew} == {**by_id[row["id"]], **anew} for row in rows)


def test_the_map_begins_with_room_for_all_points(points: MapPoints) -> None:
    (sight,) = (each for each in map_chart.spec(points)["params"] if each["name"] == "sight")
    left, right, bottom, top = (float(end) for end in sight["value"].split())
    for low, high, values in ((left, right, points.x), (bottom, top, points.y)):
        assert low < values.min()
        assert high > values.max()
        assert (high - low) < 1.2 * (values.max() - values.min())


def test_a_single_point_has_room_about_it(points: MapPoints) -> None:
    columns = {
        name: value[:1] for name, value in vars(points).items() if isinstance(value, np.ndarray)
    }
    low, high = map_chart.domains(replace(points, **columns))[0]
    assert low < points.x[0] < high


def test_unknown_parameters_are_not_offered(points: MapPoints) -> None:
    assert {"phi", "chi"} <= set(map_colour.options(points, 2))
    unknown = replace(points, phi=np.full(120, np.nan), chi=np.full(120, np.nan))
    assert not {"phi", "chi", "family"} & set(map_colour.options(unknown, 2))


def test_escape_clears_what_is_selected_and_a_double_click_does_not(points: MapPoints) -> None:
    for name, selection in _selections(map_chart.spec(points)).items():
        assert "Escape" in selection["select"]["clear"], name
        assert "dblclick" not in json.dumps(selection), name


def test_other_data_sets_have_marks_and_leave_the_maps_own_alone(points: MapPoints) -> None:
    other = replace(points, frame_ids=points.frame_ids + 1000, x=points.x + 500)
    both = with_attached(points, "film", other, {})
    alone, joined = map_chart.spec(points), map_chart.spec(both)
    marks = [layer for layer in joined["layer"] if "shape" in layer.get("encoding", {})]
    assert len(marks) == 1
    assert "a" not in map_rows.rows(points, np.arange(len(points)))
    rows = map_rows.rows(both, np.arange(len(both)))
    assert rows["a"].tolist() == [0] * len(points) + [1] * len(points)
    assert map_chart.domains(both) == map_chart.domains(points)
    assert len(joined["layer"]) == len(alone["layer"]) + 1
