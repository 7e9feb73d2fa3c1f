"""Baselines: embeddings without training, which a model is compared with.

Each is evaluated along the axes that suit it best, those that a model's latents have
(`morphcore.statistics.discriminants`, by the same realisations) among them.

All are fitted on the frames that the model has learnt from, on at most 2,000 of them, evenly
chosen. "pca16": the 16 directions in which those frames spread most. "hand_made": all descriptors
and two-point statistics, joined.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float64

from morphcore.evaluation import baseline_features
from morphcore.evaluation.baseline_measuring import FeatureFunction, inverse, measured_features
from morphcore.evaluation.protocol import (
    Embedding,
    EvaluationResult,
    FrameSet,
    Protocol,
    evaluate,
)
from morphcore.evaluation.result import Axes
from morphcore.frames import evenly
from morphcore.progress import Progress, ignore, part
from morphcore.statistics import discriminants, pca
from morphcore.statistics.axes_choice import Choice, choose_axes
from morphcore.statistics.likelihood_ratio import Transform, two_covariance
from morphcore.statistics.nearest import Rows
from morphcore.statistics.realisations import Realisations
from morphcore.statistics.split_half import Halves
from morphcore.statistics.two_covariance import TwoCovariance

NAMES = (
    "random",
    "pixels",
    "pixels_pca16",
    "hog_pca16",
    "random_cnn_pca16",
    "two_point_pca16",
    "f_logL",
    "descriptors",
    "scattering",
    "hand_made",
)
PIXEL_QUERIES = 256  # of each kind: 40,000 dimensions take a thousand times as long as 16
# More features than axes:
_MANY = ("hog_pca16", "random_cnn_pca16", "two_point_pca16", "scattering", "hand_made")

Embedder = Callable[[FrameSet], Rows]


@dataclass(frozen=True)
class BaselineResult:
    """A baseline's result with the best kind of axes."""

    result: EvaluationResult
    axes: Axes


def needs_one_size(name: str) -> bool:
    """Whether a baseline compares frames pixel by pixel, so that all must be of one size."""
    return name in ("pixels", "pixels_pca16")


def evaluate_baseline(
    name: str,
    protocol: Protocol,
    *,
    progress: Progress = ignore,
    measured_before: dict[str, FeatureFunction] | None = None,
) -> BaselineResult:
    """Fit a baseline and evaluate it along axes of every kind; the best count.

    Best is what finds most twins among five; without twins, what has the lowest D@5. Sphered axes
    are tried where the protocol has halves of frames, those by replicates where it has
    realisations, and neither for pixels, which have too many. `measured_before` keeps features for
    other baselines that need the same.
    """
    most = PIXEL_QUERIES if name == "pixels" else None
    kinds: dict[Axes, Embedding] = {}
    real = protocol.real
    if needs_one_size(name) and real is not None:
        same = real.packed.shapes == protocol.frames.packed.shapes
        protocol = replace(protocol, real=real if same else None)
    if name == "pixels":
        training = protocol.frames.packed[protocol.training]
        spread = baseline_features.pixel_deviation(training.one_size)
        kinds["plain"] = _embedding(embedder(name, protocol), protocol)
        kinds["standardised"] = _embedding(_pixels(inverse(spread)), protocol)
    else:
        kept = {} if measured_before is None else measured_before
        measured = measured_features(name, protocol, part(progress, 0.0, 0.0), kept)
        plain = _embedding(_plain(name, protocol, measured), protocol)
        scale = inverse(plain.frames[protocol.training].std(axis=0))
        kinds = {"plain": plain, "standardised": _scaled(plain, scale)}
        if (sphered := _by_discriminants(measured, protocol)) is not None:
            kinds["sphered"] = sphered
        if (replicated := _by_realisations(measured, protocol)) is not None:
            kinds["replicates"] = replicated
    results = [
        BaselineResult(
            evaluate(
                kinds[axes],
                protocol,
                most=most,
                progress=part(progress, index / len(kinds), (index + 1) / len(kinds)),
            ),
            axes,
        )
        for index, axes in enumerate(kinds)
    ]
    return max(results, key=lambda tried: _goodness(tried.result))


def embedder(name: str, protocol: Protocol) -> Embedder:
    """Fit a baseline with plain axes on the training frames; it embeds any frame set."""
    if name == "pixels":
        return _pixels(np.ones(protocol.frames.packed.one_size.pixels))
    return _plain(name, protocol, measured_features(name, protocol, ignore, {}))


def _plain(name: str, protocol: Protocol, measured: FeatureFunction) -> Embedder:
    """Embed by the features themselves, or along their principal axes in the training frames."""
    if name not in _MANY:
        return measured
    training = protocol.training[evenly(len(protocol.training), pca.FITTED_ON)]
    fitted = pca.fit_pca(measured(protocol.frames)[training])
    return lambda frame_set: fitted.transform(measured(frame_set))


def _goodness(result: EvaluationResult) -> float:
    if "twin@5" in result.figures:
        return result.figures["twin@5"].value
    return -result.figures["D@5"].value


def _embedding(embedder: Embedder, protocol: Protocol) -> Embedding:
    twins, rolled, real = protocol.twins, protocol.rolled, protocol.real
    return Embedding(
        frames=embedder(protocol.frames),
        twins=embedder(twins) if twins is not None else None,
        rolled=embedder(rolled) if rolled is not None else None,
        mirrored=embedder(protocol.mirrored),
        real=embedder(real) if real is not None else None,
        scoring=_scoring(embedder, protocol),
    )


def _scoring(embedder: Embedder, protocol: Protocol) -> TwoCovariance | None:
    """The covariances of an embedding's realisations; None without such, and of pixels."""
    if protocol.realisations is None:
        return None
    embedded = embedder(protocol.realisations)
    if not isinstance(embedded, np.ndarray):
        return None
    return two_covariance(realisations_of(protocol.realisations, embedded))


def _by_discriminants(measured: FeatureFunction, protocol: Protocol) -> Embedding | None:
    """Embed along as many discriminants of the features as there are principal axes."""
    if protocol.halves is None:
        return None
    left, right = protocol.halves
    ours, theirs = measured(left), measured(right)
    # A half may be of one colour where its frame is not, and has no ln L then.
    finite = np.isfinite(ours).all(axis=1) & np.isfinite(theirs).all(axis=1)
    halves = Halves(
        frame_ids=left.frame_ids[finite],
        left=ours[finite],
        right=theirs[finite],
        fraction_apart=(left.fraction - right.fraction)[finite],
    )
    try:
        fitted = discriminants.fit_discriminants(halves, pca.DIMENSIONS)
    except discriminants.TooFewHalves:
        return None
    return _embedding(lambda frame_set: fitted.transform(measured(frame_set)), protocol)


def _by_realisations(measured: FeatureFunction, protocol: Protocol) -> Embedding | None:
    """Embed along discriminants of the features by realisations of training cells, and score."""
    if protocol.realisations is None:
        return None
    frames = realisations_of(protocol.realisations, measured(protocol.realisations))

    def fit(some: Realisations, choice: Choice) -> Transform:
        config = replace(discriminants.BY_REALISATIONS, ridge=choice.ridge[0])
        return discriminants.fit_by_realisations(
            some, choice.axes, width=choice.width, config=config
        ).transform

    try:
        transform = fit(frames, choose_axes(frames, fit))
    except discriminants.TooFewRealisations:
        return None
    return _embedding(lambda frame_set: transform(measured(frame_set)), protocol)


def realisations_of(
    frame_set: FrameSet, features: Float[np.ndarray, "frames dims"]
) -> Realisations:
    """Frames of several realisations by some features; those without all of these are left out."""
    frames = Realisations(features, frame_set.cells, frame_set.log_time, frame_set.trajectory_ids)
    finite: Bool[np.ndarray, " frames"] = np.isfinite(features).all(axis=1)
    return frames[finite]


def _scaled(embedding: Embedding, scale: Float64[np.ndarray, " dims"]) -> Embedding:
    def scaled(rows: Rows) -> Rows:
        out: np.ndarray = rows[slice(None)] * scale
        return out

    return Embedding(
        frames=scaled(embedding.frames),
        twins=scaled(embedding.twins) if embedding.twins is not None else None,
        rolled=scaled(embedding.rolled) if embedding.rolled is not None else None,
        mirrored=scaled(embedding.mirrored),
        real=scaled(embedding.real) if embedding.real is not None else None,
        scoring=None if embedding.scoring is None else embedding.scoring.scaled(scale),
    )


def _pixels(scale: Float64[np.ndarray, " pixels"]) -> Embedder:
    return lambda frame_set: baseline_features.Pixels(
        frame_set.packed.one_size.packed, scale.astype(np.float32)
    )
