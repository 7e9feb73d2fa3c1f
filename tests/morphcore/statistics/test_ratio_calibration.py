import numpy as np
import pytest

from morphcore.statistics.ratio_calibration import (
    RatioCalibration,
    TooFewPairs,
    fit_calibration,
    upper_bound,
)
from morphcore.statistics.verification import cllr, min_cllr, tally

Pairs = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _pairs(cells: int = 80, *, distance: float = 2.0, tails: float = 0.0, seed: int = 0) -> Pairs:
    """Calibrated ln ratios of normal scores, of which the share `tails` scatters ten times more.

    Same pairs, different ones, and the cells of both.
    """
    rng = np.random.default_rng(seed)
    same_cells = np.repeat(np.arange(cells), 20)
    first = np.repeat(np.arange(cells), 60)
    different_cells = np.stack(
        [first, (first + rng.integers(1, cells, len(first))) % cells], axis=1
    )
    noise = [rng.standard_normal(len(kind)) for kind in (same_cells, first)]
    noise = [np.where(rng.random(len(one)) < tails, 10 * one, one) for one in noise]
    same, different = (
        distance * one + sign * distance**2 / 2 for one, sign in zip(noise, (1, -1), strict=True)
    )
    return same, different, same_cells, different_cells


def _fit(pairs: Pairs, scale: float = 1.0, shift: float = 0.0) -> RatioCalibration:
    same, different, same_cells, different_cells = pairs
    return fit_calibration(
        scale * same + shift,
        scale * different + shift,
        same_cells=same_cells,
        different_cells=different_cells,
        rng=np.random.default_rng(0),
    )


def test_scores_that_are_ln_ratios_stay_what_they_are() -> None:
    ratios = _fit(_pairs(400)).log_ratios(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]))
    np.testing.assert_allclose(ratios, [-2, -1, 0, 1, 2], atol=0.2)


def test_the_unit_of_scores_does_not_matter() -> None:
    pairs, scores = _pairs(), np.linspace(-6, 6, 25)
    plain, scaled = _fit(pairs), _fit(pairs, scale=30.0, shift=-7.0)
    np.testing.assert_allclose(
        scaled.log_ratios(30 * scores - 7), plain.log_ratios(scores), atol=1e-3
    )


@pytest.mark.parametrize("tails", [0.0, 0.05])
def test_ratios_of_other_cells_are_calibrated_whatever_the_tails(tails: float) -> None:
    calibration = _fit(_pairs(tails=tails), scale=3.0, shift=5.0)
    same, different, *_ = _pairs(tails=tails, seed=1)
    calibrated = tally(*(calibration.log_ratios(3 * one + 5) for one in (same, different)))
    least = float(min_cllr(tally(same, different)))
    assert float(cllr(calibrated)) < least + 0.03
    assert float(cllr(tally(3 * same + 5, 3 * different + 5))) > least + 0.3


def test_ratios_rise_with_the_score() -> None:
    ratios = _fit(_pairs(tails=0.05)).log_ratios(np.linspace(-30, 30, 200))
    assert (np.diff(ratios) >= 0).all()


def test_the_interval_holds_the_ratio_and_narrows_with_more_cells() -> None:
    scores = np.linspace(-1, 3, 5)
    few, many = (_fit(_pairs(cells)).apply(scores) for cells in (20, 320))
    for ratios in (few, many):
        assert (ratios.low <= ratios.value).all()
        assert (ratios.value <= ratios.high).all()
    assert (few.high - few.low).mean() > 2 * (many.high - many.low).mean()


def test_the_interval_holds_the_true_ratio() -> None:
    scores, held = np.array([-1.0, 0.0, 1.0, 2.0]), []
    for seed in range(8):
        ratios = _fit(_pairs(40, seed=seed)).apply(scores)
        held.append((ratios.low <= scores) & (scores <= ratios.high))
    assert np.mean(held) > 0.9


def test_beyond_the_bounds_the_answer_says_so() -> None:
    calibration = _fit(_pairs(distance=4.0))
    assert -np.log(81) <= calibration.lower < 0 < calibration.upper <= np.log(80 * 79 / 2 + 1)
    ratios = calibration.apply(np.array([-200.0, 0.0, 200.0]))
    assert ratios.capped.tolist() == [-1, 0, 1]
    assert ratios.value[[0, 2]] == pytest.approx([calibration.lower, calibration.upper])
    assert (ratios.high <= calibration.upper).all()


def test_realisations_of_a_cell_support_smaller_ratios_than_the_cell_alone() -> None:
    same, different, same_cells, different_cells = _pairs(distance=4.0)
    # Four of each cell, hence six pairs of them, met in either order.
    rng = np.random.default_rng(1)
    first = rng.integers(0, 4, len(same))
    second = (first + rng.integers(1, 4, len(same))) % 4
    by_cells, by_realisations = (
        fit_calibration(
            same,
            different,
            same_cells=same_cells,
            different_cells=different_cells,
            same_realisations=realisations,
            rng=np.random.default_rng(0),
        )
        for realisations in (None, 4 * same_cells[:, None] + np.stack([first, second], axis=1))
    )
    assert -np.log(6 * 80 + 1) <= by_realisations.lower < by_cells.lower - 0.5
    np.testing.assert_array_equal(by_cells.curve, by_realisations.curve)


def test_the_bound_of_separable_pairs_is_their_number() -> None:
    # One of ten different pairs more, that misleads: FA 1 / 11; of five same ones, CR 5 / 6.
    separable = tally(np.full(5, 30.0), np.full(10, -30.0))
    assert upper_bound(separable, 5, 10) == pytest.approx(np.log(11 * 5 / 6))
    # No ratio is supported that no pair had.
    assert upper_bound(tally(np.full(5, 1.0), np.full(10, -30.0)), 5, 10) == pytest.approx(1.0)


def test_separable_pairs_and_a_few_cells_have_a_calibration() -> None:
    calibration = fit_calibration(
        np.array([5.0, 6.0]),
        np.array([-5.0, -7.0]),
        same_cells=np.array([0, 1]),
        different_cells=np.array([[0, 1], [1, 0]]),
        rng=np.random.default_rng(0),
    )
    ratios = calibration.apply(np.array([-6.0, 5.5]))
    assert np.isfinite(ratios.low).all()
    assert np.isfinite(ratios.high).all()
    assert ratios.value[0] < 0 < ratios.value[1] <= np.log(2)


def test_scores_that_tell_nothing_or_mislead_have_ratios_of_one() -> None:
    same, different, *cells = _pairs(distance=0.0)
    rng = np.random.default_rng(1)
    noise = (rng.standard_normal(len(same)), rng.standard_normal(len(different)), *cells)
    turned = (noise[0] - 1, noise[1], *cells)
    for pairs in (noise, turned):
        ratios = _fit(pairs).log_ratios(np.linspace(-1, 1, 5))
        np.testing.assert_allclose(ratios, 0, atol=0.1)


def test_a_calibration_is_read_back_as_it_was() -> None:
    calibration, scores = _fit(_pairs()), np.linspace(-9, 9, 5)
    again = RatioCalibration.from_dict(calibration.to_dict())
    for name, values in vars(calibration.apply(scores)).items():
        np.testing.assert_array_equal(getattr(again.apply(scores), name), values)


def test_without_pairs_of_both_kinds_there_is_no_calibration() -> None:
    same, different, same_cells, different_cells = _pairs()
    with pytest.raises(TooFewPairs, match="two cells"):
        _fit((same, different[:0], same_cells, different_cells[:0]))
