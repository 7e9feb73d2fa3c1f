import numpy as np
import pytest

from morphcore.statistics.likelihood_ratio import (
    TooFewCells,
    fit_likelihood_ratio,
    two_covariance,
)
from morphcore.statistics.realisations import Realisations

CELLS, REALISATIONS, TIMES, DIMS = 40, 4, 12, 4


def draw(seed: int = 0, cells: int = CELLS, within: float = 1.0) -> Realisations:
    """Processes that move in time; their realisations scatter about them by `within`."""
    rng = np.random.default_rng(seed)
    log_times = np.linspace(0, 3, TIMES)
    start = 4 * rng.standard_normal((cells, 1, 1, DIMS))
    moves = log_times[:, None] * np.array([1.0, 0, 0, 0])
    scatter = np.sqrt(within) * rng.standard_normal((cells, REALISATIONS, TIMES, DIMS))
    index = np.indices((cells, REALISATIONS, TIMES))
    return Realisations(
        (start + moves + scatter).reshape(-1, DIMS),
        index[0].ravel(),
        log_times[index[2]].ravel(),
        (index[0] * REALISATIONS + index[1]).ravel(),
    )


def identity(_: Realisations):
    return lambda features: features.astype(np.float32)


def test_ratios_are_above_1_for_most_pairs_of_one_process_and_below_for_two() -> None:
    ratio = fit_likelihood_ratio(draw(), identity)
    fresh = draw(seed=1)
    at = np.flatnonzero(fresh.log_times == 0)
    frames = fresh.features[at].reshape(CELLS, REALISATIONS, DIMS)
    same = ratio.of_pairs(frames[:, 0], frames[:, 1]).value
    different = ratio.of_pairs(frames[:-1, 0], frames[1:, 0]).value
    assert (same > 0).mean() > 0.9
    assert (different < 0).mean() > 0.9


def test_a_ratio_lies_in_its_interval_and_within_the_bounds() -> None:
    ratio = fit_likelihood_ratio(draw(), identity)
    frames = draw(seed=2).features[:300]
    answer = ratio.of_pairs(frames[:-1], frames[1:])
    assert (answer.low <= answer.value + 1e-9).all()
    assert (answer.value <= answer.high + 1e-9).all()
    bounds = ratio.calibration
    assert (answer.value <= bounds.upper).all()
    assert (answer.value >= bounds.lower).all()


def test_the_axes_of_a_fold_never_see_its_cells() -> None:
    seen: list[set[int]] = []

    def fit(frames: Realisations):
        seen.append(set(frames.cells.tolist()))
        return lambda features: features.astype(np.float32)

    fit_likelihood_ratio(draw(), fit)
    *folds, whole = seen
    everything = set(range(CELLS))
    assert whole == everything
    left_out = [everything - fold for fold in folds]
    assert set.union(*left_out) == everything
    assert sum(map(len, left_out)) == CELLS


def test_halves_of_the_area_scatter_twice_as_much() -> None:
    halves = draw(within=2.0)
    of_frames, of_halves = two_covariance(halves, area=0.5), two_covariance(halves)
    np.testing.assert_allclose(of_frames.within, of_halves.within / 2, atol=1e-5)
    a, b = draw(seed=3).features[:50], draw(seed=4).features[:50]
    np.testing.assert_allclose(
        of_frames.log_ratio(a, b, within_a=2.0, within_b=2.0), of_halves.log_ratio(a, b), rtol=1e-3
    )


def test_two_sets_say_more_than_two_frames() -> None:
    ratio = fit_likelihood_ratio(draw(), identity)
    fresh = draw(seed=5)
    at = fresh.features[fresh.log_times == 0].reshape(CELLS, REALISATIONS, DIMS)
    of_sets = [ratio.model.log_ratio_of_sets(each[:2], each[2:]) for each in at]
    of_frames = ratio.model.log_ratio(at[:, 0], at[:, 2])
    assert np.mean(of_sets) > of_frames.mean()


def test_too_few_cells_calibrate_nothing() -> None:
    with pytest.raises(TooFewCells, match="2 cells"):
        fit_likelihood_ratio(draw(cells=2), identity)
