"""The points of a map joined with what is known of their frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from morphcore.frames import rows_of
from morphcore.types import Descriptors, Projection
from store.trajectories import FrameTable, TrajectoryInfo

Area = tuple[tuple[float, float], tuple[float, float]]  # lowest and highest x, then y


@dataclass(frozen=True)
class MapPoints:
    """The points of a map with what can colour them, ordered by trajectory, then time."""

    frame_ids: Int64[np.ndarray, " points"]
    x: Float32[np.ndarray, " points"]
    y: Float32[np.ndarray, " points"]
    trajectory_ids: Int64[np.ndarray, " points"]
    time: Int64[np.ndarray, " points"]  # the step, or the frame's number counted from 1
    unseparated: Bool[np.ndarray, " points"]  # not yet separated
    held_out: Bool[np.ndarray, " points"]
    phi: Float64[np.ndarray, " points"]  # NaN: not known
    chi: Float64[np.ndarray, " points"]
    fraction: Float32[np.ndarray, " points"]  # NaN: not measured
    length: Float32[np.ndarray, " points"]  # px; NaN: not measured, or no interface
    names: Mapping[int, str]  # of the trajectories, by id
    families: Mapping[int, str]  # their physics, where that is known, by id
    counts_steps: bool  # time is simulation steps, not a frame's index

    def __len__(self) -> int:
        return len(self.frame_ids)


def join(
    projection: Projection,
    table: FrameTable,
    infos: Sequence[TrajectoryInfo],
    descriptors: Descriptors,
    held_out: Int64[np.ndarray, " heldout"],
) -> MapPoints:
    """The map's frames in the order of the data set's table, each with its own facts."""
    here = np.isin(table.frame_ids, projection.frame_ids)
    ids = table.frame_ids[here]
    place = rows_of(projection.frame_ids, ids)
    coords = projection.coords[place]
    by_id = {each.id: each for each in infos}
    owners = [by_id[each] for each in table.trajectory_ids[here].tolist()]
    measured = rows_of(descriptors.frame_ids, ids)
    length = _where(descriptors.length, measured)
    counts_steps = all(each.time_unit == "step" for each in infos)
    return MapPoints(
        frame_ids=ids,
        x=coords[:, 0],
        y=coords[:, 1],
        trajectory_ids=table.trajectory_ids[here],
        time=table.time[here] + (0 if counts_steps else 1),
        unseparated=table.unseparated[here],
        held_out=np.isin(ids, held_out),
        phi=np.array([np.nan if each.phi is None else each.phi for each in owners], np.float64),
        chi=np.array([np.nan if each.chi is None else each.chi for each in owners], np.float64),
        fraction=_where(descriptors.fraction, measured),
        length=np.where(np.isfinite(length), length, np.float32(np.nan)),
        names={each.id: each.name for each in infos},
        families={each.id: each.family for each in infos if each.family is not None},
        counts_steps=counts_steps,
    )


def subset(points: MapPoints, which: Bool[np.ndarray, " points"]) -> MapPoints:
    """Some of the points."""
    columns = {
        each.name: getattr(points, each.name)[which]
        for each in fields(points)
        if isinstance(getattr(points, each.name), np.ndarray)
    }
    return replace(points, **columns)


def separated(points: MapPoints) -> MapPoints:
    """The points without those of frames that are one colour everywhere."""
    return subset(points, ~points.unseparated)


def inside(points: MapPoints, area: Area) -> Int64[np.ndarray, " chosen"]:
    """The rows of the points within an area, its rim included."""
    (left, right), (bottom, top) = area
    within = (points.x >= left) & (points.x <= right) & (points.y >= bottom) & (points.y <= top)
    return np.flatnonzero(within)


def pages_of(count: int, most: int) -> int:
    """How many pages show so many frames, at most `most` on each.

    >>> pages_of(25, 12), pages_of(0, 12)
    (3, 1)
    """
    return max(1, -(-count // most))


def spread(rows: Int64[np.ndarray, " chosen"], page: int, most: int) -> Int64[np.ndarray, " shown"]:
    """A page's part: every n-th from the page's own first, so that all pages show all once.

    >>> spread(np.arange(10, 15), 0, 2), spread(np.arange(10, 15), 1, 2)  # three pages
    (array([10, 13]), array([11, 14]))
    """
    return rows[page :: pages_of(len(rows), most)]


def row_of(points: MapPoints, frame_id: int) -> int | None:
    """A frame's row; None where the map does not have it."""
    rows = np.flatnonzero(points.frame_ids == frame_id)
    return int(rows[0]) if len(rows) else None


def _where(
    values: Float32[np.ndarray, " known"], rows: Int64[np.ndarray, " wanted"]
) -> Float32[np.ndarray, " wanted"]:
    out = np.full(len(rows), np.nan, dtype=np.float32)
    out[rows >= 0] = values[rows[rows >= 0]]
    return out
