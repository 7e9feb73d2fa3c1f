"""Places for frames and latents for places, where the answer is known."""

import numpy as np
import pytest

from morphcore.config import ProjectionConfig
from morphcore.embedding.out_of_sample import (
    latents_at,
    latents_in_plane,
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
    places = fit(latents, ProjectionConfig(method="pca"))
    for row in (0, 17, 59):
        found = place_on_map(latents.mean[row], latents, places)
        assert (found.x, found.y) == pytest.approx(tuple(places.coords[row]), abs=1e-6)
        assert found.frame_ids[0] == places.frame_ids[row]
        assert len(found.frame_ids) == 10


def test_a_frame_between_two_groups_falls_into_one_of_them_and_its_spread_says_so() -> None:
    mean = np.array([[0, 0]] * 4 + [[2, 0]] * 4, dtype=np.float32)
    mean[:, 1] += np.arange(8, dtype=np.float32) / 1000
    coords = np.array([[-50, 0]] * 4 + [[50, 0]] * 4, dtype=np.float32)
    ids = np.arange(8, dtype=np.int64)
    latents, places = Latents(ids, mean, np.zeros_like(mean)), Projection(ids, coords)
    near_first = place_on_map(np.array([0.9, 0], np.float32), latents, places, k=8)
    assert near_first.x == -50
    assert near_first.spread == 50
    torn = place_on_map(np.array([1.0, 0], np.float32), latents, places, k=7)
    assert abs(torn.x) == 50


def test_fewer_points_than_neighbours_are_enough(latents: Latents) -> None:
    few = Latents(latents.frame_ids[:3], latents.mean[:3], latents.logvar[:3])
    places = Projection(few.frame_ids, np.float32([[0, 0], [1, 0], [0, 1]]))
    assert len(place_on_map(few.mean[0], few, places).frame_ids) == 3


def test_a_points_own_place_gives_its_own_latents(latents: Latents) -> None:
    places = fit(latents, ProjectionConfig(method="pca"))
    place = (float(places.coords[5, 0]), float(places.coords[5, 1]))
    assert latents_at(place, latents, places) == pytest.approx(latents.mean[5], abs=1e-3)


def test_between_two_points_lies_the_mean_of_their_latents() -> None:
    mean = np.float32([[0, 10], [4, 20]])
    ids = np.arange(2, dtype=np.int64)
    places = Projection(ids, np.float32([[-1, 0], [1, 0]]))
    found = latents_at((0.0, 0.0), Latents(ids, mean, np.zeros_like(mean)), places)
    assert found == pytest.approx([2, 15])


def test_a_place_of_the_plane_of_pca_is_projected_back_onto_itself(latents: Latents) -> None:
    places = fit(latents, ProjectionConfig(method="pca"))
    z = latents_in_plane((2.5, -1.25), latents, places)
    more = Latents(
        np.append(latents.frame_ids, 999),
        np.concatenate([latents.mean, z[None]]),
        np.zeros((COUNT + 1, 5), np.float32),
    )
    centre = latents.mean.mean(axis=0)
    _, _, directions = np.linalg.svd(latents.mean - centre, full_matrices=False)
    scores = (more.mean - centre) @ directions[:2].T
    signs = np.sign(scores[0] / places.coords[0])
    assert scores[-1] * signs == pytest.approx([2.5, -1.25], abs=1e-4)
    beyond = (z - centre) @ directions[2:].T
    assert beyond == pytest.approx(0, abs=1e-4)  # and nothing of what is not shown
