"""The path of a trajectory through a run's latent space: its speed, and where that peaks."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from analysis.latent_space import LatentSpace
from morphcore import times as clock
from morphcore.embedding import latent_speed
from morphcore.statistics import split_half
from morphcore.types import TimeUnit


@dataclass(frozen=True)
class LatentPath:
    """The separated frames of one trajectory that a run has indexed, in time order.

    `speed` is per unit of ln(time), or a frame where no times are known; in units of the scatter
    between realisations (the median unit along the path) where `in_units`, else of the latent
    space itself. NaN where there is none.
    """

    frame_ids: Int64[np.ndarray, " frames"]
    mean: Float32[np.ndarray, "frames latent"]
    speed: Float64[np.ndarray, " frames"]
    events: Int64[np.ndarray, " events"]  # frame ids, in time order: where the speed peaks
    in_units: bool


def of_trajectory(space: LatentSpace, trajectory_id: int, time_unit: TimeUnit) -> LatentPath:
    """Trace a trajectory without what has not separated, and time 0, which has no logarithm."""
    rows = separated(space, trajectory_id)
    if clock.known(time_unit):
        rows = rows[space.frames.time[rows] > 0]
    mean = space.latents.mean[rows]
    times = space.frames.time[rows].astype(np.float64)
    if clock.known(time_unit):
        speed = latent_speed.speed(mean, np.log(times))
    else:
        speed = latent_speed.speed(mean, times, half_width=1.0)
    frame_ids = space.frames.frame_ids[rows]
    peaks = frame_ids[latent_speed.events(speed)]
    if space.scale is None or not len(rows):
        return LatentPath(frame_ids, mean, speed, peaks, in_units=False)
    unit = float(np.median(split_half.unit(space.scale, mean)))
    return LatentPath(frame_ids, mean, speed / unit, peaks, in_units=True)


def separated(space: LatentSpace, trajectory_id: int) -> Int64[np.ndarray, " rows"]:
    """The rows of a trajectory's frames that have separated, in time order."""
    frames = space.frames
    own: Bool[np.ndarray, " frames"] = frames.trajectory_ids == trajectory_id
    rows = np.flatnonzero(own & ~frames.unseparated)
    ordered: np.ndarray = rows[np.argsort(frames.index[rows], kind="stable")]
    return ordered
