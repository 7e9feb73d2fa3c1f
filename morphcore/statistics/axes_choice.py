"""The number of discriminants, chosen by cross-validation over cells.

A fold's axes are fitted without its cells; frames of these are queries, frames of all other
trajectories the gallery. A hit is a frame of the query's own cell at about its time. As many axes
are taken as find most hits, the first and among five in the mean: too few leave out what processes
differ in, and too many add noise.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float64, Int64

from morphcore.frames import evenly
from morphcore.statistics.likelihood_ratio import FOLDS, Transform
from morphcore.statistics.nearest import Groups, nearest
from morphcore.statistics.pairs import NEAR_IN_TIME
from morphcore.statistics.realisations import Realisations

CANDIDATES = (2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32)
MOST_QUERIES = 1500  # of all folds
_NEAR = 5


def choose_axes(
    frames: Realisations, fit: Callable[[Realisations, int], Transform], *, seed: int = 0
) -> int:
    """Choose how many axes to fit; `fit` gives the embedding along so many, the best first.

    Raises:
        TooFewRealisations: if `fit` raises it.
    """
    cells = np.unique(frames.cells)
    order = np.random.default_rng(seed).permutation(cells)
    scores = [_scores(frames, fit, order[start::FOLDS]) for start in range(FOLDS)]
    return CANDIDATES[int(np.concatenate(scores).sum(axis=0).argmax())]


def _scores(
    frames: Realisations,
    fit: Callable[[Realisations, int], Transform],
    fold: Int64[np.ndarray, " cells"],
) -> Float64[np.ndarray, "queries candidates"]:
    inside = np.isin(frames.cells, fold)
    rows = np.flatnonzero(inside)
    rows = rows[evenly(len(rows), MOST_QUERIES // FOLDS)]
    out = np.zeros((len(rows), len(CANDIDATES)))
    if not len(rows):
        return out
    embedded = fit(frames[~inside], CANDIDATES[-1])(frames.features).astype(np.float64)
    groups = Groups(frames.trajectories[rows], frames.trajectories)
    for column, axes in enumerate(CANDIDATES):
        near = nearest(embedded[rows, :axes], embedded[:, :axes], _NEAR, groups=groups).rows
        apart = np.abs(frames.log_times[near] - frames.log_times[rows][:, None])
        hits = (frames.cells[near] == frames.cells[rows][:, None]) & (apart < NEAR_IN_TIME)
        out[:, column] = (hits[:, 0] + hits.any(axis=1).astype(np.float64)) / 2
    return out
