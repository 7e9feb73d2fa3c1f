"""Logistic curves with four parameters: the log odds of a thing, by a score, that level off.

    p = miss + (1 - miss - slip) / (1 + exp(-(slope score + offset))),    log odds = ln(p / (1 - p))

`miss` and `slip` are shares of answers that no score explains. Fitted to weighed scores of both
answers, for many resamples at once, with a weak prior that also ends the slope where scores are
separable.

Source: J. Copas, Binary regression models for contaminated data, J. R. Stat. Soc. B 50, 225, 1988.
"""

import numpy as np
from jaxtyping import Float, Float64

# What is known before: ln slope (of scores in quartile ranges), offset, logits of twice the shares.
_PRIOR_MEAN, _PRIOR_DEVIATION = np.array([0.5, 0.0, -5.0, -5.0]), np.array([2.0, 10.0, 2.0, 2.0])
_STEPS, _CONVERGED = 100, 1e-7  # nats


def log_odds(
    curves: Float64[np.ndarray, "curves 4"], scores: Float[np.ndarray, " n"]
) -> Float64[np.ndarray, "curves n"]:
    """The log odds of scores by each of some curves: slope, offset, miss and slip."""
    slope, offset, miss, slip = curves.T[:, :, None]
    logits = slope * scores + offset
    with np.errstate(divide="ignore"):
        same = np.logaddexp(np.log(miss), np.log1p(-slip) + logits)
        different = np.logaddexp(np.log1p(-miss), np.log(slip) + logits)
    return np.asarray(same - different)


def fit_curves(
    scores: Float64[np.ndarray, " bins"],
    same: Float64[np.ndarray, "draws bins"],
    different: Float64[np.ndarray, "draws bins"],
    *,
    cells: int,
) -> Float64[np.ndarray, "draws 4"]:
    """The curve of each draw: Fisher's scoring, damped as Levenberg and Marquardt do.

    The prior weighs as one cell among all does.
    """
    same = same / (2 * same.sum(axis=1, keepdims=True))
    different = different / (2 * different.sum(axis=1, keepdims=True))
    low, middle, high = np.quantile(scores, [0.25, 0.5, 0.75])
    spread = high - low or 1.0
    x = (scores - middle) / spread
    precision = 1 / (cells * _PRIOR_DEVIATION**2)

    def curves(theta: np.ndarray) -> np.ndarray:
        # Either share is below 1/2, so that curves rise.
        shares = 0.5 / (1 + np.exp(-theta[:, 2:]))
        return np.concatenate([np.exp(theta[:, :1]), theta[:, 1:2], shares], axis=1)

    def cost(theta: np.ndarray) -> np.ndarray:
        logits = log_odds(curves(theta), x)
        fit = same * np.logaddexp(0, -logits) + different * np.logaddexp(0, logits)
        return np.asarray(
            fit.sum(axis=1) + (precision * (theta - _PRIOR_MEAN) ** 2).sum(axis=1) / 2
        )

    theta = np.tile(_PRIOR_MEAN, (len(same), 1))
    damping, best = np.full(len(same), 1e-2), cost(theta)
    for _ in range(_STEPS):
        slope, offset, miss, slip = curves(theta).T[:, :, None]
        likely = 1 / (1 + np.exp(-np.clip(slope * x + offset, -50, 50)))
        p = np.clip(miss + (1 - miss - slip) * likely, 1e-12, 1 - 1e-12)
        rise = (1 - miss - slip) * likely * (1 - likely)
        change = np.stack(
            [
                rise * slope * x,
                rise,
                (1 - likely) * miss * (1 - 2 * miss),
                -likely * slip * (1 - 2 * slip),
            ],
            axis=1,
        )  # of p, by each of theta
        downhill = np.einsum("dtb,db->dt", change, same / p - different / (1 - p))
        downhill -= precision * (theta - _PRIOR_MEAN)
        information = (change * ((same + different) / (p * (1 - p)))[:, None]) @ change.mT
        information += np.eye(4) * precision
        damped = information + np.eye(4) * (
            damping[:, None, None] * np.einsum("dtt->dt", information)[:, None]
        )
        tried = theta + np.linalg.solve(damped, downhill[..., None])[..., 0]
        new = cost(tried)
        gained = best - new
        better = gained >= 0
        theta, best = np.where(better[:, None], tried, theta), np.where(better, new, best)
        damping = np.where(better, damping / 5, damping * 5)
        if np.abs(gained).max() < _CONVERGED:
            break
    fitted = curves(theta)
    fitted[:, 0] /= spread
    fitted[:, 1] -= fitted[:, 0] * middle
    return fitted
