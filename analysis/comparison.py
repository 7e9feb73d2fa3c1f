"""How near two frames are to a model, in a unit and among others, and in what they differ."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64

from analysis.latent_space import LatentSpace
from morphcore.descriptors.measure import DESCRIPTOR_NAMES, standard_set
from morphcore.embedding import distances
from morphcore.statistics import split_half
from morphcore.types import Descriptors, Latents
from store import descriptors, evaluations
from store.db import open_store

OUTLIER_SHARE = (
    0.99  # of the frames of a set are nearer to another trajectory than a frame unlike all
)


@dataclass(frozen=True)
class Difference:
    """A descriptor of both frames; `sigmas` is b - a in standard deviations over the data set.

    None where it has none; on the scale of `measure.standard_set`: lengths as logarithms.
    """

    name: str
    a: float
    b: float
    sigmas: float | None


@dataclass(frozen=True)
class Comparison:
    """How near two frames are."""

    distance: float  # Euclidean, between latents
    uncertainty: float  # standard deviation of that, from both posteriors, along their difference
    percentile: float  # of random pairs that are nearer to each other, per cent
    step_percentile: float  # of pairs of a frame and the next of its trajectory, per cent
    units: float | None  # of the scatter between realisations; None where that is not known
    same_within: float  # units that 95 % of true twins are within
    calibrated: bool  # whether `same_within` was measured on twins of this data set
    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool | None:
        """Whether both could be of one process at one time; None where there is no unit."""
        return None if self.units is None else self.units <= self.same_within


@dataclass(frozen=True)
class Yardstick:
    """What differences are measured by, for one run and its data set."""

    sigmas: Float64[np.ndarray, " descriptors"]  # over the separated frames; NaN where unknown
    same_within: float  # units that 95 % of true twins are within
    calibrated: bool  # whether that was measured on twins of this data set


def yardstick(store: Path, space: LatentSpace) -> Yardstick:
    """Worth keeping for as long as the run's latents and its evaluations."""
    with open_store(store) as db:
        known = descriptors.of_dataset(db, space.run.dataset_id)
        found = evaluations.newest_whole(db, space.checkpoint.id)
    separated = np.isin(known.frame_ids, space.latents.frame_ids[~space.unseparated])
    measures = {} if found is None else found.metrics.get("scatter", {})
    return Yardstick(
        sigmas=np.nanstd(standard_set(known)[separated], axis=0)
        if separated.any()
        else np.full(len(DESCRIPTOR_NAMES), np.nan),
        same_within=float(measures.get("same_within", split_half.SAME_WITHIN)),
        calibrated="same_within" in measures,
    )


def compare(
    space: LatentSpace,
    by: Yardstick,
    places: tuple[Latents, Latents],
    known: tuple[Descriptors, Descriptors],
) -> Comparison:
    """Everything about two frames: from their posteriors and descriptors, a row each."""
    mean = [each.mean[0].astype(np.float64) for each in places]
    apart = mean[1] - mean[0]
    distance = float(np.linalg.norm(mean[0].astype(np.float32) - mean[1].astype(np.float32)))
    variance = np.exp(places[0].logvar[0]) + np.exp(places[1].logvar[0])
    return Comparison(
        distance=distance,
        uncertainty=_uncertainty(apart, variance),
        percentile=distances.percentile(distance, space.random_pair_distances),
        step_percentile=distances.percentile(distance, space.consecutive_distances),
        units=_units(space, distance, np.stack(mean)),
        same_within=by.same_within,
        calibrated=by.calibrated,
        differences=differences(by, *known),
    )


def uncertainty(place: Latents) -> float:
    """How unsure a model is of a frame's place: the standard deviation of its latent.

    That along any one direction of latent space: the root mean square over dimensions.
    """
    return float(np.sqrt(np.exp(place.logvar[0].astype(np.float64)).mean()))


def is_outlier(space: LatentSpace, nearest: float) -> bool:
    """Whether a frame whose nearest is so far off is farther out than 99 % of the set's own.

    Never where the set has one trajectory only, or none.
    """
    limit = outlier_distance(space)
    return limit is not None and nearest > limit


def outlier_distance(space: LatentSpace) -> float | None:
    """How far 99 % of the set's frames are at most from the nearest of another trajectory."""
    return (
        float(np.quantile(space.other_trajectory_distances, OUTLIER_SHARE))
        if len(space.other_trajectory_distances)
        else None
    )


def _uncertainty(
    apart: Float64[np.ndarray, " latent"], variance: Float32[np.ndarray, " latent"]
) -> float:
    length = float(np.linalg.norm(apart))
    if length == 0:
        return float(np.sqrt(variance.mean()))
    return float(np.sqrt((apart**2 * variance).sum()) / length)


def _units(
    space: LatentSpace, distance: float, ends: Float64[np.ndarray, "2 latent"]
) -> float | None:
    if space.scale is None:
        return None
    a, b = split_half.unit(space.scale, ends)
    return float(split_half.in_units(np.array([distance]), a[None], b[None])[0])


def differences(by: Yardstick, a: Descriptors, b: Descriptors) -> tuple[Difference, ...]:
    """In what two frames, a row each, differ, descriptor by descriptor."""
    deltas = (standard_set(b) - standard_set(a))[0]
    return tuple(
        Difference(
            name=name,
            a=float(getattr(a, name)[0]),
            b=float(getattr(b, name)[0]),
            sigmas=float(delta / sigma) if sigma > 0 else None,
        )
        for name, sigma, delta in zip(DESCRIPTOR_NAMES, by.sigmas, deltas, strict=True)
    )
