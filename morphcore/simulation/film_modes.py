"""The modes of a film: Fourier in x, which is periodic, and cosine in y, between its walls.

kx = 2 pi i / 400 and ky = pi j / 100; the pixel is the unit of length.
"""

import numpy as np
import scipy.fft
from jaxtyping import Complex64, Float32, Float64

from morphcore.types import FRAME_HEIGHT, FRAME_WIDTH

_KX = 2 * np.pi * np.fft.rfftfreq(FRAME_WIDTH)
_KY = np.pi * np.arange(FRAME_HEIGHT) / FRAME_HEIGHT
KX2: Float64[np.ndarray, "1 201"] = _KX[None, :] ** 2
KY2: Float64[np.ndarray, "100 1"] = _KY[:, None] ** 2
K2: Float64[np.ndarray, "100 201"] = KX2 + KY2

Field = Float32[np.ndarray, "100 400"]
Modes = Complex64[np.ndarray, "100 201"]


def to_modes(field: Field) -> Modes:
    """Transform to cosine modes in y and Fourier modes in x; not normalised."""
    modes: Modes = scipy.fft.rfft(scipy.fft.dct(field, axis=0, workers=1), axis=1, workers=1)
    return modes


def to_field(modes: Modes) -> Field:
    """Invert `to_modes`."""
    rows = scipy.fft.irfft(modes, n=FRAME_WIDTH, axis=1, workers=1)
    field: Field = scipy.fft.idct(rows, axis=0, workers=1)
    return field


def power(field: Field) -> Float64[np.ndarray, "100 201"]:
    """Compute each mode's share of the sum of u^2 over pixels, in float64.

    A mode of kx > 0 counts for its partner of negative kx, too.
    """
    modes = scipy.fft.rfft(
        scipy.fft.dct(field.astype(np.float64), axis=0, norm="ortho"), axis=1, norm="ortho"
    )
    squares: np.ndarray = np.abs(modes) ** 2
    squares[:, 1:-1] *= 2  # modes of negative kx, which rfft leaves out
    return squares
