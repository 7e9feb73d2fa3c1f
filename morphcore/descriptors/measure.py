"""Morphological descriptors of binary frames of any size, periodic in x, in y, or not.

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

from morphcore.frames import is_unseparated
from morphcore.types import PIXELS, Descriptors


def fraction(bits: Bool[np.ndarray, "frames h w"]) -> Float32[np.ndarray, " frames"]:
    """Compute the share of white pixels, 0 to 1.

    >>> fraction(np.array([[[True, False], [True, True]]]))
    array([0.75], dtype=float32)
    """
    share: np.ndarray = bits.mean(axis=(1, 2), dtype=np.float64)
    return share.astype(np.float32)


def interface_length(
    bits: Bool[np.ndarray, "frames h w"], periodic: bool = True, periodic_y: bool = False
) -> Float64[np.ndarray, " frames"]:
    """Measure the length of the line between black and white, in px; walls do not count.

    Where a frame is `periodic` in x, the seam between its last and its first column counts too;
    where it is `periodic_y`, that between its last and its first row.

    >>> stripe = np.tile(np.arange(8) < 4, (1, 4, 1))  # 4 rows; two edges each around the film
    >>> interface_length(stripe) / (np.pi / 4), interface_length(stripe, False) / (np.pi / 4)
    (array([8.]), array([4.]))
    """
    edges = _changes_x(bits, periodic).sum(axis=1) + _changes_y(bits, periodic_y).sum(axis=1)
    length: np.ndarray = edges * (np.pi / 4)
    return length


def domain_length(
    bits: Bool[np.ndarray, "frames h w"], periodic: bool = True, periodic_y: bool = False
) -> Float32[np.ndarray, " frames"]:
    """Compute L in px, area / interface length; infinite where a frame has no interface.

    >>> stripe = np.tile(np.arange(8) < 4, (1, 4, 1))  # period 8 px, along an axis
    >>> domain_length(stripe).round(2)  # (2 / pi) 8
    array([5.09], dtype=float32)
    """
    area = bits.shape[1] * bits.shape[2]
    with np.errstate(divide="ignore"):
        length: np.ndarray = area / interface_length(bits, periodic, periodic_y)
    return length.astype(np.float32)


def mean_chords(
    bits: Bool[np.ndarray, "frames h w"], periodic: bool = True, periodic_y: bool = False
) -> tuple[Float64[np.ndarray, " frames"], Float64[np.ndarray, " frames"]]:
    """Compute the mean chord length in px along x and along y, both phases together.

    A chord is a stretch of one colour, as it is seen: walls and the frame's edges end it.

    >>> mean_chords(np.tile(np.arange(8) < 4, (1, 6, 1)))  # 4 px along x, all 6 along y
    (array([4.]), array([6.]))
    """
    area = bits.shape[1] * bits.shape[2]
    changes_x, changes_y = _changes_x(bits, periodic), _changes_y(bits, periodic_y)
    # Around the film there are as many chords as changes; between walls one more.
    chords_x = np.maximum(changes_x, 1) if periodic else changes_x + 1
    chords_y = np.maximum(changes_y, 1) if periodic_y else changes_y + 1
    return area / chords_x.sum(axis=1), area / chords_y.sum(axis=1)


def chord_ratio(
    bits: Bool[np.ndarray, "frames h w"], periodic: bool = True, periodic_y: bool = False
) -> Float32[np.ndarray, " frames"]:
    """Compute the ratio of the mean chords along x and along y, corrected for the border.

    The border cuts chords short, the more of them the narrower a frame is; how many changes of
    colour there are a pixel does not depend on it. So the mean chords of the unbounded material are
    the pairs of neighbours over the changes between them, and their ratio is 1 for an isotropic
    one, whatever the frame's aspect. Infinite without a change along x, NaN without any.

    >>> chord_ratio(np.indices((9, 9)).sum(axis=0)[None] % 2 == 0, periodic=False)
    array([1.], dtype=float32)
    """
    height, width = bits.shape[1:]
    pairs_x = height * (width if periodic else width - 1)
    pairs_y = width * (height if periodic_y else height - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        along = pairs_x / _changes_x(bits, periodic).sum(axis=1)
        across = pairs_y / _changes_y(bits, periodic_y).sum(axis=1)
        ratio: np.ndarray = along / across
    return ratio.astype(np.float32)


def _changes_x(
    bits: Bool[np.ndarray, "frames h w"], periodic: bool
) -> Int64[np.ndarray, "frames h"]:
    """The changes of colour in each row, around the film where it is periodic."""
    changes: np.ndarray = (bits[:, :, 1:] != bits[:, :, :-1]).sum(axis=2)
    return changes + (bits[:, :, 0] != bits[:, :, -1]) if periodic else changes


def _changes_y(
    bits: Bool[np.ndarray, "frames h w"], periodic: bool
) -> Int64[np.ndarray, "frames w"]:
    """The changes of colour in each column."""
    changes: np.ndarray = (bits[:, 1:] != bits[:, :-1]).sum(axis=1)
    return changes + (bits[:, 0] != bits[:, -1]) if periodic else changes


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
    periodic_y: bool = False,
    contrast: Float32[np.ndarray, " frames"] | None = None,
) -> Descriptors:
    """Measure all descriptors of frames of any one size.

    `contrast` is that of their gray levels (`morphcore.descriptors.contrast`); without it they are
    taken to be binary: 1, or 0 where a frame is one colour everywhere.

    >>> droplet = np.pad(np.ones((1, 2, 2), dtype=np.bool_), ((0, 0), (3, 3), (3, 3)))
    >>> d = measure(np.array([7]), droplet)
    >>> d.euler, d.components_white, d.connected_white
    (array([1.], dtype=float32), array([1.], dtype=float32), array([0.], dtype=float32))
    """
    # With scipy, which a page that shows fraction and L alone does not need.
    from morphcore.descriptors import topology, two_point

    edges = {"periodic": periodic, "periodic_y": periodic_y}
    white_phases = [topology.phase(frame, **edges) for frame in bits]
    black_phases = [topology.phase(~frame, **edges) for frame in bits]
    chord_x, chord_y = mean_chords(bits, **edges)
    if contrast is None:
        contrast = (~is_unseparated(bits)).astype(np.float32)

    def column(values: Iterable[float]) -> Float32[np.ndarray, " frames"]:
        return np.fromiter(values, dtype=np.float32, count=len(bits))

    return Descriptors(
        frame_ids=frame_ids,
        fraction=fraction(bits),
        length=domain_length(bits, **edges),
        euler=topology.euler(bits, **edges).astype(np.float32),
        components_white=column(phase.components for phase in white_phases),
        components_black=column(phase.components for phase in black_phases),
        connected_white=column(phase.connected for phase in white_phases),
        connected_black=column(phase.connected for phase in black_phases),
        chord_x=chord_x.astype(np.float32),
        chord_y=chord_y.astype(np.float32),
        first_zero=two_point.first_zero(bits, **edges),
        chord_ratio=chord_ratio(bits, **edges),
        contrast=contrast,
    )


# Those by which frames are compared. Not among them: contrast, which binary frames do not show, and
# the ratio of chords, which is in both chords.
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
