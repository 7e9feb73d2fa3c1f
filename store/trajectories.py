"""Trajectories and their frames: in as `Trajectory`, out by `frame_id`."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64, UInt8
from PIL import Image
from sqlite_utils import Database

from morphcore import frames
from morphcore.errors import MorphError
from morphcore.types import Source, TimeUnit, Trajectory
from store.db import NameTaken, insert, writing


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
    periodic: bool
    frame_count: int
    source_file: str | None
    family: str | None = None  # the physics; None where unknown
    cell: str | None = None  # equal text: same physics, same parameters; a twin has its original's


@dataclass(frozen=True)
class FrameTable:
    """The facts of every frame of a data set as columns, ordered by trajectory, then time."""

    frame_ids: Int64[np.ndarray, " frames"]
    trajectory_ids: Int64[np.ndarray, " frames"]
    index: Int64[np.ndarray, " frames"]  # 0, 1, 2, ... within its trajectory
    time: Int64[np.ndarray, " frames"]  # simulation step, or the index
    unseparated: Bool[np.ndarray, " frames"]  # one colour everywhere: not yet separated


@dataclass(frozen=True)
class FrameInfo:
    """The facts of one frame: its trajectory, its index and its time."""

    frame_id: int
    trajectory: TrajectoryInfo
    index: int
    time: int
    unseparated: bool


def add(db: Database, dataset_id: int, trajectory: Trajectory, source: Source | None = None) -> int:
    """Store a trajectory whole, or not at all; returns its id.

    Raises:
        NameTaken: if the data set has a trajectory of that name.
        ValueError: if there is not exactly one step a frame.
    """
    bits = frames.binarise(trajectory.frames)
    unseparated = frames.is_unseparated(bits)
    packed = frames.pack(bits)
    pictures = [_png(frame) for frame in trajectory.frames]  # before the write lock is taken
    with writing(db):
        if has_trajectory(db, dataset_id, trajectory.name):
            raise NameTaken(f"The data set has a trajectory named {trajectory.name!r} already.")
        row = {
            "dataset_id": dataset_id,
            "name": trajectory.name,
            "phi": trajectory.params.get("phi"),
            "chi": trajectory.params.get("chi"),
            "params": json.dumps(dict(trajectory.params)),
            "time_unit": trajectory.time_unit,
            "periodic": int(trajectory.periodic),
            "frame_count": len(trajectory.frames),
            "source_file": source.file if source else None,
            "source_size": source.size if source else None,
            "source_sha256": source.sha256 if source else None,
            "family": trajectory.family,
            "cell": trajectory.cell,
        }
        trajectory_id = insert(db, "trajectories", row)
        rows = zip(trajectory.steps, unseparated, packed, pictures, strict=True)
        for index, (step, one_colour, bits_of_frame, picture) in enumerate(rows):
            cursor = db.conn.execute(
                "INSERT INTO frames (trajectory_id, idx, time, uniform) VALUES (?, ?, ?, ?)",
                [trajectory_id, index, int(step), int(one_colour)],
            )
            db.conn.execute(
                "INSERT INTO pictures (frame_id, bits, png) VALUES (?, ?, ?)",
                [cursor.lastrowid, bits_of_frame.tobytes(), picture],
            )
    return trajectory_id


def has_trajectory(db: Database, dataset_id: int, name: str) -> bool:
    """Whether the data set has a trajectory of that name."""
    sql = "SELECT 1 FROM trajectories WHERE dataset_id = ? AND name = ?"
    return bool(list(db.query(sql, [dataset_id, name])))


def has_source(db: Database, dataset_id: int, sha256: str) -> bool:
    """Whether a file with these contents was imported into the data set before."""
    sql = "SELECT 1 FROM trajectories WHERE dataset_id = ? AND source_sha256 = ?"
    return bool(list(db.query(sql, [dataset_id, sha256])))


def trajectories(db: Database, dataset_id: int) -> list[TrajectoryInfo]:
    """All trajectories of a data set, by name."""
    sql = f"SELECT {_COLUMNS} FROM trajectories WHERE dataset_id = ? ORDER BY name"
    return [_info(row) for row in db.query(sql, [dataset_id])]


def frame_table(db: Database, dataset_id: int) -> FrameTable:
    """The facts of every frame of a data set."""
    rows = db.conn.execute(
        """SELECT f.id, f.trajectory_id, f.idx, f.time, f.uniform
           FROM frames f JOIN trajectories t ON t.id = f.trajectory_id
           WHERE t.dataset_id = ? ORDER BY f.trajectory_id, f.idx""",
        [dataset_id],
    ).fetchall()
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    return FrameTable(
        frame_ids=columns[0],
        trajectory_ids=columns[1],
        index=columns[2],
        time=columns[3],
        unseparated=columns[4].astype(np.bool_),
    )


def frame_info(db: Database, frame_id: int) -> FrameInfo:
    """The facts of one frame.

    Raises:
        UnknownFrame: if the store has no such frame.
    """
    sql = f"""SELECT f.id AS frame_id, f.idx, f.time, f.uniform, {_COLUMNS_T}
              FROM frames f JOIN trajectories t ON t.id = f.trajectory_id WHERE f.id = ?"""
    for row in db.query(sql, [int(frame_id)]):  # SQLite takes a NumPy integer for a blob
        return FrameInfo(
            frame_id=row.pop("frame_id"),
            index=row.pop("idx"),
            time=row.pop("time"),
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


def frame(db: Database, frame_id: int) -> UInt8[np.ndarray, "100 400"]:
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


def packed_bits(
    db: Database, frame_ids: Int64[np.ndarray, " frames"]
) -> UInt8[np.ndarray, "frames 5000"]:
    """Binary frames as packed bits, in the order asked for.

    Raises:
        UnknownFrame: if one of them is not in the store.
    """
    out = np.empty((len(frame_ids), frames.PACKED_BYTES), dtype=np.uint8)
    for index, frame_id in enumerate(frame_ids):
        row = db.conn.execute(
            "SELECT bits FROM pictures WHERE frame_id = ?", [int(frame_id)]
        ).fetchone()
        if row is None:
            raise UnknownFrame(f"The store has no frame {frame_id}.")
        out[index] = np.frombuffer(row[0], dtype=np.uint8)
    return out


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
)
_COLUMNS = ", ".join(_FIELDS)
_COLUMNS_T = ", ".join(f"t.{field}" for field in _FIELDS)


def _info(row: dict[str, Any]) -> TrajectoryInfo:
    params = json.loads(row["params"])
    return TrajectoryInfo(**{**row, "params": params, "periodic": bool(row["periodic"])})


def _png(gray: UInt8[np.ndarray, "100 400"]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(gray).save(out, format="PNG", compress_level=6)
    return out.getvalue()
