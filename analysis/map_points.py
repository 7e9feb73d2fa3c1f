"""The points of a map joined with what is known of their frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from morphcore import times
from morphcore.frames import rows_of
from morphcore.types import Descriptors, Projection, TimeUnit
from store.trajectories import FrameTable, TrajectoryInfo

Area = tuple[tuple[float, float], tuple[float, float]]  # lowest and highest x, then y
Line = tuple[tuple[float, float], ...]  # closed, by its corners


@dataclass(frozen=True)
class MapPoints:
    """The points of a map with what can colour them, ordered by trajectory, then time."""

    frame_ids: Int64[np.ndarray, " points"]
    x: Float32[np.ndarray, " points"]
    y: Float32[np.ndarray, " points"]
    trajectory_ids: Int64[np.ndarray, " points"]
    time: Float64[np.ndarray, " points"]  # in `time_unit`, or the number counted from 1
    unseparated: Bool[np.ndarray, " points"]  # not yet separated
    held_out: Bool[np.ndarray, " points"]
    phi: Float64[np.ndarray, " points"]  # NaN: not known
    chi: Float64[np.ndarray, " points"]
    fraction: Float32[np.ndarray, " points"]  # NaN: not measured, or not separated
    length: Float32[np.ndarray, " points"]  # px; NaN: not measured, or not separated
    contrast: Float32[np.ndarray, " points"]  # 0 to 1; NaN: not measured
    names: Mapping[int, str]  # of the trajectories, by id
    families: Mapping[int, str]  # their physics, where that is known, by id
    time_unit: TimeUnit  # "frame" where the trajectories have no times, or different units
    # Of frames that the map was not drawn of, but that were placed on it: the number of their data
    # set in `attached`, from 1 on; 0 of the map's own. Their lengths are in the model's pixels.
    attachment: Int64[np.ndarray, " points"]
    attached: tuple[str, ...] = ()  # data sets beside the map's own
    scales: Mapping[int, str] = field(default_factory=dict)  # in words, by attached trajectory id

    @property
    def own(self) -> Bool[np.ndarray, " points"]:
        """A mask of the points that the map was drawn of."""
        mask: np.ndarray = self.attachment == 0
        return mask

    def __len__(self) -> int:
        return len(self.frame_ids)


def join(
    projection: Projection,
    table: FrameTable,
    infos: Sequence[TrajectoryInfo],
    descriptors: Descriptors,
    held_out: Int64[np.ndarray, " heldout"],
) -> MapPoints:
    """Join a map's points with their frames' facts, in the order of the data set's table."""
    mapped = np.isin(table.frame_ids, projection.frame_ids)
    ids = table.frame_ids[mapped]
    rows = rows_of(projection.frame_ids, ids)
    coords = projection.coords[rows]
    by_id = {info.id: info for info in infos}
    owners = [by_id[owner_id] for owner_id in table.trajectory_ids[mapped].tolist()]
    measured = rows_of(descriptors.frame_ids, ids)
    unseparated = table.unseparated[mapped]
    # Before a frame has separated, neither means anything.
    fraction, length = (
        _where(values, measured) for values in (descriptors.fraction, descriptors.length)
    )
    units = {info.time_unit for info in infos}
    time_unit = units.pop() if len(units) == 1 else times.COUNTED
    known = times.known(time_unit)
    return MapPoints(
        frame_ids=ids,
        x=coords[:, 0],
        y=coords[:, 1],
        trajectory_ids=table.trajectory_ids[mapped],
        time=table.time[mapped] if known else table.index[mapped] + 1.0,
        unseparated=unseparated,
        held_out=np.isin(ids, held_out),
        phi=np.array([np.nan if info.phi is None else info.phi for info in owners], np.float64),
        chi=np.array([np.nan if info.chi is None else info.chi for info in owners], np.float64),
        fraction=np.where(unseparated, np.float32(np.nan), fraction),
        length=np.where(np.isfinite(length) & ~unseparated, length, np.float32(np.nan)),
        contrast=_where(descriptors.contrast, measured),
        names={info.id: info.name for info in infos},
        families={info.id: info.family for info in infos if info.family is not None},
        time_unit=time_unit,
        attachment=np.zeros(len(ids), dtype=np.int64),
    )


def with_attached(
    own: MapPoints, name: str, other: MapPoints, scales: Mapping[int, str]
) -> MapPoints:
    """Points with those of another data set after them, which lie on the same map.

    Their times are NaN where they are in another unit than the map's own.
    """
    columns: dict[str, Any] = {
        each.name: np.concatenate([getattr(own, each.name), getattr(other, each.name)])
        for each in fields(own)
        if isinstance(getattr(own, each.name), np.ndarray)
    }
    if other.time_unit != own.time_unit:
        columns["time"] = np.concatenate([own.time, np.full(len(other), np.nan)])
    number = len(own.attached) + 1
    columns["attachment"] = np.concatenate([own.attachment, np.full(len(other), number)])
    return replace(
        own,
        **columns,
        names={**own.names, **other.names},
        families={**own.families, **other.families},
        attached=(*own.attached, name),
        scales={**own.scales, **scales},
    )


def subset(points: MapPoints, which: Bool[np.ndarray, " points"]) -> MapPoints:
    """The points of a mask."""
    columns = {
        each.name: getattr(points, each.name)[which]
        for each in fields(points)
        if isinstance(getattr(points, each.name), np.ndarray)
    }
    return replace(points, **columns)


def separated(points: MapPoints) -> MapPoints:
    """The points without those of frames that have not separated yet."""
    return subset(points, ~points.unseparated)


def inside(points: MapPoints, area: Area) -> Int64[np.ndarray, " chosen"]:
    """The rows of the points within an area, its rim included."""
    (left, right), (bottom, top) = area
    within = (points.x >= left) & (points.x <= right) & (points.y >= bottom) & (points.y <= top)
    return np.flatnonzero(within)


def within(points: MapPoints, line: Line) -> Int64[np.ndarray, " chosen"]:
    """The rows of the points within a closed line; where it crosses itself, by even and odd."""
    corners = np.array(line, dtype=np.float64)
    inner = np.zeros(len(points), dtype=np.bool_)
    for (x, y), (next_x, next_y) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y == next_y:
            continue
        crossed = (points.y < y) != (points.y < next_y)
        inner ^= crossed & (points.x < x + (points.y - y) * (next_x - x) / (next_y - y))
    return np.flatnonzero(inner)


def pages_of(count: int, most: int) -> int:
    """The number of pages that `count` frames fill, at most `most` on each.

    >>> pages_of(25, 12), pages_of(0, 12)
    (3, 1)
    """
    return max(1, -(-count // most))


def spread(rows: Int64[np.ndarray, " chosen"], page: int, most: int) -> Int64[np.ndarray, " shown"]:
    """The rows of a page: every n-th from the page's own first, so that all pages show all once.

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
