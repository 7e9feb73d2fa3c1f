"""Data sets, their trajectories and frames: in as `Trajectory`, out by `frame_id`."""

import io
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Int64, UInt8
from PIL import Image
from sqlite_utils import Database

from morphcore import frames as framing
from morphcore.types import Rejection, Source, TimeUnit, Trajectory
from store.db import insert, writing

Kind = Literal["simulated", "imported"]


class UnknownDataset(LookupError):
    """No data set of that name; the message lists those that there are."""


class NameTaken(ValueError):
    """Another data set has that name already."""


class UnknownFrame(LookupError):
    """No frame of that id in the store."""


@dataclass(frozen=True)
class Dataset:
    """One row of the list of data sets, with what it holds."""

    id: int
    name: str
    kind: Kind
    config: Mapping[str, Any]
    created: float
    trajectories: int
    frames: int
    runs: int
    twin_of: int | None = None  # the data set whose twins these are: for judging, never trained on


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
    uniform: Bool[np.ndarray, " frames"]  # one colour everywhere: not yet separated


@dataclass(frozen=True)
class FrameInfo:
    """One frame's place: whose it is and when."""

    frame_id: int
    trajectory: TrajectoryInfo
    index: int
    time: int
    uniform: bool


def create_dataset(
    db: Database,
    name: str,
    kind: Kind,
    config: Mapping[str, Any],
    twin_of: int | None = None,
) -> int:
    """A new, empty data set; with `twin_of`, one of the twins of that one.

    Raises:
        NameTaken: if the name is in use.
    """
    name = _checked_name(name)
    with writing(db):
        if list(db.query("SELECT id FROM datasets WHERE name = ?", [name])):
            raise NameTaken(f"A data set named {name!r} exists already; choose another name.")
        row = {
            "name": name,
            "kind": kind,
            "config": json.dumps(config),
            "created": time.time(),
            "twin_of": twin_of,
        }
        return insert(db, "datasets", row)


def datasets(db: Database) -> list[Dataset]:
    """All data sets, the oldest first."""
    return [
        Dataset(**{**row, "config": json.loads(row["config"])})
        for row in db.query(
            """SELECT d.id, d.name, d.kind, d.config, d.created, d.twin_of,
                  (SELECT count(*) FROM trajectories t WHERE t.dataset_id = d.id) AS trajectories,
                  (SELECT coalesce(sum(t.frame_count), 0) FROM trajectories t
                    WHERE t.dataset_id = d.id) AS frames,
                  (SELECT count(*) FROM runs r WHERE r.dataset_id = d.id) AS runs
               FROM datasets d ORDER BY d.id"""
        )
    ]


def dataset(db: Database, name: str) -> Dataset:
    """The data set of that name.

    Raises:
        UnknownDataset: if there is none.
    """
    found = datasets(db)
    for each in found:
        if each.name == name:
            return each
    names = ", ".join(each.name for each in found) or "none yet"
    raise UnknownDataset(f"There is no data set named {name!r}; there are: {names}.")


def rename_dataset(db: Database, dataset_id: int, name: str) -> None:
    """Give a data set another name.

    Raises:
        NameTaken: if another one has it.
    """
    name = _checked_name(name)
    with writing(db):
        taken = db.query("SELECT 1 FROM datasets WHERE name = ? AND id <> ?", [name, dataset_id])
        if list(taken):
            raise NameTaken(f"A data set named {name!r} exists already; choose another name.")
        db.execute("UPDATE datasets SET name = ? WHERE id = ?", [name, dataset_id])


def delete_dataset(db: Database, dataset_id: int) -> list[str]:
    """Remove a data set and all that hangs on it; the checkpoint files to be deleted are returned.

    Its twins go with it: they are there only to judge what was trained on it.

    The space is given back to the disk, not only to the store.
    """
    rows = db.query(
        """SELECT c.file FROM checkpoints c JOIN runs r ON r.id = c.run_id
           JOIN datasets d ON d.id = r.dataset_id WHERE d.id = ? OR d.twin_of = ?""",
        [dataset_id, dataset_id],
    )
    files = [row["file"] for row in rows]
    db.execute("DELETE FROM datasets WHERE id = ?", [dataset_id])
    db.vacuum()
    return files


def add(db: Database, dataset_id: int, trajectory: Trajectory, source: Source | None = None) -> int:
    """Store a trajectory whole, or not at all; returns its id.

    Raises:
        NameTaken: if the data set has a trajectory of that name.
        ValueError: if there is not exactly one step a frame.
    """
    bits = framing.binarise(trajectory.frames)
    uniform = framing.is_uniform(bits)
    packed = framing.pack(bits)
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
        rows = zip(trajectory.steps, uniform, packed, pictures, strict=True)
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
        uniform=columns[4].astype(np.bool_),
    )


def frame_info(db: Database, frame_id: int) -> FrameInfo:
    """Where a frame belongs.

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
            uniform=bool(row.pop("uniform")),
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
    out = np.empty((len(frame_ids), framing.PACKED_BYTES), dtype=np.uint8)
    for place, frame_id in enumerate(frame_ids):
        row = db.conn.execute(
            "SELECT bits FROM pictures WHERE frame_id = ?", [int(frame_id)]
        ).fetchone()
        if row is None:
            raise UnknownFrame(f"The store has no frame {frame_id}.")
        out[place] = np.frombuffer(row[0], dtype=np.uint8)
    return out


def add_rejections(db: Database, dataset_id: int, rejections: Sequence[Rejection]) -> None:
    """Remember what could not be read; the same file's earlier reason is replaced."""
    with db.atomic():
        for each in rejections:
            db.execute(
                "INSERT OR REPLACE INTO rejections (dataset_id, file, reason) VALUES (?, ?, ?)",
                [dataset_id, each.file, each.reason],
            )


def rejections(db: Database, dataset_id: int) -> list[Rejection]:
    """What could not be read into a data set, by file."""
    sql = "SELECT file, reason FROM rejections WHERE dataset_id = ? ORDER BY file"
    return [Rejection(**row) for row in db.query(sql, [dataset_id])]


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


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 100:
        raise ValueError("A data set's name has 1 to 100 characters.")
    return name
