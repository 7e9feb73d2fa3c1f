"""How many discriminants, of classes how wide in time: chosen by cross-validation over cells.

A fold's axes are fitted without its cells; frames of these are queries, frames of all other
trajectories the gallery. A hit is a frame of the query's own cell at about its time. What finds
most hits is taken, the first and among five in the mean: too few axes leave out what processes
differ in, and too many add noise; wide classes count what time does to a process as chance, which
helps where all processes go one way (the thin film) and hurts where they do not (the zoo).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

from morphcore.frames import evenly
from morphcore.statistics.likelihood_ratio import FOLDS, Transform
from morphcore.statistics.nearest import Groups, nearest
from morphcore.statistics.pairs import NEAR_IN_TIME
from morphcore.statistics.realisations import BIN, Realisations

CANDIDATES = (2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32)
WIDTHS = (BIN, BIN / 2, BIN / 4)  # of ln t
MOST_QUERIES = 1500  # of all folds
_NEAR = 5


class Choice(NamedTuple):
    """How many axes to fit, and how wide the classes of these are in ln t."""

    axes: int
    width: float


# Gives the embedding of some frames along the axes chosen, the best first.
Fit = Callable[[Realisations, Choice], Transform]


def choose_axes(frames: Realisations, fit: Fit, *, seed: int = 0) -> Choice:
    """Choose the axes that `fit` is to fit.

    Raises:
        TooFewRealisations: if `fit` raises it.
    """
    return cross_validate(frames, fit, seed=seed).choice


class CrossValidated(NamedTuple):
    """The axes that find most hits, and the share of hits: the first and among five in the mean."""

    choice: Choice
    hits: float


def cross_validate(frames: Realisations, fit: Fit, *, seed: int = 0) -> CrossValidated:
    """Find the axes with most hits in cells that these are not fitted to, and how many they are.

    Raises:
        TooFewRealisations: if `fit` raises it.
    """
    cells = np.unique(frames.cells)
    order = np.random.default_rng(seed).permutation(cells)
    folds = [order[start::FOLDS] for start in range(FOLDS)]
    hits = np.stack(
        [
            np.concatenate([_scores(frames, fit, fold, width) for fold in folds]).mean(axis=0)
            for width in WIDTHS
        ]
    )
    width, count = np.unravel_index(int(np.argmax(hits)), hits.shape)
    return CrossValidated(Choice(CANDIDATES[count], WIDTHS[width]), float(hits.max()))


def _scores(
    frames: Realisations, fit: Fit, fold: Int64[np.ndarray, " cells"], width: float
) -> Float64[np.ndarray, "queries candidates"]:
    inside = np.isin(frames.cells, fold)
    rows = np.flatnonzero(inside)
    rows = rows[evenly(len(rows), MOST_QUERIES // FOLDS)]
    out = np.zeros((len(rows), len(CANDIDATES)))
    if not len(rows):
        return out
    embedded = fit(frames[~inside], Choice(CANDIDATES[-1], width))(frames.features).astype(
        np.float64
    )
    groups = Groups(frames.trajectories[rows], frames.trajectories)
    for column, axes in enumerate(CANDIDATES):
        near = nearest(embedded[rows, :axes], embedded[:, :axes], _NEAR, groups=groups).rows
        apart = np.abs(frames.log_times[near] - frames.log_times[rows][:, None])
        hits = (frames.cells[near] == frames.cells[rows][:, None]) & (apart < NEAR_IN_TIME)
        out[:, column] = (hits[:, 0] + hits.any(axis=1).astype(np.float64)) / 2
    return out
