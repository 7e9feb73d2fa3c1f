"""Arrays of coordinates beside frames: told from frames, and what they say of the frames' axes."""

import math
from collections.abc import Sequence

import numpy as np

from morphcore.readers.arrays.fields import Field

_GRID_NAMES = frozenset(
    [
        "x",
        "y",
        "z",
        "xx",
        "yy",
        "zz",
        "xg",
        "yg",
        "x_grid",
        "y_grid",
        "grid_x",
        "grid_y",
        "lon",
        "lat",
        "r",
    ]
)
_XY = ("x", "y", "X", "Y")


def dims_by_coordinates(one: Field, fields: Sequence[Field]) -> tuple[str | None, ...] | None:
    """Tell x from y by arrays x and y beside it, each as long as one axis or a grid as its frames.

    None where they do not tell.
    """
    beside = {
        other.last_name.lower(): other
        for other in fields
        if other.group == one.group and other.dtype.kind in "iuf" and other.last_name in _XY
    }
    if len(one.shape) not in (2, 3) or one.last_name in _XY or not {"x", "y"} <= beside.keys():
        return None
    x, y = beside["x"], beside["y"]
    dims: list[str | None] = [None] * len(one.shape)
    if is_column(x.shape) and is_column(y.shape):
        for letter, length in (("x", math.prod(x.shape)), ("y", math.prod(y.shape))):
            fitting = [axis for axis, side in enumerate(one.shape) if side == length]
            if len(fitting) != 1 or dims[fitting[0]] is not None:
                return None
            dims[fitting[0]] = letter
        return tuple(dims)
    picture = [axis for axis in range(len(one.shape) - 1) if one.shape[axis : axis + 2] == x.shape]
    if len(x.shape) != 2 or x.shape != y.shape or len(picture) != 1:
        return None
    grid = x.whole()
    rows_are_x = bool((grid[:, :1] == grid).all()) and not bool((grid[:1] == grid).all())
    dims[picture[0] : picture[0] + 2] = ["x", "y"] if rows_are_x else ["y", "x"]
    return tuple(dims)


def is_column(shape: tuple[int, ...]) -> bool:
    """Whether an array has one axis, but for axes of one entry."""
    return sum(side > 1 for side in shape) <= 1


def is_grid(name: str, picture: np.ndarray) -> bool:
    """Whether an array holds coordinates: a ramp along one axis, the same along the other."""
    if picture.ndim != 2 or picture.dtype.kind not in "iuf":
        return False
    for values in (picture, picture.T):
        line = values[0]
        if (values == line).all() and line[0] != line[-1]:
            steps = np.diff(line.astype(np.float64))
            monotone = bool((steps > 0).all() or (steps < 0).all())
            even = bool(np.allclose(steps, steps.mean(), rtol=1e-3))
            return monotone and (even or name.lower() in _GRID_NAMES)
    return False
