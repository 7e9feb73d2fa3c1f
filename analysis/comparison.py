"""Comparison of two frames: their likelihood ratio, their latent distance, in a unit and as a
percentile, and their differences in descriptors."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64

from analysis.frame_query import Encoder, FrameQuery, describe, embed
from analysis.latent_space import LatentSpace, encode
from analysis.likelihood_ratio import EmbeddingReader, Ratio, load_embedding, of_pair
from morphcore.alignment.registration import Alignment, best_roll
from morphcore.descriptors.contrast import SEPARATED_FROM
from morphcore.descriptors.measure import DESCRIPTOR_NAMES, standard_set
from morphcore.embedding.distances import percentile
from morphcore.errors import MorphError
from morphcore.statistics import split_half
from morphcore.types import Descriptors, Latents
from store import descriptors, evaluations
from store.db import open_store

# What is said of two frames: the standard set, by which all are compared, and what it leaves out.
COMPARED = (*DESCRIPTOR_NAMES, "chord_ratio", "contrast")


@dataclass(frozen=True)
class Difference:
    """A descriptor of both frames; `sigmas` is b - a in standard deviations over the data set.

    None where it has none; on the scale of `measure.standard_set`: lengths as logarithms.
    """

    name: str
    a: float
    b: float
    sigmas: float | None


@dataclass(frozen=True, kw_only=True)
class ComparedFrame:
    """One of two frames: its posterior and its descriptors, a row each."""

    query: FrameQuery
    latents: Latents
    descriptors: Descriptors
    is_outlier: bool  # nothing of another trajectory is like it

    @property
    def evidence(self) -> bool:
        """Whether the model can tell anything of it: it is like others, and has separated."""
        return not self.is_outlier and not self.query.unseparated

    @cached_property
    def two_point(self) -> Float64[np.ndarray, "rows columns"]:
        """The two-point covariance at all lags up to 80 px."""
        from morphcore.descriptors.two_point import covariance  # with scipy

        whole: np.ndarray = covariance(
            self.query.bits[None], periodic=self.query.periodic, periodic_y=self.query.periodic_y
        )[0]
        return whole


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two frames with their ratio, their latent distance and their differences in descriptors.

    No ratio: the model has none, or is missing (`ratio_error`), or knows nothing like a frame, or
    nothing in one has separated yet.
    """

    a: ComparedFrame
    b: ComparedFrame
    distance: float  # Euclidean, between latents
    uncertainty: float  # standard deviation of that, from both posteriors, along their difference
    percentile: float  # of random pairs that are nearer to each other, per cent
    step_percentile: float  # of pairs of a frame and the next of its trajectory, per cent
    units: float | None  # of the scatter between realisations; None where that is not known
    same_within: float  # units that 95 % of true twins are within
    calibrated: bool  # whether `same_within` was measured on twins of this data set
    differences: tuple[Difference, ...]
    ratio: Ratio | None = None
    ratio_error: str | None = None  # why the model's could not be read

    @property
    def same(self) -> bool | None:
        """Whether both could be of one process at one time, by their distance alone.

        None where a ratio says more, where a frame is no evidence, and where there is no unit.
        """
        if self.ratio is not None or not (self.a.evidence and self.b.evidence):
            return None
        return None if self.units is None else self.units <= self.same_within

    @cached_property
    def alignment(self) -> Alignment | None:
        """Frame b rolled, or mirrored and rolled, to where most pixels agree with a.

        None where they have different sizes.
        """
        if self.a.query.bits.shape != self.b.query.bits.shape:
            return None
        return best_roll(self.a.query.bits, self.b.query.bits)


@dataclass(frozen=True)
class ComparisonReference:
    """Scales of differences for one run: deviations of descriptors, and the distance of twins."""

    sigmas: Float64[np.ndarray, " descriptors"]  # over the separated frames; NaN where unknown
    same_within: float  # units that 95 % of true twins are within
    calibrated: bool  # whether that was measured on twins of this data set


def load_reference(store: Path, space: LatentSpace) -> ComparisonReference:
    """Read the scales of differences; good as long as latents and evaluations stay."""
    with open_store(store) as db:
        measured = descriptors.of_dataset(db, space.run.dataset_id)
        stored = evaluations.newest_whole(db, space.checkpoint.id)
    separated = np.isin(measured.frame_ids, space.frames.frame_ids[~space.frames.unseparated])
    noise = None if stored is None else stored.evaluation.noise
    return ComparisonReference(
        sigmas=np.nanstd(_values(measured)[separated], axis=0)
        if separated.any()
        else np.full(len(COMPARED), np.nan),
        same_within=split_half.SAME_WITHIN if noise is None else noise.same_within,
        calibrated=noise is not None,
    )


def compare(
    store: Path,
    space: LatentSpace,
    a: FrameQuery,
    b: FrameQuery,
    *,
    reference: ComparisonReference,
    encoder: Encoder = encode,
    embedding: EmbeddingReader = load_embedding,
) -> Comparison:
    """Compare two frames by a run's model and by their descriptors.

    Where the model's file cannot be read, stored frames are compared without a ratio.

    Raises:
        MorphError: if the model is needed and missing, or a frame is one colour everywhere.
    """
    first, second = (_compared(store, space, query, encoder) for query in (a, b))
    ends = np.concatenate([first.latents.mean, second.latents.mean])
    distance = float(np.linalg.norm(ends[0] - ends[1]))
    units = space.noise_units(np.array([distance]), ends[:1], ends[1:])
    ratio, error = None, None
    if first.evidence and second.evidence:
        try:
            known = embedding(store, space.checkpoint)
            ratio = of_pair(known, first.latents, second.latents)
        except MorphError as err:
            error = str(err)
    return Comparison(
        a=first,
        b=second,
        distance=distance,
        uncertainty=_uncertainty(first.latents, second.latents),
        percentile=percentile(distance, space.frames.random_pair_distances),
        step_percentile=percentile(distance, space.consecutive_distances),
        units=None if units is None else units[0],
        same_within=reference.same_within,
        calibrated=reference.calibrated,
        differences=differences(reference, first.descriptors, second.descriptors),
        ratio=ratio,
        ratio_error=error,
    )


def differences(
    reference: ComparisonReference, a: Descriptors, b: Descriptors
) -> tuple[Difference, ...]:
    """The differences of two frames, a row each, descriptor by descriptor.

    Where one of them has not separated yet, only their contrast has a meaning, and `sigmas`.
    """
    deltas = (_values(b) - _values(a))[0]
    if min(a.contrast[0], b.contrast[0]) < SEPARATED_FROM:
        deltas[: COMPARED.index("contrast")] = np.nan
    return tuple(
        Difference(
            name=name,
            a=float(getattr(a, name)[0]),
            b=float(getattr(b, name)[0]),
            sigmas=float(delta / sigma) if sigma > 0 and np.isfinite(delta) else None,
        )
        for name, sigma, delta in zip(COMPARED, reference.sigmas, deltas, strict=True)
    )


def _values(measured: Descriptors) -> Float64[np.ndarray, "frames 12"]:
    """The columns of `COMPARED`: the standard set, ln of the ratio of chords, contrast."""
    ratio = measured.chord_ratio.astype(np.float64)
    with np.errstate(divide="ignore"):
        log_ratio = np.log(np.where(np.isfinite(ratio), ratio, np.nan))
    log_ratio[~np.isfinite(log_ratio)] = np.nan
    more = np.stack([log_ratio, measured.contrast.astype(np.float64)], axis=1)
    return np.concatenate([standard_set(measured), more], axis=1)


def _compared(
    store: Path, space: LatentSpace, query: FrameQuery, encoder: Encoder
) -> ComparedFrame:
    latents = embed(store, space, query, encoder)
    return ComparedFrame(
        query=query,
        latents=latents,
        descriptors=describe(store, query),
        is_outlier=space.is_outlier_at(latents.mean[0], query_id=query.frame_id),
    )


def _uncertainty(a: Latents, b: Latents) -> float:
    """The standard deviation of a distance, from both posteriors, along the difference."""
    apart = b.mean[0].astype(np.float64) - a.mean[0].astype(np.float64)
    variance: Float32[np.ndarray, " latent"] = np.exp(a.logvar[0]) + np.exp(b.logvar[0])
    length = float(np.linalg.norm(apart))
    if length == 0:
        return float(np.sqrt(variance.mean()))
    return float(np.sqrt((apart**2 * variance).sum()) / length)
