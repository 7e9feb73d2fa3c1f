"""Known answers on a line of points, agreement with scikit-learn, and what is left out."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from morphcore.embedding import distances
from morphcore.embedding.distances import (
    consecutive_distances,
    other_trajectory_distances,
    percentile,
    random_pair_distances,
)
from morphcore.types import Latents, Neighbour


def on_a_line(*coords: float) -> Latents:
    """Frames 11, 12, ... at these coordinates of a 1-D latent space."""
    mean = np.array(coords, dtype=np.float32)[:, None]
    frame_ids = np.arange(11, 11 + len(coords), dtype=np.int64)
    return Latents(frame_ids, mean, np.zeros_like(mean))


def cloud(frames: int, *, seed: int = 0) -> Latents:
    mean = np.random.default_rng(seed).standard_normal((frames, 16)).astype(np.float32)
    return Latents(np.arange(1, frames + 1, dtype=np.int64), mean, np.zeros_like(mean))


def at(coord: float) -> np.ndarray:
    return np.array([coord], dtype=np.float32)


def nearest(
    query: np.ndarray, latents: Latents, k: int, *, pairs: np.ndarray, **options
) -> list[Neighbour]:
    return distances.nearest(
        query, latents.mean, latents.frame_ids, k, random_pair_distances=pairs, **options
    )


def ids(neighbours) -> list[int]:
    return [each.frame_id for each in neighbours]


def test_nearest_of_points_on_a_line():
    pairs = np.array([1, 2, 3, 4], dtype=np.float32)
    neighbours = nearest(at(0.0), on_a_line(5.0, 1.0, -2.5), 2, pairs=pairs)
    assert ids(neighbours) == [12, 13]
    assert [neighbour.distance for neighbour in neighbours] == [1.0, 2.5]
    assert [neighbour.percentile for neighbour in neighbours] == [0.0, 50.0]


def test_equal_distances_come_by_frame_id_whatever_the_order_of_rows():
    latents = on_a_line(1.0, -1.0, 1.0, 0.5)
    turned = Latents(latents.frame_ids[::-1], latents.mean[::-1], latents.logvar[::-1])
    pairs = random_pair_distances(latents.mean, pairs=10, seed=0)
    for ordered in (latents, turned):
        assert ids(nearest(at(0.0), ordered, 4, pairs=pairs)) == [14, 11, 12, 13]


def test_equals_scikit_learn_on_random_data():
    latents, queries = cloud(500), cloud(20, seed=1).mean
    reference = NearestNeighbors(n_neighbors=7, algorithm="brute").fit(latents.mean)
    expected, rows = reference.kneighbors(queries)
    pairs = random_pair_distances(latents.mean, pairs=50, seed=0)
    for query, distance, row in zip(queries, expected, rows, strict=True):
        neighbours = nearest(query, latents, 7, pairs=pairs)
        assert ids(neighbours) == latents.frame_ids[row].tolist()
        assert [neighbour.distance for neighbour in neighbours] == pytest.approx(distance, rel=1e-5)


def test_a_frame_finds_itself_unless_it_is_left_out():
    latents = cloud(50)
    pairs = random_pair_distances(latents.mean, pairs=100, seed=0)
    itself = nearest(latents.mean[7], latents, 1, pairs=pairs)[0]
    assert (itself.frame_id, itself.distance, itself.percentile) == (8, 0.0, 0.0)
    allowed = latents.frame_ids != 8
    others = nearest(latents.mean[7], latents, 50, pairs=pairs, allowed=allowed)
    assert len(others) == 49
    assert 8 not in ids(others)


def test_at_most_one_per_trajectory_gives_each_ones_nearest():
    latents = on_a_line(1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    trajectory_ids = np.array([1, 1, 2, 2, 3, 3], dtype=np.int64)
    pairs = random_pair_distances(latents.mean, pairs=10, seed=0)
    neighbours = nearest(at(0.0), latents, 5, pairs=pairs, trajectory_ids=trajectory_ids)
    assert ids(neighbours) == [11, 13, 15]
    allowed = np.array([False, True, False, True, False, False])
    neighbours = nearest(
        at(0.0), latents, 5, pairs=pairs, allowed=allowed, trajectory_ids=trajectory_ids
    )
    assert ids(neighbours) == [12, 14]


def test_nothing_allowed_finds_nothing():
    latents = cloud(5)
    pairs = random_pair_distances(latents.mean, pairs=10, seed=0)
    assert nearest(latents.mean[0], latents, 3, pairs=pairs, allowed=np.zeros(5, bool)) == []


def test_pairs_are_sorted_seeded_and_of_two_different_frames():
    latents = cloud(40)
    pairs = random_pair_distances(latents.mean, pairs=3000, seed=4)
    assert pairs.shape == (3000,)
    assert pairs.min() > 0  # no frame is paired with itself: all latents differ
    assert (np.diff(pairs) >= 0).all()
    np.testing.assert_array_equal(pairs, random_pair_distances(latents.mean, pairs=3000, seed=4))
    assert (pairs != random_pair_distances(latents.mean, pairs=3000, seed=5)).any()


def test_pairs_of_two_points_have_their_one_distance():
    assert set(random_pair_distances(on_a_line(1.0, 4.0).mean, pairs=9, seed=0).tolist()) == {3.0}


def test_every_pair_is_as_likely():
    # Three points: distances 1, 2 and 3, a third of the pairs each.
    pairs = random_pair_distances(on_a_line(0.0, 1.0, 3.0).mean, pairs=30_000, seed=0)
    for distance in (1.0, 2.0, 3.0):
        assert (pairs == distance).mean() == pytest.approx(1 / 3, abs=0.015)


def test_percentile_counts_the_pairs_that_are_nearer():
    pairs = random_pair_distances(cloud(30).mean, pairs=1000, seed=0)
    assert percentile(float(pairs[0]), pairs) == 0.0
    assert percentile(float(pairs[500]), pairs) == pytest.approx(50.0, abs=0.1)
    largest = percentile(float(pairs[-1]), pairs)  # drawn more than once: not nearer than itself
    assert largest == 100.0 * (pairs < pairs[-1]).mean() > 99.0
    assert percentile(float(np.nextafter(pairs[-1], np.float32(np.inf))), pairs) == 100.0


def test_one_frame_has_no_pairs():
    pairs = random_pair_distances(on_a_line(1.0).mean, pairs=10, seed=0)
    assert len(pairs) == 0
    assert np.isnan(percentile(1.0, pairs))


def test_step_distances_stay_within_a_trajectory():
    latents = on_a_line(0, 1, 10, 3, 12)
    owners = np.array([1, 1, 2, 1, 2])
    assert consecutive_distances(latents.mean, owners).tolist() == [1.0, 2.0, 2.0]
    assert len(consecutive_distances(latents.mean, np.arange(5))) == 0


def test_other_trajectory_distances_are_to_the_nearest_of_another_trajectory():
    latents = on_a_line(0, 1, 10, 3)
    owners = np.array([1, 1, 2, 2])
    assert other_trajectory_distances(latents.mean, owners).tolist() == [2.0, 2.0, 3.0, 9.0]
    assert other_trajectory_distances(latents.mean, owners, most=2).tolist() == [3.0, 9.0]
    assert len(other_trajectory_distances(latents.mean, np.zeros(4, dtype=np.int64))) == 0
