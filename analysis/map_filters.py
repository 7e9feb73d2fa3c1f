"""Filters of a map, and which of its points they leave."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from analysis.map_points import MapPoints

Range = tuple[float, float]  # both ends are in it


@dataclass(frozen=True)
class Filters:
    """What frames must be like to be shown; None: no matter."""

    phi: Range | None = None
    chi: Range | None = None
    time: Range | None = None
    held_out: bool | None = None
    families: frozenset[str] | None = None
    unseparated: bool = True  # show also what has not separated yet

    @property
    def count(self) -> int:
        """How many of them leave something out."""
        named = (self.phi, self.chi, self.time, self.held_out, self.families)
        return sum(each is not None for each in named) + (not self.unseparated)


def shown(points: MapPoints, filters: Filters) -> Bool[np.ndarray, " points"]:
    """Whether each point passes all of them; what is not known passes no range."""
    out = np.ones(len(points), dtype=np.bool_)
    for values, within in (
        (points.phi, filters.phi),
        (points.chi, filters.chi),
        (points.time, filters.time),
    ):
        if within is not None:
            out &= (values >= within[0]) & (values <= within[1])
    if filters.held_out is not None:
        out &= points.held_out == filters.held_out
    if filters.families is not None:
        wanted = [each for each, name in points.families.items() if name in filters.families]
        out &= np.isin(points.trajectory_ids, wanted)
    if not filters.unseparated:
        out &= ~points.unseparated
    return out
