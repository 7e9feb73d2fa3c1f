"""The modes of a film: Fourier in x, which is periodic, and cosine in y, between its walls.

kx = 2 pi i / width and ky = pi j / height; the pixel is the unit of length. A film is 100 x 400
where nothing else is said; of another the width must be even, as modes do not tell otherwise.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft
from jaxtyping import Complex64, Float32, Float64

from morphcore.types import FRAME_SHAPE

Field = Float32[np.ndarray, "h w"]
Modes = Complex64[np.ndarray, "h k"]  # k = w / 2 + 1


@dataclass(frozen=True, eq=False)
class Waves:
    """Squares of the wave numbers of a film's modes, 1 / px^2."""

    kx2: Float64[np.ndarray, "1 k"]
    ky2: Float64[np.ndarray, "h 1"]
    k2: Float64[np.ndarray, "h k"]


@lru_cache(maxsize=8)
def waves(shape: tuple[int, int]) -> Waves:
    """Compute the waves of a film of so many rows and, an even number, columns."""
    height, width = shape
    kx = 2 * np.pi * np.fft.rfftfreq(width)
    ky = np.pi * np.arange(height) / height
    kx2, ky2 = kx[None, :] ** 2, ky[:, None] ** 2
    return Waves(kx2, ky2, kx2 + ky2)


KX2, KY2, K2 = waves(FRAME_SHAPE).kx2, waves(FRAME_SHAPE).ky2, waves(FRAME_SHAPE).k2


def shape_of(modes: np.ndarray) -> tuple[int, int]:
    """The rows and columns of the film that has these modes."""
    return modes.shape[0], 2 * (modes.shape[1] - 1)


def to_modes(field: Field) -> Modes:
    """Transform to cosine modes in y and Fourier modes in x; not normalised."""
    modes: Modes = scipy.fft.rfft(scipy.fft.dct(field, axis=0, workers=1), axis=1, workers=1)
    return modes


def to_field(modes: Modes) -> Field:
    """Invert `to_modes`."""
    rows = scipy.fft.irfft(modes, n=shape_of(modes)[1], axis=1, workers=1)
    field: Field = scipy.fft.idct(rows, axis=0, workers=1)
    return field


def power(field: Field) -> Float64[np.ndarray, "h k"]:
    """Compute each mode's share of the sum of u^2 over pixels, in float64.

    A mode of kx > 0 counts for its partner of negative kx, too.
    """
    modes = scipy.fft.rfft(
        scipy.fft.dct(field.astype(np.float64), axis=0, norm="ortho"), axis=1, norm="ortho"
    )
    squares: np.ndarray = np.abs(modes) ** 2
    squares[:, 1:-1] *= 2  # modes of negative kx, which rfft leaves out
    return squares
