import numpy as np
import pytest

from morphcore.retrieval import NothingToRetrieve, same_params

CELLS = np.repeat(np.arange(5), 40)  # five cells of two trajectories of 20 frames
RUNS = np.repeat(np.arange(10), 20)


def test_an_embedding_that_knows_the_cell_always_hits() -> None:
    embedding = np.eye(5, dtype=np.float32)[CELLS]
    found = same_params(embedding, trajectory_ids=RUNS, cell_ids=CELLS)
    assert found.share == 1.0
    assert found.chance == pytest.approx(20 / 180)


def test_an_embedding_that_knows_only_the_trajectory_never_looks_at_its_own() -> None:
    # Trajectories on a line, the two of a cell far apart: the nearest is always another cell's.
    place = np.array([0, 5, 1, 6, 2, 7, 3, 8, 4, 9], dtype=np.float32)
    found = same_params(place[RUNS][:, None], trajectory_ids=RUNS, cell_ids=CELLS)
    assert found.share == 0.0


def test_a_random_embedding_hits_at_the_rate_of_chance() -> None:
    rng = np.random.default_rng(0)
    shares = [
        same_params(
            rng.standard_normal((200, 8)).astype(np.float32), trajectory_ids=RUNS, cell_ids=CELLS
        ).share
        for _ in range(20)
    ]
    chance = 20 / 180
    assert abs(np.mean(shares) - chance) < 4 * np.sqrt(chance * (1 - chance) / 4000)


def test_a_lone_trajectory_is_a_candidate_but_no_query() -> None:
    embedding = np.array([[0.0], [0.1], [10.0]], dtype=np.float32)
    found = same_params(embedding, trajectory_ids=np.array([0, 1, 2]), cell_ids=np.array([0, 1, 0]))
    assert found.queries == 2
    assert found.share == 0.0  # both are nearer to the lone one


def test_nothing_to_retrieve_is_said() -> None:
    with pytest.raises(NothingToRetrieve):
        same_params(
            np.zeros((4, 2), np.float32),
            trajectory_ids=np.arange(4),
            cell_ids=np.arange(4),
        )
