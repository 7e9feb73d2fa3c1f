import numpy as np
import pytest
from sklearn.manifold import trustworthiness as sklearn_trustworthiness

from morphcore.embedding.latent_usage import channel_capacity_nats, dimensions, trustworthiness
from morphcore.types import Posteriors


def test_a_dimension_that_equals_its_prior_has_no_kl_and_is_not_active() -> None:
    rng = np.random.default_rng(0)
    mean = np.zeros((500, 3), dtype=np.float32)
    mean[:, 1] = 2 * rng.standard_normal(500)
    mean[:, 2] = 5.0  # the same for every frame
    logvar = np.zeros((500, 3), dtype=np.float32)
    usage = dimensions(Posteriors(mean, logvar))
    assert usage.active == 1
    assert usage.kl_nats[0] == 0.0
    assert usage.kl_nats[1] == pytest.approx(2.0, rel=0.1)  # half of 2 squared
    assert usage.kl_nats[2] == pytest.approx(12.5)
    assert usage.variance == pytest.approx([0.0, 4.0, 0.0], abs=0.5)


def test_a_true_map_is_trusted_fully_and_a_random_one_by_half() -> None:
    rng = np.random.default_rng(0)
    points = rng.standard_normal((300, 2))
    assert trustworthiness(points, 3 * points) == 1.0
    assert trustworthiness(points, rng.standard_normal((300, 2))) == pytest.approx(0.5, abs=0.03)


def test_trustworthiness_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    points = rng.standard_normal((120, 5))
    coords = points[:, :2] + 0.5 * rng.standard_normal((120, 2))
    for k in (3, 10):
        expected = sklearn_trustworthiness(points, coords, n_neighbors=k)
        assert trustworthiness(points, coords, k=k) == pytest.approx(expected)


def test_a_map_that_only_keeps_trajectories_together_is_seen_through() -> None:
    rng = np.random.default_rng(0)
    trajectory_ids = np.repeat(np.arange(30), 10)
    # In truth and on the map, frames of a trajectory lie together; where the map puts whole
    # trajectories has nothing to do with where they are.
    points = rng.standard_normal((30, 4))[trajectory_ids] + 0.01 * rng.standard_normal((300, 4))
    coords = rng.standard_normal((30, 2))[trajectory_ids] + 0.01 * rng.standard_normal((300, 2))
    assert trustworthiness(points, coords) > 0.95
    assert trustworthiness(points, coords, apart=trajectory_ids) < 0.7


def test_too_few_points_have_no_trustworthiness() -> None:
    assert np.isnan(trustworthiness(np.eye(6), np.eye(6)[:, :2]))


def test_channel_capacity_does_not_depend_on_the_scale_of_an_axis():
    rng = np.random.default_rng(0)
    mean = rng.normal(size=(4000, 3)).astype(np.float32) * [1.0, 10.0, 0.0]
    logvar = np.log(np.array([[1.0, 100.0, 1.0]])).repeat(4000, axis=0).astype(np.float32)
    nats = channel_capacity_nats(Posteriors(mean.astype(np.float32), logvar))
    assert nats == pytest.approx([np.log(2) / 2, np.log(2) / 2, 0.0], abs=0.02)
