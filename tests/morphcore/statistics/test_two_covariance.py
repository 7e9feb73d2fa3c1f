import numpy as np
import pytest
from scipy.stats import multivariate_normal

from morphcore.statistics.two_covariance import TwoCovariance


def _model(dims: int, rank: int, seed: int = 0) -> TwoCovariance:
    rng = np.random.default_rng(seed)
    apart, scatter = rng.standard_normal((dims, rank)), rng.standard_normal((dims, dims))
    return TwoCovariance(
        rng.standard_normal(dims), apart @ apart.T, scatter @ scatter.T + 0.1 * np.eye(dims)
    )


def _by_densities(model: TwoCovariance, sets: list[np.ndarray], within: list[float]) -> float:
    """The log ratio of two sets, from the density of all their frames as one long vector."""

    def log_density(frames: np.ndarray, scatter: np.ndarray) -> float:
        count = len(frames)
        covariance = np.kron(np.ones((count, count)), model.between)
        covariance += np.kron(np.diag(scatter), model.within)
        mean = np.tile(model.mean, count)
        return float(multivariate_normal.logpdf(frames.ravel(), mean, covariance))

    scatter = [np.full(len(one), times) for one, times in zip(sets, within, strict=True)]
    joint = log_density(np.concatenate(sets), np.concatenate(scatter))
    return joint - sum(log_density(*one) for one in zip(sets, scatter, strict=True))


@pytest.mark.parametrize(("dims", "rank"), [(1, 1), (2, 2), (3, 3), (3, 1), (2, 0)])
def test_the_ratio_is_that_of_the_densities(dims: int, rank: int) -> None:
    model, rng = _model(dims, rank), np.random.default_rng(1)
    a, b = 2 * rng.standard_normal((2, 6, dims))
    expected = [
        _by_densities(model, [a[row : row + 1], b[row : row + 1]], [1, 1]) for row in range(6)
    ]
    np.testing.assert_allclose(model.log_ratio(a, b), expected, atol=1e-9)
    larger = rng.uniform(0.5, 3, (2, 6))
    expected = [
        _by_densities(model, [a[row : row + 1], b[row : row + 1]], list(larger[:, row]))
        for row in range(6)
    ]
    ratio = model.log_ratio(a, b, within_a=larger[0], within_b=larger[1])
    np.testing.assert_allclose(ratio, expected, atol=1e-9)


def test_sets_are_compared_all_against_all() -> None:
    model, rng = _model(2, 2), np.random.default_rng(1)
    a, b = rng.standard_normal((4, 2)), rng.standard_normal((3, 2))
    ratio = model.log_ratio_of_sets(a, b, within_b=2.0)
    assert ratio == pytest.approx(_by_densities(model, [a, b], [1, 2]))
    assert model.log_ratio_of_sets(b, a, within_a=2.0) == pytest.approx(ratio)


def test_sets_of_one_frame_are_frames() -> None:
    model, (a, b) = _model(3, 3), np.random.default_rng(1).standard_normal((2, 1, 3))
    assert model.log_ratio_of_sets(a, b) == pytest.approx(model.log_ratio(a, b)[0])


def test_the_ratio_falls_with_the_distance_and_rises_with_how_rare_a_frame_is() -> None:
    model = TwoCovariance(np.zeros(2), np.diag([4.0, 4.0]), np.eye(2))
    away = np.stack([np.linspace(0, 5, 9), np.zeros(9)], axis=1)
    assert (np.diff(model.log_ratio(np.zeros((9, 2)), away)) < 0).all()
    assert (np.diff(model.log_ratio(away, away)) > 0).all()


def test_the_ratio_is_right_on_average() -> None:
    # The mean of p(a, b | one class) / (p(a) p(b)) over pairs of two classes is 1.
    model, rng = TwoCovariance(np.zeros(1), np.eye(1), np.eye(1)), np.random.default_rng(0)
    pairs = np.sqrt(2) * rng.standard_normal((2, 400_000, 1))
    assert np.exp(model.log_ratio(*pairs)).mean() == pytest.approx(1.0, abs=0.01)
