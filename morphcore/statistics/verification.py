"""Measures of verification: one process, or two?

Ratios are natural logarithms, of pairs that are of one process (`same`) and of two (`different`).

Source: N. Bruemmer and J. du Preez, Application-independent evaluation of speaker detection,
Computer Speech and Language 20, 230, 2006.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int64

from morphcore.statistics.bootstrap import MIDDLE, RESAMPLES, Figure, Interval

REJECTED = 0.05  # of same pairs, where false acceptance is read
# Where the curve is read: shares of same pairs that are rejected.
GRID: Float64[np.ndarray, " points"] = np.concatenate(
    [[0.0], np.geomspace(0.001, 1.0, 49)], dtype=np.float64
)
_STEPS = 400  # of a histogram, in equal shares of the same pairs
_LEAST = 1e-9  # a calibrated probability's distance from 0 and 1, so that its logarithm is finite


def cllr(same: Float[np.ndarray, " n"], different: Float[np.ndarray, " m"]) -> float:
    """The cost of log ratios in bits: 0 is perfect, and ratios that say nothing cost 1.

    >>> cllr(np.zeros(3), np.zeros(5))
    1.0
    """
    missed = np.logaddexp(0, -same).mean()
    accepted = np.logaddexp(0, different).mean()
    return float((missed + accepted) / (2 * np.log(2)))


def min_cllr(same: Float[np.ndarray, " n"], different: Float[np.ndarray, " m"]) -> float:
    """The least cost that any monotone calibration of these very scores has."""
    from sklearn.isotonic import IsotonicRegression

    scores = np.concatenate([same, different])
    truth = np.concatenate([np.ones(len(same)), np.zeros(len(different))])
    weights = np.where(truth, 1 / len(same), 1 / len(different))
    fitted = IsotonicRegression(y_min=0, y_max=1).fit(scores, truth, sample_weight=weights)
    share = np.clip(fitted.predict(scores), _LEAST, 1 - _LEAST)
    ratios = np.log(share / (1 - share))
    return cllr(ratios[: len(same)], ratios[len(same) :])


def equal_error_rate(same: Float[np.ndarray, " n"], different: Float[np.ndarray, " m"]) -> float:
    """The share of errors at the threshold where both kinds are equally frequent."""
    thresholds = np.unique(np.concatenate([same, different]))
    rejected = np.searchsorted(np.sort(same), thresholds) / len(same)
    accepted = 1 - np.searchsorted(np.sort(different), thresholds) / len(different)
    best = int(np.abs(rejected - accepted).argmin())
    return float((rejected[best] + accepted[best]) / 2)


def false_acceptance(
    same: Float[np.ndarray, " n"], different: Float[np.ndarray, " m"], at: float = REJECTED
) -> float:
    """The share of different pairs accepted where a share `at` of the same ones is rejected.

    >>> false_acceptance(np.arange(100.0), np.array([-1.0, 3.0, 50.0, 60.0]))
    0.5
    """
    return float((different >= np.quantile(same, at)).mean())


def detection_curve(
    same: Float[np.ndarray, " n"], different: Float[np.ndarray, " m"]
) -> Float64[np.ndarray, " points"]:
    """False acceptance at each false rejection of `GRID`."""
    thresholds = np.quantile(same, GRID)
    below = np.searchsorted(np.sort(different), thresholds, side="left")
    out: np.ndarray = 1 - below / len(different)
    return out


@dataclass(frozen=True)
class ScoredPairs:
    """Log ratios of pairs, and the cell that each pair's query is of."""

    same: Float64[np.ndarray, " n"]
    different: Float64[np.ndarray, " m"]
    same_cells: Int64[np.ndarray, " n"]
    different_cells: Int64[np.ndarray, " m"]

    def of(self, cells: Int64[np.ndarray, " cells"]) -> "ScoredPairs":
        """The pairs of queries of these cells alone."""
        same, different = (
            np.isin(owners, cells) for owners in (self.same_cells, self.different_cells)
        )
        return ScoredPairs(
            self.same[same],
            self.different[different],
            self.same_cells[same],
            self.different_cells[different],
        )

    def __bool__(self) -> bool:
        return bool(len(self.same) and len(self.different))


def false_acceptance_figure(pairs: ScoredPairs, *, seed: int) -> Figure:
    """False acceptance at 5 % false rejection, with an interval over cells."""
    value = false_acceptance(pairs.same, pairs.different)
    return Figure(value, _middle(_resampled(pairs, np.unique(pairs.same_cells), seed)))


def false_acceptance_ratio(ours: ScoredPairs, theirs: ScoredPairs, *, seed: int) -> Figure:
    """Our false acceptance over theirs on the same pairs: the same cells drawn for both."""
    cells = np.unique(ours.same_cells)
    quotient = false_acceptance(ours.same, ours.different) / max(
        _LEAST, false_acceptance(theirs.same, theirs.different)
    )
    drawn = [_resampled(pairs, cells, seed) for pairs in (ours, theirs)]
    return Figure(quotient, _middle(drawn[0] / np.maximum(drawn[1], _LEAST)))


def _middle(values: Float64[np.ndarray, " resamples"]) -> Interval | None:
    if not len(values):
        return None
    low, high = np.percentile(values, MIDDLE)
    return Interval(float(low), float(high))


def _resampled(
    pairs: ScoredPairs, cells: Int64[np.ndarray, " cells"], seed: int
) -> Float64[np.ndarray, " resamples"]:
    """False acceptance in resamples of the cells, by histograms of each cell's ratios."""
    if len(cells) < 2:
        return np.empty(0)
    edges = np.unique(np.quantile(pairs.same, np.linspace(0, 1, _STEPS)))
    weights = np.random.default_rng(seed).multinomial(
        len(cells), np.full(len(cells), 1 / len(cells)), size=RESAMPLES
    )

    def cumulated(
        ratios: Float64[np.ndarray, " n"], owners: Int64[np.ndarray, " n"]
    ) -> Float64[np.ndarray, "resamples steps"]:
        """Shares of the pairs that are below each of the edges, in every resample."""
        counts = np.zeros((len(cells), len(edges) + 1))
        bins = np.searchsorted(edges, ratios, side="right")
        known = np.isin(owners, cells)
        np.add.at(counts, (np.searchsorted(cells, owners[known]), bins[known]), 1)
        below = np.cumsum(weights @ counts, axis=1)
        out: np.ndarray = below[:, :-1] / np.maximum(below[:, -1:], 1)
        return out

    rejected = cumulated(pairs.same, pairs.same_cells)
    passed = 1 - cumulated(pairs.different, pairs.different_cells)
    at = np.minimum((rejected < REJECTED).sum(axis=1), len(edges) - 1)
    out: np.ndarray = passed[np.arange(RESAMPLES), at]
    return out
