"""Pairs of frames whose truth is known: of one process at one stage, or of two.

    same        same cell, |delta ln t| < `SAME_WITHIN`
    different   another cell, |delta ln t| < `NEAR_IN_TIME`; at any time: all but a frame
                of the same cell within that
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

SAME_WITHIN = 0.125  # |delta ln t|
NEAR_IN_TIME = 0.35  # |delta ln t|: L, growing as t^(1/3), is then within 12 %
MOST_SAME, MOST_DIFFERENT = 5, 20  # of each query, drawn at random


@dataclass(frozen=True)
class Pairs:
    """Rows of queries and of gallery frames, pair by pair."""

    same: Int64[np.ndarray, "n 2"]
    different: Int64[np.ndarray, "m 2"]


def draw_pairs(
    cells: Int64[np.ndarray, " queries"],
    log_times: Float64[np.ndarray, " queries"],
    gallery_cells: Int64[np.ndarray, " gallery"],
    gallery_log_times: Float64[np.ndarray, " gallery"],
    *,
    rng: np.random.Generator,
    same_time: bool = True,
    trajectories: Int64[np.ndarray, " queries"] | None = None,
    gallery_trajectories: Int64[np.ndarray, " gallery"] | None = None,
) -> Pairs:
    """Draw pairs of every query whose cell is known (not below 0).

    Where trajectories are given, a frame is never paired with one of its own.
    """
    same, different = [np.empty((0, 2), dtype=np.int64)], [np.empty((0, 2), dtype=np.int64)]
    for row in np.flatnonzero(cells >= 0).tolist():
        apart = np.abs(gallery_log_times - log_times[row])
        own = gallery_cells == cells[row]
        near = apart < NEAR_IN_TIME
        other = ~own & near if same_time else ~(own & near)
        other &= gallery_cells >= 0
        alike = own & (apart < SAME_WITHIN)
        if trajectories is not None and gallery_trajectories is not None:
            elsewhere = gallery_trajectories != trajectories[row]
            alike, other = alike & elsewhere, other & elsewhere
        for found, most, pairs in (
            (alike, MOST_SAME, same),
            (other, MOST_DIFFERENT, different),
        ):
            rows = np.flatnonzero(found)
            if len(rows) > most:
                rows = np.sort(rng.choice(rows, most, replace=False))
            pairs.append(np.stack([np.full(len(rows), row), rows], axis=1))
    return Pairs(np.concatenate(same), np.concatenate(different))
