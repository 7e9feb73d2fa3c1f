"""Sizes of frames: pixels made square, and large pictures cut into windows."""

from dataclasses import dataclass

import numpy as np

from morphcore.readers.look import Question
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import UnreadableFrame
from morphcore.types import LEAST_SIDE, MOST_SIDE

_LONGEST = 2**15  # pixels of a side that is resampled
_MOST_WEIGHTS = 2**27  # pixels of a side before, times those after
_ALIKE = 0.01  # sides of a pixel that differ less are taken for the same


@dataclass(frozen=True)
class Window:
    """A part of a picture, in pixels; `label` tells it from the others, empty where it is alone."""

    top: int
    left: int
    height: int
    width: int
    label: str = ""

    def of(self, picture: np.ndarray) -> np.ndarray:
        """Cut the window out of a picture."""
        rows = slice(self.top, self.top + self.height)
        return picture[rows, self.left : self.left + self.width]


def square(
    shape: tuple[int, int], sides: tuple[float, float] | None
) -> tuple[tuple[int, int], float | None]:
    """Find the size of a picture with square pixels, and their side.

    `sides` of a pixel are along x and y; the finer one is kept.

    Raises:
        UnreadableFrame: if the picture would be too large.
    """
    if sides is None:
        return shape, None
    along_x, along_y = sides
    side = min(sides)
    if max(sides) <= side * (1 + _ALIKE):
        return shape, side
    height, width = shape
    longest = max(height * along_y, width * along_x)
    weights = max(height**2 * along_y, width**2 * along_x)
    if longest > _LONGEST * side or weights > _MOST_WEIGHTS * side:
        raise UnreadableFrame(
            f"Its pixels are {along_x:g} by {along_y:g}, which cannot be made square: the picture"
            " would be too large. Accepted are sides of a pixel that are more alike."
        )
    return (round(height * along_y / side), round(width * along_x / side)), side


def cut(
    shape: tuple[int, int], options: ImportOptions
) -> tuple[tuple[Window, ...], list[str], list[Question]]:
    """Divide a picture into the windows that are stored: one, unless they are asked for.

    Windows lie side by side from the top left corner on; what is left over is not stored, and a
    picture that is not larger than a window stays whole.

    Raises:
        UnreadableFrame: if the picture is too small to be stored.
    """
    height, width = shape
    if min(shape) < LEAST_SIDE:
        raise UnreadableFrame(
            f"It is {width} x {height} pixels; accepted are at least {LEAST_SIDE} x {LEAST_SIDE}."
        )
    whole = (Window(0, 0, height, width),)
    if options.window is None:
        if max(shape) <= MOST_SIDE:
            return whole, [], []
        most = min(512, height, width)
        message = (
            f"It is {width:,} x {height:,} pixels; stored are up to {MOST_SIDE:,} a side. Choose"
            f" the size of windows (HEIGHTxWIDTH) to cut it into, such as {most}x{most}."
        )
        return whole, [], [Question("window", message)]
    tall, wide = min(options.window[0], height), min(options.window[1], width)
    rows, columns = height // tall, width // wide
    if (rows, columns) == (1, 1) and (tall, wide) == shape:
        return whole, [], []
    windows = tuple(
        Window(row * tall, column * wide, tall, wide, f"window {row + 1},{column + 1}")
        for row in range(rows)
        for column in range(columns)
    )
    left_over = []
    if width % wide:
        left_over.append(f"{width % wide} pixels at the right")
    if height % tall:
        left_over.append(f"{height % tall} at the bottom")
    rest = f"; {' and '.join(left_over)} are left over" if left_over else ""
    count = f"{len(windows)} windows" if len(windows) > 1 else "a window"
    return windows, [f"Cut into {count} of {wide} x {tall} pixels{rest}."], []
