import numpy as np
import pytest

from morphcore.evaluation import retrieval
from morphcore.evaluation.retrieval import NothingToRetrieve, same_params
from morphcore.statistics.nearest import Neighbours

CELLS = np.repeat(np.arange(5), 40)  # five cells of two trajectories of 20 frames
TRAJECTORY_IDS = np.repeat(np.arange(10), 20)


def test_an_embedding_that_knows_the_cell_always_hits() -> None:
    embedding = np.eye(5, dtype=np.float32)[CELLS]
    result = same_params(embedding, trajectory_ids=TRAJECTORY_IDS, cell_ids=CELLS)
    assert result.share == 1.0
    assert result.chance == pytest.approx(20 / 180)


def test_an_embedding_that_knows_only_the_trajectory_never_looks_at_its_own() -> None:
    # Trajectories on a line, the two of a cell far apart: the nearest is always another cell's.
    coords = np.array([0, 5, 1, 6, 2, 7, 3, 8, 4, 9], dtype=np.float32)
    result = same_params(
        coords[TRAJECTORY_IDS][:, None], trajectory_ids=TRAJECTORY_IDS, cell_ids=CELLS
    )
    assert result.share == 0.0


def test_a_random_embedding_hits_at_the_rate_of_chance() -> None:
    rng = np.random.default_rng(0)
    shares = [
        same_params(
            rng.standard_normal((200, 8)).astype(np.float32),
            trajectory_ids=TRAJECTORY_IDS,
            cell_ids=CELLS,
        ).share
        for _ in range(20)
    ]
    chance = 20 / 180
    assert abs(np.mean(shares) - chance) < 4 * np.sqrt(chance * (1 - chance) / 4000)


def test_a_lone_trajectory_is_a_candidate_but_no_query() -> None:
    embedding = np.array([[0.0], [0.1], [10.0]], dtype=np.float32)
    result = same_params(
        embedding, trajectory_ids=np.array([0, 1, 2]), cell_ids=np.array([0, 1, 0])
    )
    assert result.queries == 2
    assert result.share == 0.0  # both are nearer to the lone one


def test_nothing_to_retrieve_is_an_error() -> None:
    with pytest.raises(NothingToRetrieve):
        same_params(
            np.zeros((4, 2), np.float32),
            trajectory_ids=np.arange(4),
            cell_ids=np.arange(4),
        )


def test_a_hit_is_the_same_cell_at_nearly_the_same_time() -> None:
    hits = retrieval.twin_hits(
        np.array([[0, 1, 2, 3]]),
        cells=np.array([7]),
        log_times=np.array([2.0]),
        gallery_cells=np.array([7, 7, 7, 8]),
        gallery_log_times=np.array([2.34, 1.66, 2.36, 2.0]),
    )
    assert hits.tolist() == [[True, True, False, False]]


def test_the_chance_of_a_hit_is_that_of_drawing_without_replacement() -> None:
    facts = {
        "cells": np.array([0]),
        "log_times": np.array([0.0]),
        "gallery_cells": np.array([0, 0, 1, 1, 1, 1]),
        "gallery_log_times": np.zeros(6),
    }
    assert retrieval.twin_chance(1, **facts) == pytest.approx(2 / 6)
    assert retrieval.twin_chance(2, **facts) == pytest.approx(1 - 4 / 6 * 3 / 5)
    assert retrieval.twin_chance(5, **facts) == 1.0  # four wrong ones are not enough


def test_values_of_neighbours_are_weighted_by_inverse_distance() -> None:
    neighbours = Neighbours(np.array([[0, 1], [1, 2]]), np.array([[1.0, 3.0], [0.0, 0.5]]))
    predicted = retrieval.knn_regress(neighbours, np.array([[4.0], [8.0], [100.0]]))
    assert predicted[:, 0].tolist() == [5.0, 8.0]  # the second query lies on its first neighbour


def test_the_distance_of_all_is_that_of_a_plain_mean() -> None:
    rng = np.random.default_rng(0)
    queries, gallery = rng.standard_normal((5, 3)), rng.standard_normal((40, 3))
    plain = np.linalg.norm(queries[:, None] - gallery, axis=2).mean(axis=1)
    measured = retrieval.mean_distance_of_all(queries, gallery, chunk=2)
    np.testing.assert_allclose(measured, plain)
    near = retrieval.mean_distance(np.tile(np.arange(40), (5, 1)), queries, gallery)
    np.testing.assert_allclose(near, plain)


def test_hubs_are_counted_over_queries_the_largest_first() -> None:
    hubs = retrieval.hubs(np.array([[3, 1], [3, 0], [3, 1], [2, 1]]), 6)
    assert hubs.rows.tolist() == [1, 3, 0, 2]
    assert hubs.shares.tolist() == [0.75, 0.75, 0.25, 0.25]
    assert retrieval.hubs(np.array([[3, 1]]), 6, most=1).rows.tolist() == [1]
