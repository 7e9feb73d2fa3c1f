"""Measures of verification: how well log likelihood ratios tell same pairs from different ones.

cllr                cost of the ratios in bits, averaged over all priors: 0 at best, 1 for ratios
                    of 1 that tell nothing, above 1 where they mislead
min_cllr            what is left of it once the ratios are calibrated on these very pairs by
                    pool-adjacent-violators: how well they rank
equal_error_rate    where as many same pairs are rejected as different ones accepted
false_acceptance    different pairs accepted where 5 % of the same ones are rejected

A pair is accepted where its ratio is above a threshold; between two thresholds rates are
interpolated. Ratios are natural logs. A measure takes a `Tally` of pairs: of one for each of many
resamples it gives as many values, which is what makes a bootstrap quick.

Source: N. Bruemmer and J. du Preez, Application-independent evaluation of speaker detection,
Computer Speech and Language 20, 230, 2006.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

AT = 0.05  # false rejection at which false acceptance is given
# False rejections at which a detection curve is given, denser where it bends.
FALSE_REJECTIONS = (
    *(0.0, 0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08),
    *(0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
)
_MOST_BINS = 4096
_ROUNDING = 1e-12  # of a rate


@dataclass(frozen=True)
class Tally:
    """The weights of same and of different pairs at some log ratios, in ascending order.

    Axes before the last are of cells or of resamples.
    """

    ratios: Float64[np.ndarray, " values"]
    same: Float64[np.ndarray, "*n values"]
    different: Float64[np.ndarray, "*n values"]


def tally(
    same: Float64[np.ndarray, " same"],
    different: Float64[np.ndarray, " different"],
    same_weights: Float64[np.ndarray, " same"] | None = None,
    different_weights: Float64[np.ndarray, " different"] | None = None,
) -> Tally:
    """Count same and different pairs, by their finite log ratios; every pair alike by default."""
    ratios, rows = np.unique(np.concatenate([same, different]), return_inverse=True)
    return Tally(
        ratios,
        np.bincount(rows[: len(same)], same_weights, len(ratios)).astype(np.float64),
        np.bincount(rows[len(same) :], different_weights, len(ratios)).astype(np.float64),
    )


def tally_by_cell(
    same: Float64[np.ndarray, " same"],
    different: Float64[np.ndarray, " different"],
    same_cells: Int64[np.ndarray, " same"],
    different_cells: Int64[np.ndarray, " different"],
) -> Tally:
    """Count the pairs of each cell, [cells values]; `..._cells` holds the cell of a pair's query.

    The same pairs of a cell weigh 1 together, and so do its different ones: cells count alike,
    however many queries they have. More than 4,096 ratios are put into as many bins.
    """
    cells, rows = np.unique(np.concatenate([same_cells, different_cells]), return_inverse=True)
    ratios, same_bins, different_bins = common_bins(same, different, _MOST_BINS)

    def counted(rows: Int64[np.ndarray, " n"], bins: Int64[np.ndarray, " n"]) -> np.ndarray:
        shape = (len(cells), len(ratios))
        counts = np.bincount(rows * shape[1] + bins, minlength=shape[0] * shape[1]).reshape(shape)
        return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))

    return Tally(
        ratios,
        counted(rows[: len(same)], same_bins),
        counted(rows[len(same) :], different_bins),
    )


def common_bins(
    same: Float64[np.ndarray, " same"], different: Float64[np.ndarray, " different"], most: int
) -> tuple[
    Float64[np.ndarray, " bins"], Int64[np.ndarray, " same"], Int64[np.ndarray, " different"]
]:
    """Mean values of about `most` bins at quantiles of both kinds, and the bin of each value.

    Where there are not more values than that, each has a bin of its own.
    """
    everything = np.concatenate([same, different])
    edges = np.unique(everything)
    if len(edges) > most:
        steps = np.linspace(0, 1, most // 2)
        kinds = [
            np.quantile(kind, steps, method="lower") for kind in (same, different) if len(kind)
        ]
        edges = np.unique(np.concatenate(kinds))
    bins = np.maximum(np.searchsorted(edges, everything, side="right") - 1, 0)
    means = np.bincount(bins, everything, len(edges)) / np.bincount(bins, minlength=len(edges))
    return means, bins[: len(same)], bins[len(same) :]


def cllr(tally: Tally) -> Float64[np.ndarray, "*n"]:
    """The cost of the log ratios, in bits."""
    same = tally.same @ np.logaddexp(0, -tally.ratios) / tally.same.sum(axis=-1)
    different = tally.different @ np.logaddexp(0, tally.ratios) / tally.different.sum(axis=-1)
    return np.asarray((same + different) / (2 * np.log(2)))


def min_cllr(tally: Tally) -> Float64[np.ndarray, "*n"]:
    """The least cost that any monotone function of the ratios has, in bits."""
    from sklearn.isotonic import isotonic_regression

    def least(same: np.ndarray, different: np.ndarray) -> float:
        both = same + different
        found = both > 0
        posterior = isotonic_regression(
            same[found] / both[found], sample_weight=both[found], y_min=0, y_max=1
        )
        with np.errstate(divide="ignore"):
            bits = -np.log2(posterior), -np.log2(1 - posterior)
        kinds = zip((same[found], different[found]), bits, strict=True)
        return float(sum(weight[weight > 0] @ cost[weight > 0] for weight, cost in kinds) / 2)

    same = tally.same / tally.same.sum(axis=-1, keepdims=True)
    different = tally.different / tally.different.sum(axis=-1, keepdims=True)
    values = len(tally.ratios)
    rows = zip(same.reshape(-1, values), different.reshape(-1, values), strict=True)
    return np.array([least(*row) for row in rows]).reshape(same.shape[:-1])


def equal_error_rate(tally: Tally) -> Float64[np.ndarray, "*n"]:
    """The rate of false rejections where it is that of false acceptances, 0 to 1."""
    rejected, accepted = _rates(tally)
    return _read(rejected, rejected - accepted, 0.0)


def false_acceptance(tally: Tally, at: float = AT) -> Float64[np.ndarray, "*n"]:
    """The share of different pairs accepted where the share `at` of the same are rejected."""
    rejected, accepted = _rates(tally)
    return _read(accepted, rejected, at)


def detection_curve(tally: Tally) -> Float64[np.ndarray, "*n points"]:
    """The false acceptance at each of `FALSE_REJECTIONS`."""
    rejected, accepted = _rates(tally)
    return np.stack([_read(accepted, rejected, at) for at in FALSE_REJECTIONS], axis=-1)


def _rates(
    tally: Tally,
) -> tuple[Float64[np.ndarray, "*n thresholds"], Float64[np.ndarray, "*n thresholds"]]:
    """False rejections, 0 to 1, and false acceptances, 1 to 0, as the threshold rises."""

    def below(weights: np.ndarray) -> np.ndarray:
        total = np.cumsum(weights, axis=-1)
        start = np.zeros((*total.shape[:-1], 1))
        return np.concatenate([start, total / total[..., -1:]], axis=-1)

    return below(tally.same), 1 - below(tally.different)


def _read(
    values: Float64[np.ndarray, "*n thresholds"],
    along: Float64[np.ndarray, "*n thresholds"],
    at: float,
) -> Float64[np.ndarray, "*n"]:
    """The values where what they stand along, ascending, has come to `at`, interpolated."""
    last = along.shape[-1] - 1
    left = np.maximum((along <= at + _ROUNDING).sum(axis=-1, keepdims=True) - 1, 0)
    right = np.minimum(left + 1, last)
    start, end = (np.take_along_axis(along, ends, axis=-1) for ends in (left, right))
    rise = np.where(right > left, end - start, 1.0)
    part = np.clip((at - start) / rise, 0, 1)
    start, end = (np.take_along_axis(values, ends, axis=-1) for ends in (left, right))
    return np.asarray((start + part * (end - start))[..., 0])
