import numpy as np
import pytest

from morphcore.statistics import bootstrap
from morphcore.statistics.bootstrap import Figure

TRAJECTORY_IDS = np.repeat(np.arange(10), 25)


def _width(figure: Figure) -> float:
    assert figure.interval is not None
    return figure.interval.high - figure.interval.low


def test_constant_data_has_an_interval_of_no_width() -> None:
    figure = bootstrap.share(np.ones(250, dtype=np.bool_), TRAJECTORY_IDS, seed=0)
    assert (figure.value, figure.interval) == (1.0, (1.0, 1.0))


def test_one_trajectory_cannot_be_resampled() -> None:
    figure = bootstrap.share(np.array([True, False]), np.zeros(2, dtype=np.int64), seed=0)
    assert figure == Figure(0.5, interval=None)


def test_the_interval_is_as_wide_as_the_trajectories_differ_not_the_frames() -> None:
    # Half of the trajectories always hit: 10 coins, so a deviation of .5 / sqrt(10) = .158.
    hits = TRAJECTORY_IDS % 2 == 0
    figure = bootstrap.share(hits, TRAJECTORY_IDS, seed=0)
    assert figure.value == 0.5
    assert _width(figure) / (2 * 1.96) == pytest.approx(0.158, rel=0.15)
    # The same hits, spread evenly over all trajectories: nothing differs between them but 1 frame.
    spread = bootstrap.share(np.arange(250) % 2 == 0, TRAJECTORY_IDS, seed=0)
    assert _width(spread) < 0.05


def test_equal_seeds_give_equal_intervals() -> None:
    hits = np.random.default_rng(0).random(250) < 0.3
    first, same, reseeded = (bootstrap.share(hits, TRAJECTORY_IDS, seed=seed) for seed in (1, 1, 2))
    assert first == same
    assert first.interval != reseeded.interval


def test_r_squared_of_perfect_and_of_mean_answers() -> None:
    truth = np.random.default_rng(0).standard_normal(250)
    assert bootstrap.r_squared(truth, truth, TRAJECTORY_IDS, seed=0).value == 1.0
    mean = np.full(250, truth.mean())
    assert bootstrap.r_squared(truth, mean, TRAJECTORY_IDS, seed=0).value == pytest.approx(0.0)
    assert bootstrap.r_squared(truth, -truth, TRAJECTORY_IDS, seed=0).value < -2


def test_r_squared_of_a_truth_that_never_changes_is_not_defined() -> None:
    truth = np.full(250, 0.543)
    assert np.isnan(bootstrap.r_squared(truth, truth, TRAJECTORY_IDS, seed=0).value)


def test_a_ratio_is_that_of_the_sums() -> None:
    figure = bootstrap.ratio(np.array([1.0, 5.0]), np.array([2.0, 10.0]), np.array([0, 1]), seed=0)
    assert figure.value == pytest.approx(0.5)
    assert figure.interval == pytest.approx((0.5, 0.5))


def test_a_paired_difference_tells_methods_apart_whose_own_intervals_overlap() -> None:
    # Trajectories differ much, for both methods alike; ours is .05 better on each.
    theirs = np.repeat(np.linspace(0, 1, 10), 25)
    difference = bootstrap.paired_difference(theirs + 0.05, theirs, TRAJECTORY_IDS, seed=0)
    assert difference.value == pytest.approx(0.05)
    assert difference.interval == pytest.approx((0.05, 0.05))
    own = bootstrap.ratio(theirs, np.ones(250), TRAJECTORY_IDS, seed=0)
    assert _width(own) > 0.3


def test_a_paired_difference_turns_its_sign_with_the_methods() -> None:
    ours, theirs = np.random.default_rng(0).random((2, 250))
    there = bootstrap.paired_difference(ours, theirs, TRAJECTORY_IDS, seed=0)
    back = bootstrap.paired_difference(theirs, ours, TRAJECTORY_IDS, seed=0)
    assert there.interval is not None
    assert back.interval is not None
    assert there.value == pytest.approx(-back.value)
    assert there.interval == pytest.approx((-back.interval.high, -back.interval.low))
