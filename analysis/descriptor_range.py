"""The range of descriptors in a data set, and where a frame lies against it."""

from collections.abc import Sequence
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


@dataclass(frozen=True)
class Standing:
    """A frame's value of a descriptor, and the share of a data set's frames that have a lower one.

    Of frames that have the same value, half count as lower.
    """

    name: str  # of the descriptor
    value: float
    lower: float  # 0 to 1


def standings(
    table: FrameTable, descriptors: Descriptors, own: Descriptors, names: Sequence[str]
) -> list[Standing]:
    """Where a frame, described in one row, stands among the separated frames of a data set.

    A descriptor that it lacks, or that all others lack, is left out.
    """
    rows = rows_of(descriptors.frame_ids, table.frame_ids)
    rows = rows[(rows >= 0) & ~table.unseparated]
    found = []
    for name in names:
        value = float(getattr(own, name)[0])
        others = getattr(descriptors, name)[rows]
        others = others[np.isfinite(others)]
        if np.isfinite(value) and len(others):
            lower = (others < value).mean() + (others == value).mean() / 2
            found.append(Standing(name, value, float(lower)))
    return found


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
