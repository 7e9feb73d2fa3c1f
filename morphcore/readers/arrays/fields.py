"""Arrays in a file, read piece by piece along any axis, and what the file says of them."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from morphcore.readers.limits import MIN_SIDE

BLOCK_BYTES = 96 * 2**20  # of an array, in memory at once
TIME_NAMES = frozenset(
    [
        "t",
        "time",
        "times",
        "tt",
        "tlist",
        "tspan",
        "tout",
        "ts",
        "tvec",
        "t_vec",
        "t_array",
        "time_array",
        "time_points",
        "timepoints",
        "tsave",
        "t_save",
        "sim_time",
        "simulation_time",
        "timesteps",
        "time_steps",
        "step",
        "steps",
        "iteration",
        "iterations",
    ]
)
STEP_NAMES = frozenset(["timesteps", "time_steps", "step", "steps", "iteration", "iterations"])


@dataclass(frozen=True)
class Facts:
    """What a file says of an array. None: it does not say."""

    # Of each axis: t, x, y, c (channel), z, or None.
    dims: tuple[str | None, ...] | None = None
    axes: Literal["yx", "xy"] | None = None  # of what is left without time
    y_up: bool = False
    times: np.ndarray | None = None
    time_unit: str | None = None
    params: Mapping[str, float] = field(default_factory=dict)
    periodic: tuple[bool, bool] | None = None
    pixel_size: tuple[float, float] | None = None
    length_unit: str | None = None
    done: tuple[str, ...] = ()
    question: Literal["x first"] | None = None  # py-pde's layout without its grid


@dataclass(frozen=True)
class Field:
    """An array in a file. `slices(axis)` reads it piece by piece along an axis; None: at once."""

    name: str  # with "/" between groups; "" in a file of one array
    shape: tuple[int, ...]
    dtype: np.dtype
    slices: Callable[[int | None], Iterator[np.ndarray]]
    facts: Facts = Facts()
    fault: str | None = None  # why its values cannot be read

    @property
    def last_name(self) -> str:
        """The name without its groups."""
        return self.name.rpartition("/")[2]

    @property
    def group(self) -> str:
        """The groups around it."""
        return self.name.rpartition("/")[0]

    def whole(self) -> np.ndarray:
        """All its values."""
        return next(self.slices(None))


def across(
    stream: Callable[[], Iterator[np.ndarray]],
    natural: int,
    axis: int | None,
    shape: tuple[int, ...],
    dtype: np.dtype,
) -> Iterator[np.ndarray]:
    """Read an array along `axis` that comes piece by piece along its axis `natural`.

    Along another axis, the stream is read once for each block of pieces that memory may hold.
    None: all of it, as one piece.
    """
    if axis == natural:
        yield from stream()
        return
    if axis is None:
        yield np.stack(list(stream()), axis=natural)
        return
    rest = shape[:axis] + shape[axis + 1 :]
    block = max(1, BLOCK_BYTES // max(1, math.prod(rest) * dtype.itemsize))
    for start in range(0, shape[axis], block):
        stop = min(shape[axis], start + block)
        out = np.empty((stop - start, *rest), dtype=dtype)
        pieces = np.moveaxis(out, 1 + natural - (natural > axis), 0)
        for index, piece in enumerate(stream()):
            pieces[index] = np.moveaxis(piece, axis - (axis > natural), 0)[start:stop]
        yield from out


def is_image_like(shape: tuple[int, ...]) -> bool:
    """Whether an array could hold frames: two of its axes are as long as a picture's."""
    return sum(side >= MIN_SIDE for side in shape) >= 2
