"""Descriptors of stored frames, measured a trajectory's at a time."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Int64
from sqlite_utils import Database

from morphcore.models.geometry import Geometry, batch_frames
from store import descriptors, trajectories

MEASURED = 128  # frames of 100 x 400 at once: their two-point statistics take 2 MB each


def without_descriptors(db: Database) -> Int64[np.ndarray, " frames"]:
    """The frames that have no descriptors at all, as when a process was killed before them."""
    rows = db.conn.execute(
        """SELECT f.id FROM frames f JOIN pictures p ON p.frame_id = f.id
           JOIN trajectories t ON t.id = f.trajectory_id JOIN datasets s ON s.id = t.dataset_id
           LEFT JOIN descriptors d ON d.frame_id = f.id
           WHERE d.frame_id IS NULL AND s.unfinished_job IS NULL ORDER BY f.trajectory_id, f.id"""
    ).fetchall()
    return np.array([row[0] for row in rows], dtype=np.int64)


def measure(db: Database, frame_ids: Int64[np.ndarray, " frames"]) -> Iterator[int]:
    """Measure frames and store their descriptors; yields before each chunk how many are done."""
    from morphcore.descriptors import contrast  # with SciPy
    from morphcore.descriptors import measure as descriptors_of

    done = 0
    for chunk, info in _chunks(db, frame_ids):
        yield done
        gray = np.stack([trajectories.frame(db, frame_id) for frame_id in chunk.tolist()])
        measured = descriptors_of.measure(
            chunk,
            trajectories.packed(db, chunk).one_size.bits(),
            periodic=info.periodic,
            periodic_y=info.periodic_y,
            contrast=contrast.measure(gray, info.composition_chi),
        )
        descriptors.add(db, measured)
        done += len(chunk)


def _chunks(
    db: Database, frame_ids: Int64[np.ndarray, " frames"]
) -> Iterator[tuple[Int64[np.ndarray, " chunk"], trajectories.TrajectoryInfo]]:
    infos = {}
    owners: dict[int, list[int]] = {}
    for frame_id in frame_ids.tolist():
        info = trajectories.frame_info(db, frame_id).trajectory
        infos[info.id] = info
        owners.setdefault(info.id, []).append(frame_id)
    for trajectory_id, own in owners.items():
        info = infos[trajectory_id]
        size = batch_frames(MEASURED, Geometry(info.height, info.width))
        for begin in range(0, len(own), size):
            yield np.array(own[begin : begin + size], dtype=np.int64), info
