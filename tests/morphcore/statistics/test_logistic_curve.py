import numpy as np
import pytest

from morphcore.statistics.logistic_curve import fit_curves, log_odds


def _weights(curve: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The shares of both answers at scores, by a curve; in all as many of one as of the other."""
    odds = np.exp(log_odds(curve[None], scores))
    return odds / (1 + odds), 1 / (1 + odds)  # [1 scores]


def test_a_curve_without_misses_is_a_line() -> None:
    scores = np.linspace(-50, 50, 11)
    line = log_odds(np.array([[2.0, -1.0, 0.0, 0.0]]), scores)
    np.testing.assert_allclose(line, [2 * scores - 1])


def test_a_curve_levels_off_at_its_shares() -> None:
    ends = log_odds(np.array([[2.0, 0.0, 0.1, 0.02]]), np.array([-1e4, 0.0, 1e4]))[0]
    middle = 0.1 + 0.88 / 2
    np.testing.assert_allclose(ends, np.log([0.1 / 0.9, middle / (1 - middle), 0.98 / 0.02]))


def test_the_curve_that_made_the_weights_is_found() -> None:
    scores = np.linspace(-6, 6, 601)
    truth = np.array([1.5, 0.0, 0.05, 0.05])
    fitted = fit_curves(scores, *_weights(truth, scores), cells=10_000)
    np.testing.assert_allclose(fitted[0], truth, atol=0.02)


def test_each_draw_has_its_own_curve() -> None:
    scores = np.linspace(-6, 6, 601)
    kinds = [_weights(np.array([slope, 0.0, 0.01, 0.01]), scores) for slope in (0.5, 2.0)]
    same, different = (np.concatenate(kind) for kind in zip(*kinds, strict=True))
    together = fit_curves(scores, same, different, cells=1000)
    assert together[0, 0] < together[1, 0]
    for row in range(2):
        alone = fit_curves(scores, same[[row]], different[[row]], cells=1000)
        np.testing.assert_allclose(together[row], alone[0], atol=0.02)


@pytest.mark.parametrize("gap", [0.0, 1.0])
def test_separable_scores_have_a_finite_slope(gap: float) -> None:
    scores = np.array([-2.0, -1.0, 1.0, 2.0]) * (1 + gap)
    same, different = np.array([[0, 0, 1.0, 1.0]]), np.array([[1.0, 1.0, 0, 0]])
    fitted = fit_curves(scores, same, different, cells=50)
    assert np.isfinite(fitted).all()
    assert (np.diff(log_odds(fitted, scores)[0]) > 0).all()
