"""Rows of a map for the browser: one a frame that is shown, in narrow columns."""

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float32, Int8, Int64

from analysis.map_points import MapPoints

ARROWS = 30  # along a path as long as the map's diagonal
_NEVER = 3e38


def rows(points: MapPoints, places: Int64[np.ndarray, " points"]) -> pd.DataFrame:
    """The points with what their marks and paths need; `places`: their rows in all of the points.

    Columns: id, i: the place, x, y, t: trajectory, n: its name, s: time, v: time of its next frame,
    u: not yet separated, e: 1 and 2 at a path's ends, h: 1 where an arrow is drawn; where there are
    frames of other data sets also a: the number of the data set.
    """
    owner_ids, owners = np.unique(points.trajectory_ids, return_inverse=True)
    own_names = [points.names[owner] for owner in owner_ids.tolist()]
    distinct = list(dict.fromkeys(own_names))  # trajectories of two data sets may share a name
    codes = np.array([distinct.index(name) for name in own_names], dtype=np.int64)
    columns = {
        "id": points.frame_ids.astype(np.int32),
        "i": places.astype(np.int32),
        "x": points.x,
        "y": points.y,
        "t": points.trajectory_ids.astype(np.int32),
        "n": pd.Categorical.from_codes(codes[owners], distinct),
        "s": points.time.astype(np.float32),
        "v": next_times(points),
        "u": points.unseparated,
        "e": _path_ends(points),
        "h": arrows(points),
    }
    if points.attached:
        columns["a"] = points.attachment.astype(np.int8)
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
