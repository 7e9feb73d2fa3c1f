"""Two frames laid on top of each other as well as they go: rolled along the film, or mirrored."""

from dataclasses import dataclass

import numpy as np

from morphcore.types import FRAME_WIDTH, PIXELS, BinaryFrame


@dataclass(frozen=True)
class Alignment:
    """How the second frame is moved so that most pixels agree with the first."""

    pixels: int  # rolled to the right, 0 to 399
    mirrored: bool  # before that
    agreement: float  # share of pixels that are alike then, 0 to 1
    moved: BinaryFrame  # the second frame, so moved


def best_roll(a: BinaryFrame, b: BinaryFrame) -> Alignment:
    """The roll, of 400 and of the mirror image's 400, after which most pixels agree.

    By the cross-correlation of the pixels along x, through the FFT of every row. Of equals the one
    without a mirror, then the smallest roll.
    """
    spectrum = np.fft.rfft(np.where(a, 1.0, -1.0), axis=1)
    best: Alignment | None = None
    for mirrored in (False, True):
        other = b[:, ::-1] if mirrored else b
        theirs = np.fft.rfft(np.where(other, 1.0, -1.0), axis=1)
        # Pixels that agree less those that do not, for every roll: whole numbers.
        score = np.fft.irfft((spectrum * theirs.conj()).sum(axis=0), n=FRAME_WIDTH).round()
        pixels = int(score.argmax())
        agreement = float(0.5 + score[pixels] / (2 * PIXELS))
        if best is None or agreement > best.agreement:
            best = Alignment(pixels, mirrored, agreement, np.roll(other, pixels, axis=1))
    assert best is not None
    return best
