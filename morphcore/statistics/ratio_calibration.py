"""Calibration of log ratios, learnt where the truth is known: how far can a ratio be believed?

    ln ratio = a score + b,    a, b minimise Cllr over same and different pairs of training cells

A model's own ratios are too sure: its Gaussians are not the truth, and its axes were chosen for what
they tell apart. The interval is that of a and b when whole cells are drawn anew. Beyond what the
pairs can support, no ratio is claimed: with n independent pairs of a kind none of which went wrong,
odds of about n to 1 are the most that can be known.

Source: N. Bruemmer and J. du Preez, Computer Speech and Language 20, 230, 2006; P. Vergeer et al.,
Numerical likelihood ratios outputted by LR systems are often based on extrapolation, Science and
Justice 56, 482, 2016.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64

from morphcore.errors import MorphError
from morphcore.statistics.bootstrap import MIDDLE
from morphcore.statistics.verification import ScoredPairs

DRAWS = 200  # of cells
LEAST_CELLS = 3
_STEPS = 30  # of Newton's method at most
_SHRINK = 1e-4  # pulls towards a = 1, b = 0: scores that part all pairs would want a without end
_UNCHANGED = np.array([1.0, 0.0])


class TooFewPairs(MorphError):
    """Too few cells, or no pairs of a kind, to calibrate ratios."""


class LogRatios(NamedTuple):
    """Calibrated natural-log ratios with 95 % intervals, and which ones were cut to the bounds."""

    value: Float64[np.ndarray, " n"]
    low: Float64[np.ndarray, " n"]
    high: Float64[np.ndarray, " n"]
    capped: Bool[np.ndarray, " n"]


@dataclass(frozen=True)
class RatioCalibration:
    """An affine calibration, its draws, and the bounds of what can be claimed."""

    slope: float
    offset: float
    draws: Float64[np.ndarray, "draws 2"]  # slope and offset
    lower: float  # natural logarithms
    upper: float
    cells: int  # that it was learnt from

    def apply(self, scores: Float[np.ndarray, " n"]) -> LogRatios:
        """Calibrate a model's log ratios."""
        raw = self.slope * scores + self.offset
        drawn = self.draws[:, :1] * scores + self.draws[:, 1:]
        low, high = np.percentile(drawn, MIDDLE, axis=0)
        bounds = self.lower, self.upper
        return LogRatios(
            np.clip(raw, *bounds),
            np.clip(np.minimum(low, raw), *bounds),
            np.clip(np.maximum(high, raw), *bounds),
            (raw < self.lower) | (raw > self.upper),
        )


def calibrate(pairs: ScoredPairs, *, seed: int = 0) -> RatioCalibration:
    """Learn a calibration from a model's scores of pairs.

    Raises:
        TooFewPairs: if there are no pairs of a kind, or of fewer than three cells.
    """
    cells = np.unique(pairs.same_cells)
    if not pairs or len(cells) < LEAST_CELLS:
        raise TooFewPairs(f"{len(cells)} cells do not calibrate ratios; {LEAST_CELLS} do.")
    slope, offset = _fit(pairs, np.ones(len(pairs.same)), np.ones(len(pairs.different)))
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(DRAWS):
        counts = np.bincount(rng.integers(0, len(cells), len(cells)), minlength=len(cells))
        weights = (
            _weights(counts, cells, owners) for owners in (pairs.same_cells, pairs.different_cells)
        )
        draws.append(_fit(pairs, *weights, start=(slope, offset)))
    independent = np.log(_independent(pairs))
    return RatioCalibration(
        slope, offset, np.array(draws), float(-independent[0]), float(independent[1]), len(cells)
    )


def _independent(pairs: ScoredPairs) -> tuple[float, float]:
    """How many same and different pairs there are, those that share both cells and more as one.

    Frames of one cell at near times are near copies, so a cell's pairs count as their square root.
    """
    counts = [
        np.unique(owners, return_counts=True)[1]
        for owners in (pairs.same_cells, pairs.different_cells)
    ]
    return float(np.sqrt(counts[0]).sum()), float(np.sqrt(counts[1]).sum())


def _weights(
    counts: Int64[np.ndarray, " cells"],
    cells: Int64[np.ndarray, " cells"],
    owners: Int64[np.ndarray, " n"],
) -> Float64[np.ndarray, " n"]:
    rows = np.minimum(np.searchsorted(cells, owners), len(cells) - 1)
    out: np.ndarray = np.where(cells[rows] == owners, counts[rows], 0).astype(np.float64)
    return out


def _fit(
    pairs: ScoredPairs,
    same_weights: Float64[np.ndarray, " n"],
    different_weights: Float64[np.ndarray, " m"],
    start: tuple[float, float] = (1.0, 0.0),
) -> tuple[float, float]:
    """Weighted logistic regression with both kinds equally heavy, by Newton's method."""
    x = np.concatenate([pairs.same, pairs.different])
    sign = np.concatenate([np.ones(len(pairs.same)), -np.ones(len(pairs.different))])
    weights = np.concatenate(
        [
            same_weights / max(same_weights.sum(), 1e-12),
            different_weights / max(different_weights.sum(), 1e-12),
        ]
    )
    kept = weights > 0
    x, sign, weights = x[kept], sign[kept], weights[kept]
    design = np.stack([x, np.ones_like(x)], axis=1)
    beta = np.array(start)

    def cost(at: Float64[np.ndarray, "2"]) -> float:
        losses = np.logaddexp(0, -sign * (design @ at))
        return float(weights @ losses + _SHRINK / 2 * ((at - _UNCHANGED) ** 2).sum())

    now = cost(beta)
    for _ in range(_STEPS):
        wrong = 1 / (1 + np.exp(np.clip(sign * (design @ beta), -50, 50)))
        gradient = _SHRINK * (beta - _UNCHANGED) - design.T @ (weights * wrong * sign)
        curvature = design.T @ (design * (weights * wrong * (1 - wrong))[:, None])
        step = np.linalg.solve(curvature + _SHRINK * np.eye(2), gradient)
        length = 1.0
        while (after := cost(beta - length * step)) > now and length > 1e-6:
            length /= 2
        beta = beta - length * step
        if now - after < 1e-7:
            break
        now = after
    return max(float(beta[0]), 0.0), float(beta[1])
