"""The likelihood ratio that one process made two frames: its model, and its calibration.

The calibration is cross-validated over cells: the axes and covariances of a fold are fitted without
its cells, and score pairs of these. So it holds for processes that no axis was chosen for, as a
user's are. The ratio looks at as many of the first axes, and takes for chance what differs within
classes as wide in ln t, as tell pairs of those folds best (least minimum of Cllr): what helps to
find a process again may be no evidence. Along the other axes B is 0, and they say nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64

from morphcore.errors import MorphError
from morphcore.frames import evenly
from morphcore.statistics.pairs import Pairs, verification_pairs
from morphcore.statistics.ratio_calibration import LogRatios, RatioCalibration, fit_calibration
from morphcore.statistics.realisations import BIN, WIDTHS, Realisations, class_scatter
from morphcore.statistics.two_covariance import Scatter, TwoCovariance
from morphcore.statistics.verification import min_cllr, tally

FOLDS = 4
LEAST_CELLS = 3
TRIED = (2, 3, 4, 6, 8, 12, 16, 24, 32)  # axes; of fewer, all
MOST_QUERIES = 4000  # of all folds
_RIDGE = 1e-6  # of W, which has 1 along every axis

Transform = Callable[[Float[np.ndarray, "n features"]], Float32[np.ndarray, "n axes"]]


class TooFewCells(MorphError):
    """Too few cells to learn from some of them what a ratio is worth on others."""


@dataclass(frozen=True)
class LikelihoodRatio:
    """Log ratios of pairs of embedded frames, calibrated."""

    model: TwoCovariance
    calibration: RatioCalibration

    def of_pairs(
        self,
        a: Float[np.ndarray, "n axes"],
        b: Float[np.ndarray, "n axes"],
        *,
        within_a: Scatter = 1.0,
        within_b: Scatter = 1.0,
    ) -> LogRatios:
        """The ratios of pairs of frames, row by row.

        `within_a` and `within_b` multiply the scatter within a process: 2 for half the area.
        """
        scores = self.model.log_ratio(a, b, within_a=within_a, within_b=within_b)
        return self.calibration.apply(scores)

    def of_sets(
        self,
        a: Float[np.ndarray, "n axes"],
        b: Float[np.ndarray, "m axes"],
        *,
        within_a: float = 1.0,
        within_b: float = 1.0,
    ) -> LogRatios:
        """The ratio of two sets of frames, each of one sample, in a single row."""
        score = self.model.log_ratio_of_sets(a, b, within_a=within_a, within_b=within_b)
        return self.calibration.apply(np.array([score]))


def two_covariance(
    frames: Realisations, area: float = 1.0, axes: int | None = None, width: float = BIN
) -> TwoCovariance:
    """Fit the covariances of embedded frames, along the first `axes` alone where given.

    `area`: of these over that of the frames that the model is to be of; halves of frames have .5.
    `width` of a class in ln t, as in `class_scatter`.
    """
    scatter = class_scatter(frames, width)
    model = TwoCovariance(
        frames.features.mean(axis=0, dtype=np.float64),
        scatter.between,
        area * scatter.within + _RIDGE * np.eye(len(scatter.within)),
    )
    return model if axes is None else _along(model, axes)


def _along(model: TwoCovariance, axes: int) -> TwoCovariance:
    """The model of the first axes: beyond them processes do not differ, and W is apart."""
    first = np.arange(len(model.mean)) < axes
    both = first[:, None] & first
    within = np.where(both, model.within, np.diag(np.diag(model.within)))
    return TwoCovariance(model.mean, np.where(both, model.between, 0.0), within)


def fit_likelihood_ratio(
    frames: Realisations,
    fit: Callable[[Realisations], Transform],
    *,
    area: float = 1.0,
    seed: int = 0,
) -> LikelihoodRatio:
    """Fit the model to frames by their features, and calibrate it by folds of their cells.

    `fit` gives the embedding that some frames determine; `area` as in `two_covariance`.

    Raises:
        TooFewCells: if there are fewer than three cells.
        TooFewPairs: if no cell has two realisations.
        TooFewRealisations: if `fit` raises it.
    """
    cells = np.unique(frames.cells)
    if len(cells) < LEAST_CELLS:
        raise TooFewCells(f"{len(cells)} cells do not calibrate a ratio; {LEAST_CELLS} do.")
    rng = np.random.default_rng(seed)
    order = rng.permutation(cells)
    folds = [_scored(frames, fit, order[start::FOLDS], rng) for start in range(FOLDS)]
    folds = [fold for fold in folds if fold.same]
    tried = sorted(set.intersection(*(set(fold.same) for fold in folds)))
    kinds = [[getattr(fold, kind) for fold in folds] for kind in ("same", "different")]

    def scores(view: _View) -> list[Float64[np.ndarray, " n"]]:
        return [np.concatenate([of_fold[view] for of_fold in kind]) for kind in kinds]

    view = _View(BIN, max(view.axes for view in tried))
    if all(len(each) for each in scores(view)):
        view = min(tried, key=lambda view: float(min_cllr(tally(*scores(view)))))
    same, different = scores(view)
    calibration = fit_calibration(
        same,
        different,
        same_cells=np.concatenate([fold.same_cells for fold in folds]),
        different_cells=np.concatenate([fold.different_cells for fold in folds]),
        same_realisations=np.concatenate([fold.same_realisations for fold in folds]),
        rng=rng,
    )
    whole = frames.of(fit(frames)(frames.features))
    return LikelihoodRatio(two_covariance(whole, area, view.axes, view.width), calibration)


class _View(NamedTuple):
    """How wide classes are in ln t, and how many of the first axes are looked at."""

    width: float
    axes: int


class _Scored(NamedTuple):
    """Scores of pairs by how they are looked at, with the cells of their members."""

    same: Mapping[_View, Float64[np.ndarray, " n"]]
    different: Mapping[_View, Float64[np.ndarray, " m"]]
    same_cells: Int64[np.ndarray, " n"]
    different_cells: Int64[np.ndarray, "m 2"]
    same_realisations: Int64[np.ndarray, "n 2"]


def _scored(
    frames: Realisations,
    fit: Callable[[Realisations], Transform],
    fold: Int64[np.ndarray, " cells"],
    rng: np.random.Generator,
) -> _Scored:
    """Score pairs of a fold's frames with frames of all cells, by what the other cells tell."""
    inside = np.isin(frames.cells, fold)
    rows = np.flatnonzero(inside)
    if not len(rows):
        none = np.empty((0, 2), dtype=np.int64)
        return _Scored({}, {}, none[:, 0], none, none)
    embedded = fit(frames[~inside])(frames.features)
    known = frames[~inside].of(embedded[~inside])
    rows = rows[evenly(len(rows), MOST_QUERIES // FOLDS)]
    pairs = verification_pairs(
        frames.cells[rows],
        frames.log_times[rows],
        frames.cells,
        frames.log_times,
        rng=rng,
        realisations=frames.trajectories[rows],
        gallery_realisations=frames.trajectories,
    )
    models = {
        _View(width, axes): _along(model, axes)
        for width, model in ((width, two_covariance(known, width=width)) for width in WIDTHS)
        for axes in {min(n, embedded.shape[1]) for n in TRIED}
    }

    def score(which: Pairs) -> Mapping[_View, Float64[np.ndarray, " n"]]:
        a, b = embedded[rows[which.query]], embedded[which.gallery]
        return {view: model.log_ratio(a, b) for view, model in models.items()}

    def both(which: Pairs, of: Int64[np.ndarray, " frames"]) -> Int64[np.ndarray, "n 2"]:
        return np.stack([of[rows[which.query]], of[which.gallery]], axis=1)

    return _Scored(
        score(pairs.same),
        score(pairs.different),
        both(pairs.same, frames.cells)[:, 0],
        both(pairs.different, frames.cells),
        both(pairs.same, frames.trajectories),
    )
