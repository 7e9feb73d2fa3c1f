"""Rescaling of frames to the pixel size of a model's own frames, by one factor for both axes.

A model knows domains by their size in pixels. Where the pixel sizes of both data sets are known,
their ratio is the factor; where one is not (simulations have none), a person has to say how the
two compare.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float32, UInt8

from morphcore import frames, lengths
from morphcore.errors import MorphError

LEAST_FACTOR, MOST_FACTOR = 0.01, 100.0
CHOICES = "thickness, one or a number"

# "thickness": the height of a frame is the film's thickness, as that of the model's frames is;
# "one": a pixel is a pixel; a number: the factor itself.
ScaleChoice = Literal["thickness", "one"] | float
How = Literal["pixel size", "thickness", "factor", "one"]


class ScaleError(MorphError):
    """A factor that is not accepted; the message says which are."""


class ScaleUnknown(MorphError):
    """A pixel size is not known, so somebody has to say how frames compare in size."""


@dataclass(frozen=True)
class PixelScale:
    """The height of frames, and the side of a pixel in `length_unit` where it is known."""

    height: int  # px
    pixel_size: float | None = None
    length_unit: str = "px"

    def over(self, other: "PixelScale") -> float | None:
        """A pixel's side as a multiple of one of `other`; None where one is not known."""
        if self.pixel_size is None or other.pixel_size is None:
            return None
        if "px" in (self.length_unit, other.length_unit):
            return None
        return lengths.ratio(self.pixel_size, self.length_unit, other.pixel_size, other.length_unit)


@dataclass(frozen=True)
class Rescaling:
    """How frames were brought to the pixels of a model's own, and why by that factor."""

    factor: float  # pixels of the model's frames that a pixel becomes, along either axis
    how: How
    before: PixelScale

    @property
    def words(self) -> str:
        """It in words, to be shown with every result.

        >>> Rescaling(0.62, "pixel size", PixelScale(160, 5.0, "nm")).words
        'scaled by 0.62: 5 nm/px to 8.06 nm/px'
        >>> Rescaling(1.0, "one", PixelScale(100)).words
        'one pixel is one pixel'
        """
        if self.how == "one":
            return "one pixel is one pixel"
        scaled = f"scaled by {self.factor:.3g}"
        if self.how == "pixel size" and self.before.pixel_size is not None:
            size, unit = self.before.pixel_size, self.before.length_unit
            return f"{scaled}: {size:.3g} {unit}/px to {size / self.factor:.3g} {unit}/px"
        if self.how == "thickness":
            height = self.before.height
            return (
                f"{scaled}: a height of {height:,} px is the film's thickness, as"
                f" {round(height * self.factor):,} px of the model's"
            )
        return f"{scaled}, as given"

    def shape(self, shape: tuple[int, int]) -> tuple[int, int]:
        """The size (height, width) that frames of a size get, in px."""
        height, width = (max(1, round(side * self.factor)) for side in shape)
        return height, width


def parse_choice(text: str) -> ScaleChoice:
    """Read a choice: thickness, one, or a factor.

    Raises:
        ScaleError: if it is none of these.
    """
    if text == "thickness":
        return "thickness"
    if text == "one":
        return "one"
    try:
        return checked_factor(float(text))
    except ValueError:
        raise ScaleError(f"The scale is {text!r}; accepted are {CHOICES}.") from None


def checked_factor(factor: float) -> float:
    """Return a factor that can be used.

    Raises:
        ScaleError: if it is outside 0.01 to 100.
    """
    if not LEAST_FACTOR <= factor <= MOST_FACTOR:
        raise ScaleError(
            f"Frames would be scaled by {factor:.3g}; accepted are {LEAST_FACTOR:g} to"
            f" {MOST_FACTOR:g}."
        )
    return factor


def decide(model: PixelScale, frame: PixelScale, choice: ScaleChoice | None) -> Rescaling:
    """Decide how frames are brought to the model's pixels: by a choice, else by the pixel sizes.

    Raises:
        ScaleUnknown: if there is no choice and one of the pixel sizes is not known.
        ScaleError: if the factor is outside 0.01 to 100.
    """
    if choice is None:
        known = frame.over(model)
        if known is None:
            raise ScaleUnknown("It is not known how the sizes of pixels compare.")
        return Rescaling(checked_factor(known), "pixel size", frame)
    if choice == "one":
        return Rescaling(1.0, "one", frame)
    if choice == "thickness":
        return Rescaling(checked_factor(model.height / frame.height), "thickness", frame)
    return Rescaling(checked_factor(choice), "factor", frame)


def rescale(
    gray: UInt8[np.ndarray, "h w"], factor: float, *, periodic: bool = False
) -> UInt8[np.ndarray, "h2 w2"]:
    """Bring a gray frame to `factor` times its size: by the mean over area, or between pixels.

    Down, each new pixel is the mean of the area that it covers; up, it lies on the straight line
    between the old ones next to it, around the left and right edges where these join (`periodic`).
    """
    height, width = gray.shape
    shape = max(1, round(height * factor)), max(1, round(width * factor))
    if shape == gray.shape:
        return gray
    if factor < 1:
        return frames.resize(gray, shape)
    rows = _linear_weights(height, shape[0], False)
    columns = _linear_weights(width, shape[1], periodic)
    between = rows @ gray.astype(np.float32) @ columns.T
    return np.asarray(np.rint(between), dtype=np.uint8)


def binarised(
    gray: UInt8[np.ndarray, "h w"],
    factor: float,
    threshold: float,
    *,
    periodic: bool = False,
) -> Bool[np.ndarray, "h2 w2"]:
    """A gray frame at another size, cut to black and white at its trajectory's threshold."""
    return frames.binarise(rescale(gray, factor, periodic=periodic), threshold)


@lru_cache(maxsize=16)
def _linear_weights(old: int, new: int, around: bool) -> Float32[np.ndarray, "new old"]:
    """Weights of old pixels in each new one, by the distance of their centres; rows sum to 1."""
    at = (np.arange(new) + 0.5) * (old / new) - 0.5
    below = np.floor(at).astype(np.int64)
    share = at - below
    weights = np.zeros((new, old), dtype=np.float32)
    rows = np.arange(new)
    for column, weight in ((below, 1 - share), (below + 1, share)):
        inside = column % old if around else np.clip(column, 0, old - 1)
        np.add.at(weights, (rows, inside), weight)
    return weights
