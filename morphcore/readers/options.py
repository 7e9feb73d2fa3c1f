"""Options of an import: how files become trajectories. The same on the page and the command line.

None means "as found": what the files say, else what is guessed; a guess that would lose something
is not taken, but asked for (`look.Question`).
"""

import math
from contextlib import suppress
from dataclasses import asdict, dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from morphcore.errors import MorphError


class OptionError(MorphError):
    """An option outside its accepted range; the message names the range."""


AXES = ("tyx", "txy", "yxt", "xyt", "ytx", "xty")  # of a stack; a picture has the last two of three
_LARGEST = 1e300  # value: what is reckoned with it stays finite
Colours = Literal["lightness", "map", "red", "green", "blue"]


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """How files become trajectories; kept with the data set."""

    # White is what is at least this: half of the range, Otsu's threshold of the whole trajectory,
    # or a number in the files' own values.
    threshold: Literal["half", "otsu"] | float | None = None
    swap: bool = False  # the phases change colours
    value_range: tuple[float, float] | None = None  # values that become black and white
    # Pixels cut off at left, top, right and bottom; "auto": what is the same in all frames.
    crop: Literal["auto", "none"] | tuple[int, int, int, int] | None = None
    window: tuple[int, int] | None = None  # (height, width) of windows that pictures are cut into
    axes: str | None = None  # one of AXES: what the axes of an array or a stack mean
    flip: Literal["none", "x", "y", "xy"] = "none"  # mirrored along these axes
    channel: int | None = None  # from 0 on, of pictures with several
    colours: Colours | None = None  # how colour becomes one number
    # Sides of a pixel along x and y in `length_unit`; unequal ones are made square by resampling.
    pixel_size: tuple[float, float] | None = None
    length_unit: str | None = None
    time_unit: str | None = None  # "step", "frame" or a unit
    time_step: float | None = None  # between frames whose times are not known, in `time_unit`
    periodic: Literal["none", "x", "y", "xy"] | None = None  # axes that go around
    # A regular expression for file names without ending: its groups `trajectory` and `time`.
    names: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.threshold, float | int) and not abs(self.threshold) <= _LARGEST:
            raise OptionError("The threshold is a number, half or otsu.")
        if self.value_range is not None:
            low, high = self.value_range
            if not -_LARGEST <= low < high <= _LARGEST:
                raise OptionError("A range of values is two numbers, the lower one first.")
        if isinstance(self.crop, tuple) and min(self.crop) < 0:
            raise OptionError(
                "A crop is four numbers of pixels, 0 or more: left, top, right, bottom."
            )
        if self.window is not None and not all(16 <= side <= 2048 for side in self.window):
            raise OptionError("A window is HEIGHT x WIDTH, each from 16 to 2,048 pixels.")
        if self.axes is not None and self.axes not in AXES:
            raise OptionError(f"axes is {self.axes!r}; accepted are {', '.join(AXES)}.")
        if self.channel is not None and self.channel < 0:
            raise OptionError("A channel is a whole number from 0 on.")
        if self.pixel_size is not None and not all(0 < side < math.inf for side in self.pixel_size):
            raise OptionError("The sides of a pixel are two numbers above 0, along x and along y.")
        if self.time_step is not None and not 0 < self.time_step < math.inf:
            raise OptionError("The time between frames is a number above 0.")

    def as_json(self) -> dict[str, Any]:
        """The options that are not at their defaults, as plain values."""
        given = asdict(self)
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in given.items()
            if value != getattr(DEFAULT_OPTIONS, name)
        }

    @staticmethod
    def from_json(given: dict[str, Any]) -> "ImportOptions":
        """Invert `as_json`; names that are not known are left out.

        Raises:
            OptionError: if a value is of no kind that the option has, or outside its range.
        """
        kinds = get_type_hints(ImportOptions)
        values: dict[str, Any] = {}
        for name, value in given.items():
            if name in kinds:
                try:
                    values[name] = _of_kind(value, kinds[name])
                except TypeError as err:
                    raise OptionError(
                        f"The option {name} is {value!r}, which is none of its values."
                    ) from err
        return ImportOptions(**values)


def _of_kind(value: Any, kind: Any) -> Any:
    """A value of JSON as the type that is written at an option, lists as tuples.

    Raises:
        TypeError: if it is not of that type.
    """
    inner = get_args(kind)
    if get_origin(kind) is Literal and isinstance(value, str) and value in inner:
        return value
    if get_origin(kind) is tuple and isinstance(value, list | tuple) and len(value) == len(inner):
        return tuple(map(_of_kind, value, inner))
    if get_origin(kind) in (Union, UnionType):
        for each in inner:
            with suppress(TypeError):
                return _of_kind(value, each)
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return _float(value)
    if isinstance(kind, type) and not inner and type(value) is kind:
        return value
    raise TypeError


def _float(value: float) -> float:
    try:
        return float(value)  # JSON may write 1.0 as 1
    except OverflowError as err:
        raise TypeError from err


DEFAULT_OPTIONS = ImportOptions()
