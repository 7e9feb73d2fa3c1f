"""Bootstrap intervals of measures of verification, over cells, and of two methods' ratios.

A pair belongs to the cell of its query. Cells are drawn with replacement, as many as there are; a
resample is a sum of rows of a tally by cell. Two methods are compared on the same pairs and the
same resamples, so what cells have in common for both does not widen the interval.
"""

from collections.abc import Callable

import numpy as np

from morphcore.statistics import bootstrap
from morphcore.statistics.bootstrap import Figure
from morphcore.statistics.verification import Tally

Measure = Callable[[Tally], np.ndarray]  # one of `morphcore.statistics.verification`


def figure(measure: Measure, by_cell: Tally, *, seed: int) -> Figure:
    """A measure of all pairs. `by_cell` is what `tally_by_cell` gives."""
    return bootstrap.figure(lambda drawn: measure(_summed(by_cell, drawn)), len(by_cell.same), seed)


def paired_ratio(measure: Measure, ours: Tally, theirs: Tally, *, seed: int) -> Figure:
    """Our measure over theirs, NaN where theirs is 0; resamples in which it is are left out.

    The rows of both tallies are the same cells.
    """

    def over(drawn: np.ndarray) -> np.ndarray:
        below = measure(_summed(theirs, drawn))
        return np.asarray(measure(_summed(ours, drawn)) / np.where(below > 0, below, np.nan))

    return bootstrap.figure(over, len(ours.same), seed)


def _summed(by_cell: Tally, drawn: np.ndarray) -> Tally:
    drawn = drawn.astype(np.float64)
    return Tally(by_cell.ratios, drawn @ by_cell.same, drawn @ by_cell.different)
