import numpy as np
import pytest

from morphcore.embedding import nearest as neighbours
from morphcore.embedding.nearest import Chosen, nearest, paired


@pytest.mark.parametrize("dims", [1, 16])
def test_neighbours_are_those_of_a_plain_search_whatever_the_chunks(
    dims: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "QUERIES", 7)
    monkeypatch.setattr(neighbours, "NUMBERS", 10 * dims)
    rng = np.random.default_rng(0)
    gallery, queries = rng.standard_normal((83, dims)) + 50, rng.standard_normal((20, dims)) + 50
    found = nearest(queries, gallery, 5)
    apart = np.linalg.norm(queries[:, None] - gallery, axis=2)
    np.testing.assert_array_equal(found.rows, apart.argsort(axis=1)[:, :5])
    np.testing.assert_allclose(found.distances, np.sort(apart, axis=1)[:, :5])


def test_a_row_that_is_left_out_is_never_found_and_equals_come_in_order() -> None:
    gallery = np.array([[0.0], [1.0], [1.0], [5.0]])
    found = nearest(np.array([[0.0], [1.0]]), gallery, 2, left_out=np.array([0, 3]))
    assert found.rows.tolist() == [[1, 2], [1, 2]]
    assert found.distances.tolist() == [[1.0, 1.0], [0.0, 0.0]]


def test_a_small_gallery_gives_what_it_has() -> None:
    gallery = np.array([[0.0], [3.0]])
    assert nearest(np.zeros((1, 1)), gallery, 5).rows.tolist() == [[0, 1]]
    assert nearest(np.zeros((1, 1)), gallery, 5, left_out=np.array([0])).rows.tolist() == [[1]]


def test_far_from_zero_a_distance_of_a_millionth_is_still_told() -> None:
    gallery = np.array([[1e4, 0.0], [1e4, 1e-6], [1e4, 3.0]])
    found = nearest(np.array([[1e4, 1e-6]]), gallery, 2)
    assert found.rows.tolist() == [[1, 0]]
    assert found.distances[0] == pytest.approx([0.0, 1e-6])


def test_chosen_rows_are_rows_of_what_they_were_chosen_from() -> None:
    values = np.arange(10.0)[:, None]
    some = Chosen(values, np.array([7, 2, 9]))
    assert nearest(np.array([[2.2], [8.9]]), some, 1).rows.tolist() == [[1], [2]]
    assert paired(some, values, np.array([7, 3, 4])).tolist() == [0.0, 1.0, 5.0]


def test_a_search_can_be_ended_from_outside() -> None:
    def stop(_share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        nearest(np.zeros((3, 2)), np.zeros((4, 2)), 1, progress=stop)
