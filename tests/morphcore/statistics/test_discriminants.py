"""Linear discriminants: known answers on halves of frames whose scatter is known."""

import numpy as np
import pytest

from morphcore.statistics import discriminants, split_half
from morphcore.statistics.discriminants import DiscriminantConfig, Nuisances
from morphcore.statistics.realisations import Realisations, class_scatter
from morphcore.statistics.split_half import Halves

SPREAD = np.array([3.0, 1.0, 1.0, 1.0])  # of the features of frames
CHANCE = np.array([0.5, 0.1, 2.0, 0.3])  # of whole frames; halves have sqrt(2) as much
FEATURES = len(SPREAD)


def draw_halves(count: int = 6000, seed: int = 0, chance: np.ndarray = CHANCE) -> Halves:
    """Halves of frames whose features are their own and chance, all mixed."""
    rng = np.random.default_rng(seed)
    like = rng.normal(0, SPREAD, (count, FEATURES))
    turn, _ = np.linalg.qr(rng.normal(size=(FEATURES, FEATURES)))
    left, right = (
        (like + rng.normal(0, np.sqrt(2), (count, FEATURES)) * chance) @ turn for _ in range(2)
    )
    return Halves(np.arange(count), left, right, np.zeros(count))


def test_along_the_axes_realisations_scatter_by_one_and_frames_most_along_the_first():
    config = DiscriminantConfig(ridge=1e-9, most_variance=1e9)
    halves = draw_halves()
    fitted = discriminants.fit_discriminants(halves, FEATURES, config=config)
    left, right = fitted.transform(halves.left), fitted.transform(halves.right)
    d = (left - right).astype(np.float64)
    np.testing.assert_allclose(d.T @ d / (4 * len(d)), np.eye(FEATURES), atol=1e-4)
    middle = np.cov(((left + right) / 2).T)
    np.testing.assert_allclose(middle, np.diag(np.diag(middle)), atol=1e-2)
    # The spread over the scatter, squared, and what is left of chance in the middle of two halves.
    np.testing.assert_allclose(np.diag(middle), [101, 37, 12.1, 1.25], rtol=0.1)
    assert np.abs(np.concatenate([left, right]).mean(axis=0)).max() < 1e-3  # zero is the mean


def test_the_first_axes_are_the_same_when_fewer_are_asked_for():
    halves = draw_halves()
    every, two = (discriminants.fit_discriminants(halves, count) for count in (FEATURES, 2))
    np.testing.assert_allclose(two.scalings, every.scalings[:, :2])


def test_distances_do_not_depend_on_the_units_of_the_features():
    halves = draw_halves()
    units = np.array([1.0, 1e3, 1e-3, 5.0])
    rescaled = Halves(
        halves.frame_ids, halves.left * units + 7, halves.right * units + 7, halves.fraction_apart
    )
    embedding = discriminants.fit_discriminants(halves, FEATURES).transform(halves.left)
    of_rescaled = discriminants.fit_discriminants(rescaled, FEATURES).transform(rescaled.left)
    np.testing.assert_allclose(embedding, of_rescaled, atol=1e-3)


def test_composition_that_a_frame_conserves_is_no_scatter():
    """One feature is the white fraction itself: halves differ in it, whole frames do not."""
    halves, rng = draw_halves(), np.random.default_rng(1)
    white = rng.normal(0, 0.1, len(halves.frame_ids))
    left, right = halves.left.copy(), halves.right.copy()
    left[:, 3] += 50 * white / 2
    right[:, 3] -= 50 * white / 2
    mixed = Halves(halves.frame_ids, left, right, white)
    blind = Halves(halves.frame_ids, left, right, 0 * white)
    np.testing.assert_allclose(split_half.apart(mixed), split_half.apart(halves), atol=0.3)
    step = np.eye(FEATURES)[3:]
    near, far = (
        float(np.linalg.norm(step @ discriminants.fit_discriminants(variant, FEATURES).scalings))
        for variant in (blind, mixed)
    )
    assert far > 2 * near


@pytest.mark.parametrize("ridge", [discriminants.DEFAULT.ridge, 1e-9])
def test_a_feature_that_halves_agree_in_has_no_infinite_weight(ridge: float):
    """Along no axis is the variance over `most_variance`; along others it hardly falls."""
    most = discriminants.DEFAULT.most_variance
    halves = draw_halves(chance=CHANCE * [1, 0, 1, 1])
    config = DiscriminantConfig(ridge=ridge)
    fitted = discriminants.fit_discriminants(halves, FEATURES, config=config)
    variance = ((fitted.transform(halves.left) + fitted.transform(halves.right)) / 2).var(axis=0)
    assert variance.max() <= most * 1.001
    if ridge < discriminants.DEFAULT.ridge:
        assert variance[0] > 0.9 * most
    config = DiscriminantConfig(ridge=ridge, most_variance=1e12)
    exact = discriminants.fit_discriminants(halves, FEATURES, config=config)
    without = ((exact.transform(halves.left) + exact.transform(halves.right)) / 2).var(axis=0)
    np.testing.assert_allclose(variance, without / (1 + without / most), rtol=1e-3)


def test_a_feature_that_never_differs_is_no_axis():
    halves = draw_halves()
    flat = np.full((len(halves.left), 1), 3.0)
    padded = Halves(
        halves.frame_ids,
        np.hstack([halves.left, flat]),
        np.hstack([halves.right, flat]),
        halves.fraction_apart,
    )
    fitted = discriminants.fit_discriminants(padded, FEATURES + 1)
    assert fitted.scalings.shape == (FEATURES + 1, FEATURES)
    assert (fitted.scalings[-1] == 0).all()


@pytest.mark.parametrize("count", [0, 1, FEATURES])
def test_too_few_frames_are_refused(count: int):
    with pytest.raises(discriminants.TooFewHalves, match="frames do not determine"):
        discriminants.fit_discriminants(draw_halves(count), FEATURES)


def test_a_frame_that_is_cut_twice_is_still_one_frame():
    halves = draw_halves(2 * FEATURES)
    twice = Halves(halves.frame_ids % FEATURES, halves.left, halves.right, halves.fraction_apart)
    with pytest.raises(discriminants.TooFewHalves, match=f"{FEATURES} frames do not determine"):
        discriminants.fit_discriminants(twice, FEATURES)
    assert discriminants.fit_discriminants(halves, FEATURES).scalings.shape == (FEATURES, FEATURES)


def test_features_that_never_differ_have_no_axes():
    same = np.ones((30, FEATURES))
    with pytest.raises(discriminants.TooFewHalves):
        discriminants.fit_discriminants(Halves(np.arange(30), same, same, np.zeros(30)), FEATURES)


@pytest.mark.parametrize("kind", ["rolled", "noisy"])
def test_what_a_nuisance_changes_is_not_looked_at(kind: str):
    halves = draw_halves()
    change = 5 * np.random.default_rng(3).normal(size=(500, 1)) * [0.0, 0.0, 0.0, 1.0]
    none = np.empty((0, FEATURES))
    nuisances = Nuisances(**({"rolled": none, "noisy": none} | {kind: change}))
    before, after = (
        discriminants.fit_discriminants(halves, FEATURES, known) for known in (None, nuisances)
    )
    jitter = [np.linalg.norm(change @ axes.scalings, axis=1).mean() for axes in (before, after)]
    assert jitter[1] < 0.5 * jitter[0]


def draw_realisations(classes: int = 300, seed: int = 0) -> Realisations:
    """Four realisations of each class, two frames of each, in features that are all mixed."""
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(np.random.default_rng(9).normal(size=(FEATURES, FEATURES)))
    like = rng.normal(0, SPREAD, (classes, 1, 1, FEATURES))
    chance = rng.normal(0, 1, (classes, 4, 1, FEATURES)) * CHANCE
    frames = (like + chance + np.zeros((classes, 4, 2, FEATURES))) @ turn
    index = np.indices(frames.shape[:3])
    return Realisations(
        frames.reshape(-1, FEATURES),
        index[0].ravel(),
        np.zeros(classes * 8),
        (index[0] * 4 + index[1]).ravel(),
    )


def test_by_realisations_each_scatters_by_one_along_every_axis():
    config = DiscriminantConfig(ridge=1e-9, most_variance=1e9)
    frames = draw_realisations()
    fitted = discriminants.fit_by_realisations(frames, FEATURES, config=config)
    scatter = class_scatter(frames.of(fitted.transform(frames.features)))
    np.testing.assert_allclose(scatter.within, np.eye(FEATURES), atol=1e-4)
    expected = np.sort((SPREAD / CHANCE) ** 2)[::-1]
    np.testing.assert_allclose(np.diag(scatter.between), expected, rtol=0.25)


def test_too_few_realisations_determine_no_axes():
    frames = draw_realisations(classes=FEATURES)
    fewer = discriminants.fit_by_realisations(frames, FEATURES)
    assert fewer.scalings.shape[1] == FEATURES - 1
    with pytest.raises(discriminants.TooFewRealisations, match="1 classes"):
        discriminants.fit_by_realisations(draw_realisations(classes=1), FEATURES)
    alone = frames[frames.trajectories % 4 == 0]
    with pytest.raises(discriminants.TooFewRealisations, match="0 classes"):
        discriminants.fit_by_realisations(alone, 1)
