"""Playback positions of several trajectories: by time, by L, along an alignment, or free.

Pure, no Streamlit. The player in the browser looks up one table: for every position of its slider
the place of the frame in each film.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.series import Series, when
from morphcore.alignment import coarsening
from morphcore.errors import MorphError

SyncMode = Literal["step", "L", "aligned", "free"]
LENGTHS = 240  # positions from the smallest to the largest common L


class NotTogether(MorphError):
    """Some films cannot be shown together in a way; the message says why."""


@dataclass(frozen=True, kw_only=True)
class PlaybackSync:
    """Several films in one: a table of frames by film and position, and words for the positions.

    >>> sync = PlaybackSync(
    ...     places=[[0, 0, 1]], words=["step 4", "step 8", "step 16"], values=["4", "8", "16"],
    ...     spans=[(0, 2)],
    ... )
    >>> position(sync, "15"), position(sync, "no number"), position_of(sync, 1)
    (2, 0, 2)
    """

    places: list[list[int]]  # for each film, for each position: the place of its frame
    words: list[str]  # of each position
    values: list[str]  # of each position, in a link
    spans: list[tuple[int, int]]  # of each film: its first and last position


def by_time(films: Sequence[Series]) -> PlaybackSync:
    """One position for every time that one of the films has; each shows its frame nearest to it.

    Raises:
        NotTogether: if the films' times have different units.
    """
    if len({each.time_unit for each in films}) > 1:
        raise NotTogether("Of some of them the times are not known, so time cannot join them.")
    times = np.unique(np.concatenate([each.time for each in films])).astype(np.float64)
    own = [np.array(each.time, dtype=np.float64) for each in films]
    word = "step" if films[0].time_unit == "step" else "index"
    return PlaybackSync(
        places=[coarsening.nearest(each, times).tolist() for each in own],
        words=[f"{word} {time:,.0f}" for time in times],
        values=[f"{time:.0f}" for time in times],
        spans=[
            (int(np.searchsorted(times, each[0])), int(np.searchsorted(times, each[-1])))
            for each in own
        ],
    )


def by_length(films: Sequence[Series], names: Sequence[str]) -> PlaybackSync:
    """Positions are values of L that all the films grow through; each shows its nearest frame.

    Raises:
        NotTogether: if there is no such L.
    """
    lengths = [np.array([np.nan if v is None else v for v in each.length]) for each in films]
    records = [coarsening.growth(each) for each in lengths]
    for name, record in zip(names, records, strict=True):
        if not len(record):
            raise NotTogether(f"{name} has no frame with a domain size L.")
    grown = [each[record] for each, record in zip(lengths, records, strict=True)]
    low, high = max(each[0] for each in grown), min(each[-1] for each in grown)
    if low >= high:
        ranges = ", ".join(
            f"{name} from {each[0]:.1f} to {each[-1]:.1f} px"
            for name, each in zip(names, grown, strict=True)
        )
        raise NotTogether(f"There is no L that all of them grow through: {ranges}.")
    common = np.geomspace(low, high, LENGTHS)
    return PlaybackSync(
        places=[
            record[coarsening.nearest(each, common)].tolist()
            for each, record in zip(grown, records, strict=True)
        ],
        words=[f"L {length:.1f} px" for length in common],
        values=[f"{length:.2f}" for length in common],
        spans=[(0, LENGTHS - 1)] * len(films),
    )


def along(a: Series, b: Series, places: tuple[Sequence[int], Sequence[int]]) -> PlaybackSync:
    """Positions are the pairs of an alignment, given by the places of their frames."""
    pairs = list(zip(*places, strict=True))
    return PlaybackSync(
        places=[list(each) for each in places],
        words=[f"A at {when(a, i)}, B at {when(b, j)}" for i, j in pairs],
        values=[str(number) for number in range(1, len(pairs) + 1)],
        spans=[(0, len(pairs) - 1)] * 2,
    )


def position(of: PlaybackSync, asked: str) -> int:
    """The position that a link's value means, or the nearest to it; 0 where it is no number."""
    try:
        wanted = float(asked)
    except ValueError:
        return 0
    if not np.isfinite(wanted):
        return 0
    values = np.array([float(each) for each in of.values])
    return int(np.abs(values - wanted).argmin())


def position_of(of: PlaybackSync, place: int) -> int:
    """The first position at which the first film shows its frame at a place, or the nearest."""
    return int(np.abs(np.array(of.places[0]) - place).argmin())


def offsets(films: Sequence[Series], asked: str) -> list[int]:
    """Where films begin that are played freely: as the link says, else at their first frames."""
    wanted = asked.split(",")
    if len(wanted) != len(films) or not all(each.isascii() and each.isdigit() for each in wanted):
        return [0] * len(films)
    return [
        min(int(each[:9]), len(film.time) - 1) for each, film in zip(wanted, films, strict=True)
    ]
