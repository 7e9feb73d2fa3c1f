"""What a physicist would measure on a binary frame: white fraction and domain length.

Domain length L = area / interface length, in pixels. The interface is taken as the pixel edges
between unlike neighbours, times pi/4: edges follow a staircase that is 4/pi times as long as the
true line, *on average over directions*. So for an interface without a preferred direction
(droplets, labyrinths, stripes of all orientations) L is true, and the period of stripes is 2 L.
For one direction alone it is off: stripes of period p along an axis have L = (2/pi) p = 0.64 p
and along a diagonal L = (sqrt(2)/pi) p = 0.45 p, in place of p/2.
"""

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from morphcore.types import Descriptors


def fraction(bits: Bool[np.ndarray, "frames h w"]) -> Float32[np.ndarray, " frames"]:
    """Share of white pixels, 0 to 1."""
    share: np.ndarray = bits.mean(axis=(1, 2), dtype=np.float64)
    return share.astype(np.float32)


def interface_length(
    bits: Bool[np.ndarray, "frames h w"], periodic: bool = True
) -> Float64[np.ndarray, " frames"]:
    """Length of the line between black and white, in px; walls do not count.

    Where a frame is `periodic` in x, the seam between its last and its first column counts too.
    """
    edges = (bits[:, :, 1:] != bits[:, :, :-1]).sum(axis=(1, 2), dtype=np.int64)
    edges += (bits[:, 1:] != bits[:, :-1]).sum(axis=(1, 2), dtype=np.int64)
    if periodic:
        edges += (bits[:, :, 0] != bits[:, :, -1]).sum(axis=1, dtype=np.int64)
    length: np.ndarray = edges * (np.pi / 4)
    return length


def domain_length(
    bits: Bool[np.ndarray, "frames h w"], periodic: bool = True
) -> Float32[np.ndarray, " frames"]:
    """L in px, area / interface length; infinite where a frame has no interface."""
    area = bits.shape[1] * bits.shape[2]
    with np.errstate(divide="ignore"):
        length: np.ndarray = area / interface_length(bits, periodic)
    return length.astype(np.float32)


def measure(
    frame_ids: Int64[np.ndarray, " frames"],
    bits: Bool[np.ndarray, "frames h w"],
    *,
    periodic: bool = True,
) -> Descriptors:
    """All descriptors of frames of any one size."""
    return Descriptors(
        frame_ids=frame_ids,
        fraction=fraction(bits),
        length=domain_length(bits, periodic),
    )
