"""Axes of an array: which one is time, which two are the picture, which hold channels."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np

from morphcore.readers.arrays.time_axis import space_before_time
from morphcore.readers.limits import DEFAULT_LIMITS, MIN_SIDE
from morphcore.readers.look import Question
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import UnreadableFrame


@dataclass(frozen=True)
class Layout:
    """Meaning of the axes of an array, and what was chosen on the way."""

    frames_shape: tuple[int, ...]  # (time, rows, columns) or (time, rows, columns, 3)
    time: int | None  # the axis of time; None: a single picture
    rest: tuple[int, ...]  # the shape of what is left without time
    keep: tuple[int, ...]  # axes of `rest` that are the picture's rows and columns (and colours)
    take: tuple[int, ...]  # for each axis of `rest`, the index to take where it is not kept
    axes: Literal["yx", "xy"] | None
    colours: bool = False
    done: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()

    def picture(self, piece: np.ndarray) -> np.ndarray:
        """The picture of a piece of the array at one time."""
        where = tuple(
            slice(None) if axis in self.keep else index for axis, index in enumerate(self.take)
        )
        picture = np.ascontiguousarray(piece[where])
        picture = picture.astype(self.dtype(picture.dtype), copy=False)
        if not self.colours:
            return picture
        if picture.shape[2] == 4:
            alpha = picture[..., 3:].astype(np.float32) / 255
            over = picture[..., :3] * alpha + 255 * (1 - alpha)
            return np.rint(over).astype(np.uint8)
        return picture

    def dtype(self, of_array: np.dtype) -> np.dtype:
        """The type of the pictures of an array."""
        return of_array.newbyteorder("=")

    def x_first_question(self, shape: tuple[int, ...]) -> Question:
        """Ask whether the rows are x, as in py-pde's files."""
        sides = " x ".join(str(side) for side in shape)
        return Question(
            "axes",
            f"The array is {sides} and lies beside `times` as py-pde writes it, with x before y,"
            " but its grid is not said: txy if it is [time, x, y] with y upwards, tyx if it is"
            " [time, y, x].",
        )


def layout(
    shape: tuple[int, ...],
    dtype: np.dtype,
    dims: tuple[str | None, ...] | None,
    options: ImportOptions,
    *,
    time_lengths: frozenset[int] = frozenset(),
    time_last: bool = False,
    first: Callable[[], Iterator[np.ndarray]] | None = None,
) -> Layout:
    """Find the meaning of the axes of an array of frames.

    `dims` names the axes where the file does (t, x, y, c, z, or None). `time_lengths` are lengths
    of the times that lie beside it. `first` reads the array along its first axis, for a look at
    its values where nothing else tells where time is.

    Raises:
        UnreadableFrame: if it has not two to four axes that can be these, or there is no such
            channel.
    """
    if 0 in shape:
        raise UnreadableFrame(f"Its array has the shape {list(shape)}, which is empty.")
    names: list[str | None] = (
        list(dims) if dims and len(dims) == len(shape) else [None] * len(shape)
    )
    # Axes of one entry say nothing, but time may have one entry.
    open_axes = [
        axis for axis, side in enumerate(shape) if side > 1 or names[axis] in ("x", "y", "t")
    ]
    done: list[str] = []
    questions: list[Question] = []
    if len(open_axes) < 2 or len(open_axes) > 4:
        raise _wrong(shape)
    if any(names[axis] == "z" for axis in open_axes) and len(open_axes) > 2:
        _z_as_y(names, open_axes, shape)
    colours = _colour_axis(shape, dtype, names, open_axes, options)
    channel = None if colours is not None else _channel_axis(shape, names, open_axes, options)
    plain = [axis for axis in open_axes if axis not in (colours, channel)]
    time: int | None = None
    if len(plain) == 3:
        time, said, asked = _time_axis(shape, names, plain, options, time_lengths, time_last, first)
        done += said
        questions += asked
    elif len(plain) != 2:
        raise _wrong(shape)
    picture = [axis for axis in plain if axis != time]
    if min(shape[axis] for axis in picture) < MIN_SIDE:
        raise UnreadableFrame(
            f"Its array has the shape {list(shape)}; its frames would have a side of less than"
            f" {MIN_SIDE}."
        )
    take = [0] * len(shape)
    if channel is not None:
        take[channel] = _channel(shape[channel], options, done, questions)
    rest = [axis for axis in range(len(shape)) if axis != time]
    kept = [*picture, *([colours] if colours is not None else [])]
    count = 1 if time is None else shape[time]
    return Layout(
        frames_shape=(
            count,
            *(shape[axis] for axis in picture),
            *([3] if colours is not None else []),
        ),
        time=time,
        rest=tuple(shape[axis] for axis in rest),
        keep=tuple(rest.index(axis) for axis in kept),
        take=tuple(take[axis] for axis in rest),
        axes=_axes_of_picture([names[axis] for axis in picture], options),
        colours=colours is not None,
        done=tuple(done),
        questions=tuple(questions),
    )


def _wrong(shape: tuple[int, ...]) -> UnreadableFrame:
    return UnreadableFrame(
        f"Its array has the shape {list(shape)}; accepted are [height, width],"
        " [time, height, width] and [time, channel, height, width]."
    )


def _z_as_y(names: list[str | None], open_axes: list[int], shape: tuple[int, ...]) -> None:
    """Take z for y where there is no y: a section across a film."""
    present = [names[axis] for axis in open_axes]
    if "x" in present and "y" in present:
        raise UnreadableFrame(
            f"It is three-dimensional (its array has the shape {list(shape)} with x, y and z);"
            " accepted are two dimensions."
        )
    other = "y" if "x" in present else "x"
    for axis in open_axes:
        if names[axis] == "z":
            names[axis] = other if other == "y" else "y"
        elif names[axis] == "y":
            names[axis] = "x"


def _colour_axis(
    shape: tuple[int, ...],
    dtype: np.dtype,
    names: list[str | None],
    open_axes: list[int],
    options: ImportOptions,
) -> int | None:
    """The last axis where it holds red, green, blue (and alpha) of 8 bits."""
    last = open_axes[-1]
    if options.channel is not None or dtype != np.uint8 or shape[last] not in (3, 4):
        return None
    if len(open_axes) == 3 and options.axes is not None and "c" not in names:
        return None
    return last if names[last] in (None, "c") and len(open_axes) > 2 else None


def _channel_axis(
    shape: tuple[int, ...], names: list[str | None], open_axes: list[int], options: ImportOptions
) -> int | None:
    named = [axis for axis in open_axes if names[axis] == "c"]
    if named:
        return named[0]
    if len(open_axes) == 4:
        short = [axis for axis in open_axes if shape[axis] < MIN_SIDE]
        candidates = [axis for axis in (open_axes[1], open_axes[3]) if axis in short]
        if not candidates:
            raise _wrong(shape)
        return min(candidates, key=lambda axis: shape[axis])
    last = open_axes[-1]
    if len(open_axes) == 3 and options.axes is None and options.channel is not None:
        if shape[last] < MIN_SIDE and "t" not in names:
            return last
        if shape[open_axes[0]] < MIN_SIDE and names[open_axes[0]] is None:
            return open_axes[0]
    return None


def _channel(count: int, options: ImportOptions, done: list[str], questions: list[Question]) -> int:
    if options.channel is None:
        questions.append(
            Question("channel", f"It has {count} channels: choose one from 0 to {count - 1}.")
        )
        return 0
    if options.channel >= count:
        raise UnreadableFrame(
            f"It has {count} channels, from 0 to {count - 1}; there is no channel"
            f" {options.channel}."
        )
    done.append(f"Channel {options.channel} of {count} is taken.")
    return options.channel


def _time_axis(
    shape: tuple[int, ...],
    names: list[str | None],
    plain: list[int],
    options: ImportOptions,
    time_lengths: frozenset[int],
    time_last: bool,
    first: Callable[[], Iterator[np.ndarray]] | None,
) -> tuple[int, list[str], list[Question]]:
    if options.axes is not None:
        return plain[options.axes.index("t")], [], []
    named = [axis for axis in plain if names[axis] == "t"]
    if named:
        return named[0], [], []
    if {names[axis] for axis in plain} >= {"x", "y"}:
        return next(axis for axis in plain if names[axis] not in ("x", "y")), [], []
    usual = plain[-1] if time_last else plain[0]
    as_long = [
        axis
        for axis in plain
        if shape[axis] in time_lengths
        and min(shape[other] for other in plain if other != axis) >= MIN_SIDE
    ]
    if as_long:
        if usual in as_long:
            return usual, [], []
        axis = as_long[0]
        return axis, [f"Axis {axis} is time, as long as the times beside it."], []
    short = [axis for axis in plain if shape[axis] < MIN_SIDE]
    if short:
        axis = short[0]
        if axis == plain[-1] and shape[axis] in (3, 4) and not time_last:
            asked = Question(
                "axes",
                f"Its array has the shape {list(shape)}: axes yxt if the last one is time; if it"
                f" holds channels, choose channel 0 to {shape[axis] - 1}.",
            )
            return axis, [], [asked]
        said = [] if axis == usual else [f"Axis {axis} is time: it is too short for a picture."]
        return axis, said, []
    looked_at = not time_last and plain == [0, 1, 2] and prod(shape) <= DEFAULT_LIMITS.values
    if looked_at and first is not None:
        return usual, [], space_before_time(shape, first())
    return usual, [], []


def _axes_of_picture(names: list[str | None], options: ImportOptions) -> Literal["yx", "xy"] | None:
    if options.axes is not None:
        return "yx" if options.axes.replace("t", "") == "yx" else "xy"
    if names[0] == "x" or names[1] == "y":
        return "xy"
    if names[0] == "y" or names[1] == "x":
        return "yx"
    return None
