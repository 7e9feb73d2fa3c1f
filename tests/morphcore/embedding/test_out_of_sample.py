"""Out-of-sample positions of frames, and frames of positions, where the answer is known."""

import numpy as np
import pytest

from morphcore.config import ProjectionConfig
from morphcore.embedding.out_of_sample import (
    map_neighbours,
    place_all,
    place_on_map,
    weighted_median,
)
from morphcore.embedding.projection import fit
from morphcore.types import Latents, Projection

COUNT = 60


@pytest.fixture
def latents(rng: np.random.Generator) -> Latents:
    mean = rng.standard_normal((COUNT, 5)).astype(np.float32) * np.float32([5, 3, 1, 1, 1])
    return Latents(np.arange(COUNT, dtype=np.int64) + 100, mean, np.zeros_like(mean))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_weighted_median_of_known_values() -> None:
    def median(values: list[float], weights: list[float]) -> float:
        return weighted_median(np.float64(values), np.float64(weights))

    assert median([3, 1, 2], [1, 1, 1]) == 2
    assert median([4, 1, 2, 3], [1, 1, 1, 1]) == 2.5
    assert median([1, 2, 10], [1, 1, 5]) == 10
    assert median([7], [2]) == 7


def test_a_frame_of_the_map_falls_on_its_own_point(latents: Latents) -> None:
    projection = fit(latents, ProjectionConfig(method="pca"))
    for row in (0, 17, 59):
        placement = place_on_map(latents.mean[row], latents, projection)
        assert (placement.x, placement.y) == pytest.approx(tuple(projection.coords[row]), abs=1e-6)
        assert placement.frame_ids[0] == projection.frame_ids[row]
        assert len(placement.frame_ids) == 10


def test_many_frames_are_placed_as_one_at_a_time(latents: Latents, rng: np.random.Generator):
    projection = fit(latents, ProjectionConfig(method="pca"))
    means = rng.standard_normal((30, 5)).astype(np.float32)
    alone = [place_on_map(mean, latents, projection) for mean in means]
    np.testing.assert_allclose(
        place_all(means, latents, projection), [(each.x, each.y) for each in alone], atol=1e-5
    )


def test_a_frame_between_two_groups_falls_into_one_of_them_and_its_spread_is_wide() -> None:
    mean = np.array([[0, 0]] * 4 + [[2, 0]] * 4, dtype=np.float32)
    mean[:, 1] += np.arange(8, dtype=np.float32) / 1000
    coords = np.array([[-50, 0]] * 4 + [[50, 0]] * 4, dtype=np.float32)
    ids = np.arange(8, dtype=np.int64)
    latents, projection = Latents(ids, mean, np.zeros_like(mean)), Projection(ids, coords)
    near_first = place_on_map(np.array([0.9, 0], np.float32), latents, projection, k=8)
    assert near_first.x == -50
    assert near_first.spread == 50
    torn = place_on_map(np.array([1.0, 0], np.float32), latents, projection, k=7)
    assert abs(torn.x) == 50


def test_fewer_points_than_neighbours_are_enough(latents: Latents) -> None:
    few = Latents(latents.frame_ids[:3], latents.mean[:3], latents.logvar[:3])
    projection = Projection(few.frame_ids, np.float32([[0, 0], [1, 0], [0, 1]]))
    assert len(place_on_map(few.mean[0], few, projection).frame_ids) == 3


def test_a_points_own_position_is_that_points(latents: Latents) -> None:
    projection = fit(latents, ProjectionConfig(method="pca"))
    position = (float(projection.coords[5, 0]), float(projection.coords[5, 1]))
    near = map_neighbours(position, projection)
    assert near.frame_ids[0] == projection.frame_ids[5]
    assert near.weights.sum() == pytest.approx(1)
    rows = near.frame_ids - 100
    assert near.mean(latents.mean[rows]) == pytest.approx(latents.mean[5], abs=1e-3)


def test_neighbours_on_the_map_are_weighted_by_how_near_they_are() -> None:
    ids = np.array([7, 3], dtype=np.int64)
    projection = Projection(ids, np.float32([[-1, 0], [3, 0]]))
    near = map_neighbours((0.0, 0.0), projection)
    assert near.frame_ids.tolist() == [7, 3]
    assert near.weights == pytest.approx([0.75, 0.25])
    # Of any vectors: the embedding may have another number of axes than z.
    assert near.mean(np.float32([[0, 10, 1], [4, 20, 1]])) == pytest.approx([1, 12.5, 1])


def test_only_the_nearest_on_the_map_count(latents: Latents) -> None:
    projection = fit(latents, ProjectionConfig(method="pca"))
    assert len(map_neighbours((0.0, 0.0), projection).frame_ids) == 10
    assert len(map_neighbours((0.0, 0.0), projection, k=3).frame_ids) == 3
