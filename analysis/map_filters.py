"""Filters of a map's points by parameters, time, contrast, split, family and properties."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Bool, Float64

from analysis.map_points import MapPoints
from morphcore.frames import rows_of
from store.properties import FrameProperty

EMPTY: Mapping[str, FrameProperty] = MappingProxyType({})
Range = tuple[float, float]  # both ends are in it


@dataclass(frozen=True)
class Filters:
    """Conditions that a shown frame meets; None: no condition."""

    phi: Range | None = None
    chi: Range | None = None
    time: Range | None = None
    contrast: Range | None = None
    held_out: bool | None = None
    families: frozenset[str] | None = None
    # Properties by their names: ranges of numbers, and words of which a frame has one.
    ranges: tuple[tuple[str, Range], ...] = ()
    words: tuple[tuple[str, frozenset[str]], ...] = ()
    unseparated: bool = True  # show also what has not separated yet

    @property
    def count(self) -> int:
        """The number of filters that are set."""
        named = (self.phi, self.chi, self.time, self.contrast, self.held_out, self.families)
        of_properties = len(self.ranges) + len(self.words)
        return sum(bound is not None for bound in named) + of_properties + (not self.unseparated)


def shown(
    points: MapPoints, filters: Filters, properties: Mapping[str, FrameProperty] = EMPTY
) -> Bool[np.ndarray, " points"]:
    """Mask the points that pass all filters; what is not known passes no range and has no word.

    `properties` are those that filters name; one that is no longer there filters nothing.
    """
    out = np.ones(len(points), dtype=np.bool_)
    for values, within in (
        (points.phi, filters.phi),
        (points.chi, filters.chi),
        (points.time, filters.time),
        (points.contrast, filters.contrast),
    ):
        if within is not None:
            out &= (values >= within[0]) & (values <= within[1])
    if filters.held_out is not None:
        out &= (points.held_out == filters.held_out) & points.own
    if filters.families is not None:
        families = filters.families
        wanted = [owner for owner, family in points.families.items() if family in families]
        out &= np.isin(points.trajectory_ids, wanted)
    for name, (low, high) in filters.ranges:
        if name in properties:
            values = of_points(points, properties[name])
            out &= (values >= low) & (values <= high)
    for name, chosen in filters.words:
        if name in properties:
            known = properties[name]
            codes = [code for code, word in enumerate(known.classes) if word in chosen]
            out &= np.isin(of_points(points, known), codes)
    if not filters.unseparated:
        out &= ~points.unseparated
    return out


def of_points(points: MapPoints, known: FrameProperty) -> Float64[np.ndarray, " points"]:
    """A property at each point; NaN where it is not known."""
    rows = rows_of(known.frame_ids, points.frame_ids)  # -1 takes the NaN that is put last
    values: np.ndarray = np.append(known.values, np.nan)[rows]
    return values
