"""Morphological descriptors of binary frames of any size, periodic in x or not.

Domain length L = area / interface length, in pixels. The interface is taken as the pixel edges
between unlike neighbours, times pi/4: edges follow a staircase that is 4/pi times as long as the
true line, *on average over directions*. So for an interface without a preferred direction
(droplets, labyrinths, stripes of all orientations) L is true, and the period of stripes is 2 L.
For one direction alone it is off: stripes of period p along an axis have L = (2/pi) p = 0.64 p
and along a diagonal L = (sqrt(2)/pi) p = 0.45 p, instead of p/2.
"""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from morphcore.types import PIXELS, Descriptors


def fraction(bits: Bool[np.ndarray, "frames h w"]) -> Float32[np.ndarray, " frames"]:
    """Compute the share of white pixels, 0 to 1.

    >>> fraction(np.array([[[True, False], [True, True]]]))
    array([0.75], dtype=float32)
    """
    share: np.ndarray = bits.mean(axis=(1, 2), dtype=np.float64)
    return share.astype(np.float32)


def interface_length(
    bits: Bool[np.ndarray, "frames h w"], periodic: bool = True
) -> Float64[np.ndarray, " frames"]:
    """Measure the length of the line between black and white, in px; walls do not count.

    Where a frame is `periodic` in x, the seam between its last and its first column counts too.

    >>> stripe = np.tile(np.arange(8) < 4, (1, 4, 1))  # 4 rows; two edges each around the film
    >>> interface_length(stripe) / (np.pi / 4), interface_length(stripe, False) / (np.pi / 4)
    (array([8.]), array([4.]))
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
    """Compute L in px, area / interface length; infinite where a frame has no interface.

    >>> stripe = np.tile(np.arange(8) < 4, (1, 4, 1))  # period 8 px, along an axis
    >>> domain_length(stripe).round(2)  # (2 / pi) 8
    array([5.09], dtype=float32)
    """
    area = bits.shape[1] * bits.shape[2]
    with np.errstate(divide="ignore"):
        length: np.ndarray = area / interface_length(bits, periodic)
    return length.astype(np.float32)


def mean_chords(
    bits: Bool[np.ndarray, "frames h w"], periodic: bool = True
) -> tuple[Float64[np.ndarray, " frames"], Float64[np.ndarray, " frames"]]:
    """Compute the mean chord length in px along x and along y, both phases together.

    A chord is a stretch of one colour.

    >>> mean_chords(np.tile(np.arange(8) < 4, (1, 6, 1)))  # 4 px along x, all 6 along y
    (array([4.]), array([6.]))
    """
    height, width = bits.shape[1:]
    along_x = (bits[:, :, 1:] != bits[:, :, :-1]).sum(axis=2)  # changes in each row
    if periodic:
        along_x += bits[:, :, 0] != bits[:, :, -1]
        chords_x = np.maximum(along_x, 1)  # around the film: as many chords as changes
    else:
        chords_x = along_x + 1
    chords_y = (bits[:, 1:] != bits[:, :-1]).sum(axis=1) + 1
    area = height * width
    return area / chords_x.sum(axis=1), area / chords_y.sum(axis=1)


def near_interface(
    mask: Bool[np.ndarray, "h w"], pixels: float = 10.0, periodic: bool = True
) -> float:
    """Compute the share of a phase within `pixels` px of the other, 0 to 1; 0 for an empty one.

    >>> near_interface(np.tile(np.arange(100) < 40, (5, 1)))  # 10 px on each side of 40
    0.5
    """
    from scipy.ndimage import distance_transform_edt

    if not mask.any():
        return 0.0
    margin = min(mask.shape[1], int(np.ceil(pixels)) + 1) if periodic else 0
    whole = np.pad(mask, ((0, 0), (margin, margin)), mode="wrap") if margin else mask
    distance = distance_transform_edt(whole) if not whole.all() else np.full(whole.shape, np.inf)
    inner = distance[:, margin : margin + mask.shape[1]]
    return float((inner[mask] <= pixels).mean())


def measure(
    frame_ids: Int64[np.ndarray, " frames"],
    bits: Bool[np.ndarray, "frames h w"],
    *,
    periodic: bool = True,
) -> Descriptors:
    """Measure all descriptors of frames of any one size.

    >>> droplet = np.pad(np.ones((1, 2, 2), dtype=np.bool_), ((0, 0), (3, 3), (3, 3)))
    >>> d = measure(np.array([7]), droplet)
    >>> d.euler, d.components_white, d.connected_white
    (array([1.], dtype=float32), array([1.], dtype=float32), array([0.], dtype=float32))
    """
    # With scipy, which a page that shows fraction and L alone does not need.
    from morphcore.descriptors import topology, two_point

    white_phases = [topology.phase(frame, periodic=periodic) for frame in bits]
    black_phases = [topology.phase(~frame, periodic=periodic) for frame in bits]
    chord_x, chord_y = mean_chords(bits, periodic)

    def column(values: Iterable[float]) -> Float32[np.ndarray, " frames"]:
        return np.fromiter(values, dtype=np.float32, count=len(bits))

    return Descriptors(
        frame_ids=frame_ids,
        fraction=fraction(bits),
        length=domain_length(bits, periodic),
        euler=topology.euler(bits, periodic=periodic).astype(np.float32),
        components_white=column(phase.components for phase in white_phases),
        components_black=column(phase.components for phase in black_phases),
        connected_white=column(phase.connected for phase in white_phases),
        connected_black=column(phase.connected for phase in black_phases),
        chord_x=chord_x.astype(np.float32),
        chord_y=chord_y.astype(np.float32),
        first_zero=two_point.first_zero(bits, periodic=periodic),
    )


DESCRIPTOR_NAMES: tuple[str, ...] = (
    "fraction",
    "length",
    "euler",
    "components_white",
    "components_black",
    "connected_white",
    "connected_black",
    "chord_x",
    "chord_y",
    "first_zero",
)
TOPOLOGICAL: tuple[str, ...] = DESCRIPTOR_NAMES[2:7]
_LONGEST = PIXELS / (np.pi / 4)  # px, L of a frame with a single pixel edge; one without has it too


def standard_set(d: Descriptors) -> Float64[np.ndarray, "frames 10"]:
    """Stack the columns of `DESCRIPTOR_NAMES` by which frames are compared, not yet standardised.

    Numbers that span decades are squeezed: logarithms of lengths, asinh(Euler / 3) and
    log(1 + components).

    >>> droplet = np.pad(np.ones((1, 2, 2), dtype=np.bool_), ((0, 0), (3, 3), (3, 3)))
    >>> row = standard_set(measure(np.array([7]), droplet))[0]
    >>> dict(zip(DESCRIPTOR_NAMES, row.round(2).tolist(), strict=True))["components_white"]  # ln 2
    0.69
    """
    columns = [
        d.fraction,
        np.log(np.minimum(d.length, _LONGEST)),
        np.arcsinh(d.euler / 3),
        np.log1p(d.components_white),
        np.log1p(d.components_black),
        d.connected_white,
        d.connected_black,
        np.log(d.chord_x),
        np.log(d.chord_y),
        np.log(np.maximum(d.first_zero, 0.5)),
    ]
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)
