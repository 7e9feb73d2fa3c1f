"""Read the one frame of a file, for a query or as a part of a trajectory."""

from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from morphcore.readers import arrays, filenames, graspi, images
from morphcore.readers.files import content, in_memory, on_this_disk
from morphcore.readers.limits import DEFAULT_LIMITS, ReadLimits
from morphcore.readers.results import ImportPathError, UnreadableFrame


def frame_file(source: Path | bytes, name: str) -> UInt8[np.ndarray, "h w"]:
    """Read the one frame of a picture, npy or GraSPI text, as gray and in its own size.

    Raises:
        UnreadableFrame: if it is none of these, or holds several frames.
        ImportPathError: if there is no such file.
    """
    if isinstance(source, Path):
        if not source.is_file():
            raise ImportPathError(f"{source} does not exist or is not a file.")
        file = on_this_disk(source, name)
    else:
        file = in_memory(source, name)
    data = content(file, DEFAULT_LIMITS)
    kind = filenames.kind_of(name, data[:16])
    if kind == "pages":
        kind = "picture"
    if kind not in ("picture", "text", "npy"):
        raise UnreadableFrame(
            "It is of a kind that is not read as a single frame; accepted are pictures (PNG, TIFF,"
            " JPEG, BMP, GIF), npy and GraSPI texts."
        )
    return decode(kind, data, name, DEFAULT_LIMITS)


def decode(
    kind: filenames.Kind, data: bytes, name: str, limits: ReadLimits
) -> UInt8[np.ndarray, "h w"]:
    """Decode a picture, npy or GraSPI text to gray in its own size.

    Raises:
        UnreadableFrame: if it is not what its kind says, or beyond the limits.
    """
    if kind == "text":
        return graspi.parse(data, limits)
    if kind == "npy":
        return arrays.single(in_memory(data, name), limits)
    return images.picture(data, limits)
