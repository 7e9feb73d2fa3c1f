"""Trajectories and their frames: in as `Trajectory`, out by `frame_id`."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Int64, UInt8
from PIL import Image
from sqlite_utils import Database

from morphcore import frames as framing
from morphcore.descriptors import contrast
from morphcore.errors import MorphError
from morphcore.frame_file import chunks
from morphcore.frames import PackedFrames, SizedFrames
from morphcore.types import FRAME_HEIGHT, FRAME_WIDTH, Source, TimeUnit, Trajectory
from store import frame_rows
from store.db import NameTaken, insert, writing
from store.trajectory_facts import row_of


class UnknownFrame(MorphError):
    """No frame of that id in the store."""


@dataclass(frozen=True)
class TrajectoryInfo:
    """A stored trajectory without its pictures."""

    id: int
    dataset_id: int
    name: str
    phi: float | None
    chi: float | None
    params: Mapping[str, float]
    time_unit: TimeUnit
    periodic: bool  # the left edge continues at the right one
    frame_count: int
    source_file: str | None
    family: str | None = None  # the physics; None where unknown
    cell: str | None = None  # equal text: same physics, same parameters; a twin has its original's
    labels: Mapping[str, str] = field(default_factory=dict)
    height: int = FRAME_HEIGHT  # px
    width: int = FRAME_WIDTH
    periodic_y: bool = False  # the top edge continues at the bottom one
    pixel_size: float | None = None  # side of a pixel in `length_unit`; None: not known
    length_unit: str = "px"
    threshold: float = 0.5  # white from this share of gray on

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of its frames in px."""
        return self.height, self.width

    @property
    def composition_chi(self) -> float | None:
        """chi, where gray is the composition of a simulated blend; None where it is a picture's."""
        return self.chi if self.family else None


@dataclass(frozen=True)
class FrameTable:
    """The facts of every frame of a data set as columns, ordered by trajectory, then time."""

    frame_ids: Int64[np.ndarray, " frames"]
    trajectory_ids: Int64[np.ndarray, " frames"]
    index: Int64[np.ndarray, " frames"]  # 0, 1, 2, ... within its trajectory
    time: Float64[np.ndarray, " frames"]  # in its trajectory's unit; the index where none is known
    unseparated: Bool[np.ndarray, " frames"]  # contrast below the line, or one colour everywhere


@dataclass(frozen=True)
class FrameInfo:
    """The facts of one frame: its trajectory, its index and its time."""

    frame_id: int
    trajectory: TrajectoryInfo
    index: int
    time: float
    unseparated: bool


def add(db: Database, dataset_id: int, trajectory: Trajectory, source: Source | None = None) -> int:
    """Store a trajectory whole, or not at all; returns its id.

    Raises:
        NameTaken: if the data set has a trajectory of that name.
        ValueError: if there is not exactly one time a frame, or one source where there are any.
    """
    encoded: list[frame_rows.EncodedFrame] = []  # before the write lock is taken
    for start, gray in chunks(trajectory.frames):
        bits = framing.binarise(gray, trajectory.threshold)
        of_frames = contrast.measure(gray, trajectory.composition_chi)
        encoded += frame_rows.encoded(trajectory, start, gray, bits, of_frames)
    with writing(db):
        if has_trajectory(db, dataset_id, trajectory.name):
            raise NameTaken(f"The data set has a trajectory named {trajectory.name!r} already.")
        trajectory_id = insert(db, "trajectories", row_of(dataset_id, trajectory, source))
        frame_rows.add(db, trajectory_id, encoded, range(len(encoded)))
    return trajectory_id


def has_trajectory(db: Database, dataset_id: int, name: str) -> bool:
    """Whether the data set has a trajectory of that name."""
    sql = "SELECT 1 FROM trajectories WHERE dataset_id = ? AND name = ?"
    return bool(list(db.query(sql, [dataset_id, name])))


def trajectories(db: Database, dataset_id: int) -> list[TrajectoryInfo]:
    """All trajectories of a data set, by name."""
    sql = f"SELECT {_COLUMNS} FROM trajectories WHERE dataset_id = ? ORDER BY name"
    return [_info(row) for row in db.query(sql, [dataset_id])]


def by_id(db: Database, trajectory_id: int) -> TrajectoryInfo:
    """The trajectory of that id, which is there."""
    sql = f"SELECT {_COLUMNS} FROM trajectories WHERE id = ?"
    return _info(next(iter(db.query(sql, [trajectory_id]))))


def known(db: Database, trajectory_ids: Sequence[int]) -> list[TrajectoryInfo]:
    """Those of the trajectories that the store has, in the order given."""
    sql = f"SELECT {_COLUMNS} FROM trajectories WHERE id = ?"
    return [_info(row) for row_id in trajectory_ids for row in db.query(sql, [row_id])]


def frame_table(db: Database, dataset_id: int) -> FrameTable:
    """The facts of every frame of a data set."""
    rows = db.conn.execute(
        """SELECT f.id, f.trajectory_id, f.idx, f.time, f.uniform
           FROM frames f JOIN trajectories t ON t.id = f.trajectory_id
           WHERE t.dataset_id = ? ORDER BY f.trajectory_id, f.idx""",
        [dataset_id],
    ).fetchall()
    # float64 holds every id and index exactly.
    columns = np.array(rows, dtype=np.float64).reshape(-1, 5).T
    return FrameTable(
        frame_ids=columns[0].astype(np.int64),
        trajectory_ids=columns[1].astype(np.int64),
        index=columns[2].astype(np.int64),
        time=columns[3].copy(),
        unseparated=columns[4].astype(np.bool_),
    )


def frame_files(db: Database, dataset_id: int) -> dict[int, str]:
    """The file that each frame of a data set was read from, by frame id, where that is known."""
    rows = db.conn.execute(
        """SELECT f.id, f.source_file FROM frames f JOIN trajectories t ON t.id = f.trajectory_id
           WHERE t.dataset_id = ? AND f.source_file IS NOT NULL""",
        [dataset_id],
    )
    return dict(rows.fetchall())


def frame_info(db: Database, frame_id: int) -> FrameInfo:
    """The facts of one frame.

    Raises:
        UnknownFrame: if the store has no such frame.
    """
    sql = f"""SELECT f.id AS frame_id, f.idx, f.time, f.uniform, {_COLUMNS_T}
              FROM frames f JOIN trajectories t ON t.id = f.trajectory_id
              JOIN datasets d ON d.id = t.dataset_id
              WHERE f.id = ? AND d.unfinished_job IS NULL"""
    for row in db.query(sql, [int(frame_id)]):  # SQLite takes a NumPy integer for a blob
        return FrameInfo(
            frame_id=row.pop("frame_id"),
            index=row.pop("idx"),
            time=float(row.pop("time")),
            unseparated=bool(row.pop("uniform")),
            trajectory=_info(row),
        )
    raise UnknownFrame(f"The store has no frame {frame_id}.")


def frame_ids_of(db: Database, trajectory_id: int) -> Int64[np.ndarray, " time"]:
    """The frames of one trajectory in time order."""
    rows = db.conn.execute(
        "SELECT id FROM frames WHERE trajectory_id = ? ORDER BY idx", [trajectory_id]
    ).fetchall()
    return np.array([row[0] for row in rows], dtype=np.int64)


def frame(db: Database, frame_id: int) -> UInt8[np.ndarray, "h w"]:
    """The gray picture of one frame.

    Raises:
        UnknownFrame: if the store has no such frame.
    """
    return np.asarray(Image.open(io.BytesIO(png(db, frame_id))))


def png(db: Database, frame_id: int) -> bytes:
    """The gray picture of one frame as an 8-bit PNG file.

    Raises:
        UnknownFrame: if the store has no such frame.
    """
    row = db.conn.execute("SELECT png FROM pictures WHERE frame_id = ?", [int(frame_id)]).fetchone()
    if row is None:
        raise UnknownFrame(f"The store has no frame {frame_id}.")
    return bytes(row[0])


def packed(db: Database, frame_ids: Int64[np.ndarray, " frames"]) -> SizedFrames:
    """Binary frames as packed bits, in the order asked for, those of each size together.

    Raises:
        UnknownFrame: if one of them is not in the store.
    """
    owners: dict[int, tuple[tuple[int, int], bool, bool]] = {}
    parts: dict[tuple[int, int], _Part] = {}
    for row, frame_id in enumerate(frame_ids.tolist()):
        found = db.conn.execute(
            """SELECT p.bits, f.trajectory_id FROM pictures p JOIN frames f ON f.id = p.frame_id
               WHERE p.frame_id = ?""",
            [frame_id],
        ).fetchone()
        if found is None:
            raise UnknownFrame(f"The store has no frame {frame_id}.")
        bits, owner = found
        if owner not in owners:
            sql = "SELECT height, width, periodic, periodic_y FROM trajectories WHERE id = ?"
            height, width, periodic, periodic_y = db.conn.execute(sql, [owner]).fetchone()
            owners[owner] = ((height, width), bool(periodic), bool(periodic_y))
        shape, periodic, periodic_y = owners[owner]
        part = parts.setdefault(shape, _Part())
        part.rows.append(row)
        part.bits.append(bits)
        part.periodic.append(periodic)
        part.periodic_y.append(periodic_y)
    return SizedFrames(
        tuple((np.array(part.rows), part.packed(shape)) for shape, part in parts.items())
    )


@dataclass
class _Part:
    """The frames of one size while they are read."""

    rows: list[int] = field(default_factory=list)
    bits: list[bytes] = field(default_factory=list)
    periodic: list[bool] = field(default_factory=list)
    periodic_y: list[bool] = field(default_factory=list)

    def packed(self, shape: tuple[int, int]) -> PackedFrames:
        flat = np.frombuffer(b"".join(self.bits), dtype=np.uint8)
        return PackedFrames(
            flat.reshape(len(self.rows), -1),
            shape,
            np.array(self.periodic, dtype=np.bool_),
            np.array(self.periodic_y, dtype=np.bool_),
        )


_FIELDS = (
    "id",
    "dataset_id",
    "name",
    "phi",
    "chi",
    "params",
    "time_unit",
    "periodic",
    "frame_count",
    "source_file",
    "family",
    "cell",
    "labels",
    "height",
    "width",
    "periodic_y",
    "pixel_size",
    "length_unit",
    "threshold",
)
_COLUMNS = ", ".join(_FIELDS)
_COLUMNS_T = ", ".join(f"t.{field}" for field in _FIELDS)


def _info(row: dict[str, Any]) -> TrajectoryInfo:
    decoded = {
        "params": json.loads(row["params"]),
        "labels": json.loads(row["labels"]),
        "periodic": bool(row["periodic"]),
        "periodic_y": bool(row["periodic_y"]),
    }
    return TrajectoryInfo(**{**row, **decoded})
