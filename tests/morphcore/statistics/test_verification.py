import numpy as np
import pytest
from scipy.stats import norm

from morphcore.statistics import verification
from morphcore.statistics.verification import (
    FALSE_REJECTIONS,
    cllr,
    detection_curve,
    equal_error_rate,
    false_acceptance,
    min_cllr,
    tally,
    tally_by_cell,
)


def _calibrated(distance: float, pairs: int = 20_000) -> verification.Tally:
    """Log ratios of N(0, 1) against N(distance, 1): N(+-d^2 / 2, d^2), at their quantiles."""
    quantiles = norm.ppf((np.arange(pairs) + 0.5) / pairs)
    return tally(distance * quantiles + distance**2 / 2, distance * quantiles - distance**2 / 2)


def test_ratios_of_one_tell_nothing() -> None:
    nothing = tally(np.zeros(3), np.zeros(7))
    assert cllr(nothing) == pytest.approx(1.0)
    assert min_cllr(nothing) == pytest.approx(1.0)
    assert equal_error_rate(nothing) == pytest.approx(0.5)
    assert false_acceptance(nothing) == pytest.approx(0.95)


def test_what_is_separable_costs_nothing_once_calibrated() -> None:
    separable = tally(np.array([1.0, 2.0]), np.array([-1.0, 0.5]))
    assert min_cllr(separable) == 0
    assert equal_error_rate(separable) == 0
    assert false_acceptance(separable) == 0
    assert cllr(separable) > 0
    assert cllr(tally(np.full(2, 40.0), np.full(2, -40.0))) == pytest.approx(0, abs=1e-12)


def test_the_cost_in_bits_is_that_of_the_definition() -> None:
    same, different = np.array([2.0, -1.0]), np.array([-3.0, 0.5, 0.5])
    expected = np.log2(1 + np.exp(-same)).mean() / 2 + np.log2(1 + np.exp(different)).mean() / 2
    assert cllr(tally(same, different)) == pytest.approx(expected)
    # Pool-adjacent-violators: -3 is different, 2 is same; -1 and .5 are pooled: 1/2 : 2/3.
    odds = (1 / 2) / (2 / 3)
    least = np.log2(1 + 1 / odds) / 2 / 2 + np.log2(1 + odds) * 2 / 3 / 2
    assert min_cllr(tally(same, different)) == pytest.approx(least)


@pytest.mark.parametrize("distance", [0.5, 2.0])
def test_normal_ratios_have_their_known_rates_and_are_calibrated(distance: float) -> None:
    ratios = _calibrated(distance)
    assert equal_error_rate(ratios) == pytest.approx(norm.cdf(-distance / 2), abs=1e-3)
    expected = norm.sf(norm.ppf([0.05, 0.2]) + distance)
    assert false_acceptance(ratios) == pytest.approx(expected[0], abs=1e-3)
    assert false_acceptance(ratios, at=0.2) == pytest.approx(expected[1], abs=1e-3)
    assert cllr(ratios) == pytest.approx(min_cllr(ratios), abs=2e-3)
    wrong = verification.Tally(3 * ratios.ratios + 1, ratios.same, ratios.different)
    assert cllr(wrong) > min_cllr(wrong) + 0.05
    assert min_cllr(wrong) == pytest.approx(min_cllr(ratios))  # it is blind to the scale


def test_the_curve_falls_from_one_to_none() -> None:
    curve = detection_curve(_calibrated(1.0))
    assert curve.shape == (len(FALSE_REJECTIONS),)
    assert (np.diff(curve) <= 0).all()
    assert curve[0] == pytest.approx(1, abs=5e-3)
    assert curve[-1] == 0
    at = FALSE_REJECTIONS.index(verification.AT)
    assert curve[at] == false_acceptance(_calibrated(1.0))


def test_a_weight_of_two_is_the_pair_twice() -> None:
    rng = np.random.default_rng(0)
    same, different = rng.standard_normal(30) + 1, rng.standard_normal(50)
    twice = rng.integers(1, 3, 30), rng.integers(1, 3, 50)
    weighed = tally(same, different, *(times.astype(np.float64) for times in twice))
    repeated = tally(np.repeat(same, twice[0]), np.repeat(different, twice[1]))
    for measure in (cllr, min_cllr, equal_error_rate, false_acceptance, detection_curve):
        np.testing.assert_allclose(measure(weighed), measure(repeated))


def test_cells_count_alike_however_many_pairs_they_have() -> None:
    same, different = np.array([1.0, 1.0, 1.0, -1.0]), np.array([-2.0, 3.0, 3.0])
    by_cell = tally_by_cell(same, different, np.array([0, 0, 0, 7]), np.array([0, 7, 7]))
    assert by_cell.same.sum(axis=1) == pytest.approx([1, 1])
    everything = verification.Tally(
        by_cell.ratios, by_cell.same.sum(axis=0), by_cell.different.sum(axis=0)
    )
    expected = cllr(tally(np.array([1.0, -1.0]), np.array([-2.0, 3.0])))
    assert cllr(everything) == pytest.approx(expected)


def test_many_ratios_in_bins_have_the_measures_of_all() -> None:
    rng = np.random.default_rng(0)
    same, different = 2 * rng.standard_normal(20_000) + 2, 2 * rng.standard_normal(40_000) - 2
    cells = np.zeros(20_000, dtype=np.int64), np.zeros(40_000, dtype=np.int64)
    binned = tally_by_cell(same, different, *cells)
    assert len(binned.ratios) <= 4096
    for measure in (cllr, min_cllr, equal_error_rate, false_acceptance):
        exact = measure(tally(same, different))
        assert measure(binned)[0] == pytest.approx(float(exact), abs=3e-4)
