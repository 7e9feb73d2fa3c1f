"""Registration of two frames by cross-correlation: rolls along the film, and the mirror image."""

from dataclasses import dataclass

import numpy as np

from morphcore.types import BinaryFrame


@dataclass(frozen=True)
class Alignment:
    """The registration of a second frame to a first one: most of their pixels agree."""

    pixels: int  # rolled to the right, 0 to the width less 1
    mirrored: bool  # before that
    agreement: float  # share of pixels that are then alike, 0 to 1
    moved: BinaryFrame  # the second frame, so moved


def best_roll(a: BinaryFrame, b: BinaryFrame) -> Alignment:
    """Find the roll of b, or of its mirror image, after which most pixels agree with a.

    By the cross-correlation of the pixels along x, through the FFT of every row. Of equals the one
    without a mirror, then the smallest roll.
    """
    spectrum = np.fft.rfft(np.where(a, 1.0, -1.0), axis=1)
    best: Alignment | None = None
    for mirrored in (False, True):
        candidate = b[:, ::-1] if mirrored else b
        cross = spectrum * np.fft.rfft(np.where(candidate, 1.0, -1.0), axis=1).conj()
        # Pixels that agree less those that do not, for every roll: whole numbers.
        score = np.fft.irfft(cross.sum(axis=0), n=a.shape[1]).round()
        pixels = int(score.argmax())
        agreement = float(0.5 + score[pixels] / (2 * a.size))
        if best is None or agreement > best.agreement:
            best = Alignment(pixels, mirrored, agreement, np.roll(candidate, pixels, axis=1))
    assert best is not None
    return best
