"""The axes of a latent space: known answers on films whose scatter is known."""

import numpy as np
import pytest

from morphcore.statistics import discriminants, split_half
from morphcore.statistics.split_half import Halves

SPREAD = np.array([3.0, 1.0, 1.0, 1.0])  # of what films are like
CHANCE = np.array([0.5, 0.1, 2.0, 0.3])  # of whole films; halves have sqrt(2) as much
FEATURES = len(SPREAD)


def films(count: int = 6000, seed: int = 0, chance: np.ndarray = CHANCE) -> Halves:
    """Halves of films whose features are what they are like, and chance, all mixed."""
    rng = np.random.default_rng(seed)
    like = rng.normal(0, SPREAD, (count, FEATURES))
    turn, _ = np.linalg.qr(rng.normal(size=(FEATURES, FEATURES)))
    left, right = (
        (like + rng.normal(0, np.sqrt(2), (count, FEATURES)) * chance) @ turn for _ in range(2)
    )
    return Halves(np.arange(count), left, right, np.zeros(count))


def test_along_the_axes_realisations_scatter_by_one_and_frames_most_along_the_first(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(discriminants, "FLOOR", 1e-9)
    monkeypatch.setattr(discriminants, "FINEST", 1e9)
    of = films()
    found = discriminants.fit_discriminants(of, FEATURES)
    left, right = found.transform(of.left), found.transform(of.right)
    d = (left - right).astype(np.float64)
    np.testing.assert_allclose(d.T @ d / (4 * len(d)), np.eye(FEATURES), atol=1e-4)
    middle = np.cov(((left + right) / 2).T)
    np.testing.assert_allclose(middle, np.diag(np.diag(middle)), atol=1e-2)
    # The spread over the scatter, squared, and what is left of chance in the middle of two halves.
    np.testing.assert_allclose(np.diag(middle), [101, 37, 12.1, 1.25], rtol=0.1)
    assert np.abs(np.concatenate([left, right]).mean(axis=0)).max() < 1e-3  # zero is the mean


def test_the_first_axes_are_the_same_when_fewer_are_asked_for():
    of = films()
    every, two = (discriminants.fit_discriminants(of, count) for count in (FEATURES, 2))
    np.testing.assert_allclose(two.scalings, every.scalings[:, :2])


def test_distances_do_not_depend_on_the_units_of_the_features():
    of = films()
    units = np.array([1.0, 1e3, 1e-3, 5.0])
    other = Halves(of.frame_ids, of.left * units + 7, of.right * units + 7, of.fraction_apart)
    here = discriminants.fit_discriminants(of, FEATURES).transform(of.left)
    there = discriminants.fit_discriminants(other, FEATURES).transform(other.left)
    np.testing.assert_allclose(here, there, atol=1e-3)


def test_composition_that_a_film_conserves_is_no_scatter():
    """One feature is the white fraction itself: halves differ in it, whole films do not."""
    of, rng = films(), np.random.default_rng(1)
    white = rng.normal(0, 0.1, len(of.frame_ids))
    left, right = of.left.copy(), of.right.copy()
    left[:, 3] += 50 * white / 2
    right[:, 3] -= 50 * white / 2
    mixed = Halves(of.frame_ids, left, right, white)
    blind = Halves(of.frame_ids, left, right, 0 * white)
    np.testing.assert_allclose(split_half.apart(mixed), split_half.apart(of), atol=0.3)
    step = np.eye(FEATURES)[3:]
    near, far = (
        float(np.linalg.norm(step @ discriminants.fit_discriminants(each, FEATURES).scalings))
        for each in (blind, mixed)
    )
    assert far > 2 * near


@pytest.mark.parametrize("floor", [discriminants.FLOOR, 1e-9])
def test_a_feature_that_halves_agree_in_is_not_infinitely_telling(
    monkeypatch: pytest.MonkeyPatch, floor: float
):
    """Along no axis is the variance between frames over FINEST; along others it hardly falls."""
    monkeypatch.setattr(discriminants, "FLOOR", floor)
    of = films(chance=CHANCE * [1, 0, 1, 1])
    found = discriminants.fit_discriminants(of, FEATURES)
    variance = ((found.transform(of.left) + found.transform(of.right)) / 2).var(axis=0)
    assert variance.max() <= discriminants.FINEST * 1.001
    if floor < discriminants.FLOOR:
        assert variance[0] > 0.9 * discriminants.FINEST
    finest = discriminants.FINEST
    monkeypatch.setattr(discriminants, "FINEST", 1e12)
    exact = discriminants.fit_discriminants(of, FEATURES)
    without = ((exact.transform(of.left) + exact.transform(of.right)) / 2).var(axis=0)
    np.testing.assert_allclose(variance, without / (1 + without / finest), rtol=1e-3)


def test_a_feature_that_never_differs_is_no_axis():
    of = films()
    flat = np.full((len(of.left), 1), 3.0)
    padded = Halves(
        of.frame_ids, np.hstack([of.left, flat]), np.hstack([of.right, flat]), of.fraction_apart
    )
    found = discriminants.fit_discriminants(padded, FEATURES + 1)
    assert found.scalings.shape == (FEATURES + 1, FEATURES)
    assert (found.scalings[-1] == 0).all()


def test_z_is_told_from_places_and_its_variance_goes_along():
    of, rng = films(), np.random.default_rng(2)
    by = rng.normal(size=(FEATURES, FEATURES))
    axes = discriminants.fit_embedding(of, of.left @ by + 1, of.right @ by + 1, np.zeros(FEATURES))
    np.testing.assert_allclose(
        axes.inverse_transform(axes.transform(of.left[:50])),
        of.left[:50] @ by + 1,
        rtol=1e-3,
        atol=1e-2,
    )
    # z + dz is at the places + dz @ place_by_z.
    moved = np.linalg.solve(by.T, np.eye(FEATURES)).T  # features of a step along each z
    steps = axes.transform(of.left[:1] + moved) - axes.transform(of.left[:1])
    variance = np.array([[0.1, 0.2, 0.3, 0.4]])
    np.testing.assert_allclose(
        np.exp(axes.logvar(np.log(variance)))[0], 1 + variance[0] @ steps**2, rtol=1e-2
    )


@pytest.mark.parametrize("count", [0, 1, FEATURES])
def test_too_few_frames_are_told(count: int):
    with pytest.raises(discriminants.TooFewHalves, match="frames do not determine"):
        discriminants.fit_discriminants(films(count), FEATURES)


def test_a_frame_that_is_cut_twice_is_still_one_frame():
    of = films(2 * FEATURES)
    twice = Halves(of.frame_ids % FEATURES, of.left, of.right, of.fraction_apart)
    with pytest.raises(discriminants.TooFewHalves, match=f"{FEATURES} frames do not determine"):
        discriminants.fit_discriminants(twice, FEATURES)
    assert discriminants.fit_discriminants(of, FEATURES).scalings.shape == (FEATURES, FEATURES)


def test_features_or_a_z_that_never_differ_have_no_axes():
    same = np.ones((30, FEATURES))
    with pytest.raises(discriminants.TooFewHalves):
        discriminants.fit_discriminants(Halves(np.arange(30), same, same, np.zeros(30)), FEATURES)
    of = films(30)
    with pytest.raises(discriminants.TooFewHalves):
        discriminants.fit_embedding(of, same, same, np.ones(FEATURES))


def test_what_a_roll_changes_is_not_looked_at():
    of = films()
    moved = np.random.default_rng(3).normal(size=(500, 1)) * [0.0, 0.0, 0.0, 1.0]
    before, after = (discriminants.fit_discriminants(of, FEATURES, each) for each in (None, moved))
    jitter = [np.linalg.norm(moved @ each.scalings, axis=1).mean() for each in (before, after)]
    assert jitter[1] < 0.5 * jitter[0]


def test_a_number_of_z_that_is_all_noise_makes_no_place_unsure():
    """z has one more number, hardly used: what it might say is lost in noise."""
    of, rng = films(), np.random.default_rng(4)
    z = [np.hstack([each, 1e-6 * rng.normal(size=(len(each), 1))]) for each in (of.left, of.right)]
    variance = np.array([0.01, 0.01, 0.01, 0.01, 1.0])
    axes = discriminants.fit_embedding(of, *z, variance)
    spread = axes.transform(of.left).var(axis=0)
    assert (np.exp(axes.logvar(np.log(variance[None])))[0] < 1 + spread).all()
