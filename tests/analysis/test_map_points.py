"""A map joined with its frames' facts: by frame id, whatever the order and whatever is missing."""

from dataclasses import fields, replace

import numpy as np
import pytest

from analysis import map_points as map_points
from analysis.map_points import (
    MapPoints,
    inside,
    join,
    pages_of,
    separated,
    spread,
    subset,
    with_attached,
    within,
)
from morphcore.config import ProjectionConfig
from morphcore.types import Projection
from store import descriptors, projections, runs, trajectories
from store.db import open_store
from store.projections import Map
from tests.factory import Made, described
from wording import maps
from wording.maps import label


def points_of(made: Made, which: int = 1, **changes: object) -> MapPoints:
    with open_store(made.path) as db:
        parts = {
            "projection": projections.points(db, made.map_ids[which]),
            "table": trajectories.frame_table(db, made.dataset_id),
            "infos": trajectories.trajectories(db, made.dataset_id),
            "descriptors": descriptors.of_dataset(db, made.dataset_id),
            "held_out": runs.split(db, made.run_id).held_out,
        }
    return join(**{**parts, **changes})


def test_every_row_speaks_of_one_frame(made: Made) -> None:
    """Checked frame by frame against the store's own answers, with the map's rows shuffled."""
    with open_store(made.path) as db:
        stored = projections.points(db, made.map_ids[1])
    mixed = np.random.default_rng(0).permutation(len(stored.frame_ids))
    points = points_of(made, projection=Projection(stored.frame_ids[mixed], stored.coords[mixed]))
    coords = dict(zip(stored.frame_ids.tolist(), stored.coords.tolist(), strict=True))
    assert len(points) == 120
    with open_store(made.path) as db:
        held_out = set(runs.split(db, made.run_id).held_out.tolist())
        for row, frame_id in enumerate(points.frame_ids.tolist()):
            info = trajectories.frame_info(db, frame_id)
            facts = descriptors.of_frame(db, frame_id)
            assert facts is not None
            assert [points.x[row], points.y[row]] == coords[frame_id]
            assert points.names[int(points.trajectory_ids[row])] == info.trajectory.name
            assert (points.time[row], points.unseparated[row]) == (info.time, info.unseparated)
            assert (points.phi[row], points.chi[row]) == (info.trajectory.phi, info.trajectory.chi)
            assert points.contrast[row] == pytest.approx(facts.contrast)
            if not info.unseparated:
                assert points.fraction[row] == pytest.approx(facts.fraction)
            assert np.isnan(points.fraction[row]) == info.unseparated
            assert points.held_out[row] == (frame_id in held_out)
            assert np.isnan(points.length[row]) == info.unseparated


def test_what_was_not_measured_is_nan(made: Made) -> None:
    with open_store(made.path) as db:
        measured = descriptors.of_dataset(db, made.dataset_id)
    later = described(measured.frame_ids[5:], measured.fraction[5:], measured.length[5:])
    points = points_of(made, descriptors=later)
    missing = np.isin(points.frame_ids, measured.frame_ids[:5])
    assert np.isnan(points.fraction[missing]).all()
    assert np.isfinite(points.fraction[~missing & ~points.unseparated]).all()


def test_a_map_of_some_frames_has_only_those(made: Made) -> None:
    points = points_of(made, 0)
    assert len(points) == 24
    assert map_points.row_of(points, int(points.frame_ids[7])) == 7
    assert map_points.row_of(points, 999_999) is None


def test_frames_that_have_not_separated_can_be_left_out(made: Made) -> None:
    points = points_of(made)
    left = separated(points)
    assert points.unseparated.sum() == 6
    assert len(left) == 114
    assert not left.unseparated.any()
    assert set(left.frame_ids) == set(points.frame_ids[~points.unseparated])


def test_an_area_holds_the_points_within_it(made: Made) -> None:
    points = points_of(made)
    x, y = (float(np.median(points.x)), 99.0), (-99.0, float(np.median(points.y)))
    rows = inside(points, (x, y))
    brute = [i for i in range(120) if points.x[i] >= x[0] and points.y[i] <= y[1]]
    assert rows.tolist() == brute
    assert 0 < len(brute) < 120
    assert inside(points, ((50, 60), (50, 60))).tolist() == []


@pytest.mark.parametrize("count", [1, 23, 24, 25, 65, 312, 14_535])
def test_all_pages_together_show_every_frame_once(count: int) -> None:
    rows = np.arange(count, dtype=np.int64)
    shown = [spread(rows, page, 24) for page in range(pages_of(count, 24))]
    assert sorted(np.concatenate(shown).tolist()) == rows.tolist()
    assert all(0 < len(page) <= 24 for page in shown)
    # Evenly: from first to last a page reaches over nearly the whole.
    assert all(page[-1] - page[0] >= count - 2 * pages_of(count, 24) for page in shown)


def _map(method: str, every: int, points: int, **more: object) -> Map:
    config = ProjectionConfig(method=method, every=every, **more)
    return Map(id=1, checkpoint_id=1, config=config, created=0.0, points=points)


def test_maps_are_called_by_what_they_show() -> None:
    every_25th = _map("tsne", 25, 582)
    assert label(every_25th, 14_535) == "t-SNE, every 25th frame (582 points), perplexity 30"
    all_frames = _map("tsne", 1, 14_535, perplexity=50.0, seed=3)
    assert label(all_frames, 14_535) == "t-SNE, all 14,535 frames, perplexity 50, seed 3"
    assert label(_map("pca", 1, 120), 120) == "PCA, all 120 frames"
    assert label(_map("pca", 1, 120), 140) == "PCA, 120 of 140 frames"
    assert label(_map("pca", 2, 1), 9) == "PCA, every 2nd frame (1 point)"
    assert "every 3rd" in label(_map("pca", 3, 9), 99)
    assert "every 11th" in label(_map("pca", 11, 9), 99)
    assert "every 22nd" in label(_map("pca", 22, 9), 99)


def test_a_frame_that_is_not_on_the_map_is_said_to_be_so(made: Made) -> None:
    points = points_of(made)
    bare = int(points.frame_ids[points.unseparated][0])
    held = int(points.frame_ids[points.held_out & ~points.unseparated][0])
    facts = maps.facts
    assert "held out from the training of m" in facts(points, points, held, "m")
    assert "hidden" in facts(points, separated(points), bare, "m")
    assert "hidden" not in facts(points, separated(points), held, "m")
    assert "not on this map" in facts(points, points, 999_999, "m")


def test_frames_of_another_data_set_come_after_the_maps_own_which_do_not_change(made: Made):
    own = points_of(made)
    other = points_of(made, 0)
    moved = replace(
        other,
        frame_ids=other.frame_ids + 1000,
        trajectory_ids=other.trajectory_ids + 1000,
        names={owner + 1000: name for owner, name in other.names.items()},
        families={},
        time_unit="s",
    )
    scales = dict.fromkeys(moved.names, "one pixel is one pixel")
    joined = with_attached(own, "film", moved, scales)
    assert len(joined) == len(own) + len(other)
    assert joined.own.tolist() == [True] * len(own) + [False] * len(other)
    back = subset(joined, joined.own)
    for each in fields(own):
        values = getattr(own, each.name)
        if isinstance(values, np.ndarray):
            np.testing.assert_array_equal(getattr(back, each.name), values)
    assert np.isnan(joined.time[~joined.own]).all()  # seconds are no steps
    assert joined.time_unit == own.time_unit
    frame_id = int(moved.frame_ids[3])
    said = maps.facts(joined, joined, frame_id, "run")
    assert "of film, one pixel is one pixel" in said
    assert "training" not in said


def test_a_lasso_holds_what_lies_within_its_line(made: Made) -> None:
    points = points_of(made)
    low, high = points.x.min() - 1, points.x.max() + 1
    bottom, top = points.y.min() - 1, points.y.max() + 1
    middle = float(np.median(points.x)) + 1e-4
    box = ((low, bottom), (middle, bottom), (middle, top), (low, top))
    assert np.array_equal(within(points, box), np.flatnonzero(points.x < middle))
    assert np.array_equal(within(points, box[::-1]), within(points, box))
    triangle = ((low, bottom), (high, bottom), (low, top))
    inner = (points.x - low) / (high - low) + (points.y - bottom) / (top - bottom) < 1
    assert np.array_equal(within(points, triangle), np.flatnonzero(inner))
