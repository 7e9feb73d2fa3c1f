"""Refusals of arrays by their shape and type, before their values are read."""

import math

import numpy as np

from morphcore.readers.limits import ReadLimits
from morphcore.readers.results import UnreadableFrame


def check_frames(shape: tuple[int, ...], limits: ReadLimits) -> None:
    """Refuse frames, [time, height, width] or with colours [..., 3], by their number and size.

    Raises:
        UnreadableFrame: if they are too many, too small or too large.
    """
    limits.check_count(shape[0])
    limits.check_size(shape[2], shape[1])
    if math.prod(shape) > limits.values:
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
