import numpy as np
import pytest

from morphcore.statistics.realisations import BIN, Realisations, class_scatter

BETWEEN, WITHIN, ALONG = np.diag([9.0, 1.0]), np.array([[1.0, 0.3], [0.3, 0.5]]), 0.05


def draw(classes: int = 400, realisations: int = 4, frames: int = 5, seed: int = 0) -> Realisations:
    """Frames about their realisation's mean, about their class's."""
    rng = np.random.default_rng(seed)
    shape = (classes, realisations, frames)
    features = rng.multivariate_normal([0, 0], BETWEEN, classes)[:, None, None]
    features = features + rng.multivariate_normal([0, 0], WITHIN, shape[:2])[:, :, None]
    features = features + np.sqrt(ALONG) * rng.standard_normal((*shape, 2))
    index = np.indices(shape)
    return Realisations(
        features.reshape(-1, 2),
        index[0].ravel(),
        np.full(features.size // 2, BIN / 2),
        (index[0] * realisations + index[1]).ravel(),
    )


def test_scatter_within_and_between_is_that_which_was_drawn() -> None:
    scatter = class_scatter(draw())
    within = WITHIN + ALONG / 5 * np.eye(2) + ALONG * 4 / 5 * np.eye(2)
    np.testing.assert_allclose(scatter.within, within, atol=0.08)
    np.testing.assert_allclose(scatter.between, BETWEEN, rtol=0.2, atol=0.4)
    assert (scatter.classes, scatter.freedom) == (400, 1200)


@pytest.mark.parametrize("frames", [1, 5, 40])
def test_near_copies_of_a_frame_do_not_shrink_the_scatter(frames: int) -> None:
    once = draw(frames=1)
    copies = Realisations(
        *(np.repeat(x, frames, axis=0) for x in vars(once).values())  # type: ignore[arg-type]
    )
    np.testing.assert_allclose(class_scatter(copies).within, class_scatter(once).within)


def test_times_of_different_bins_are_of_different_classes() -> None:
    frames = draw(classes=3)
    later = Realisations(
        frames.features + 100, frames.cells, frames.log_times + BIN, frames.trajectories
    )
    both = Realisations.joined([frames, later])
    np.testing.assert_allclose(class_scatter(both).within, class_scatter(frames).within)
    assert class_scatter(both).classes == 6


def test_classes_of_one_realisation_tell_nothing() -> None:
    frames = draw(realisations=1, classes=20)
    scatter = class_scatter(frames)
    assert scatter.classes == scatter.freedom == 0
    assert not scatter.within.any()
    mixed = Realisations.joined([draw(classes=10), _shifted(frames)])
    np.testing.assert_allclose(class_scatter(mixed).within, class_scatter(draw(classes=10)).within)


def _shifted(frames: Realisations) -> Realisations:
    return Realisations(
        frames.features, frames.cells + 1000, frames.log_times, frames.trajectories + 10_000
    )
