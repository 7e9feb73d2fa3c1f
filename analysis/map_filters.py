"""Filters of a map's points by parameters, time, contrast, split and family."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from analysis.map_points import MapPoints

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
    unseparated: bool = True  # show also what has not separated yet

    @property
    def count(self) -> int:
        """The number of filters that are set."""
        named = (self.phi, self.chi, self.time, self.contrast, self.held_out, self.families)
        return sum(bound is not None for bound in named) + (not self.unseparated)


def shown(points: MapPoints, filters: Filters) -> Bool[np.ndarray, " points"]:
    """Mask the points that pass all filters; what is not known passes no range."""
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
        out &= points.held_out == filters.held_out
    if filters.families is not None:
        families = filters.families
        wanted = [owner for owner, family in points.families.items() if family in families]
        out &= np.isin(points.trajectory_ids, wanted)
    if not filters.unseparated:
        out &= ~points.unseparated
    return out
