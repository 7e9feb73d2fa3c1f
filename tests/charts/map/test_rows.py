"""Paths: when each frame's next one is, and where the arrows are."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.map_points import MapPoints, subset
from charts.map import rows
from tests.analysis.test_map_points import points_of
from tests.factory import Made


@pytest.fixture
def points(made: Made) -> MapPoints:
    return points_of(made)


def _heads(points: MapPoints, now: int) -> dict[int, int]:
    """As the chart's filter has it: the frame of each trajectory that is drawn as its head."""
    there = (points.time <= now) & (now < rows.next_times(points))
    owners = points.trajectory_ids[there].tolist()
    assert len(owners) == len(set(owners))
    return dict(zip(owners, points.time[there].tolist(), strict=True))


def test_a_head_is_the_newest_frame_at_or_before_the_time(points: MapPoints) -> None:
    for now in (19, 20, 35, 39, 40, 399, 400, 5000):
        expected = {
            trajectory_id: int(
                points.time[(points.trajectory_ids == trajectory_id) & (points.time <= now)].max()
            )
            for trajectory_id in np.unique(points.trajectory_ids).tolist()
            if now >= 20
        }
        assert _heads(points, now) == expected


def test_a_head_stays_at_the_last_frame_that_is_shown(points: MapPoints) -> None:
    early = subset(points, points.time <= 100)
    assert set(_heads(early, 380).values()) == {100}


def test_arrows_lie_evenly_along_a_path_and_never_lead_to_another(points: MapPoints) -> None:
    count = len(points)
    line = replace(
        points,
        x=np.tile(np.arange(20, dtype=np.float32), 6),
        y=np.repeat(np.arange(6, dtype=np.float32), 20),
    )
    marks = rows.arrows(line)
    last = np.append(line.trajectory_ids[1:] != line.trajectory_ids[:-1], True)
    assert not marks[last].any()
    spacing = np.diff(np.flatnonzero(marks[:20]))
    assert set(spacing.tolist()) <= {1, 2}
    still = replace(points, x=np.zeros(count, np.float32), y=np.zeros(count, np.float32))
    assert not rows.arrows(still).any()


def test_a_short_path_has_one_arrow_on_its_longest_step(points: MapPoints) -> None:
    x = np.zeros(len(points), dtype=np.float32)
    x[:3] = [0.0, 0.01, 0.03]
    x[3:20] = 0.03
    x[-1] = 100.0
    marks = rows.arrows(replace(points, x=x, y=np.zeros(len(points), dtype=np.float32)))
    assert np.flatnonzero(marks[:20]).tolist() == [1]
