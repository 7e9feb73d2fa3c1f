"""Exact nearest rows against all distances, whichever way candidates are found."""

from typing import Any

import numpy as np
import pytest

from morphcore.statistics import nearest as neighbours
from morphcore.statistics.nearest import Chosen, Groups, nearest, nearest_others, paired, rank


@pytest.fixture(params=["scikit-learn", "matrix product"])
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Candidates by scikit-learn, and in small chunks by a matrix product."""
    monkeypatch.setattr(neighbours, "QUERIES_WITHOUT", 7)
    monkeypatch.setattr(neighbours, "MANY", 0 if request.param == "scikit-learn" else 10**9)
    monkeypatch.setattr(neighbours, "QUERIES", 7)
    monkeypatch.setattr(neighbours, "NUMBERS", 160)
    monkeypatch.setattr(neighbours, "MEASURED", 160)


@pytest.mark.usefixtures("_both_ways")
@pytest.mark.parametrize("dims", [1, 16])
def test_neighbours_are_those_of_a_plain_search(dims: int) -> None:
    rng = np.random.default_rng(0)
    gallery, queries = rng.standard_normal((83, dims)) + 50, rng.standard_normal((20, dims)) + 50
    result = nearest(queries, gallery, 5)
    apart = np.linalg.norm(queries[:, None] - gallery, axis=2)
    np.testing.assert_array_equal(result.rows, apart.argsort(axis=1)[:, :5])
    np.testing.assert_allclose(result.distances, np.sort(apart, axis=1)[:, :5])


def test_a_large_gallery_is_searched_by_few_queries_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    gallery, queries = rng.standard_normal((83, 3)), rng.standard_normal((20, 3))
    whole = nearest(queries, gallery, 5)
    at_once: list[int] = []
    squares = neighbours._squares

    def seen(chunk: np.ndarray, *rest: Any) -> np.ndarray:
        at_once.append(len(chunk))
        return squares(chunk, *rest)

    monkeypatch.setattr(neighbours, "_squares", seen)
    for held, most in ((83 * 3, 3), (10, 1)):
        at_once.clear()
        monkeypatch.setattr(neighbours, "HELD", held)
        found = nearest(queries, gallery, 5)
        assert max(at_once) == most
        np.testing.assert_array_equal(found.rows, whole.rows)
        np.testing.assert_array_equal(found.distances, whole.distances)


@pytest.mark.usefixtures("_both_ways")
def test_no_query_finds_its_own_group_and_equals_come_in_order() -> None:
    gallery = np.array([[0.0], [1.0], [1.0], [5.0]])
    groups = Groups(np.array([0, 3]), np.arange(4))
    result = nearest(np.array([[0.0], [1.0]]), gallery, 2, groups=groups)
    assert result.rows.tolist() == [[1, 2], [1, 2]]
    assert result.distances.tolist() == [[1.0, 1.0], [0.0, 0.0]]


@pytest.mark.usefixtures("_both_ways")
def test_a_group_of_many_rows_is_passed_over() -> None:
    rng = np.random.default_rng(1)
    points, group = rng.standard_normal((60, 3)), rng.integers(0, 3, 60)
    result = nearest(points, points, 4, groups=Groups(group, group))
    apart = np.linalg.norm(points[:, None] - points, axis=2)
    apart[group[:, None] == group] = np.inf
    np.testing.assert_array_equal(result.rows, apart.argsort(axis=1)[:, :4])


@pytest.mark.usefixtures("_both_ways")
def test_a_small_gallery_gives_what_it_has() -> None:
    gallery = np.array([[0.0], [3.0]])
    assert nearest(np.zeros((1, 1)), gallery, 5).rows.tolist() == [[0, 1]]
    result = nearest(np.zeros((1, 1)), gallery, 5, groups=Groups(np.array([7]), np.array([7, 8])))
    assert result.rows.tolist() == [[1, -1]]
    assert result.distances.tolist() == [[3.0, np.inf]]
    assert nearest(np.zeros((0, 1)), gallery, 1).rows.shape == (0, 1)
    assert nearest(np.zeros((2, 1)), gallery[:0], 1).rows.shape == (2, 0)


def test_the_nearest_others_on_a_line() -> None:
    points = np.array([[0.0], [1.0], [3.0], [7.0]])
    rows = nearest_others(points, 2)
    assert [set(row) for row in rows.tolist()] == [{1, 2}, {0, 2}, {0, 1}, {1, 2}]
    assert nearest_others(points, 9).shape == (4, 3)  # never more than there are
    assert nearest_others(points[:1], 5).shape == (1, 0)


def test_equal_points_are_never_their_own_neighbours() -> None:
    rows = nearest_others(np.zeros((30, 3)), 5)
    assert (rows != np.arange(30)[:, None]).all()
    assert all(len(set(row)) == 5 for row in rows.tolist())


@pytest.mark.parametrize("dims", [2, 16])
def test_others_are_those_that_a_search_finds(dims: int) -> None:
    points = np.random.default_rng(2).standard_normal((200, dims))
    own = np.arange(200)
    rows = nearest(points, points, 6, groups=Groups(own, own)).rows
    np.testing.assert_array_equal(np.sort(nearest_others(points, 6)), np.sort(rows))


def test_a_ranking_holds_all_rows_and_equals_come_by_row() -> None:
    gallery = np.array([[2.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
    ranking = rank(np.zeros(2), gallery)
    assert ranking.rows.tolist() == [3, 1, 2, 0]
    assert ranking.distances.tolist() == [0.0, 1.0, 1.0, 2.0]


@pytest.mark.usefixtures("_both_ways")
def test_far_from_zero_a_distance_of_a_millionth_is_still_resolved() -> None:
    gallery = np.array([[1e4, 0.0], [1e4, 1e-6], [1e4, 3.0]])
    result = nearest(np.array([[1e4, 1e-6]]), gallery, 2)
    assert result.rows.tolist() == [[1, 0]]
    assert result.distances[0] == pytest.approx([0.0, 1e-6])


@pytest.mark.usefixtures("_both_ways")
def test_chosen_rows_are_rows_of_what_they_were_chosen_from() -> None:
    values = np.arange(10.0)[:, None]
    chosen = Chosen(values, np.array([7, 2, 9]))
    assert nearest(np.array([[2.2], [8.9]]), chosen, 1).rows.tolist() == [[1], [2]]
    assert paired(chosen, values, np.array([7, 3, 4])).tolist() == [0.0, 1.0, 5.0]


@pytest.mark.usefixtures("_both_ways")
def test_a_search_can_be_ended_from_outside() -> None:
    def stop(_share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        nearest(np.zeros((3, 2)), np.zeros((4, 2)), 1, progress=stop)
