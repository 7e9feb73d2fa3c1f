"""The straight way between two frames, and how it is judged by where its pictures land."""

import numpy as np
import pytest

from analysis import interpolation, latent_space
from analysis.latent_space import LatentSpace
from morphcore.embedding.re_encoding import ReEncodingErrors
from morphcore.types import Latents, Scatter
from store import scatter
from store.db import open_store
from tests.factory import Made

ERRORS = ReEncodingErrors(
    decoded=np.linspace(0, 2, 21, dtype=np.float32),
    decoded_in_z=np.linspace(0, 1, 21, dtype=np.float32),
    reconstructed=np.zeros(21, dtype=np.float32),
)


@pytest.fixture
def space(made: Made) -> LatentSpace:
    """A space in which realisations are a unit of 2 apart."""
    with open_store(made.path) as db:
        ids = np.arange(2, 121, 7)
        distance = np.full(len(ids), 2 * 2**0.5, np.float32)
        scatter.add(db, made.checkpoint_id, Scatter(ids, distance))
    return latent_space.load_latent_space(made.path, made.run_id)


def judged(
    space: LatentSpace, means: list[np.ndarray], ends: tuple[int, int], way: np.ndarray
) -> list[interpolation.InterpolationStep]:
    """The steps of a way between two frames whose pictures land at `means`."""
    a, b = (space.latents.subset(np.array([row])) for row in ends)
    landed = [
        Latents(np.zeros(1, np.int64), mean[None], np.zeros_like(mean[None])) for mean in means
    ]
    return interpolation.judge(space, (a, b), way, landed, ERRORS)


def test_it_begins_and_ends_at_the_frames_and_is_straight(space: LatentSpace):
    a, b = space.z.mean[5], space.z.mean[110]
    way = interpolation.straight(a, b, 5)
    np.testing.assert_array_equal(way[[0, -1]], [a, b])
    np.testing.assert_allclose(way[2], (a + b) / 2, rtol=1e-6)


def test_pictures_that_land_where_they_were_asked_do_not_go_astray(space: LatentSpace):
    way = interpolation.straight(space.z.mean[5], space.z.mean[110], 5)
    steps = judged(space, list(way), (5, 110), way)
    assert [step.landing.distance for step in steps] == [0.0] * 5
    assert not any(step.landing.astray for step in steps)
    assert [steps[0].nearest.frame_id, steps[-1].nearest.frame_id] == [6, 111]


def test_ends_are_judged_in_the_embedding_and_what_is_between_in_z(space: LatentSpace):
    way = interpolation.straight(space.z.mean[5], space.z.mean[110], 3)
    aside = np.zeros_like(way[0])
    aside[0] = 1.5  # within 95 % of the distances in the embedding, not of those in z
    steps = judged(space, [z + aside for z in way], (5, 110), way)
    assert [step.landing.asked for step in steps] == ["embedding", "z", "embedding"]
    assert [step.landing.astray for step in steps] == [False, True, False]
    assert steps[1].landing.distance == pytest.approx(1.5, rel=1e-5)
    assert steps[1].landing.usual == pytest.approx(0.5)
    assert steps[1].landing.limit == pytest.approx(0.95)


def test_a_picture_unlike_all_frames_is_far(space: LatentSpace):
    assert space.outlier_distance is not None
    near = space.latents.mean[5]
    far = near + 100 * np.float32(space.outlier_distance)
    way = interpolation.straight(near, far, 4)
    steps = judged(space, list(way), (5, 5), way)
    assert [step.far for step in steps] == [False, True, True, True]
    assert steps[-1].landing.astray  # the frame that it should end at is another


def test_pictures_much_closer_than_realisations_are_near_copies(space: LatentSpace):
    first = space.latents.mean[5]
    aside = np.zeros_like(first)
    aside[0] = 1.0  # half of the unit
    means = [first, first + 0.9 * aside, first + 2 * aside]
    steps = judged(space, means, (5, 110), np.stack(means))
    assert [step.near_copy for step in steps] == [None, True, False]


def test_without_a_unit_no_picture_is_said_to_be_a_copy(made: Made):
    space = latent_space.load_latent_space(made.path, made.run_id)
    means = [space.latents.mean[5]] * 2
    steps = judged(space, means, (5, 5), np.stack(means))
    assert [step.near_copy for step in steps] == [None, None]


def test_without_a_separated_frame_nothing_is_judged(space: LatentSpace):
    way = interpolation.straight(space.z.mean[5], space.z.mean[110], 3)
    none = np.empty(0, dtype=np.float32)
    a, b = (space.latents.subset(np.array([row])) for row in (5, 110))
    landed = [space.latents.subset(np.array([5]))] * 3
    assert not interpolation.judge(space, (a, b), way, landed, ReEncodingErrors(none, none, none))
