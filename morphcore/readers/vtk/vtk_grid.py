"""Image data of a VTK file: its points, the way between them, and arrays on points or cells."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Grid:
    """Image data: points along x, y, z, the way between them, and arrays on points or cells."""

    points: tuple[int, int, int]
    spacing: tuple[float, float, float]
    arrays: tuple["GridArray", ...]
    marked: str | None = None  # the array that the file calls its scalars
    time: float | None = None


@dataclass(frozen=True)
class GridArray:
    """Values of an array, x fastest, [values] or [values, components]."""

    name: str
    of_cells: bool
    values: np.ndarray
