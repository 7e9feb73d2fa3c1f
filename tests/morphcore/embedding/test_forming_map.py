"""The map of a model that is training: its two widest directions, lying as the map before."""

import numpy as np
import pytest

from morphcore.embedding import forming_map


@pytest.fixture
def means() -> np.ndarray:
    spread = np.array([5.0, 2.0, 0.1, 0.1])
    return np.random.default_rng(0).normal(size=(50, 4)) * spread + 7


def test_places_are_the_two_widest_directions_of_unit_size(means: np.ndarray) -> None:
    places = forming_map.draw(means)
    assert (places.astype(np.float64) ** 2).sum(axis=1).mean() == pytest.approx(1.0, rel=1e-5)
    wide = abs(np.corrcoef(places[:, 0], means[:, 0])[0, 1])
    assert wide > 0.99
    assert abs(np.corrcoef(places[:, 1], means[:, 1])[0, 1]) > 0.99


def test_a_turned_latent_space_gives_the_same_map_as_before(means: np.ndarray) -> None:
    before = forming_map.draw(means)
    turned, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))
    np.testing.assert_allclose(forming_map.draw(3 * means @ turned, before), before, atol=1e-4)


def test_latents_that_are_all_alike_lie_in_the_middle() -> None:
    np.testing.assert_array_equal(forming_map.draw(np.ones((3, 4))), np.zeros((3, 2)))
    np.testing.assert_array_equal(forming_map.draw(np.ones((1, 1))), np.zeros((1, 2)))
