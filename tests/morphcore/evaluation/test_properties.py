"""Known answers of properties predicted from neighbours of other groups."""

import numpy as np
import pytest

from morphcore.evaluation import properties
from morphcore.evaluation.properties import NEIGHBOURS, UNGROUPED, TooFewValues
from morphcore.statistics.nearest import Neighbours

GROUPS, EACH = 40, 20


def _embedding(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points all over a square, and the group of each, which has nothing to do with its place."""
    points = np.random.default_rng(seed).random((GROUPS * EACH, 2))
    return points, np.arange(GROUPS * EACH) % GROUPS


def test_a_function_of_the_embedding_is_predicted() -> None:
    points, groups = _embedding()
    values = 3 * points[:, 0] - points[:, 1] ** 2
    figure = properties.r_squared(points, properties.judged(values, groups))
    assert figure.value > 0.98
    assert figure.interval is not None
    assert figure.interval.low <= figure.value <= figure.interval.high


def test_a_random_property_is_not() -> None:
    points, groups = _embedding()
    values = np.random.default_rng(1).standard_normal(len(points))
    assert properties.r_squared(points, properties.judged(values, groups)).value < 0.05


def test_a_number_drawn_for_each_group_is_not_predicted_from_other_groups() -> None:
    """Each group is a cluster, so within it neighbours would tell the number perfectly."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(GROUPS), EACH)
    centres = rng.random((GROUPS, 2)) * 100
    points = centres[groups] + rng.standard_normal((len(groups), 2))
    values = rng.standard_normal(GROUPS)[groups]
    assert properties.r_squared(points, properties.judged(values, groups)).value < 0.1
    itself = np.arange(len(groups))  # leaving out only itself, it seems to be known
    assert properties.r_squared(points, properties.judged(values, itself)).value > 0.95


def test_scale_and_shift_of_property_and_embedding_change_nothing() -> None:
    points, groups = _embedding()
    values = np.sin(5 * points[:, 0]) + 0.3 * np.random.default_rng(2).standard_normal(len(points))
    first = properties.r_squared(points, properties.judged(values, groups))
    moved = properties.r_squared(7 * points + 3, properties.judged(1e6 - 40 * values, groups))
    assert moved.value == pytest.approx(first.value, abs=1e-9)


def test_frames_without_value_or_group_are_neither_queries_nor_neighbours() -> None:
    points, groups = _embedding()
    values = points[:, 0].copy()
    gone = np.arange(len(points)) % 3 == 0
    expected = properties.r_squared(
        points[~gone], properties.judged(values[~gone], groups[~gone])
    ).value
    holes = np.where(gone, np.inf, values)
    assert properties.r_squared(points, properties.judged(holes, groups)).value == expected
    ungrouped = np.where(gone, UNGROUPED, groups)
    chosen = properties.judged(values, ungrouped)
    assert len(chosen.rows) == (~gone).sum()
    assert properties.r_squared(points, chosen).value == expected


def test_the_interval_is_over_groups_not_over_frames() -> None:
    """Every frame ten times: no more is known than before."""
    points, groups = _embedding()
    values = points[:, 0] + 0.5 * np.random.default_rng(3).standard_normal(GROUPS)[groups]
    once = properties.r_squared(points, properties.judged(values, groups)).interval
    tenfold = np.repeat(np.arange(len(points)), 10)
    many = properties.r_squared(
        points[tenfold] + 1e-6 * np.random.default_rng(4).standard_normal((len(tenfold), 2)),
        properties.judged(values[tenfold], groups[tenfold]),
    ).interval
    assert once is not None
    assert many is not None
    assert many.high - many.low > 0.5 * (once.high - once.low)


def test_too_little_is_refused_with_what_is_accepted() -> None:
    with pytest.raises(TooFewValues, match="29 frames in 29 groups; accepted are 30 frames in 3"):
        properties.judged(np.arange(29.0), np.arange(29))
    with pytest.raises(TooFewValues, match="40 frames in 2 groups"):
        properties.judged(np.arange(40.0), np.arange(40) % 2)
    with pytest.raises(TooFewValues, match="the same for all frames"):
        properties.judged(np.full(40, 40.5), np.arange(40))


def test_near_neighbours_count_more_and_missing_ones_not_at_all() -> None:
    rows = np.array([[0, 1, -1], [1, 0, 0]])
    distances = np.array([[1.0, 3.0, np.inf], [0.0, 1.0, 1.0]])
    predicted = properties.predict(Neighbours(rows, distances), np.array([4.0, 8.0]))
    assert predicted == pytest.approx([5.0, 8.0])  # (4 / 1 + 8 / 3) / (1 + 1 / 3)


def test_ten_neighbours_are_asked() -> None:
    assert NEIGHBOURS == 10
