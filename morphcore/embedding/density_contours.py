"""Where the points of a map lie densely: a smoothed density, and lines along which it is equal."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int64

GRID = 96  # cells along each axis
BANDWIDTH = 1 / 45  # of an axis, the standard deviation of the smoothing
SHARES = (0.25, 0.5, 0.75, 0.95)  # of the points that lie within each line
# The sides of a cell that a line crosses, by which of its corners are dense: corners counted from
# the lower left against the clock, side 0 between corners 0 and 1. Where two opposite corners are
# dense there are two bits of line.
_SIDES: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((3, 0),),
    2: ((0, 1),),
    3: ((3, 1),),
    4: ((1, 2),),
    5: ((3, 0), (1, 2)),
    6: ((0, 2),),
    7: ((3, 2),),
    8: ((2, 3),),
    9: ((2, 0),),
    10: ((0, 1), (2, 3)),
    11: ((2, 1),),
    12: ((1, 3),),
    13: ((1, 0),),
    14: ((0, 3),),
}
_CORNERS = ((0, 0), (0, 1), (1, 1), (1, 0))  # row, column


@dataclass(frozen=True)
class ContourSegments:
    """Lines of equal density as straight bits from (x, y) to (x2, y2), in the map's own unit."""

    ends: Float64[np.ndarray, "bits 4"]
    share: Float64[np.ndarray, " bits"]  # of the points that lie within


def contours(coords: Float[np.ndarray, "points 2"]) -> ContourSegments:
    """The lines within which a quarter, half, three quarters and 95 % of the points lie."""
    low, high = coords.min(axis=0), coords.max(axis=0)
    room = 4 * BANDWIDTH * (high - low) + 1e-9
    low, high = (low - room).astype(np.float64), (high + room).astype(np.float64)
    field = _density(coords, low, high)
    cell = (high - low) / GRID
    rows = np.clip((coords - low) // cell, 0, GRID - 1).astype(np.int64)
    at_points = np.sort(field[rows[:, 1], rows[:, 0]])[::-1]
    bits, shares = [], []
    for share in SHARES:
        level = float(at_points[min(len(at_points) - 1, int(share * len(at_points)))])
        found = _line(field, level * (1 - 1e-9))
        bits.append(found)
        shares.append(np.full(len(found), share))
    ends = np.concatenate(bits)
    # From cells to the map: a cell's value stands at its middle.
    return ContourSegments(
        np.tile(low, 2) + (ends + 0.5) * np.tile(cell, 2), np.concatenate(shares)
    )


def _density(
    coords: Float[np.ndarray, "points 2"],
    low: Float64[np.ndarray, " 2"],
    high: Float64[np.ndarray, " 2"],
) -> Float64[np.ndarray, "rows columns"]:
    """Points a cell, smoothed; rows are y."""
    from scipy.ndimage import gaussian_filter

    edges = [np.linspace(low[axis], high[axis], GRID + 1) for axis in (1, 0)]
    counts, *_ = np.histogram2d(coords[:, 1], coords[:, 0], bins=edges)
    smooth: np.ndarray = gaussian_filter(counts, BANDWIDTH * GRID, mode="constant")
    return smooth


def _line(field: Float64[np.ndarray, "rows columns"], level: float) -> Float64[np.ndarray, "n 4"]:
    """Marching squares: bits of the line at which the field passes a level; cells, x first."""
    corners = [
        field[row : field.shape[0] - 1 + row, column : field.shape[1] - 1 + column]
        for row, column in _CORNERS
    ]
    case = np.zeros(corners[0].shape, dtype=np.int64)
    for place, each in enumerate(corners):
        case |= (each > level).astype(np.int64) << place
    out = []
    for number, lines in _SIDES.items():
        rows, columns = np.nonzero(case == number)
        for begin, end in lines:
            points = [_crossing(corners, level, side, rows, columns) for side in (begin, end)]
            out.append(np.concatenate(points, axis=1))
    return np.concatenate(out)


def _crossing(
    corners: list[Float64[np.ndarray, "rows columns"]],
    level: float,
    side: int,
    rows: Int64[np.ndarray, " cells"],
    columns: Int64[np.ndarray, " cells"],
) -> Float64[np.ndarray, "cells 2"]:
    """Where the level is passed on a side of some cells, x before y."""
    one, two = _CORNERS[side], _CORNERS[(side + 1) % 4]
    a, b = corners[side][rows, columns], corners[(side + 1) % 4][rows, columns]
    share = (level - a) / (b - a)
    x = columns + one[1] + share * (two[1] - one[1])
    y = rows + one[0] + share * (two[0] - one[0])
    return np.stack([x, y], axis=1)
