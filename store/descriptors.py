"""Descriptors of frames: they belong to a frame, whatever the model, and are computed once."""

from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Int64
from sqlite_utils import Database

from morphcore.types import Descriptors

# As in `Descriptors`, whose other fields are the columns of the table.
COLUMNS = tuple(field.name for field in fields(Descriptors) if field.name != "frame_ids")


@dataclass(frozen=True)
class FrameDescriptors:
    """The descriptors of one frame, as in `Descriptors`; NaN where an older version lacked it."""

    fraction: float
    length: float
    euler: float
    components_white: float
    components_black: float
    connected_white: float
    connected_black: float
    chord_x: float
    chord_y: float
    first_zero: float
    chord_ratio: float
    contrast: float


def add(db: Database, descriptors: Descriptors) -> None:
    """Store descriptors; a frame that has them all keeps those it has."""
    columns = (getattr(descriptors, name).tolist() for name in COLUMNS)
    rows = zip(descriptors.frame_ids.tolist(), *columns, strict=True)
    placeholders = ", ".join("?" * (1 + len(COLUMNS)))
    changes = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS)
    with db.atomic():
        # A row of an older version, which measured fewer, is completed.
        db.conn.executemany(
            f"INSERT INTO descriptors (frame_id, {', '.join(COLUMNS)}) VALUES ({placeholders}) "
            f"ON CONFLICT (frame_id) DO UPDATE SET {changes} WHERE descriptors.euler IS NULL",
            rows,
        )


def forget(db: Database, frame_ids: Int64[np.ndarray, " frames"]) -> None:
    """Remove the descriptors of frames whose edges are others now."""
    rows = ([frame_id] for frame_id in frame_ids.tolist())
    db.conn.executemany("DELETE FROM descriptors WHERE frame_id = ?", rows)


def of_frame(db: Database, frame_id: int) -> FrameDescriptors | None:
    """The descriptors of one frame; None where they were not computed yet."""
    sql = f"SELECT {', '.join(COLUMNS)} FROM descriptors WHERE frame_id = ?"
    for row in db.query(sql, [frame_id]):
        return FrameDescriptors(**{name: _known(value) for name, value in row.items()})
    return None


def of_dataset(db: Database, dataset_id: int) -> Descriptors:
    """The descriptors of a data set's frames, ordered by trajectory, then time."""
    names = ", ".join(f"d.{name}" for name in COLUMNS)
    rows = db.conn.execute(
        f"""SELECT d.frame_id, {names} FROM descriptors d
            JOIN frames f ON f.id = d.frame_id JOIN trajectories t ON t.id = f.trajectory_id
            WHERE t.dataset_id = ? ORDER BY f.trajectory_id, f.idx""",
        [dataset_id],
    ).fetchall()
    ids, *columns = np.array(rows, dtype=np.float64).reshape(-1, 1 + len(COLUMNS)).T
    values = dict(zip(COLUMNS, (column.astype(np.float32) for column in columns), strict=True))
    return Descriptors(frame_ids=ids.astype(np.int64), **values)


def missing(db: Database, dataset_id: int) -> Int64[np.ndarray, " frames"]:
    """The frames of a data set that have no descriptors yet, or not all of them."""
    rows = db.conn.execute(
        """SELECT f.id FROM frames f JOIN trajectories t ON t.id = f.trajectory_id
           LEFT JOIN descriptors d ON d.frame_id = f.id
           WHERE t.dataset_id = ? AND d.euler IS NULL ORDER BY f.id""",
        [dataset_id],
    ).fetchall()
    return np.array([row[0] for row in rows], dtype=np.int64)


def _known(value: float | None) -> float:
    return float("nan") if value is None else value
