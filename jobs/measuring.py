"""Descriptors of stored frames that have none, measured a trajectory's at a time."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Int64
from sqlite_utils import Database

from morphcore import frames as framing
from store import descriptors, trajectories

CHUNK = 128  # frames of 100 x 400: their two-point statistics take 2 MB each


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
    """Measure frames and store their descriptors; yields after each chunk how many are done."""
    from morphcore.descriptors import contrast  # with SciPy
    from morphcore.descriptors import measure as descriptors_of

    done = 0
    for chunk, info in _chunks(db, frame_ids):
        gray = np.stack([trajectories.frame(db, frame_id) for frame_id in chunk.tolist()])
        measured = descriptors_of.measure(
            chunk,
            framing.binarise(gray, info.threshold),
            periodic=info.periodic,
            periodic_y=info.periodic_y,
            contrast=contrast.measure(gray, info.composition_chi),
        )
        descriptors.add(db, measured)
        done += len(chunk)
        yield done


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
        for begin in range(0, len(own), CHUNK):
            yield np.array(own[begin : begin + CHUNK], dtype=np.int64), infos[trajectory_id]
