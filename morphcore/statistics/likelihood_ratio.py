"""The likelihood ratio that one process made two frames: its model, and its calibration.

The calibration is cross-validated over cells: the axes and covariances of a fold are fitted without
its cells, and score pairs of these. So it holds for processes that no axis was chosen for, as a
user's are.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

from morphcore.statistics.pairs import draw_pairs
from morphcore.statistics.ratio_calibration import LogRatios, RatioCalibration, calibrate
from morphcore.statistics.realisations import Realisations, class_scatter
from morphcore.statistics.two_covariance import TwoCovariance
from morphcore.statistics.verification import ScoredPairs

FOLDS = 4
MOST_QUERIES = 4000  # of all folds
_RIDGE = 1e-6  # of W, which has 1 along every axis

Transform = Callable[[Float[np.ndarray, "n features"]], Float32[np.ndarray, "n axes"]]


@dataclass(frozen=True)
class LikelihoodRatio:
    """Log ratios of pairs of embedded frames, calibrated."""

    model: TwoCovariance
    calibration: RatioCalibration

    def of_pairs(
        self,
        a: Float[np.ndarray, "n axes"],
        b: Float[np.ndarray, "n axes"],
        scatter_a: Float[np.ndarray, " n"] | float = 1.0,
        scatter_b: Float[np.ndarray, " n"] | float = 1.0,
    ) -> LogRatios:
        """The ratios of pairs of frames, row by row; the scatters as in `TwoCovariance`."""
        return self.calibration.apply(self.model.log_ratio(a, b, scatter_a, scatter_b))

    def of_sets(
        self,
        a: Float[np.ndarray, "n axes"],
        b: Float[np.ndarray, "m axes"],
        scatter_a: float = 1.0,
        scatter_b: float = 1.0,
    ) -> LogRatios:
        """The ratio of two sets of frames, of one sample each, in a single row."""
        score = self.model.log_ratio_of_sets(a, b, scatter_a, scatter_b)
        return self.calibration.apply(np.array([score]))


def two_covariance(frames: Realisations) -> TwoCovariance:
    """Fit the covariances of embedded frames."""
    scatter = class_scatter(frames)
    within = scatter.within + _RIDGE * np.eye(len(scatter.within))
    return TwoCovariance(
        frames.features.mean(axis=0, dtype=np.float64), scatter.between, within
    )


def fit_likelihood_ratio(
    frames: Realisations, fit: Callable[[Realisations], Transform], *, seed: int = 0
) -> LikelihoodRatio:
    """Fit the model to frames by their features, and calibrate it by folds of their cells.

    `fit` gives the embedding that some frames determine.

    Raises:
        TooFewPairs: if there are too few cells, or no two realisations of one.
        TooFewRealisations: if `fit` raises it.
    """
    whole = two_covariance(frames.of(fit(frames)(frames.features)))
    cells = np.unique(frames.cells)
    order = np.random.default_rng(seed).permutation(cells)
    folds = [np.sort(order[start::FOLDS]) for start in range(min(FOLDS, len(cells)))]
    return LikelihoodRatio(whole, calibrate(_join([_scores(frames, fit, f, seed) for f in folds])))


def _scores(
    frames: Realisations,
    fit: Callable[[Realisations], Transform],
    fold: np.ndarray,
    seed: int,
) -> ScoredPairs:
    """The scores of pairs of a fold's frames with frames of all cells."""
    inside = np.isin(frames.cells, fold)
    transform = fit(frames[~inside])
    embedded = transform(frames.features)
    model = two_covariance(frames[~inside].of(embedded[~inside]))
    rows = np.flatnonzero(inside)
    rows = rows[:: max(1, len(rows) * FOLDS // MOST_QUERIES)]
    pairs = draw_pairs(
        frames.cells[rows],
        frames.log_times[rows],
        frames.cells,
        frames.log_times,
        rng=np.random.default_rng(seed),
        trajectories=frames.trajectories[rows],
        gallery_trajectories=frames.trajectories,
    )

    def score(which: np.ndarray) -> np.ndarray:
        return model.log_ratio(embedded[rows[which[:, 0]]], embedded[which[:, 1]])

    return ScoredPairs(
        score(pairs.same),
        score(pairs.different),
        frames.cells[rows[pairs.same[:, 0]]],
        frames.cells[rows[pairs.different[:, 0]]],
    )


def _join(parts: list[ScoredPairs]) -> ScoredPairs:
    return ScoredPairs(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("same", "different", "same_cells", "different_cells")
        )
    )
