"""Bootstrap intervals of metrics, by resampling whole trajectories.

Frames of one trajectory resemble each other, so trajectories are the unit that is drawn, with
replacement, as many as there are; the interval holds the middle 95 % of a metric over resamples.
Every metric here is a function of sums over queries ("moments"), so a resample costs one product
of matrices and no new search. Of two methods the difference is resampled, by the same draws for
both: an interval above 0 says that one is better on these trajectories, though the intervals of
their own figures overlap.

Source: B. Efron and R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float64, Int64

RESAMPLES = 1000
MIDDLE = (2.5, 97.5)  # per cent

Statistic = Callable[[np.ndarray], np.ndarray]  # [... moments] -> [...]
OfDraws = Callable[[np.ndarray], np.ndarray]  # how often each group counts, [... groups] -> [...]


class Interval(NamedTuple):
    """The ends of a 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True)
class Figure:
    """A figure with its interval; None where there are fewer than two trajectories to resample."""

    value: float
    interval: Interval | None = None


def share(
    hits: Bool[np.ndarray, " queries"], groups: Int64[np.ndarray, " queries"], *, seed: int
) -> Figure:
    """The share of queries that are hits, 0 to 1. `groups` holds each query's trajectory."""
    return ratio(hits.astype(np.float64), np.ones(len(hits)), groups, seed=seed)


def ratio(
    above: Float64[np.ndarray, " queries"],
    below: Float64[np.ndarray, " queries"],
    groups: Int64[np.ndarray, " queries"],
    *,
    seed: int,
) -> Figure:
    """The sum of `above` over the sum of `below`."""
    return _figure(np.stack([above, below], axis=1), groups, _quotient, seed)


def paired_difference(
    ours: Float64[np.ndarray, " queries"],
    theirs: Float64[np.ndarray, " queries"],
    groups: Int64[np.ndarray, " queries"],
    *,
    seed: int,
) -> Figure:
    """The mean score of one method less that of another, on the same queries."""
    return ratio(ours - theirs, np.ones(len(ours)), groups, seed=seed)


def r_squared(
    y_true: Float64[np.ndarray, " queries"],
    y_pred: Float64[np.ndarray, " queries"],
    groups: Int64[np.ndarray, " queries"],
    *,
    seed: int,
) -> Figure:
    """Coefficient of determination, 1 at best; below 0: worse than always predicting the mean.

    NaN where the truth is the same for all queries: there is nothing to predict.
    """
    centred = y_true - y_true.mean()
    moments = np.stack([np.ones_like(y_true), centred, centred**2, (y_true - y_pred) ** 2], axis=1)
    return _figure(moments, groups, _determination, seed)


def figure(of_draws: OfDraws, groups: int, seed: int) -> Figure:
    """A figure of all groups, each counted once, with its interval over resamples of them.

    `of_draws` gives it for draws that say how often each group counts; resamples for which it is
    not finite are left out.
    """
    value = float(of_draws(np.ones(groups)))
    if groups < 2:
        return Figure(value)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(groups, np.full(groups, 1 / groups), size=RESAMPLES)
    values = of_draws(drawn)
    values = values[np.isfinite(values)]
    if not len(values):
        return Figure(value)
    low, high = np.percentile(values, MIDDLE)
    return Figure(value, Interval(float(low), float(high)))


def _figure(
    moments: Float64[np.ndarray, "queries moments"],
    groups: Int64[np.ndarray, " queries"],
    statistic: Statistic,
    seed: int,
) -> Figure:
    _, group = np.unique(groups, return_inverse=True)
    count = int(group.max(initial=-1)) + 1
    sums = np.zeros((count, moments.shape[1]))
    np.add.at(sums, group, moments)
    return figure(lambda drawn: statistic(drawn @ sums), count, seed)


def _quotient(sums: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(sums[..., 0] / sums[..., 1])


def _determination(sums: np.ndarray) -> np.ndarray:
    count, first, second, errors = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = second - first**2 / count
        # What rounding leaves of a spread of nothing is nothing.
        spread = np.where(spread > 1e-12 * np.maximum(second, count), spread, np.nan)
        return np.asarray(1 - errors / spread)
