"""The split-half distance: how far apart an embedding puts two realisations of one process.

    unit = |z(left) - z(right)| / sqrt(2)

left, right  the halves of one frame, each joined with its mirror image to a whole frame: two
             realisations of the same physics at the same time, on half of the area each (sqrt(2):
             means over twice the area vary less by that)
z            any embedding, less what the difference in area fraction explains (`apart`), since a
             frame conserves its composition and its halves do not

At a point of the embedding the unit is the median over the sampled frames nearest to it: late
frames, of few domains, vary more. It is an estimate, off by chance where domains are as long as a
half; `calibration` measures it on twins. See docs/decisions/001-embedding-by-discriminants.md.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int64

from morphcore.frames import rows_of
from morphcore.statistics.nearest import nearest
from morphcore.types import Scatter

NEAREST = 15  # sampled frames around a point that its unit is the median of
LEAST_SAMPLED, MOST_SAMPLED = 200, 1000  # frames whose halves are encoded
SAME_WITHIN = 2.0  # units, as long as no twins have calibrated it for a model
# Where a calibration is read, in units.
STEPS: Float64[np.ndarray, " steps"] = np.concatenate(
    [[0.0], np.geomspace(0.1, 100.0, 61)], dtype=np.float64
)


@dataclass(frozen=True)
class Halves:
    """The left and the right half of some frames in any embedding, with their area fractions."""

    frame_ids: Int64[np.ndarray, " frames"]  # one that was cut twice is there twice
    left: Float[np.ndarray, "frames dims"]
    right: Float[np.ndarray, "frames dims"]
    fraction_apart: Float64[np.ndarray, " frames"]  # area fraction of the left less the right


class Cuts(NamedTuple):
    """Both halves of frames that were cut in two, some of them more than once."""

    rows: Int64[np.ndarray, " cuts"]  # of the frames
    left: Bool[np.ndarray, "cuts h w"]
    right: Bool[np.ndarray, "cuts h w"]


@dataclass(frozen=True)
class Scale:
    """The scatter between realisations at sampled points of a latent space."""

    places: Float32[np.ndarray, "samples latent"]
    scatter: Float32[np.ndarray, " samples"]  # a distance in latent space, > 0


def halves(
    bits: Bool[np.ndarray, "frames h w"],
) -> tuple[Bool[np.ndarray, "frames h w"], Bool[np.ndarray, "frames h w"]]:
    """The left and the right half of each frame, each with its mirror image beside it.

    Of an odd width both have the column in the middle, and their mirror images lack it.
    """
    width = bits.shape[2]
    rest = width // 2
    left, right = bits[:, :, : width - rest], bits[:, :, rest:]
    return (
        np.concatenate([left, left[:, :, :rest][:, :, ::-1]], axis=2),
        np.concatenate([right[:, :, width - 2 * rest :][:, :, ::-1], right], axis=2),
    )


def cuts(bits: Bool[np.ndarray, "frames h w"], periodic: Bool[np.ndarray, " frames"]) -> Cuts:
    """The halves of each frame, and of a periodic one those that a cut a quarter further gives."""
    around = np.flatnonzero(periodic)
    further = np.roll(bits[around], bits.shape[2] // 4, axis=2)
    rows = np.concatenate([np.arange(len(bits)), around])
    return Cuts(rows, *halves(np.concatenate([bits, further])))


def of_frames(halves: Halves) -> Scatter:
    """Split-half distance of each frame: the root mean square over its cuts."""
    squares = (apart(halves) ** 2).sum(axis=1)
    frame_ids, rows = np.unique(halves.frame_ids, return_inverse=True)
    mean = np.bincount(rows, squares) / np.bincount(rows)
    return Scatter(frame_ids, np.sqrt(mean).astype(np.float32))


def sampled(frames: int) -> int:
    """The number of frames whose halves are encoded: every second of them, within limits.

    A frame is nearly the same picture as the one before it, and so are its halves.
    """
    return min(max(frames // 2, LEAST_SAMPLED), MOST_SAMPLED)


def apart(halves: Halves) -> Float64[np.ndarray, "frames dims"]:
    """Left less right, without what the difference in area fraction explains (least squares)."""
    differences: np.ndarray = halves.left.astype(np.float64) - halves.right
    squares = float((halves.fraction_apart**2).sum())
    if squares == 0:
        return differences
    slope = halves.fraction_apart @ differences / squares
    rest: np.ndarray = differences - np.outer(halves.fraction_apart, slope)
    return rest


def scale(
    frame_ids: Int64[np.ndarray, " frames"],
    mean: Float32[np.ndarray, "frames latent"],
    scatter: Scatter,
) -> Scale | None:
    """The scatter at the latents of frames that have one; None where no frame has."""
    rows = rows_of(frame_ids, scatter.frame_ids)
    usable = (rows >= 0) & (scatter.distance > 0)
    if not usable.any():
        return None
    return Scale(mean[rows[usable]], scatter.distance[usable] / np.float32(np.sqrt(2)))


def unit(scale: Scale, points: Float[np.ndarray, "n latent"]) -> Float64[np.ndarray, " n"]:
    """The distance in latent space that is 1 unit, at each of some points; > 0."""
    around = nearest(points.astype(np.float64), scale.places.astype(np.float64), NEAREST).rows
    median: np.ndarray = np.median(scale.scatter.astype(np.float64)[around], axis=1)
    return median


def in_units(
    distance: Float[np.ndarray, " n"], a: Float[np.ndarray, " n"], b: Float[np.ndarray, " n"]
) -> Float64[np.ndarray, " n"]:
    """Distances over the root mean square of the units at both of their ends."""
    out: np.ndarray = distance / np.sqrt((a**2 + b**2) / 2)
    return out.astype(np.float64)


def calibration(units: Float[np.ndarray, " pairs"]) -> Float64[np.ndarray, " steps"]:
    """The share of pairs that are within each of `STEPS`; NaN without pairs."""
    if not len(units):
        return np.full(len(STEPS), np.nan)
    within: np.ndarray = np.searchsorted(np.sort(units), STEPS, side="right") / len(units)
    return within


@dataclass(frozen=True)
class Partners:
    """For each query a row of the gallery: its own process, and another, at about its time."""

    same: Int64[np.ndarray, " queries"]
    other: Int64[np.ndarray, " others"]  # a row for each query, or none at all


def partners(
    cells: Int64[np.ndarray, " queries"],
    log_times: Float64[np.ndarray, " queries"],
    gallery_cells: Int64[np.ndarray, " gallery"],
    gallery_log_times: Float64[np.ndarray, " gallery"],
    *,
    rng: np.random.Generator,
) -> Partners:
    """The frame nearest in time of a query's own cell, and of another cell drawn at random.

    Every query's cell is in the gallery; with a single cell there, `other` is empty.
    """
    known_cells = np.unique(gallery_cells)
    rows_of = {int(cell): np.flatnonzero(gallery_cells == cell) for cell in known_cells}

    def at_its_time(cell: int, log_time: float) -> int:
        rows = rows_of[cell]
        return int(rows[np.abs(gallery_log_times[rows] - log_time).argmin()])

    same = [at_its_time(int(c), t) for c, t in zip(cells, log_times, strict=True)]
    different = []
    if len(known_cells) > 1:
        others = {int(cell): known_cells[known_cells != cell] for cell in known_cells}
        different = [
            at_its_time(int(rng.choice(others[int(c)])), t)
            for c, t in zip(cells, log_times, strict=True)
        ]
    return Partners(np.array(same, dtype=np.int64), np.array(different, dtype=np.int64))
