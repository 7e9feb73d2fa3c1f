"""Contrast and the ratio of chords as the migration `m009_contrast` measures them.

A copy of `morphcore.descriptors.contrast` and `measure.chord_ratio` of then: what a migration did
must never change, whatever becomes of these.
"""

import io
from math import sqrt, tanh

import numpy as np
from PIL import Image

SEPARATED_FROM = 0.6
_LEAST_STEP = 4.0
_GAUSSIAN = 2 / np.pi
_LEVELS = np.arange(256.0)


def binodal(chi: float) -> float:
    """Solve m = tanh(chi m / 2); 0 where nothing separates."""
    if chi <= 2:
        return 0.0
    low, high = 1e-9, 1.0
    for _ in range(60):
        m = (low + high) / 2
        low, high = (m, high) if tanh(chi * m / 2) > m else (low, m)
    return (low + high) / 2


def of_png(png: bytes, m: float | None) -> float:
    """The contrast of a stored picture, 0 to 1; `m` where its gray is composition."""
    picture = Image.open(io.BytesIO(png)).convert("L")
    counts = np.array(picture.histogram(), dtype=np.float64)
    levels = np.flatnonzero(counts)
    if len(levels) == 2 and levels[1] - levels[0] >= _LEAST_STEP:
        return 1.0
    if m is not None:
        return _of_composition(counts, m)
    blurred = _blurred(np.asarray(picture, dtype=np.float32))
    height, width = (side - side % 2 for side in blurred.shape)
    even = blurred[:height, :width]
    half = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
    share = max(_between(counts, 1.0), _between_bins(blurred), _between_bins(_blurred(half)))
    return float(sqrt(max(share - _GAUSSIAN, 0.0) / (1 - _GAUSSIAN)))


def chord_ratio(
    packed: bytes, shape: tuple[int, int], periodic: bool, periodic_y: bool
) -> float | None:
    """Mean chord in x over that in y, corrected for the border; None where there is none."""
    height, width = shape
    flat = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), count=height * width)
    bits = flat.reshape(shape)
    changes_x = np.count_nonzero(bits[:, 1:] != bits[:, :-1])
    changes_y = np.count_nonzero(bits[1:] != bits[:-1])
    if periodic:
        changes_x += np.count_nonzero(bits[:, 0] != bits[:, -1])
    if periodic_y:
        changes_y += np.count_nonzero(bits[0] != bits[-1])
    if not changes_x:
        return float("inf") if changes_y else None
    pairs_x = height * (width if periodic else width - 1)
    pairs_y = width * (height if periodic_y else height - 1)
    return pairs_x / changes_x * changes_y / pairs_y


def _of_composition(counts: np.ndarray, m: float) -> float:
    total = counts.sum()
    mean = float(counts @ _LEVELS) / total / 255
    deviation = sqrt(float(counts @ (_LEVELS / 255 - mean) ** 2) / total)
    f = min(max(0.5 + (mean - 0.5) / m, 0.0), 1.0) if m > 0 else 0.0
    whole = m * sqrt(f * (1 - f))
    return min(deviation / whole, 1.0) if whole > 0 else 0.0


def _between(counts: np.ndarray, width: float) -> float:
    bins, total = np.arange(len(counts)), counts.sum()
    below = np.cumsum(counts)[:-1] / total
    moment = np.cumsum(counts * bins)[:-1] / total
    mean = float(counts @ bins) / total
    variance = float(counts @ (bins - mean) ** 2) / total
    weight = below * (1 - below)
    cuts = np.flatnonzero(weight > 0)
    if not len(cuts) or variance <= 0:
        return 0.0
    apart = np.abs(mean * below - moment)[cuts] / weight[cuts]
    between = weight[cuts] * apart**2
    best = int(between.argmax())
    return float(between[best] / variance) if apart[best] * width >= _LEAST_STEP else 0.0


def _between_bins(values: np.ndarray) -> float:
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return 0.0
    counts, _ = np.histogram(values, bins=256, range=(low, high))
    return _between(counts.astype(np.float64), (high - low) / 256)


def _blurred(values: np.ndarray) -> np.ndarray:
    kernel = np.array([1, 4, 6, 4, 1], dtype=np.float32) / 16
    height, width = values.shape
    padded = np.pad(values, ((2, 2), (0, 0)), mode="symmetric")
    rows = sum(weight * padded[at : at + height] for at, weight in enumerate(kernel))
    padded = np.pad(rows, ((0, 0), (2, 2)), mode="symmetric")
    blurred: np.ndarray = sum(
        weight * padded[:, at : at + width] for at, weight in enumerate(kernel)
    )
    return blurred
