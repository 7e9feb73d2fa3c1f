"""Descriptors of frames: they belong to a frame, whatever the model, and are computed once."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64
from sqlite_utils import Database

from morphcore.types import Descriptors


@dataclass(frozen=True)
class FrameDescriptors:
    """The descriptors of one frame, as in `Descriptors`."""

    fraction: float
    length: float


def add(db: Database, descriptors: Descriptors) -> None:
    """Store descriptors; a frame that has them keeps those it has."""
    rows = zip(
        descriptors.frame_ids.tolist(),
        descriptors.fraction.tolist(),
        descriptors.length.tolist(),
        strict=True,
    )
    with db.atomic():
        db.conn.executemany(
            "INSERT OR IGNORE INTO descriptors (frame_id, fraction, length) VALUES (?, ?, ?)", rows
        )


def of_frame(db: Database, frame_id: int) -> FrameDescriptors | None:
    """The descriptors of one frame; None where they were not computed yet."""
    sql = "SELECT fraction, length FROM descriptors WHERE frame_id = ?"
    for row in db.query(sql, [frame_id]):
        return FrameDescriptors(**row)
    return None


def of_dataset(db: Database, dataset_id: int) -> Descriptors:
    """The descriptors of a data set's frames, ordered by trajectory, then time."""
    rows = db.conn.execute(
        """SELECT d.frame_id, d.fraction, d.length FROM descriptors d
           JOIN frames f ON f.id = d.frame_id JOIN trajectories t ON t.id = f.trajectory_id
           WHERE t.dataset_id = ? ORDER BY f.trajectory_id, f.idx""",
        [dataset_id],
    ).fetchall()
    columns = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    return Descriptors(
        frame_ids=columns[0].astype(np.int64),
        fraction=columns[1].astype(np.float32),
        length=columns[2].astype(np.float32),
    )


def missing(db: Database, dataset_id: int) -> Int64[np.ndarray, " frames"]:
    """The frames of a data set that have no descriptors yet."""
    rows = db.conn.execute(
        """SELECT f.id FROM frames f JOIN trajectories t ON t.id = f.trajectory_id
           LEFT JOIN descriptors d ON d.frame_id = f.id
           WHERE t.dataset_id = ? AND d.frame_id IS NULL ORDER BY f.id""",
        [dataset_id],
    ).fetchall()
    return np.array([row[0] for row in rows], dtype=np.int64)
