"""Two-point statistics: the covariance of a frame's pixels by their lag.

    C(dx, dy) = < (u(x, y) - f) (u(x + dx, y + dy) - f) >,    u = 1 where white, f = < u >

The mean is over all pairs of pixels at that lag within the frame: around the film in x or y where
it is periodic, never through a wall. C(0, 0) = f (1 - f). By FFT, after S. Torquato, Random
Heterogeneous Materials, 2002, chapter 2. A frame, its mirror image and its negative have the same
statistics: C(dx, dy) is averaged with C(-dx, dy).
"""

from functools import lru_cache
from itertools import product

import numpy as np
import scipy.fft
from jaxtyping import Bool, Float32, Float64, Int64

# Dense where domains are resolved, sparse beyond; the largest is above the widest domains' L.
LAGS_X = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
LAGS_Y = (0, 1, 2, 3, 4, 6, 8, 11, 16, 22, 28, 34, 40, 48)
REACH = 80  # px; the longest lag at which a first zero is looked for


def covariance(
    bits: Bool[np.ndarray, "frames h w"],
    *,
    periodic: bool = True,
    periodic_y: bool = False,
    reach: int = REACH,
) -> Float64[np.ndarray, "frames rows columns"]:
    """Compute C at all lags 0 to `reach` in y (rows) and x (columns), or as far as the frame goes.

    >>> stripe = np.tile(np.arange(8) < 4, (1, 4, 1))
    >>> covariance(stripe)[0, 0, [0, 4]]  # f (1 - f), and half a period on
    array([ 0.25, -0.25])
    """
    height, width = bits.shape[1:]
    rows = min(reach, height // 2 if periodic_y else height - 1) + 1
    columns = min(reach, width // 2 if periodic else width - 1) + 1
    # Zeros beyond the frame, as far as the longest lag reaches: what wraps around meets only them.
    shape = (
        height if periodic_y else _fast(height + rows - 1),
        width if periodic else _fast(width + columns - 1),
    )
    padded = np.zeros((len(bits), *shape), dtype=np.float32)
    fraction = bits.mean(axis=(1, 2), dtype=np.float64)
    padded[:, :height, :width] = bits - fraction[:, None, None]
    spectrum = scipy.fft.rfft2(padded, workers=1)
    pairs = scipy.fft.irfft2(np.abs(spectrum) ** 2, s=shape, workers=1)
    # C(-dx, dy) = C(dx, -dy) lies at the other end of the rows.
    forth = pairs[:, :rows, :columns].astype(np.float64)
    back = np.concatenate([pairs[:, :1], pairs[:, -1:-rows:-1]], axis=1)[:, :rows, :columns]
    counts_y = np.full(rows, height) if periodic_y else height - np.arange(rows)
    counts_x = np.full(columns, width) if periodic else width - np.arange(columns)
    mean: Float64[np.ndarray, "frames rows columns"]
    mean = (forth + back) / 2 / (counts_y[:, None] * counts_x[None, :])
    return mean


def statistics(
    bits: Bool[np.ndarray, "frames h w"], *, periodic: bool = True, periodic_y: bool = False
) -> Float32[np.ndarray, "frames 182"]:
    """Compute C at 13 x 14 lags: those of `LAGS_X`, at each of `LAGS_Y`.

    >>> stripe = np.tile(np.arange(128) % 64 < 32, (1, 49, 1))  # period 64 px
    >>> statistics(stripe)[0, [0, LAGS_X.index(32)]].round(2)
    array([ 0.25, -0.25], dtype=float32)
    """
    reach = max(*LAGS_X, *LAGS_Y)
    whole = covariance(bits, periodic=periodic, periodic_y=periodic_y, reach=reach)
    # A small frame ends before the longest lags, at which it has no correlation.
    beyond = [(0, 0), *((0, max(0, end - side + 1)) for end, side in _ends(whole.shape))]
    whole = np.pad(whole, beyond)
    selected = whole[:, LAGS_Y][:, :, LAGS_X]
    return selected.reshape(len(bits), -1).astype(np.float32)


def both_white(
    bits: Bool[np.ndarray, "frames h w"],
    periodic: Bool[np.ndarray, " frames"],
    periodic_y: Bool[np.ndarray, " frames"] | None = None,
) -> Float64[np.ndarray, "frames 182"]:
    """Compute the two-point probability that both pixels at a lag are white: C + f^2.

    At the lags of `statistics`; with f, since the covariance alone is the same for a frame and its
    negative.

    >>> stripe = np.tile(np.arange(128) % 64 < 32, (1, 49, 1))
    >>> both_white(stripe, np.array([True]))[0, [0, LAGS_X.index(16)]].round(2)
    array([0.5 , 0.25])
    """
    if periodic_y is None:
        periodic_y = np.zeros_like(periodic)
    covariance = np.empty((len(bits), len(LAGS_X) * len(LAGS_Y)))
    for x, y in product((True, False), repeat=2):
        if (rows := np.flatnonzero((periodic == x) & (periodic_y == y))).size:
            covariance[rows] = statistics(bits[rows], periodic=x, periodic_y=y)
    both: np.ndarray = covariance + bits.mean(axis=(1, 2))[:, None] ** 2
    return both


def first_zero(
    bits: Bool[np.ndarray, "frames h w"], *, periodic: bool = True, periodic_y: bool = False
) -> Float32[np.ndarray, " frames"]:
    """Find the lag in px at which C, averaged over directions, first falls to zero; else `REACH`.

    About half the width of a domain and its gap together over pi: a length scale that rough edges
    do not change, unlike L.

    >>> first_zero(np.tile(np.arange(400) % 20 < 10, (1, 100, 1))).round(1)  # period 20 px
    array([7.9], dtype=float32)
    """
    whole = covariance(bits, periodic=periodic, periodic_y=periodic_y)
    radius, weights = _rings(*whole.shape[1:])
    means = whole.reshape(len(whole), -1) @ weights.T  # [frames, radii]
    below = means <= 0
    ring = np.where(below.any(axis=1), below.argmax(axis=1), len(radius) - 1)
    ring = np.maximum(ring, 1)
    frame = np.arange(len(means))
    before, after = means[frame, ring - 1], means[frame, ring]
    step = np.where(before > after, before / np.where(before > after, before - after, 1.0), 1.0)
    zero = radius[ring - 1] + np.clip(step, 0, 1) * (radius[ring] - radius[ring - 1])
    zero = np.where(below.any(axis=1), zero, float(REACH))
    return zero.astype(np.float32)


@lru_cache(maxsize=8)
def _rings(
    rows: int, columns: int
) -> tuple[Int64[np.ndarray, " radii"], Float64[np.ndarray, "radii lags"]]:
    """Return radii in px, and weights that average lags over each ring; an axis counts half."""
    y, x = np.mgrid[:rows, :columns]
    radius = np.rint(np.hypot(y, x)).astype(np.int64).ravel()
    share = np.where((y == 0) ^ (x == 0), 0.5, 1.0).ravel()
    last = min(rows, columns)
    weights = (radius[None, :] == np.arange(last)[:, None]) * share
    return np.arange(last), weights / weights.sum(axis=1, keepdims=True)


def _ends(shape: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """The longest lag that is asked for and the number of lags there are, along y and x."""
    return (max(LAGS_Y), shape[1]), (max(LAGS_X), shape[2])


def _fast(least: int) -> int:
    return int(scipy.fft.next_fast_len(least, real=True))
