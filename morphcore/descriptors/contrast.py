"""Contrast of a gray frame: how far its two phases have parted, 0 (mixed) to 1 (separated).

Where gray is composition u (simulations): the standard deviation of u over that of two sharp phases
at the binodal with the frame's area fraction,

    contrast = std(u) / (m sqrt(f (1 - f))),    m = tanh(chi m / 2),    f = 1/2 + (<u> - 1/2) / m

for a regular solution of chains of length 1, which all families of the zoo are.

Where gray has an arbitrary gain (pictures): the share of gray's variance that lies between Otsu's
two classes (N. Otsu, IEEE Trans. Syst. Man Cybern. 9 (1979) 62), from 2/pi, which it is for
Gaussian noise without any phases, to 1; its square root, so that it is a ratio of standard
deviations as the other is. On simulated frames both agree within about 0.05. White noise hides
phases, so the largest of the shares as given, after a blur, and at half the size is taken.

A frame of exactly two gray levels has 1: it was cut to black and white before.
"""

import numpy as np
from jaxtyping import Bool, Float32, Float64, UInt8

# From here on a frame counts as separated; fixed, see docs/decisions/007. Below, growing waves or
# thermal noise are cut at the threshold: the area fraction is off the lever rule by more than 0.05,
# and L is that of noise. Films of the zoo that are mixed, but at a temperature, have up to 0.49, a
# blank picture with an even gradient of light 0.55; both stop short of it.
SEPARATED_FROM = 0.6
LEAST_STEP = 4.0  # gray levels of 255; classes nearer to each other are the same, but for rounding
_GAUSSIAN = 2 / np.pi  # share between Otsu's classes of a normal distribution
_KERNEL = np.array([1, 4, 6, 4, 1], dtype=np.float32) / 16  # binomial, a deviation of 1 px


def measure(
    gray: UInt8[np.ndarray, "frames h w"], chi: float | None = None
) -> Float32[np.ndarray, " frames"]:
    """Measure the contrast of gray frames; `chi`: where gray is composition, else None.

    >>> two = np.where(np.arange(32) < 16, 40, 90).astype(np.uint8)
    >>> measure(np.stack([np.tile(two, (16, 1)), np.full((16, 32), 90, np.uint8)]))
    array([1., 0.], dtype=float32)
    """
    if chi is None:
        values = [_of_picture(frame) for frame in gray]
    else:
        m = binodal(chi)
        values = [_of_composition(frame, m) for frame in gray]
    return np.array(values, dtype=np.float32)


def is_separated(contrast: Float32[np.ndarray, " frames"]) -> Bool[np.ndarray, " frames"]:
    """Whether frames count as separated; one whose contrast is not known (NaN) does."""
    mask: np.ndarray = ~(contrast < SEPARATED_FROM)
    return mask


def binodal(chi: float) -> float:
    """Solve m = tanh(chi m / 2): the compositions of both phases are (1 - m) / 2 and (1 + m) / 2.

    >>> binodal(2.0), round(binodal(4.0), 3)  # critical; parted almost wholly
    (0.0, 0.958)
    """
    if chi <= 2:
        return 0.0
    low, high = 1e-9, 1.0  # tanh(chi m / 2) is above m, then below
    for _ in range(60):
        m = (low + high) / 2
        low, high = (m, high) if np.tanh(chi * m / 2) > m else (low, m)
    return (low + high) / 2


def amplitude(mean: float, m: float) -> float:
    """The standard deviation of two sharp phases at the binodal whose composition is `mean`.

    0 where `mean` lies outside of the binodal, so that nothing can separate.

    >>> amplitude(0.5, 0.8), amplitude(0.95, 0.8)  # half of each phase; outside
    (0.4, 0.0)
    """
    if m <= 0:
        return 0.0
    f = min(max(0.5 + (mean - 0.5) / m, 0.0), 1.0)
    return float(m * np.sqrt(f * (1 - f)))


def _of_composition(gray: UInt8[np.ndarray, "h w"], m: float) -> float:
    counts = _histogram(gray)
    if _is_binary(counts):
        return 1.0
    levels, total = np.arange(256) / 255, counts.sum()
    mean = float(counts @ levels) / total
    deviation = float(np.sqrt(counts @ (levels - mean) ** 2 / total))
    whole = amplitude(mean, m)
    return min(deviation / whole, 1.0) if whole > 0 else 0.0


def _of_picture(gray: UInt8[np.ndarray, "h w"]) -> float:
    counts = _histogram(gray)
    if _is_binary(counts):
        return 1.0
    blurred = _blurred(gray.astype(np.float32))
    height, width = (side - side % 2 for side in blurred.shape)
    even = blurred[:height, :width]
    half = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
    share = max(
        _share_between(counts, 1.0),
        *(_share_between(*_binned(values)) for values in (blurred, _blurred(half))),
    )
    return float(np.sqrt(max(share - _GAUSSIAN, 0.0) / (1 - _GAUSSIAN)))


def _histogram(gray: UInt8[np.ndarray, "h w"]) -> Float64[np.ndarray, "256"]:
    return np.bincount(gray.ravel(), minlength=256).astype(np.float64)


def _is_binary(counts: Float64[np.ndarray, "256"]) -> bool:
    levels = np.flatnonzero(counts)
    return len(levels) == 2 and bool(levels[1] - levels[0] >= LEAST_STEP)


def _share_between(counts: Float64[np.ndarray, " bins"], width: float) -> float:
    """The share of the variance between the two classes of Otsu's threshold; bins of `width`.

    0 where these are nearer to each other than `LEAST_STEP` gray levels.
    """
    bins, total = np.arange(len(counts)), counts.sum()
    below = np.cumsum(counts)[:-1] / total
    moment = np.cumsum(counts * bins)[:-1] / total
    mean = float(counts @ bins) / total
    variance = float(counts @ (bins - mean) ** 2) / total
    weight = below * (1 - below)
    cuts = np.flatnonzero(weight > 0)
    if not len(cuts) or variance <= 0:
        return 0.0
    # With the means of the classes d apart, the variance between them is weight d^2.
    apart = np.abs(mean * below - moment)[cuts] / weight[cuts]
    between = weight[cuts] * apart**2
    best = int(between.argmax())
    return float(between[best] / variance) if apart[best] * width >= LEAST_STEP else 0.0


def _binned(values: Float32[np.ndarray, "h w"]) -> tuple[Float64[np.ndarray, " bins"], float]:
    """A histogram between the lowest and the highest value, and the width of its bins."""
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.array([values.size], dtype=np.float64), 1.0
    counts, _ = np.histogram(values, bins=256, range=(low, high))
    return counts.astype(np.float64), (high - low) / 256


def _blurred(values: Float32[np.ndarray, "h w"]) -> Float32[np.ndarray, "h w"]:
    """Blur by a deviation of 1 px, mirrored at the edges."""
    height, width = values.shape
    padded = np.pad(values, ((2, 2), (0, 0)), mode="symmetric")
    rows = sum(weight * padded[at : at + height] for at, weight in enumerate(_KERNEL))
    padded = np.pad(rows, ((0, 0), (2, 2)), mode="symmetric")
    blurred: np.ndarray = sum(
        weight * padded[:, at : at + width] for at, weight in enumerate(_KERNEL)
    )
    return blurred
