"""Calibration of log likelihood ratios, learnt from the scores of pairs whose answer is known.

Same pairs and different ones weigh 1/2 each in a logistic regression on scores, so the log odds
that it gives are a log likelihood ratio. Its curve (`morphcore.statistics.logistic_curve`) levels
off where pairs that no score explains are the rule. A straight line is bent by those: with classes
and frames of Student's t distribution with 3 degrees of freedom, scored by the two-covariance
model, its Cllr on other cells is .72, the curve's .51, and .49 the least; with normal ones both are
within .005 of the least.

Pairs share cells: the interval is that over bootstrap resamples of *cells*, in which a pair of two
cells counts the product of how often either was drawn, and one within a cell as often as that.

How far the curve may be followed is a matter of how many pairs there were. The empirical lower and
upper bound: with one misleading pair more of each kind, acting on a ratio must at every threshold
up to the bound cost no more than acting on none. That one is a whole pair of cells among the
different pairs, and among the same ones a whole pair of realisations of a cell, or the cell where
realisations are not known; so no ratio is above their number. Beyond the bounds the answer is "at
least" or "at most".

Sources: N. Bruemmer and J. du Preez, Computer Speech and Language 20, 230, 2006; T. Snijders and
S. Borgatti, Connections 22, 161, 1999 (resamples of pairs); P. Vergeer, A. van Es, A. de Jongh,
I. Alberink and R. Stoel, Numerical likelihood ratios outputted by LR systems are often based on
extrapolation: when to stop extrapolating?, Science and Justice 56, 482, 2016.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int64

from morphcore.errors import MorphError
from morphcore.statistics.bootstrap import MIDDLE
from morphcore.statistics.logistic_curve import fit_curves, log_odds
from morphcore.statistics.verification import Tally, common_bins, tally

DRAWS = 400
_BINS = 1024  # of scores
_AT_ONCE = 50  # draws whose pairs are weighed together: of 100,000 pairs 40 MB


class TooFewPairs(MorphError):
    """There are no pairs of two cells, or of one, to learn a calibration from."""


@dataclass(frozen=True)
class LogRatios:
    """Natural logs of likelihood ratios, each with the 95 % interval of its calibration."""

    value: Float64[np.ndarray, " n"]
    low: Float64[np.ndarray, " n"]
    high: Float64[np.ndarray, " n"]
    capped: Int64[np.ndarray, " n"]  # 1: at least `value`; -1: at most; 0: within the bounds


@dataclass(frozen=True)
class RatioCalibration:
    """A curve from scores to ln ratios, draws of it, and the bounds of what it can know.

    A curve is its slope (above 0), its offset, and the shares `miss` and `slip`.
    """

    curve: Float64[np.ndarray, " 4"]
    draws: Float64[np.ndarray, "draws 4"]
    lower: float  # ln ratio, 0 or less
    upper: float  # ln ratio, 0 or more

    def log_ratios(self, scores: Float[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
        """Calibrate scores, within the bounds."""
        return np.asarray(np.clip(log_odds(self.curve[None], scores)[0], self.lower, self.upper))

    def apply(self, scores: Float[np.ndarray, " n"]) -> LogRatios:
        """Calibrate scores, within the bounds, with intervals."""
        value = log_odds(self.curve[None], scores)[0]
        low, high = np.percentile(log_odds(self.draws, scores), MIDDLE, axis=0)
        capped = (value > self.upper).astype(np.int64) - (value < self.lower)
        value, low, high = np.clip([value, low, high], self.lower, self.upper)
        return LogRatios(value, low, high, capped)

    def to_dict(self) -> dict[str, Float64[np.ndarray, "..."]]:
        """Plain arrays by name, to be saved with a model."""
        bounds = np.array([self.lower, self.upper])
        return {"curve": self.curve, "draws": self.draws, "bounds": bounds}

    @classmethod
    def from_dict(cls, arrays: Mapping[str, Float64[np.ndarray, "..."]]) -> "RatioCalibration":
        """The calibration that `to_dict` gave."""
        lower, upper = (float(bound) for bound in arrays["bounds"])
        return cls(arrays["curve"], arrays["draws"], lower, upper)


def fit_calibration(
    same: Float[np.ndarray, " same"],
    different: Float[np.ndarray, " different"],
    *,
    same_cells: Int64[np.ndarray, " same"],
    different_cells: Int64[np.ndarray, "different 2"],
    same_realisations: Int64[np.ndarray, "same 2"] | None = None,
    rng: np.random.Generator,
) -> RatioCalibration:
    """Fit the calibration to scores that rise with similarity; `..._cells` are those of each pair.

    `same_realisations`, the two that a same pair is of, say how many of them are independent.

    Cells (of different pairs the first one) count alike, however many pairs they have. Where scores
    tell nothing, or are higher for different pairs, ratios are near 1 and bounded by it.

    Raises:
        TooFewPairs: if there is no pair of one of the two kinds.
    """
    if not len(same) or not len(different):
        raise TooFewPairs("A calibration needs pairs of frames of one cell, and of two cells.")
    same, different = same.astype(np.float64), different.astype(np.float64)
    cells, rows = np.unique(np.append(same_cells, different_cells), return_inverse=True)
    of_same, of_different = rows[: len(same)], rows[len(same) :].reshape(-1, 2)
    counts = rng.multinomial(len(cells), np.full(len(cells), 1 / len(cells)), size=DRAWS)
    counts = np.concatenate([np.ones((1, len(cells)), dtype=counts.dtype), counts])
    scores, same_bins, different_bins = common_bins(same, different, _BINS)
    alike_same, alike_different = _alike(of_same), _alike(of_different[:, 0])
    weights = [
        _binned(counts, of_same[:, None], alike_same, same_bins, len(scores)),
        _binned(counts, of_different, alike_different, different_bins, len(scores)),
    ]
    # A resample may lack one kind: with two cells, it may be one of them twice.
    usable = np.logical_and(*(kind.sum(axis=1) > 0 for kind in weights))
    curves = fit_curves(scores, *(kind[usable] for kind in weights), cells=len(cells))
    known = tally(same, different, alike_same, alike_different)
    ratios = Tally(log_odds(curves[:1], known.ratios)[0], known.same, known.different)
    different_count = _distinct(of_different)
    same_count = _distinct(of_same[:, None] if same_realisations is None else same_realisations)
    turned = Tally(-ratios.ratios[::-1], ratios.different[::-1], ratios.same[::-1])
    return RatioCalibration(
        curve=curves[0],
        draws=curves[1:],
        lower=-upper_bound(turned, different_count, same_count),
        upper=upper_bound(ratios, same_count, different_count),
    )


def upper_bound(ratios: Tally, same_count: int, different_count: int) -> float:
    """The largest ln ratio that pairs support, 0 or more: the empirical upper bound.

    Of the same pairs there are `same_count` that are independent, of the different ones
    `different_count`. That of two exchanged kinds with ratios of other sign is the lower bound.
    """
    # Of thresholds from one ratio up to the next, and of those above the last.
    below = np.concatenate([[0.0], np.cumsum(ratios.same) / ratios.same.sum()])
    above = 1 - np.concatenate([[0.0], np.cumsum(ratios.different) / ratios.different.sum()])
    hits = (1 - below) * same_count / (same_count + 1)
    misleading = (np.maximum(above, 0) * different_count + 1) / (different_count + 1)
    with np.errstate(divide="ignore"):
        supported = np.log(np.maximum(hits, 0)) - np.log(misleading)
    start = np.maximum(np.append(-np.inf, ratios.ratios), 0.0)
    end = np.append(ratios.ratios, np.inf)
    fails = (end > 0) & (supported < end)
    return float(np.maximum(start, supported)[fails].min())


def _distinct(members: Int64[np.ndarray, "pairs members"]) -> int:
    """How many different pairs there are, in whichever order their members stand."""
    return len(np.unique(np.sort(members, axis=1), axis=0))


def _alike(cells: Int64[np.ndarray, " pairs"]) -> Float64[np.ndarray, " pairs"]:
    """Weights by which each cell's pairs weigh 1 together."""
    return np.asarray(1 / np.bincount(cells)[cells])


def _binned(
    counts: Int64[np.ndarray, "draws cells"],
    cells: Int64[np.ndarray, "pairs members"],
    weights: Float64[np.ndarray, " pairs"],
    bins: Int64[np.ndarray, " pairs"],
    most: int,
) -> Float64[np.ndarray, "draws bins"]:
    """The weight of pairs in each bin: their own, times the counts of their members' cells."""
    order = np.argsort(bins, kind="stable")
    found, starts = np.unique(bins[order], return_index=True)
    out = np.zeros((len(counts), most))
    for begin in range(0, len(counts), _AT_ONCE):
        drawn = counts[begin : begin + _AT_ONCE]
        weighed = drawn[:, cells[order]].prod(axis=2) * weights[order]
        out[begin : begin + _AT_ONCE, found] = np.add.reduceat(weighed, starts, axis=1)
    return out
