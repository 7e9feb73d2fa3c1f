"""Similarity of two frames in fraction, size and two-point statistics, whatever their positions.

Made for a frame and a sample decoded from its z alone: positions in a sample are drawn anew, so
pixel by pixel it has nothing to do with its frame, and what is left to compare are statistics.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64

from morphcore.descriptors import two_point
from morphcore.descriptors.measure import domain_length, fraction


@dataclass(frozen=True)
class SampleSimilarity:
    """Medians over pairs of frames; all 0 where each pair is one frame."""

    abs_fraction: float  # difference of area fractions, 0 to 1
    abs_log_length: float  # of the logarithms of L
    two_point_error: float  # see `two_point_errors`


def sample_similarity(
    a: Bool[np.ndarray, "pairs 100 400"],
    b: Bool[np.ndarray, "pairs 100 400"],
    *,
    periodic: bool = True,
) -> SampleSimilarity:
    """Similarity of frames, pair by pair; pairs of which one is one colour are left out.

    NaN where no pair is left.
    """
    both = np.array([frame.any() and not frame.all() for frame in a], dtype=np.bool_)
    both &= np.array([frame.any() and not frame.all() for frame in b], dtype=np.bool_)
    if not both.any():
        return SampleSimilarity(float("nan"), float("nan"), float("nan"))
    a, b = a[both], b[both]
    lengths = [np.log(domain_length(frame, periodic).astype(np.float64)) for frame in (a, b)]
    return SampleSimilarity(
        abs_fraction=float(np.median(np.abs(fraction(a) - fraction(b)))),
        abs_log_length=float(np.median(np.abs(lengths[0] - lengths[1]))),
        two_point_error=float(np.median(two_point_errors(a, b, periodic=periodic))),
    )


def two_point_errors(
    a: Bool[np.ndarray, "pairs 100 400"],
    b: Bool[np.ndarray, "pairs 100 400"],
    *,
    periodic: bool = True,
) -> Float64[np.ndarray, " pairs"]:
    """Root mean square over 13 x 14 lags of the difference of C, over C(0, 0) of the first."""
    ours, theirs = (
        two_point.statistics(bits, periodic=periodic).astype(np.float64) for bits in (a, b)
    )
    error: np.ndarray = np.sqrt(((ours - theirs) ** 2).mean(axis=1)) / ours[:, 0]
    return error
