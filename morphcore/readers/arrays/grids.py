"""Arrays of coordinates beside frames: told from frames, and what they say of the frames' axes."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from morphcore.readers.arrays import coordinates
from morphcore.readers.arrays.axes import Layout
from morphcore.readers.arrays.fields import Facts, Field

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


def with_spacing_beside(one: Field, found: Layout, fields: Sequence[Field]) -> Facts:
    """What is known of an array, with the sides of its pixels by numbers dx and dy, or x and y."""
    facts = one.facts
    if facts.pixel_size is not None or one.last_name in _XY:
        return facts
    near = [other for other in fields if other.group in ("", one.group)]
    near.sort(key=lambda other: other.group == one.group)  # the nearest counts
    beside = {other.last_name.lower(): other for other in near if other.dtype.kind in "iuf"}
    steps = [beside[name] for name in ("dx", "dy") if name in beside]
    if steps and "dx" in beside and all(_is_number(step) for step in steps):
        sides = [float(step.whole().reshape(-1)[0]) for step in steps]
        if all(0 < side < math.inf for side in sides):
            return replace(facts, pixel_size=(sides[0], sides[-1]))
        return facts
    if not {"x", "y"} <= beside.keys():
        return facts
    along_x, along_y = (_line(beside[name]) for name in ("x", "y"))
    size_x, size_y = coordinates.spacing(along_x), coordinates.spacing(along_y)
    picture = sorted(found.frames_shape[1:3])
    if size_x is None or size_y is None or along_x is None or along_y is None:
        return facts
    counts = (len(along_x), len(along_y))
    if sorted(counts) != picture:
        return facts
    size = (abs(size_x), abs(size_y))
    if said := coordinates.shares_of_lengths(size, counts):
        return replace(facts, done=(*facts.done, said))
    return replace(facts, pixel_size=size)


def _is_number(one: Field) -> bool:
    return math.prod(one.shape) == 1


def _line(one: Field) -> np.ndarray | None:
    """The coordinates along an axis, of a column or of a grid; None if it is neither."""
    if is_column(one.shape):
        return one.whole().reshape(-1)
    if len(one.shape) != 2:
        return None
    grid = one.whole()
    for values in (grid, grid.T):
        if (values == values[0]).all() and values[0, 0] != values[0, -1]:
            return np.asarray(values[0])
    return None


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
