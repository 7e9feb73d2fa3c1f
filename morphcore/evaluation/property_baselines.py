"""Baselines of the frames whose properties are predicted, fitted on these frames themselves.

Nothing is learnt from the property, and no split is needed: a baseline is descriptors standardised
over the frames, or the principal axes along which features of the frames spread most.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float64

from morphcore.evaluation import baseline_measuring
from morphcore.evaluation.protocol import FrameSet, standardised
from morphcore.frames import evenly
from morphcore.progress import Progress, ignore
from morphcore.statistics import pca

NAMES = ("random", "hog_pca16", "random_cnn_pca16", "two_point_pca16", "f_logL", "descriptors")


def embed(
    frame_set: FrameSet, *, seed: int = 0, progress: Progress = ignore
) -> Mapping[str, Float64[np.ndarray, "frames dims"]]:
    """Embed frames by every baseline of `NAMES`; all have their domain size, so are separated."""
    return {name: _embed(name, frame_set, seed, progress) for name in NAMES}


def _embed(
    name: str, frame_set: FrameSet, seed: int, progress: Progress
) -> Float64[np.ndarray, "frames dims"]:
    if name == "random":
        return np.random.default_rng(seed).standard_normal((len(frame_set), pca.DIMENSIONS))
    if name == "descriptors":
        return standardised(frame_set, frame_set)
    if name == "f_logL":
        two = np.stack([frame_set.fraction, frame_set.log_length], axis=1)
        spread = two.std(axis=0)
        scaled: np.ndarray = (two - two.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        return scaled
    measure = baseline_measuring.features_of(name, seed, progress)
    features = np.concatenate(list(measure(frame_set))).astype(np.float64)
    # Fitting overwrites what it is given: here a copy, by the rows' choice.
    fitted = pca.fit_pca(features[evenly(len(features), pca.FITTED_ON)])
    return fitted.transform(features)
