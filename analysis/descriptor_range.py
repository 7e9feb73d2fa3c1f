"""The range of area fraction and L in a data set, and where a frame lies against it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float

from morphcore.frames import rows_of
from morphcore.types import Descriptors
from store.trajectories import FrameTable

LOW, HIGH = 1, 99  # percentiles: a few odd frames do not make a range
Side = Literal["below", "within", "above"]


@dataclass(frozen=True)
class Range:
    """Where most of a data set's frames lie in one descriptor, and their median."""

    low: float
    middle: float
    high: float

    def side(self, value: float) -> Side:
        """Where a value lies.

        >>> Range(0.4, 0.5, 0.6).side(0.2), Range(0.4, 0.5, 0.6).side(0.6)
        ('below', 'within')
        """
        if value < self.low:
            return "below"
        return "above" if value > self.high else "within"


@dataclass(frozen=True, kw_only=True)
class DataRange:
    """The ranges of a data set's separated frames: shares of white, L in pixels."""

    fraction: Range
    length: Range


def data_range(table: FrameTable, descriptors: Descriptors) -> DataRange | None:
    """The 1st to the 99th percentile over the separated frames; None where none is measured."""
    rows = rows_of(descriptors.frame_ids, table.frame_ids)
    usable: Bool[np.ndarray, " frames"] = (rows >= 0) & ~table.unseparated
    fraction = _range(descriptors.fraction[rows[usable]])
    length = _range(descriptors.length[rows[usable]])
    if fraction is None or length is None:
        return None
    return DataRange(fraction=fraction, length=length)


def _range(values: Float[np.ndarray, " n"]) -> Range | None:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    return Range(*np.percentile(finite, [LOW, 50, HIGH]).tolist())
