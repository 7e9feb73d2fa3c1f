"""How discriminants are fitted: chosen by cross-validation over cells.

A fold's axes are fitted without its cells; frames of these are queries, frames of all other
trajectories the gallery. A hit is a frame of the query's own cell at about its time. What finds
most hits is taken, the first and among five in the mean: too few axes leave out what processes
differ in, and too many add noise; wide classes count what time does to a process as chance, which
helps where all processes go one way (the thin film) and hurts where they do not (the zoo); a large
ridge blurs what is measured well, and a small one trusts what is not. One after the other, each
with what was found before: width, ridge, and whether flipped pixels count as chance. These do
unless that costs hits beyond its error over cells, since what sees through noise is worth more than
what cross-validation over clean frames can tell.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

from morphcore.frames import evenly
from morphcore.statistics.likelihood_ratio import FOLDS, Transform
from morphcore.statistics.nearest import Groups, nearest
from morphcore.statistics.pairs import NEAR_IN_TIME
from morphcore.statistics.realisations import WIDTHS, Realisations

CANDIDATES = (2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32)
MOST_QUERIES = 1500  # of all folds
_NEAR = 5

# Of each kind of standardised features, as `DiscriminantConfig.ridge`.
Ridge = tuple[float, ...]
# The first is what widths are compared by.
OF_ONE_KIND: tuple[Ridge, ...] = ((3e-3,), (1e-3,), (3e-4,), (1e-4,), (3e-5,))
# Of learnt features and of fixed ones, which hold more by themselves: docs/trials.md.
OF_LEARNT_AND_FIXED: tuple[Ridge, ...] = (
    (3e-3, 3e-3),
    (0.1, 1e-3),
    (0.1, 3e-4),
    (0.1, 1e-4),
    (0.03, 1e-4),
    (0.03, 3e-5),
)


class Choice(NamedTuple):
    """How to fit discriminants."""

    axes: int
    width: float  # of a class, in ln t
    ridge: Ridge  # of each kind of features
    noise: bool = False  # whether what flipped pixels change counts as chance


# Gives the embedding of some frames along the axes chosen, the best first.
Fit = Callable[[Realisations, Choice], Transform]
_Hits = Float64[np.ndarray, "queries candidates"]


def choose_axes(
    frames: Realisations,
    fit: Fit,
    *,
    ridges: Sequence[Ridge] = OF_ONE_KIND,
    noise: bool = False,
    seed: int = 0,
) -> Choice:
    """Choose how `fit` is to fit; of `ridges`, and, where `noise`, with flipped pixels or without.

    Raises:
        TooFewRealisations: if `fit` raises it.
    """
    return cross_validate(frames, fit, ridges=ridges, noise=noise, seed=seed).choice


class CrossValidated(NamedTuple):
    """The choice that finds most, and its share of hits: the first and among five in the mean."""

    choice: Choice
    hits: float


def cross_validate(
    frames: Realisations,
    fit: Fit,
    *,
    ridges: Sequence[Ridge] = OF_ONE_KIND,
    noise: bool = False,
    seed: int = 0,
) -> CrossValidated:
    """Choose as `choose_axes`, and say how many hits the choice has.

    Raises:
        TooFewRealisations: if `fit` raises it.
    """
    folds = _Folds(frames, fit, seed)
    best = folds.best([Choice(CANDIDATES[-1], width, ridges[0]) for width in WIDTHS])
    best = folds.best([best._replace(ridge=ridge) for ridge in ridges])
    if noise:
        seeing_through = folds.best([best._replace(noise=True)])
        if not folds.is_worse(seeing_through, best):
            best = seeing_through
    return CrossValidated(best, folds.share(best))


class _Folds:
    """Cross-validated hits of choices; what was tried is kept."""

    def __init__(self, frames: Realisations, fit: Fit, seed: int) -> None:
        self._frames, self._fit = frames, fit
        cells = np.random.default_rng(seed).permutation(np.unique(frames.cells))
        self._folds = [cells[start::FOLDS] for start in range(FOLDS)]
        self._rows = [
            rows[evenly(len(rows), MOST_QUERIES // FOLDS)]
            for rows in (np.flatnonzero(np.isin(frames.cells, fold)) for fold in self._folds)
        ]
        self._kept: dict[tuple[float, Ridge, bool], _Hits] = {}

    def best(self, choices: Sequence[Choice]) -> Choice:
        """The best of these, with any number of axes; of equal ones the first."""
        hits = [self._hits(choice).sum(axis=0) for choice in choices]
        which, column = np.unravel_index(int(np.argmax(hits)), (len(choices), len(CANDIDATES)))
        return choices[int(which)]._replace(axes=CANDIDATES[column])

    def share(self, choice: Choice) -> float:
        """The share of hits among all queries."""
        return float(self._hits(choice)[:, CANDIDATES.index(choice.axes)].mean())

    def is_worse(self, choice: Choice, than: Choice) -> bool:
        """Whether a choice finds less, beyond twice the error of the difference over cells."""
        column, other = CANDIDATES.index(choice.axes), CANDIDATES.index(than.axes)
        apart = self._hits(choice)[:, column] - self._hits(than)[:, other]
        _, cell = np.unique(self._frames.cells[np.concatenate(self._rows)], return_inverse=True)
        of_cells = np.bincount(cell, apart) / np.bincount(cell)
        error = of_cells.std(ddof=1) / np.sqrt(len(of_cells)) if len(of_cells) > 1 else np.inf
        return bool(of_cells.mean() < -2 * error)

    def _hits(self, choice: Choice) -> _Hits:
        key = (choice.width, choice.ridge, choice.noise)
        if key not in self._kept:
            widest = choice._replace(axes=CANDIDATES[-1])
            scores = [
                _scores(self._frames, self._fit, fold, rows, widest)
                for fold, rows in zip(self._folds, self._rows, strict=True)
            ]
            self._kept[key] = np.concatenate(scores)
        return self._kept[key]


def _scores(
    frames: Realisations,
    fit: Fit,
    fold: Int64[np.ndarray, " cells"],
    rows: Int64[np.ndarray, " queries"],
    choice: Choice,
) -> _Hits:
    out = np.zeros((len(rows), len(CANDIDATES)))
    if not len(rows):
        return out
    others = frames[~np.isin(frames.cells, fold)]
    embedded = fit(others, choice)(frames.features).astype(np.float64)
    groups = Groups(frames.trajectories[rows], frames.trajectories)
    for column, axes in enumerate(CANDIDATES):
        near = nearest(embedded[rows, :axes], embedded[:, :axes], _NEAR, groups=groups).rows
        apart = np.abs(frames.log_times[near] - frames.log_times[rows][:, None])
        hits = (frames.cells[near] == frames.cells[rows][:, None]) & (apart < NEAR_IN_TIME)
        out[:, column] = (hits[:, 0] + hits.any(axis=1).astype(np.float64)) / 2
    return out
