"""Rows of a map for the browser: one a frame that is shown, in narrow columns."""

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float32, Int8

from analysis.map_points import MapPoints
from charts.map.colour import Colour

ARROWS = 30  # along a path as long as the map's diagonal
_NEVER = 3e38


def rows(points: MapPoints, colour: Colour) -> pd.DataFrame:
    """The points with what their tooltips, their paths and their colours need.

    Columns: id, x, y, t: trajectory, n: its name, s: time, v: time of its next frame, f: area
    fraction, l: L, u: not yet separated, k: contrast in per cent, -1 unknown, e: 1 and 2 at
    a path's ends, h: 1 where an arrow is drawn, c: what is coloured. `colour` has a value for each of the points.
    """
    names = pd.Categorical.from_codes(
        np.unique(points.trajectory_ids, return_inverse=True)[1],
        [points.names[owner] for owner in np.unique(points.trajectory_ids).tolist()],
    )
    columns = {
        "id": points.frame_ids.astype(np.int32),
        "x": points.x,
        "y": points.y,
        "t": points.trajectory_ids.astype(np.int32),
        "n": names,
        "s": points.time.astype(np.float32),
        "v": next_times(points),
        "f": points.fraction,
        "l": points.length,
        "u": points.unseparated,
        "k": np.rint(100 * np.nan_to_num(points.contrast, nan=-0.01)).astype(np.int8),
        "e": _path_ends(points),
        "h": arrows(points),
    }
    if colour.scale == "classes":
        columns["c"] = colour.values.astype(np.int8)
    elif colour.scale != "none":
        columns["c"] = colour.values.astype(np.float32)
    return pd.DataFrame(columns)


def next_times(points: MapPoints) -> Float32[np.ndarray, " points"]:
    """The time of each frame's next one, of those of its trajectory that are shown; else never."""
    out = np.full(len(points), _NEVER, dtype=np.float32)
    followed = _followed(points)
    out[:-1][followed] = points.time[1:][followed]
    return out


def arrows(points: MapPoints) -> Int8[np.ndarray, " points"]:
    """1 at the frames from which an arrow points to the next: evenly along each path's length.

    A path has at least one, on its longest step.
    """
    out = np.zeros(len(points), dtype=np.int8)
    if len(points) < 2:
        return out
    followed = _followed(points)
    steps = np.hypot(np.diff(points.x), np.diff(points.y)).astype(np.float64) * followed
    diagonal = float(np.hypot(np.ptp(points.x), np.ptp(points.y)))
    if diagonal == 0:
        return out
    _, first, owner = np.unique(points.trajectory_ids, return_index=True, return_inverse=True)
    walked = np.concatenate([[0.0], np.cumsum(steps)])
    walked -= walked[first][owner]
    stretch = np.floor(walked / (diagonal / ARROWS) + 0.5)  # the first after half a stretch
    out[:-1][(np.diff(stretch) > 0) & followed] = 1
    for begin, end in zip(first, np.append(first[1:], len(points)), strict=True):
        own = slice(begin, end - 1)
        if end - begin > 1 and not out[own].any() and steps[own].max() > 0:
            out[begin + steps[own].argmax()] = 1
    return out


def _followed(points: MapPoints) -> Bool[np.ndarray, " pairs"]:
    """Mask the rows whose next row is of the same trajectory."""
    same: np.ndarray = points.trajectory_ids[1:] == points.trajectory_ids[:-1]
    return same


def _path_ends(points: MapPoints) -> Int8[np.ndarray, " points"]:
    """1 at a trajectory's first point, 2 at its last, else 0; nothing to mark where it has one."""
    out = np.zeros(len(points), dtype=np.int8)
    _, first, counts = np.unique(points.trajectory_ids, return_index=True, return_counts=True)
    out[first[counts > 1]] = 1
    out[(first + counts - 1)[counts > 1]] = 2
    return out
