"""The estimated duration of a simulation."""

import pytest

from jobs.simulate.duration import estimate_seconds


def test_cores_share_the_trajectories() -> None:
    steps = [20_000] * 10
    assert estimate_seconds(steps, 2, 2) == pytest.approx(estimate_seconds(steps, 2, 1) / 2)
    assert estimate_seconds(steps[:1], 2, 8) == estimate_seconds(steps[:1], 2, 1)


def test_frames_are_stored_by_one_process_however_many_simulate() -> None:
    few, many = (estimate_seconds([100] * 10, 255, cores) for cores in (8, 80))
    assert few == many == pytest.approx(2 * estimate_seconds([100] * 5, 255, 80))


def test_nothing_takes_no_time() -> None:
    assert estimate_seconds([], 255, 2) == 0
