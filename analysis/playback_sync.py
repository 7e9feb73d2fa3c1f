"""Playback positions of several trajectories: by time, by L, along an alignment, or free.

Pure, no Streamlit. The player in the browser looks up one table: for every position of its slider
the index of the frame in each trajectory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.series import Series, when
from morphcore import times as clock
from morphcore.alignment import coarsening
from morphcore.errors import MorphError

SyncMode = Literal["step", "L", "aligned", "free"]
LENGTHS = 240  # positions from the smallest to the largest common L


class NotTogether(MorphError):
    """Trajectories that cannot be synchronised in a mode; the message is the reason."""


@dataclass(frozen=True, kw_only=True)
class PlaybackSync:
    """A table of frames by trajectory and slider position, and words for the positions.

    >>> sync = PlaybackSync(
    ...     indices=[[0, 0, 1]], words=["step 4", "step 8", "step 16"], values=["4", "8", "16"],
    ...     spans=[(0, 2)],
    ... )
    >>> position(sync, 15), position_of(sync, 1)
    (2, 2)
    """

    indices: list[list[int]]  # for each trajectory, for each position: the index of its frame
    words: list[str]  # of each position
    values: list[str]  # of each position, in a link
    spans: list[tuple[int, int]]  # of each trajectory: its first and last position


def by_time(trajectories: Sequence[Series]) -> PlaybackSync:
    """Synchronise by time: a position for every time; each trajectory shows its nearest frame.

    Raises:
        NotTogether: if the trajectories' times have different units.
    """
    if len({trajectory.time_unit for trajectory in trajectories}) > 1:
        raise NotTogether(
            "Their times are not known or have different units, so time cannot join them."
        )
    own = [np.array(trajectory.time, dtype=np.float64) for trajectory in trajectories]
    times = np.unique(np.concatenate(own))
    unit = trajectories[0].time_unit
    return PlaybackSync(
        indices=[coarsening.nearest(own_times, times).tolist() for own_times in own],
        words=[clock.when(time, unit) for time in times],
        values=[f"{time:.10g}" for time in times],
        spans=[
            (int(np.searchsorted(times, own_times[0])), int(np.searchsorted(times, own_times[-1])))
            for own_times in own
        ],
    )


def by_length(trajectories: Sequence[Series], names: Sequence[str]) -> PlaybackSync:
    """Synchronise by L: positions are values that all grow through; each shows its nearest frame.

    Raises:
        NotTogether: if there is no such L.
    """
    lengths = [
        np.array([np.nan if length is None else length for length in trajectory.length])
        for trajectory in trajectories
    ]
    records = [coarsening.growth(own) for own in lengths]
    for name, record in zip(names, records, strict=True):
        if not len(record):
            raise NotTogether(f"{name} has no frame with a domain size L.")
    grown = [own[record] for own, record in zip(lengths, records, strict=True)]
    low, high = max(own[0] for own in grown), min(own[-1] for own in grown)
    if low >= high:
        ranges = ", ".join(
            f"{name} from {own[0]:.1f} to {own[-1]:.1f} px"
            for name, own in zip(names, grown, strict=True)
        )
        raise NotTogether(f"There is no L that all of them grow through: {ranges}.")
    common = np.geomspace(low, high, LENGTHS)
    return PlaybackSync(
        indices=[
            record[coarsening.nearest(own, common)].tolist()
            for own, record in zip(grown, records, strict=True)
        ],
        words=[f"L {length:.1f} px" for length in common],
        values=[f"{length:.2f}" for length in common],
        spans=[(0, LENGTHS - 1)] * len(trajectories),
    )


def along(a: Series, b: Series, indices: tuple[Sequence[int], Sequence[int]]) -> PlaybackSync:
    """Synchronise along an alignment: positions are its pairs, given by their frames' indices."""
    pairs = list(zip(*indices, strict=True))
    return PlaybackSync(
        indices=[list(own) for own in indices],
        words=[f"A at {when(a, i)}, B at {when(b, j)}" for i, j in pairs],
        values=[str(number) for number in range(1, len(pairs) + 1)],
        spans=[(0, len(pairs) - 1)] * 2,
    )


def position(sync: PlaybackSync, wanted: float) -> int:
    """The position whose value is nearest to a finite one."""
    values = np.array([float(value) for value in sync.values])
    return int(np.abs(values - wanted).argmin())


def position_of(sync: PlaybackSync, index: int) -> int:
    """The first position at which the first trajectory shows its frame at an index, or nearest."""
    return int(np.abs(np.array(sync.indices[0]) - index).argmin())


def offsets(trajectories: Sequence[Series], wanted: Sequence[int]) -> list[int]:
    """First frames of trajectories that are played freely, as wanted; 0 where not one is of each.

    A frame beyond a trajectory's end is its last one.
    """
    if len(wanted) != len(trajectories):
        return [0] * len(trajectories)
    return [
        min(index, len(trajectory.time) - 1)
        for index, trajectory in zip(wanted, trajectories, strict=True)
    ]
