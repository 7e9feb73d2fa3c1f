"""Features of the baselines, measured once for each frame set."""

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Float, Float64, Int64

from morphcore.descriptors import two_point
from morphcore.evaluation import baseline_features
from morphcore.evaluation.protocol import FrameSet, Protocol
from morphcore.frames import PackedFrames, evenly
from morphcore.progress import Progress
from morphcore.statistics import pca

CHUNK = 128  # frames

Features = Callable[[FrameSet], Iterator[Float[np.ndarray, "frames dims"]]]  # a chunk at a time
FeatureFunction = Callable[[FrameSet], Float[np.ndarray, "frames dims"]]


def measured_features(
    name: str, protocol: Protocol, progress: Progress, kept: dict[str, FeatureFunction]
) -> FeatureFunction:
    """The features of a baseline, measured once for each frame set."""
    if name not in kept:
        kept[name] = _measuring(name, protocol, progress, kept)
    return kept[name]


def _measuring(
    name: str, protocol: Protocol, progress: Progress, kept: dict[str, FeatureFunction]
) -> FeatureFunction:
    if name == "random":
        rng = np.random.default_rng(protocol.seed)
        return lambda frame_set: rng.standard_normal((len(frame_set), pca.DIMENSIONS))
    if name == "f_logL":
        return lambda frame_set: np.stack([frame_set.fraction, frame_set.log_length], axis=1)
    if name == "descriptors":
        return lambda frame_set: frame_set.descriptors
    if name == "hand_made":
        return _hand_made(protocol, measured_features("two_point_pca16", protocol, progress, kept))
    measuring = features_of(name, protocol.seed, progress)
    if name == "pixels_pca16":  # too many to be held for all frames: their principal axes are
        return _principal(measuring, protocol.frames, protocol.training)
    cache: dict[int, tuple[FrameSet, Float[np.ndarray, "frames dims"]]] = {}

    def measured(frame_set: FrameSet) -> Float[np.ndarray, "frames dims"]:
        if id(frame_set) not in cache:  # kept with it, so that no other gets its number
            cache[id(frame_set)] = frame_set, np.concatenate(list(measuring(frame_set)))
        return cache[id(frame_set)][1]

    return measured


def _hand_made(protocol: Protocol, two_points: FeatureFunction) -> FeatureFunction:
    """Descriptors beside two-point statistics, each feature standardised over training frames."""

    def joined(frame_set: FrameSet) -> Float[np.ndarray, "frames dims"]:
        return np.concatenate([frame_set.descriptors, two_points(frame_set)], axis=1)

    training = joined(protocol.frames)[protocol.training]
    mean, scale = training.mean(axis=0), inverse(training.std(axis=0))
    return lambda frame_set: (joined(frame_set) - mean) * scale


def features_of(name: str, seed: int, progress: Progress) -> Features:
    """Measure a baseline's features by chunks: bits of all frames are never held."""
    network = baseline_features.UntrainedNetwork(seed)

    def measure_chunk(own: PackedFrames) -> Float[np.ndarray, "frames dims"]:
        bits = own.bits()
        match name:
            case "pixels_pca16":
                return baseline_features.pixels(bits)
            case "hog_pca16":
                return baseline_features.hog(bits)
            case "random_cnn_pca16":
                return network(bits)
            case "two_point_pca16":
                return two_point.both_white(bits, own.periodic, own.periodic_y)
            case "scattering":
                return baseline_features.scattered(own)
        raise ValueError(f"{name!r} is no baseline that is measured frame by frame.")

    def measure(frame_set: FrameSet) -> Iterator[Float[np.ndarray, "frames dims"]]:
        for begin in range(0, len(frame_set), CHUNK):
            progress(begin / len(frame_set))
            chunk = frame_set.packed[begin : begin + CHUNK]
            measured = [(rows, measure_chunk(own)) for rows, own in chunk.parts]
            features = np.empty((len(chunk), measured[0][1].shape[1]), measured[0][1].dtype)
            for rows, part_of_size in measured:
                features[rows] = part_of_size
            yield features

    return measure


def _principal(
    measuring: Features, frame_set: FrameSet, training: Int64[np.ndarray, " training"]
) -> FeatureFunction:
    """Projection on the principal directions of the training frames' features."""
    fitted_on = training[evenly(len(training), pca.FITTED_ON)]
    fitted = pca.fit_pca(np.concatenate(list(measuring(frame_set[fitted_on]))))
    return lambda frame_set: np.concatenate(
        [fitted.transform(part) for part in measuring(frame_set)]
    )


def inverse(spread: Float[np.ndarray, " dims"]) -> Float64[np.ndarray, " dims"]:
    """1 / spread; an axis along which nothing differs is left as it is."""
    flat = spread <= 1e-9 * spread.max(initial=0.0)
    out: np.ndarray = np.where(flat, 1.0, 1 / np.where(flat, 1.0, spread)).astype(np.float64)
    return out
