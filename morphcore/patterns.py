"""Patterns to draw on: droplets, stripes, a labyrinth, layers; of a given fraction and domain size.

They are geometry, not physics: made at once, always the same for the same arguments, and where the
frame is periodic they go on around it. Domain size is L = area / interface length, as in
`morphcore.descriptors.measure`.
"""

from math import ceil, pi, sqrt
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64

from morphcore.errors import MorphError
from morphcore.types import BinaryFrame

Pattern = Literal["droplets", "stripes", "labyrinth", "layers"]
PATTERNS: tuple[Pattern, ...] = ("droplets", "stripes", "labyrinth", "layers")
LEAST_FRACTION, MOST_FRACTION = 0.05, 0.95
LEAST_LENGTH = 2.0  # px: what is finer is drawn as this
_RING = 0.12  # spread of a labyrinth's wave numbers, as a share of their mean


class PatternError(MorphError):
    """A fraction or a length of which no pattern can be made."""


def pattern(
    name: Pattern, shape: tuple[int, int], *, fraction: float, length: float, periodic: bool = True
) -> BinaryFrame:
    """Make a pattern of `shape` (height, width) with this share of white and this L in pixels.

    Both are met as well as whole stripes and droplets allow; L is kept to what fits the frame.

    >>> pattern("stripes", (4, 12), fraction=0.5, length=7.6)[0].astype(int)
    array([1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0])

    Raises:
        PatternError: if the fraction is not between 0.05 and 0.95, or the length not above 0.
    """
    if not LEAST_FRACTION <= fraction <= MOST_FRACTION or not length > 0:
        raise PatternError(
            f"A pattern of {fraction:.3g} white with L {length:.3g} px cannot be made; accepted is"
            f" a share from {LEAST_FRACTION} to {MOST_FRACTION} and a length above 0."
        )
    length = max(length, LEAST_LENGTH)
    match name:
        case "droplets":
            return _droplets(shape, fraction, length, periodic)
        case "stripes":
            return _stripes(shape, fraction, length, periodic)
        case "labyrinth":
            return _labyrinth(shape, fraction, length, periodic)
        case "layers":
            return _layers(shape, fraction, length)


def _stripes(shape: tuple[int, int], fraction: float, length: float, periodic: bool) -> BinaryFrame:
    """Upright stripes, a whole number of them around the film."""
    return np.repeat(_bars(shape[1], fraction, length, periodic)[None], shape[0], axis=0)


def _layers(shape: tuple[int, int], fraction: float, length: float) -> BinaryFrame:
    """Layers along the film between its walls, white at the top."""
    return np.repeat(_bars(shape[0], fraction, length, False)[:, None], shape[1], axis=1)


def _bars(size: int, fraction: float, length: float, closed: bool) -> Bool[np.ndarray, " size"]:
    """White and black bars along a line that is closed or ends at walls, where no interface is.

    Interfaces along one direction count pi/4 each, so that there are 4 size / (pi L) of them.
    """
    interfaces = 4 * size / (pi * length)
    count = max(1, round(interfaces / 2 if closed else (interfaces + 1) / 2))
    bars: np.ndarray = (np.arange(size) * count / size) % 1.0 < fraction
    return bars


def _droplets(
    shape: tuple[int, int], fraction: float, length: float, periodic: bool
) -> BinaryFrame:
    """Discs of the minority on a hexagonal lattice, shifted a little from its places.

    Discs of radius r that cover f of the area have an interface of 2 f / r an area.
    """
    height, width = shape
    share = min(fraction, 1 - fraction)
    radius = min(2 * share * length, 0.45 * min(shape))
    wanted = share * height * width / (pi * radius**2)
    rows = max(1, round(sqrt(wanted * height / width * 2 / sqrt(3))))
    columns = max(1, round(wanted / rows))
    radius = sqrt(share * height * width / (pi * rows * columns))
    rng = np.random.default_rng(0)
    gap_x, gap_y = width / columns, height / rows
    loose = 0.25 * max(0.0, min(gap_x, gap_y) - 2 * radius)
    discs = np.zeros(shape, dtype=np.bool_)
    reach = np.arange(-ceil(radius) - 1, ceil(radius) + 2)
    for row in range(rows):
        for column in range(columns):
            moved_x, moved_y = rng.uniform(-loose, loose, size=2)
            middle_x = (column + 0.25 + 0.5 * (row % 2)) * gap_x + moved_x
            middle_y = (row + 0.5) * gap_y + moved_y
            x, y = round(middle_x) + reach, round(middle_y) + reach
            y = y[(y >= 0) & (y < height)]
            if not periodic:
                x = x[(x >= 0) & (x < width)]
            disc = np.hypot(x - middle_x, (y - middle_y)[:, None]) <= radius
            discs[np.ix_(y, x % width)] |= disc
    return discs if fraction <= 0.5 else ~discs


def _labyrinth(
    shape: tuple[int, int], fraction: float, length: float, periodic: bool
) -> BinaryFrame:
    """A random field of one wavelength, cut where the share of white is right.

    Such a field has an interface of k / (2 sqrt 2) an area at its mean level, for a wave number k.
    """
    height, width = shape
    tall, wide = 2 * height, width if periodic else 2 * width
    rng = np.random.default_rng(1)
    ky = 2 * pi * np.fft.fftfreq(tall)[:, None]
    kx = 2 * pi * np.fft.rfftfreq(wide)[None]
    mean = 2 * sqrt(2) / min(length, 0.6 * min(shape))
    ring = np.exp(-0.5 * ((np.hypot(kx, ky) - mean) / (_RING * mean)) ** 2)
    ring[0, 0] = 0.0
    noise = np.fft.rfft2(rng.standard_normal((tall, wide)))
    field: Float64[np.ndarray, "h w"] = np.fft.irfft2(noise * ring, s=(tall, wide))
    field = field[:height, :width]
    white: BinaryFrame = field > np.quantile(field, 1 - fraction)
    return white
