"""From a file's own numbers to gray frames: what is done with a stack, decided before it is done.

A first pass over the pictures takes their statistics; what they, the file and the options say
makes an `Interpretation`. A second pass applies it, picture by picture, so that what a look shows
is what is stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from morphcore import frame_file
from morphcore import frames as framing
from morphcore.frame_file import GrayFrames
from morphcore.progress import Progress, ignore
from morphcore.readers.interpretation import gray_range, margins, orientation, windows
from morphcore.readers.interpretation.colours import (
    LIGHTNESS,
    ColourChoice,
    ColourHistogram,
    ColourToNumber,
)
from morphcore.readers.interpretation.doubts import doubts
from morphcore.readers.interpretation.gray_range import GrayScale
from morphcore.readers.interpretation.margins import NO_BORDER, Border
from morphcore.readers.interpretation.missing import filled
from morphcore.readers.interpretation.orientation import PICTURES, Orientation
from morphcore.readers.interpretation.value_statistics import ValueStatistics, gather, within
from morphcore.readers.interpretation.windows import Window
from morphcore.readers.limits import DEFAULT_LIMITS
from morphcore.readers.look import Question
from morphcore.readers.names.filenames import Kind
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import EvenGray, Stack, UnreadableFrame, Values3D

_MOST_NAN = 0.01  # of the pixels, to be filled


@dataclass(frozen=True)
class Interpretation:
    """How the pictures of a stack become gray frames, and what has to be said of it."""

    orientation: Orientation
    border: Border  # cut off, in pixels of the turned picture
    nan_border: Border  # what of that is cut off for having no numbers
    colour: ColourToNumber | None  # None: the values are numbers
    scale: GrayScale
    size: tuple[int, int]  # of the whole picture, with square pixels
    windows: tuple[Window, ...]
    pixel_size: float | None
    length_unit: str
    periodic: tuple[bool, bool]  # along x, along y
    value_range: tuple[float, float]
    done: tuple[str, ...]
    warnings: tuple[str, ...]
    questions: tuple[Question, ...]

    def gray(self, picture: np.ndarray) -> UInt8[np.ndarray, "h w"]:
        """Convert a picture as the file holds it to a gray frame, not yet cut into windows."""
        return self._scaled(self.orientation.turned(picture), self.border, self.size)

    def thinned(self, picture: np.ndarray, step: int) -> UInt8[np.ndarray, "h w"]:
        """Convert a picture that is turned, cropped and thinned out by `step` already."""
        left, top, right, bottom = (side // step for side in self.nan_border)
        size = (max(1, self.size[0] // step), max(1, self.size[1] // step))
        return self._scaled(picture, (left, top, right, bottom), size)

    def _scaled(
        self, turned: np.ndarray, border: Border, size: tuple[int, int]
    ) -> UInt8[np.ndarray, "h w"]:
        values = within(turned, border)
        if self.colour is not None:
            values = self.colour(values)
        if values.dtype.kind == "f":
            values = filled(values)
        gray = self.scale.gray(values)
        return gray if gray.shape == size else framing.resize(gray, size)

    def frames(
        self,
        values: Values3D,
        progress: Progress = ignore,
        *,
        held_bytes: int = DEFAULT_LIMITS.held_bytes,
        scratch: Path | None = None,
    ) -> Iterator[tuple[Window, GrayFrames]]:
        """Read the gray frames of each window, in one pass over the pictures.

        Up to `held_bytes` of them are in memory; more lie in a temporary file in `scratch`.

        Raises:
            NoRoom: if the disk has no room for that.
        """
        count = values.shape[0]
        shape = (count, self.windows[0].height, self.windows[0].width)
        out = frame_file.several(len(self.windows), shape, folder=scratch, held_bytes=held_bytes)
        for index, picture in enumerate(values.frames()):
            progress(index / count)
            gray = self.gray(picture)
            for window, frames in zip(self.windows, out, strict=True):
                frame_file.put(frames, index, window.of(gray))
        for window in self.windows:  # a window's frames are let go when they were stored
            yield window, out.pop(0)


@dataclass
class _Notes:
    """What has to be said so far."""

    done: list[str]
    warnings: list[str]
    questions: list[Question]


def interpret(
    stack: Stack,
    kind: Kind,
    options: ImportOptions,
    progress: Progress = ignore,
    *,
    periodic: tuple[bool, bool] | None = None,
) -> tuple[Interpretation, ValueStatistics]:
    """Decide how a stack becomes gray frames, by a pass over its pictures (two or three at most).

    `periodic` is what a table beside the file says; options come first, the file last.

    Raises:
        UnreadableFrame: if its values cannot be frames.
    """
    turn, done, questions = orientation.orient(stack, kind, options)
    notes = _Notes([*stack.done, *done], [], [*stack.questions, *questions])
    border: Border = options.crop if isinstance(options.crop, tuple) else NO_BORDER
    values, choice = _pass(stack.values, turn, border, options, LIGHTNESS, progress)
    if options.crop in (None, "auto"):
        found = margins.find(values)
        if found is not None and options.crop == "auto":
            border = found.border
            notes.done.append(f"Cut off {_sides(border)}, which {found.because}.")
            values, choice = _pass(stack.values, turn, border, options, LIGHTNESS, progress)
        elif found is not None:
            numbers = ",".join(str(side) for side in found.border)
            sides = f"{_sides(found.border)} {found.because}"
            if found.sure and kind in PICTURES:
                message = (
                    f"{sides}: margins of a figure or an info bar? Choose auto to cut them off"
                    f" ({numbers} at left, top, right, bottom), or none to keep them."
                )
                notes.questions.append(Question("crop", message))
            elif options.crop is None:
                said = f"{sides}, and are kept, as a wall is; crop {numbers} cuts them off."
                notes.warnings.append(said)
    if choice is not None:
        notes.done += choice.done
        notes.warnings += choice.warnings
        notes.questions += choice.questions
        if choice.way.way != "lightness":
            values, _ = _pass(stack.values, turn, border, options, choice.way, ignore)
    nan = values.nan_border
    if nan != NO_BORDER:
        border = (border[0] + nan[0], border[1] + nan[1], border[2] + nan[2], border[3] + nan[3])
        notes.done.append(f"Cut off {_sides(nan)} without numbers (NaN).")
    _check_nan(values, notes)
    if values.low == values.high:
        raise EvenGray(
            "Every frame is one and the same even gray, so there is nothing to see; frames that"
            " are not yet separated are accepted if others of the trajectory are."
        )
    ends = choice is not None and choice.own_range
    if kind in PICTURES and not any(each.option in ("crop", "colours") for each in notes.questions):
        notes.warnings += doubts(values)
    gray = gray_range.choose(values, options, own_range=ends)
    notes.done += gray.done
    notes.warnings += gray.warnings
    notes.questions += gray.questions
    cropped = (
        values.shape[0] - nan[1] - nan[3],
        values.shape[1] - nan[0] - nan[2],
    )
    pixel = options.pixel_size or stack.pixel_size
    size, side = windows.square(cropped, pixel)
    if pixel is not None and size != cropped:
        notes.done.append(
            f"Its pixels of {pixel[0]:g} x {pixel[1]:g} are made square: {cropped[1]} x"
            f" {cropped[0]} become {size[1]} x {size[0]}."
        )
    parts, cut, asked = windows.cut(size, options)
    notes.done += cut
    notes.questions += asked
    around = _periodic(stack, options, periodic)
    full_x, full_y = parts[0].width == size[1], parts[0].height == size[0]
    interpretation = Interpretation(
        orientation=turn,
        border=border,
        nan_border=nan,
        colour=None if choice is None else choice.way,
        scale=gray.scale,
        size=size,
        windows=parts,
        pixel_size=side,
        length_unit=_length_unit(stack, options, side),
        periodic=(
            around[0] and full_x and border[0] == border[2] == 0,
            around[1] and full_y and border[1] == border[3] == 0,
        ),
        value_range=(values.low, values.high),
        done=tuple(notes.done),
        warnings=tuple(notes.warnings),
        questions=tuple(notes.questions),
    )
    return interpretation, values


def _pass(
    values: Values3D,
    turn: Orientation,
    border: Border,
    options: ImportOptions,
    way: ColourToNumber,
    progress: Progress,
) -> tuple[ValueStatistics, ColourChoice | None]:
    """Take the statistics of all pictures, and choose a way from colours to numbers."""
    height, width = turn.shape(*values.shape[1:3])
    left, top, right, bottom = border
    if min(height - top - bottom, width - left - right) < 1:
        raise UnreadableFrame(
            f"It is {width} x {height} pixels, and {left + right} x {top + bottom} would be cut"
            " off; nothing would be left."
        )
    pictures = (within(turn.turned(picture), border) for picture in values.frames())
    count = values.shape[0]
    if len(values.shape) != 4:
        return gather(pictures, count, values.dtype, progress), None
    colours = ColourHistogram()
    found = gather(pictures, count, values.dtype, progress, scalar=way, on_colours=colours.add)
    if way.way == "map":  # positions along a map are as good as any number
        found = replace(found, dtype=np.dtype(np.float32))
    return found, colours.choose(options) if way is LIGHTNESS else None


def _check_nan(values: ValueStatistics, notes: _Notes) -> None:
    if values.nan_share > _MOST_NAN:
        raise UnreadableFrame(
            f"Of its values {values.nan_share:.1%} are not numbers (NaN); accepted are borders of"
            f" them, which are cut off, and up to {_MOST_NAN:.0%} elsewhere."
        )
    if values.nan_share > 0:
        notes.done.append(
            f"{values.nan_share:.2g} of its values are not numbers (NaN), and are filled from"
            " beside them."
        )


def _periodic(
    stack: Stack, options: ImportOptions, table: tuple[bool, bool] | None
) -> tuple[bool, bool]:
    if options.periodic is not None:
        return "x" in options.periodic, "y" in options.periodic
    return table or stack.periodic or (False, False)


def _length_unit(stack: Stack, options: ImportOptions, side: float | None) -> str:
    if side is None:
        return "px"
    return options.length_unit or stack.length_unit or "units"


def _sides(border: Border) -> str:
    """A border in words: "3 pixels at the left and 2 at the bottom"."""
    names = ("left", "top", "right", "bottom")
    shown = [f"{size} at the {name}" for size, name in zip(border, names, strict=True) if size]
    if not shown:
        return "nothing"
    shown[0] = shown[0].replace(" at", " pixels at" if shown[0][:2] != "1 " else " pixel at", 1)
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
