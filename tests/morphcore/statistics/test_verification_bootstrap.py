import numpy as np
import pytest

from morphcore.statistics import verification_bootstrap as intervals
from morphcore.statistics.verification import (
    Tally,
    cllr,
    equal_error_rate,
    false_acceptance,
    min_cllr,
    tally_by_cell,
)

CELLS = 30
SAME_CELLS, DIFFERENT_CELLS = np.repeat(np.arange(CELLS), 40), np.repeat(np.arange(CELLS), 160)


def _tallies(*gains: float, by_cell: float = 0.5) -> list[Tally]:
    """Methods that see the same pairs, with as much noise as they have gain less."""
    rng = np.random.default_rng(0)
    hard = by_cell * rng.standard_normal(CELLS)
    same = rng.standard_normal(len(SAME_CELLS)) + hard[SAME_CELLS]
    different = rng.standard_normal(len(DIFFERENT_CELLS))
    return [
        tally_by_cell(same + gain, different - gain, SAME_CELLS, DIFFERENT_CELLS) for gain in gains
    ]


@pytest.mark.parametrize("measure", [cllr, min_cllr, equal_error_rate, false_acceptance])
def test_a_figure_lies_within_its_interval(measure: intervals.Measure) -> None:
    (tally,) = _tallies(1.0)
    figure = intervals.figure(measure, tally, seed=0)
    assert figure.interval is not None
    assert figure.interval.low < figure.value < figure.interval.high
    everything = Tally(tally.ratios, tally.same.sum(axis=0), tally.different.sum(axis=0))
    assert figure.value == pytest.approx(float(measure(everything)))
    assert intervals.figure(measure, tally, seed=0) == figure


def test_the_interval_is_as_wide_as_cells_differ() -> None:
    def width(by_cell: float) -> float:
        (tally,) = _tallies(1.0, by_cell=by_cell)
        interval = intervals.figure(equal_error_rate, tally, seed=0).interval
        assert interval is not None
        return interval.high - interval.low

    assert width(1.0) > 2 * width(0.0)


def test_two_methods_are_told_apart_though_their_own_intervals_overlap() -> None:
    ours, theirs = _tallies(1.15, 1.0)
    own = [intervals.figure(false_acceptance, one, seed=0).interval for one in (ours, theirs)]
    assert own[0] is not None
    assert own[1] is not None
    assert own[0].high > own[1].low
    ratio = intervals.paired_ratio(false_acceptance, ours, theirs, seed=0)
    assert ratio.interval is not None
    assert ratio.interval.high < 1


def test_a_method_beside_itself_has_no_difference() -> None:
    ours, same = _tallies(1.0, 1.0)
    assert intervals.paired_ratio(false_acceptance, ours, same, seed=0).interval == (1, 1)


def test_a_ratio_to_nothing_is_not_defined() -> None:
    ours, perfect = _tallies(1.0, 50.0)
    ratio = intervals.paired_ratio(false_acceptance, ours, perfect, seed=0)
    assert np.isnan(ratio.value)
    assert ratio.interval is None
