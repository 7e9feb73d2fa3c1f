"""Gray levels of numbers: one scale for a whole trajectory, fitted before it is applied."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Num, UInt8

from morphcore import frames as framing
from morphcore.progress import Progress, ignore, part
from morphcore.readers.limits import MIN_SIDE, ReadLimits
from morphcore.readers.results import UnreadableFrame
from morphcore.types import FRAME_SHAPE

RANGES = "0 to 1, 0 to 255, or 16-bit integers"
# A solver in float32 may overshoot a little; what is beyond this is another scale.
_OVERSHOOT = 0.01

Values = Num[np.ndarray, "h w"] | Bool[np.ndarray, "h w"]


@dataclass(frozen=True)
class Values3D:
    """An array of two or three dimensions, read frame by frame, as often as needed."""

    shape: tuple[int, ...]
    dtype: np.dtype
    frames: Callable[[], Iterator[Values]]


@dataclass(frozen=True)
class GrayScale:
    """Scale that maps all frames of an array to gray, by its type and its range."""

    low: float
    high: float
    kind: str  # NumPy's: b, u, i, f

    @staticmethod
    def from_values(values: Values3D, progress: Progress, limits: ReadLimits) -> "GrayScale":
        """Fit the scale to all frames of an array.

        Raises:
            UnreadableFrame: if shape, type or values are not those of frames.
        """
        check_shape(values.shape, limits)
        check_dtype(values.dtype)
        count = _count(values)
        low, high = np.inf, -np.inf
        for index, frame in enumerate(values.frames()):
            progress(index / count)
            least, most = float(frame.min()), float(frame.max())
            if not (np.isfinite(least) and np.isfinite(most)):
                location = f" (frame {index})" if count > 1 else ""
                raise UnreadableFrame(
                    f"It has values that are not numbers, NaN or infinite{location};"
                    f" accepted are {RANGES}."
                )
            low, high = min(low, least), max(high, most)
        if not _fits(low, high, values.dtype):
            hint = " (an order parameter from -1 to 1 is stored as (u + 1) / 2)" if low < 0 else ""
            raise UnreadableFrame(
                f"Its values run from {low:g} to {high:g}; accepted are {RANGES}{hint}."
            )
        return GrayScale(low, high, values.dtype.kind)

    def gray(self, frame: Values) -> UInt8[np.ndarray, "h w"]:
        """Convert a frame to gray, in its own size."""
        if self.kind == "f" and self.high <= 1 + _OVERSHOOT:
            return framing.to_gray(np.clip(frame, 0, 1))
        if self.high <= 1:
            return framing.to_gray(frame)
        if self.high > 255:
            return np.rint(frame.astype(np.float64) / 257).astype(np.uint8)
        # Not `to_gray`: this frame may reach 1 at most, while others of its trajectory reach 255.
        return np.rint(frame).astype(np.uint8)

    def frame(self, frame: Values) -> UInt8[np.ndarray, "100 400"]:
        """Convert a frame to gray, brought to 400 x 100."""
        return framing.resize(self.gray(frame))


def grays(
    values: Values3D, progress: Progress, limits: ReadLimits
) -> UInt8[np.ndarray, "time 100 400"]:
    """Convert an array's frames to gray frames of 400 x 100, by one scale for all of them.

    Booleans and values up to 1 are scaled by 255, values up to 255 kept, integers of 16 bits and
    more divided by 257. Floats within 0.01 of 0 to 1 are clipped to it.

    Raises:
        UnreadableFrame: if shape, type or values are not those of frames.
    """
    scale = GrayScale.from_values(values, part(progress, 0.0, 0.4), limits)
    count = _count(values)
    out = np.empty((count, *FRAME_SHAPE), dtype=np.uint8)
    for index, frame in enumerate(values.frames()):
        progress(0.4 + 0.6 * index / count)
        out[index] = scale.frame(frame)
    return out


def gray(values: Values, limits: ReadLimits) -> UInt8[np.ndarray, "h w"]:
    """Convert one picture of numbers to gray, by the rule of `grays`, in its own size.

    Raises:
        UnreadableFrame: if the values are not those of a frame.
    """
    alone = Values3D(values.shape, values.dtype, lambda: iter((values,)))
    return GrayScale.from_values(alone, ignore, limits).gray(values)


def is_image_like(shape: tuple[int, ...]) -> bool:
    """Whether an array could be a frame or a stack of them."""
    return len(shape) in (2, 3) and min(shape[-2:]) >= MIN_SIDE


def check_shape(shape: tuple[int, ...], limits: ReadLimits) -> None:
    """Refuse an array by its shape.

    Raises:
        UnreadableFrame: if it is not [height, width] or [time, height, width], or too large.
    """
    if len(shape) not in (2, 3):
        raise UnreadableFrame(
            f"Its array has the shape {list(shape)}; accepted are [height, width] and"
            " [time, height, width]."
        )
    limits.check_count(shape[0] if len(shape) == 3 else 1)
    limits.check_size(shape[-1], shape[-2])
    if int(np.prod(shape, dtype=object)) > limits.values:
        raise UnreadableFrame(
            f"Its array has the shape {list(shape)}, which is too large; accepted are up to"
            f" {limits.values:,} values."
        )


def check_dtype(dtype: np.dtype) -> None:
    """Refuse an array by the type of its values.

    Raises:
        UnreadableFrame: if they are not real numbers.
    """
    if dtype.hasobject:
        raise UnreadableFrame(
            "It holds pickled Python objects, which are never opened since they can run programs;"
            " accepted are arrays of numbers."
        )
    if dtype.kind not in "buif":
        raise UnreadableFrame(
            f"Its values are of the type {dtype}; accepted are booleans, integers and floats."
        )


def _count(values: Values3D) -> int:
    return values.shape[0] if len(values.shape) == 3 else 1


def _fits(low: float, high: float, dtype: np.dtype) -> bool:
    if dtype.kind != "f":
        return low >= 0 and high <= (65535 if dtype.itemsize > 1 else 255)
    if high < 2 - _OVERSHOOT:  # 1.3 is neither a share nor a gray level that anybody meant
        return low >= -_OVERSHOOT and high <= 1 + _OVERSHOOT
    return low >= 0 and high <= 255
