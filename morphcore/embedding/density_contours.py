"""Density contours of a map: a smoothed density of its points, and lines of equal density."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64

GRID = 96  # cells along each axis
BANDWIDTH = 1 / 45  # of an axis, the standard deviation of the smoothing
SHARES = (0.25, 0.5, 0.75, 0.95)  # of the points that lie within each line


@dataclass(frozen=True)
class ContourSegments:
    """Lines of equal density as straight segments (x, y, x2, y2), in the map's own unit."""

    ends: Float64[np.ndarray, "segments 4"]
    share: Float64[np.ndarray, " segments"]  # of the points that lie within


def contours(coords: Float[np.ndarray, "points 2"]) -> ContourSegments:
    """The lines within which a quarter, half, three quarters and 95 % of the points lie."""
    low, high = coords.min(axis=0), coords.max(axis=0)
    room = 4 * BANDWIDTH * (high - low) + 1e-9
    low, high = (low - room).astype(np.float64), (high + room).astype(np.float64)
    field = _density(coords, low, high)
    cell = (high - low) / GRID
    rows = np.clip((coords - low) // cell, 0, GRID - 1).astype(np.int64)
    at_points = np.sort(field[rows[:, 1], rows[:, 0]])[::-1]
    segments, shares = [], []
    for share in SHARES:
        level = float(at_points[min(len(at_points) - 1, int(share * len(at_points)))])
        segments.append(_segments(field, level * (1 - 1e-9)))
        shares.append(np.full(len(segments[-1]), share))
    ends = np.concatenate(segments)
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


def _segments(
    field: Float64[np.ndarray, "rows columns"], level: float
) -> Float64[np.ndarray, "n 4"]:
    """Straight segments of the lines at which the field passes a level; in cells, x first."""
    import contourpy

    generator = contourpy.contour_generator(z=field, line_type=contourpy.LineType.Separate)
    lines = [np.asarray(line) for line in generator.lines(level)]
    return np.concatenate([np.concatenate([line[:-1], line[1:]], axis=1) for line in lines])
