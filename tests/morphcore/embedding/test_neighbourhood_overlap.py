"""How much two neighbourhoods share: known answers, invariances, chance."""

import numpy as np
import pytest

from morphcore.embedding.neighbourhood_overlap import jaccard, nearest_others


def test_overlap_of_known_sets() -> None:
    first = np.array([[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]])
    second = np.array([[4, 3, 2, 1], [5, 6, 7, 8], [3, 4, 5, 6]])
    assert jaccard(first, second) == pytest.approx([1, 0, 2 / 6])


def test_the_nearest_on_a_line() -> None:
    places = np.float32([[0], [1], [3], [7]])
    assert [set(row) for row in nearest_others(places, 2).tolist()] == [
        {1, 2},
        {0, 2},
        {0, 1},
        {1, 2},
    ]


def test_turned_stretched_and_mirrored_spaces_have_the_same_neighbours() -> None:
    rng = np.random.default_rng(0)
    places = rng.standard_normal((300, 6)).astype(np.float32)
    turn, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    other = (-3.0 * places @ turn + 2.0).astype(np.float32)
    assert jaccard(nearest_others(places), nearest_others(other)).min() == 1


def test_spaces_that_have_nothing_in_common_share_what_chance_gives() -> None:
    rng = np.random.default_rng(0)
    first, second = (rng.standard_normal((500, 4)).astype(np.float32) for _ in range(2))
    shared = float(jaccard(nearest_others(first), nearest_others(second)).mean())
    assert shared == pytest.approx(10 / (2 * 500), rel=0.3)


def test_frames_in_one_place_are_never_their_own_neighbours() -> None:
    rows = nearest_others(np.zeros((30, 3), dtype=np.float32), 5)
    assert (rows != np.arange(30)[:, None]).all()
    assert all(len(set(row)) == 5 for row in rows.tolist())
    assert nearest_others(np.zeros((1, 3), dtype=np.float32)).shape == (1, 0)


def test_there_are_never_more_neighbours_than_other_frames() -> None:
    assert nearest_others(np.float32([[0], [1], [2]]), 10).shape == (3, 2)
