"""Morlet wavelets in the Fourier domain, each with the window of frequencies that it passes.

    psi_j(u) = 2^-2j psi(2^-j u),    psi(u) = g(u) (exp(i xi u_theta) - c)

g is a Gaussian of `SIGMA` px along theta and SIGMA / `SLANT` across; c makes the mean of psi zero.
There are `OCTAVES` scales, wavelengths of 2.7, 5.3, 11, 21 and 43 px, in `DIRECTIONS` of theta over
half a turn.

A wavelet passes a window of frequencies around xi / 2^j that is 2^j times smaller than the plane
along either axis, so the field that it leaves is sampled every 2^j px without loss: the window
alone is transformed back. Samples lie in the middle of their cells, so that the samples of a mirror
image are the mirror image of the samples.

Source: S. Mallat, Group invariant scattering, Comm. Pure Appl. Math. 65, 1331, 2012; J. Bruna and
S. Mallat, Invariant scattering convolution networks, 2013, arXiv:1203.1513.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Complex64, Float64, Int64

OCTAVES = 5
DIRECTIONS = 4  # 0, 45, 90 and 135 degrees; 0 is a wave along x
SIGMA = 0.8  # px, at the finest scale
XI = 3 * np.pi / 4  # rad / px
SLANT = 0.5  # sigma along the wave over sigma across it
_ALIASES = (-1, 0, 1)  # repetitions of the plane of frequencies that reach into it


@dataclass(frozen=True)
class Window:
    """A window of the plane of frequencies, and a wavelet's response within it.

    The response is scaled, and its phases turned, so that a transform back at the window's size
    gives the field in the middle of its cells. A window around zero is in the order of a transform,
    its zero first; of others the frequencies are shifted, which changes phases alone.
    """

    rows: Int64[np.ndarray, " n"]
    columns: Int64[np.ndarray, " m"]
    response: Complex64[np.ndarray, "n m"]


@lru_cache(maxsize=64)
def wavelets(height: int, width: int, octave: int, size: tuple[int, int]) -> tuple[Window, ...]:
    """The wavelets of one scale on a periodic field, a window of `size` a direction."""
    windows = []
    for direction in range(DIRECTIONS):
        theta = np.pi * direction / DIRECTIONS
        xi = XI / 2**octave
        centre = (
            round(xi * np.sin(theta) * height / (2 * np.pi)),
            round(xi * np.cos(theta) * width / (2 * np.pi)),
        )
        windows.append(_window(_morlet(height, width, octave, theta), centre, size))
    return tuple(windows)


@lru_cache(maxsize=64)
def low_pass(height: int, width: int, size: tuple[int, int]) -> Window:
    """The frequencies that a grid of `size` samples holds, all alike."""
    return _window(np.ones((height, width)), (0, 0), size)


def _window(
    response: Float64[np.ndarray, "h w"], centre: tuple[int, int], size: tuple[int, int]
) -> Window:
    height, width = response.shape
    rows = (np.arange(size[0]) - size[0] // 2 + centre[0]) % height
    columns = (np.arange(size[1]) - size[1] // 2 + centre[1]) % width
    if centre == (0, 0):
        rows, columns = np.fft.ifftshift(rows), np.fft.ifftshift(columns)
    share = size[0] * size[1] / (height * width)
    shift = _to_middle(height, size[0])[rows][:, None] + _to_middle(width, size[1])[columns]
    whole = share * response[np.ix_(rows, columns)] * np.exp(1j * shift)
    return Window(rows, columns, whole.astype(np.complex64))


def _to_middle(length: int, samples: int) -> Float64[np.ndarray, " frequencies"]:
    """Phases that move samples from the first pixel of their cells to the middle."""
    out: np.ndarray = 2 * np.pi * np.fft.fftfreq(length) * (length / samples - 1) / 2
    return out


def _morlet(height: int, width: int, octave: int, theta: float) -> Float64[np.ndarray, "h w"]:
    wave = _gaussian(height, width, octave, theta, XI / 2**octave)
    mean = _gaussian(height, width, octave, theta, 0.0)
    whole: np.ndarray = wave - wave[0, 0] / mean[0, 0] * mean
    return whole


def _gaussian(
    height: int, width: int, octave: int, theta: float, xi: float
) -> Float64[np.ndarray, "h w"]:
    """The transform of a Gaussian times a wave of xi rad / px along theta."""
    fy = 2 * np.pi * np.fft.fftfreq(height)[:, None] - xi * np.sin(theta)
    fx = 2 * np.pi * np.fft.fftfreq(width)[None, :] - xi * np.cos(theta)
    sigma = SIGMA * 2**octave
    out = np.zeros((height, width))
    for up in _ALIASES:
        for over in _ALIASES:
            y, x = fy + 2 * np.pi * up, fx + 2 * np.pi * over
            along = x * np.cos(theta) + y * np.sin(theta)
            across = -x * np.sin(theta) + y * np.cos(theta)
            out += np.exp(-(sigma**2) / 2 * (along**2 + (across / SLANT) ** 2))
    return out
