"""The axes of a latent space: known answers on films whose scatter is known."""

import numpy as np
import pytest

from morphcore import scatter, sphering
from morphcore.scatter import Halves

LATENT = 4


def films(count: int = 6000, seed: int = 0, floor: float = 0.3) -> Halves:
    """Halves of films whose z is what they are like, and chance: wide along some axes."""
    rng = np.random.default_rng(seed)
    like = rng.normal(0, [3.0, 1.0, 1.0, 1.0], (count, LATENT))
    chance = rng.normal(0, np.sqrt(2), (2, count, LATENT)) * [0.5, 0.1, 2.0, floor]
    turn, _ = np.linalg.qr(rng.normal(size=(LATENT, LATENT)))
    left, right = ((like + each) @ turn for each in chance)
    zeros = np.zeros(count)
    return Halves(np.arange(count), left.astype(np.float32), right.astype(np.float32), zeros)


def test_along_the_axes_realisations_scatter_by_one_and_frames_the_most_along_the_first():
    of = films()
    along = sphering.halves(of, sphering.fit(of))
    d = scatter.apart(along)
    np.testing.assert_allclose(d.T @ d / (4 * len(d)), np.eye(LATENT), atol=5e-3)  # the floor
    middle = np.cov(((along.left + along.right) / 2).T)
    # Spread over scatter of the films above: (1 / 0.1)^2, (3 / 0.5)^2, (1 / 0.3)^2, (1 / 2)^2,
    # and what is left of chance in the middle of two halves.
    np.testing.assert_allclose(np.diag(middle), [101, 37, 12.1, 1.25], rtol=0.05)
    np.testing.assert_allclose(middle, np.diag(np.diag(middle)), atol=5e-3)


def test_distances_do_not_depend_on_the_coordinates_that_z_happens_to_have():
    of = films()
    mixed = np.random.default_rng(3).normal(size=(LATENT, LATENT))
    other = Halves(
        of.frame_ids,
        (of.left @ mixed).astype(np.float32),
        (of.right @ mixed).astype(np.float32),
        of.fraction_apart,
    )
    here = sphering.halves(of, sphering.fit(of)).left
    there = sphering.halves(other, sphering.fit(other)).left
    np.testing.assert_allclose(
        np.linalg.norm(here[:50] - here[50:100], axis=1),
        np.linalg.norm(there[:50] - there[50:100], axis=1),
        rtol=0.02,  # the floor is a share of a variance that does depend on them
    )


def test_composition_that_a_film_conserves_is_no_scatter():
    """One axis is the white fraction itself: halves differ in it, whole films do not."""
    of, rng = films(), np.random.default_rng(1)
    white = rng.normal(0, 0.1, len(of.frame_ids))
    left, right = of.left.copy(), of.right.copy()
    left[:, 3] += 50 * white / 2
    right[:, 3] -= 50 * white / 2
    mixed = Halves(of.frame_ids, left, right, white)
    np.testing.assert_allclose(scatter.apart(mixed), scatter.apart(of), atol=0.3)
    aware, blind = sphering.fit(mixed), sphering.fit(Halves(of.frame_ids, left, right, 0 * white))
    step = np.eye(LATENT, dtype=np.float32)[3:]
    near, far = (np.linalg.norm(sphering.places(step, axes)) for axes in (blind, aware))
    assert far > 2 * near


def test_the_way_back_is_the_inverse_and_variances_follow():
    axes = sphering.fit(films())
    z = np.random.default_rng(2).normal(size=(20, LATENT)).astype(np.float32)
    np.testing.assert_allclose(sphering.back(sphering.places(z, axes), axes), z, atol=1e-4)
    logvar = np.log(np.array([[0.1, 0.2, 0.3, 0.4]], dtype=np.float32))
    truth = np.diag(axes.T @ np.diag([0.1, 0.2, 0.3, 0.4]) @ axes)
    np.testing.assert_allclose(np.exp(sphering.deviations(logvar, axes))[0], truth, rtol=1e-5)


def test_an_axis_without_any_scatter_is_not_infinitely_telling():
    of = films(floor=0.0)
    axes = sphering.fit(of)
    assert np.isfinite(axes).all()
    along = sphering.halves(of, axes)
    assert np.ptp(along.left) < 10 / np.sqrt(sphering.FLOOR)


@pytest.mark.parametrize("count", [0, 1, LATENT])
def test_too_few_frames_are_told(count: int):
    of = films(count)
    with pytest.raises(sphering.TooFewHalves, match=f"{count} frames"):
        sphering.fit(of)


def test_a_z_that_never_differs_has_no_axes():
    same = np.ones((30, LATENT), dtype=np.float32)
    with pytest.raises(sphering.TooFewHalves):
        sphering.fit(Halves(np.arange(30), same, same, np.zeros(30)))
