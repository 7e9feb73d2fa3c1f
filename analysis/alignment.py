"""Alignment of two trajectories in time by dynamic time warping of their latents.

The warping path is that of `morphcore.alignment.dynamic_time_warping` through the distances between
latents. It is cut into stretches: those on which the two are as near as realisations of one process
are, and the others, with what sets the two apart there.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64

from analysis.latent_path import separated
from analysis.latent_space import LatentSpace
from morphcore.alignment import dynamic_time_warping
from morphcore.frames import evenly
from morphcore.statistics import split_half

MOST_FRAMES = 1_000  # of one trajectory; of more, as many are taken, evenly spaced
SHORTEST = 0.05  # of the path: shorter stretches take the value of those around them


@dataclass(frozen=True)
class Stretch:
    """A part of the path, from its pair `first` to its pair `last`, both included."""

    first: int
    last: int
    together: bool
    distance: float  # median, in units of the scatter
    length_ratio: float  # median of L of B over L of A; NaN where L is not known
    fraction_step: float  # median of the area fraction of B less that of A; NaN where not known
    time_ratio: float  # median of the time of B over that of A; NaN without times


@dataclass(frozen=True)
class TimeAlignment:
    """Pairs of frames of A and B, in time order in both; never empty."""

    a: Int64[np.ndarray, " pairs"]  # frame ids
    b: Int64[np.ndarray, " pairs"]
    distance: Float64[np.ndarray, " pairs"]  # in units of the scatter where `same_within` is known
    mean_distance: float  # of Sakoe and Chiba's symmetric form, in latent space
    same_within: float | None  # units that true twins are within; None where units are not known
    stretches: tuple[Stretch, ...] = ()  # in time order; empty where units are not known


def align(space: LatentSpace, a: int, b: int, *, same_within: float) -> TimeAlignment | None:
    """Align two trajectories of a run's data set, without their frames that have not separated.

    None where one of them has no other frame.
    """
    from scipy.spatial.distance import cdist  # only here: not for every page that shows a speed

    rows = [separated(space, trajectory_id) for trajectory_id in (a, b)]
    rows = [own[evenly(len(own), MOST_FRAMES, ends=True)] for own in rows]
    if not len(rows[0]) or not len(rows[1]):
        return None
    ours, theirs = (space.latents.mean[own] for own in rows)
    distances = cdist(ours, theirs)
    path = dynamic_time_warping.align(distances)
    along = distances[path.a, path.b]
    frame_ids = [space.frames.frame_ids[own] for own in rows]
    alignment = TimeAlignment(
        frame_ids[0][path.a], frame_ids[1][path.b], along, path.distance, same_within=None
    )
    if space.scale is None:
        return alignment
    units = split_half.in_units(
        along,
        split_half.unit(space.scale, ours)[path.a],
        split_half.unit(space.scale, theirs)[path.b],
    )
    return replace(alignment, distance=units, same_within=same_within)


def with_stretches(
    alignment: TimeAlignment,
    *,
    lengths: tuple[Float[np.ndarray, " pairs"], Float[np.ndarray, " pairs"]],
    fractions: tuple[Float[np.ndarray, " pairs"], Float[np.ndarray, " pairs"]],
    times: tuple[Float[np.ndarray, " pairs"], Float[np.ndarray, " pairs"]] | None,
) -> TimeAlignment:
    """Cut an alignment into stretches, from what is measured on A and B pair by pair.

    Values that are not known are NaN; `times` is None where they are no simulation steps.
    """
    if alignment.same_within is None:
        return alignment
    together = smoothed(
        alignment.distance <= alignment.same_within, least=round(SHORTEST * len(alignment.a))
    )
    bounds = np.flatnonzero(np.diff(together)) + 1
    parts = np.split(np.arange(len(together)), bounds)
    return replace(
        alignment,
        stretches=tuple(
            Stretch(
                first=int(part[0]),
                last=int(part[-1]),
                together=bool(together[part[0]]),
                distance=float(np.median(alignment.distance[part])),
                length_ratio=_median(lengths[1][part] / lengths[0][part]),
                fraction_step=_median(fractions[1][part] - fractions[0][part]),
                time_ratio=float("nan")
                if times is None
                else _median(times[1][part] / times[0][part]),
            )
            for part in parts
        ),
    )


def smoothed(flags: Bool[np.ndarray, " n"], *, least: int) -> Bool[np.ndarray, " n"]:
    """Give runs of equal flags shorter than `least` the other value, the shortest first.

    >>> smoothed(np.array([True, True, False, True, True]), least=2)
    array([ True,  True,  True,  True,  True])
    """
    flags = flags.copy()
    while True:
        bounds = np.concatenate([[0], np.flatnonzero(np.diff(flags)) + 1, [len(flags)]])
        sizes = np.diff(bounds)
        if len(sizes) < 2 or sizes.min() >= least:
            return flags
        shortest = int(sizes.argmin())
        flags[bounds[shortest] : bounds[shortest + 1]] ^= True


def _median(values: Float[np.ndarray, " n"]) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else float("nan")
