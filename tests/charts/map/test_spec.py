"""The map's chart: what is sent, what stands still, what each colour means."""

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
from charts.map.colour import Colour
from morphcore.types import Descriptors, ReconstructionError
from store import descriptors, latents
from store.db import open_store
from tests.analysis.test_map_points import points_of
from tests.factory import Made, described
from wording.descriptors import DESCRIPTORS


@pytest.fixture
def points(made: Made) -> MapPoints:
    return points_of(made)


def _spec(points: MapPoints, **changes: Any) -> dict[str, Any]:
    colour = map_colour.by_fact("time", points)
    settings: dict[str, Any] = {"method": "tsne", "colour": colour, "drag": "pan"}
    return map_chart.spec(points, **{**settings, **changes})


def _rows(points: MapPoints) -> list[dict[str, Any]]:
    colour = map_colour.by_fact("time", points)
    return [
        {name: None if value != value else value for name, value in row.items()}
        for row in map_rows.rows(points, colour).to_dict("records")
    ]


def _colour_scale(spec: dict[str, Any]) -> dict[str, Any]:
    colour = spec["layer"][1]["encoding"]["color"]
    scale: dict[str, Any] = colour.get("condition", colour)["scale"]
    return scale


def _selections(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in spec["params"] if "select" in each}


def _colour(made: Made, points: MapPoints, name: str) -> Colour:
    with open_store(made.path) as db:
        if name in DESCRIPTORS:
            return map_colour.by_descriptor(name, points, descriptors.of_dataset(db, 1))
        if name == map_colour.SIGMA or name[1:].isdigit():
            stored = latents.of_checkpoint(db, made.checkpoint_id)
            assert stored.z is not None
            return map_colour.by_latent(name, points, stored.frame_ids, stored.z)
    if name == map_colour.ERROR:
        nats = np.linspace(10, 5000, 120, dtype=np.float32)
        return map_colour.by_error(points, ReconstructionError(points.frame_ids, nats))
    return map_colour.by_fact(name, points)


def test_the_browser_gets_each_frames_own_facts_and_no_picture(points: MapPoints) -> None:
    rows = _rows(points)
    assert [row["id"] for row in rows] == points.frame_ids.tolist()
    for row, point in zip(rows, range(len(points)), strict=True):
        assert row["x"] == pytest.approx(float(points.x[point]))
        assert row["t"] == points.trajectory_ids[point]
        assert row["n"] == points.names[int(points.trajectory_ids[point])]
        assert row["s"] == row["c"] == points.time[point]
    assert len(json.dumps(rows)) / len(rows) < 240  # bytes a point
    table = map_rows.rows(points, map_colour.by_fact("time", points))
    narrow = table.drop(columns="n").memory_usage(index=False)
    assert narrow.sum() / len(points) <= 40


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


@pytest.mark.parametrize(("theme", "drag"), [("light", "pan"), ("dark", "area")])
def test_every_colouring_is_a_valid_chart(
    made: Made, points: MapPoints, theme: str, drag: str
) -> None:
    names = map_colour.options(points, 16)
    assert {"trajectory", "split", "euler", "error", "sigma", "z1", "z16"} <= set(names)
    for name in names:
        colour = _colour(made, points, name)
        spec = _spec(points, colour=colour, theme=theme, drag=drag)
        assert set(_selections(spec)) == set(map_chart.SELECTIONS)
        used = set(re.findall(r'"field": "(\w+)"', json.dumps(spec)))
        computed = {"nx", "ny", "mx", "my", "k", "gx", "gy", "r"}
        assert used - computed <= set(map_rows.rows(points, colour)), name


def test_what_is_drawn_over_the_points_follows_signals_with_inputs_of_their_own(
    points: MapPoints,
) -> None:
    bound = {each["name"]: each for each in _spec(points)["params"] if "bind" in each}
    assert {name: bound[name]["value"] for name in layers.SIGNALS} == layers.SIGNALS
    assert bound["now"]["bind"]["max"] == points.time.max()


def test_hidden_frames_are_not_sent(points: MapPoints) -> None:
    rows = _rows(separated(points))
    assert len(rows) == 114
    by_id = {row["id"]: row for row in _rows(points)}
    # What is left is as it was, but that a path may begin at another frame now, with its arrows.
    anew = {"e": 0, "h": 0}
    assert all({**row, **anew} == {**by_id[row["id"]], **anew} for row in rows)


def test_axes_hold_all_points_and_stand_still(points: MapPoints) -> None:
    spec = _spec(points)
    for axis, values in (("x", points.x), ("y", points.y)):
        low, high = spec["layer"][1]["encoding"][axis]["scale"]["domain"]
        assert low < values.min()
        assert high > values.max()
        assert (high - low) < 1.2 * (values.max() - values.min())


def test_a_single_point_has_room_about_it(points: MapPoints) -> None:
    columns = {
        name: value[:1] for name, value in vars(points).items() if isinstance(value, np.ndarray)
    }
    low, high = map_chart.domains(replace(points, **columns))[0]
    assert low < points.x[0] < high


def test_time_and_length_are_coloured_by_their_logarithm(made: Made, points: MapPoints) -> None:
    for colour_by in ("time", "length"):
        scale = _colour_scale(_spec(points, colour=_colour(made, points, colour_by)))
        assert scale["type"] == "log"
        steps = np.diff(np.log(scale["domain"]))
        assert np.allclose(steps, steps[0], rtol=1e-3)
    fraction = _colour_scale(_spec(points, colour=_colour(made, points, "fraction")))
    assert fraction["type"] == "linear"
    assert np.allclose(np.diff(fraction["domain"], n=2), 0, atol=1e-5)


def test_frames_that_have_not_separated_do_not_stretch_the_colours(
    made: Made, points: MapPoints
) -> None:
    """They are all white: with them the scale of the white fraction would end at 1."""
    domain = _colour_scale(_spec(points, colour=_colour(made, points, "fraction")))["domain"]
    separated = points.fraction[~points.unseparated]
    assert (domain[0], domain[-1]) == pytest.approx((separated.min(), separated.max()), rel=1e-4)


def test_what_is_not_known_is_shown_in_gray(points: MapPoints) -> None:
    config = _spec(points)["config"]
    assert config["mark"]["invalid"] == "show"
    assert config["scale"]["invalid"]["color"]["value"].startswith("#")


def test_what_has_no_logarithm_has_no_colour(points: MapPoints) -> None:
    from_zero = replace(points, time=points.time - points.time.min())
    rows = _rows(from_zero)
    assert {row["c"] for row in rows if row["s"] == 0} == {None}
    assert _colour_scale(_spec(from_zero))["domain"][0] > 0


def test_one_value_for_all_still_makes_a_scale(points: MapPoints) -> None:
    same = replace(points, phi=np.full(120, 0.5))
    domain = _colour_scale(_spec(same, colour=map_colour.by_fact("phi", same)))["domain"]
    assert domain == sorted(set(domain))


def test_unknown_parameters_are_not_offered(points: MapPoints) -> None:
    assert {"phi", "chi"} <= set(map_colour.options(points, 2))
    unknown = replace(points, phi=np.full(120, np.nan), chi=np.full(120, np.nan))
    assert not {"phi", "chi", "family"} & set(map_colour.options(unknown, 2))


def test_values_belong_to_their_frames_and_counts_may_be_zero(
    made: Made, points: MapPoints
) -> None:
    with open_store(made.path) as db:
        measured = descriptors.of_dataset(db, made.dataset_id)
        stored = latents.of_checkpoint(db, made.checkpoint_id)
    euler = _colour(made, points, "euler")
    by_frame = dict(zip(measured.frame_ids.tolist(), measured.euler.tolist(), strict=True))
    apart = ~points.unseparated
    known = [by_frame[each] for each in points.frame_ids[apart].tolist()]
    assert known == euler.values[apart].tolist()
    assert np.isnan(euler.values[~apart]).all()  # before separation it means nothing
    marks = map_colour.ends(euler, points)
    assert (marks[0], marks[-1]) == pytest.approx(
        (euler.values[~points.unseparated].min(), euler.values[~points.unseparated].max()), rel=1e-4
    )
    assert marks == sorted(marks)
    third = _colour(made, points, "z3")
    rows = np.searchsorted(stored.frame_ids, points.frame_ids)
    assert np.array_equal(third.values, stored.mean[rows, 2])
    sigma = _colour(made, points, "sigma")
    assert sigma.values == pytest.approx(np.exp(-1.0))  # of a logarithm of the variance of -2


def test_a_chart_begins_with_its_initial_selections(points: MapPoints) -> None:
    frame_id = int(points.frame_ids[30])
    zoom, area = ((-1.0, 1.0), (-2.0, 2.0)), ((0.0, 0.5), (0.0, 0.25))
    spec = _spec(points, frame_id=frame_id, zoom=zoom, area=area)
    values = {name: selection.get("value") for name, selection in _selections(spec).items()}
    assert values["pick"] == [{"id": frame_id, "t": int(points.trajectory_ids[30])}]
    assert values["zoom"] == {"x": [-1.0, 1.0], "y": [-2.0, 2.0]}
    assert values["area"] == {"x": [0.0, 0.5], "y": [0.0, 0.25]}
    for nothing in (None, 999_999):
        spec = _spec(points, frame_id=nothing)
        assert all("value" not in selection for selection in _selections(spec).values())


def test_a_drag_does_one_thing_and_with_shift_the_other(points: MapPoints) -> None:
    def drags(drag: str) -> tuple[str, str]:
        selections = _selections(_spec(points, drag=drag))
        return selections["zoom"]["select"]["translate"], selections["area"]["select"]["on"]

    assert drags("pan") == drags("area")[::-1]
    assert "!event.shiftKey" in drags("pan")[0]
    assert "!event.shiftKey" not in drags("pan")[1]


def test_other_data_sets_have_marks_and_a_legend_and_leave_the_maps_own_alone(points: MapPoints):
    other = replace(
        points,
        frame_ids=points.frame_ids + 1000,
        x=points.x + 500,
        length=points.length * 50,
    )
    both = with_attached(points, "film", other, {})
    alone, joined = _spec(points), _spec(both)
    marks = [layer for layer in joined["layer"] if "shape" in layer.get("encoding", {})]
    assert len(marks) == 1
    shape = marks[0]["encoding"]["shape"]
    assert shape["legend"]["labelExpr"] == '["film"][datum.value - 1]'
    assert "a" not in map_rows.rows(points, map_colour.by_fact("time", points))
    rows = map_rows.rows(both, map_colour.by_fact("time", both))
    assert rows["a"].tolist() == [0] * len(points) + [1] * len(points)
    assert map_chart.domains(both) == map_chart.domains(points)
    by_length = [
        map_colour.by_descriptor("length", each, _lengths(each)) for each in (points, both)
    ]
    assert map_colour.ends(by_length[1], both) == map_colour.ends(by_length[0], points)
    kept = [layer for layer in joined["layer"] if layer not in marks]
    assert len(kept) == len(alone["layer"])


def _lengths(points: MapPoints) -> Descriptors:
    return described(points.frame_ids, points.fraction, points.length)
