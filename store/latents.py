"""Latents by (checkpoint, frame): written once, never updated."""

import numpy as np
from jaxtyping import Float32, Int64
from sqlite_utils import Database

from morphcore.types import Latents

_LITTLE_ENDIAN = np.dtype("<f4")


def add(db: Database, checkpoint_id: int, latents: Latents) -> None:
    """Store latents; those that are there already stay as they are."""
    rows = (
        (checkpoint_id, int(frame_id), _blob(mean), _blob(logvar))
        for frame_id, mean, logvar in zip(
            latents.frame_ids, latents.mean, latents.logvar, strict=True
        )
    )
    with db.atomic():
        db.conn.executemany("INSERT OR IGNORE INTO latents VALUES (?, ?, ?, ?)", rows)


def of_checkpoint(db: Database, checkpoint_id: int) -> Latents:
    """All latents made with a checkpoint, by frame id; empty arrays where there are none."""
    rows = db.conn.execute(
        "SELECT frame_id, mean, logvar FROM latents WHERE checkpoint_id = ? ORDER BY frame_id",
        [checkpoint_id],
    ).fetchall()
    return Latents(
        frame_ids=np.array([row[0] for row in rows], dtype=np.int64),
        mean=_array([row[1] for row in rows]),
        logvar=_array([row[2] for row in rows]),
    )


def missing(db: Database, checkpoint_id: int, dataset_id: int) -> Int64[np.ndarray, " frames"]:
    """The frames of a data set that were not encoded with a checkpoint yet."""
    rows = db.conn.execute(
        """SELECT f.id FROM frames f JOIN trajectories t ON t.id = f.trajectory_id
           LEFT JOIN latents l ON l.frame_id = f.id AND l.checkpoint_id = ?
           WHERE t.dataset_id = ? AND l.frame_id IS NULL ORDER BY f.id""",
        [checkpoint_id, dataset_id],
    ).fetchall()
    return np.array([row[0] for row in rows], dtype=np.int64)


def _blob(vector: Float32[np.ndarray, " latent"]) -> bytes:
    return vector.astype(_LITTLE_ENDIAN).tobytes()


def _array(blobs: list[bytes]) -> Float32[np.ndarray, "frames latent"]:
    if not blobs:
        return np.empty((0, 0), dtype=np.float32)
    flat = np.frombuffer(b"".join(blobs), dtype=_LITTLE_ENDIAN)
    return flat.reshape(len(blobs), -1).astype(np.float32)
