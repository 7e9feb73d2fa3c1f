"""Latents by (checkpoint, frame): written once, never updated.

z is stored beside the embedding where a model's embedding is another than z. Where an older version
stored none, it is added later.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64
from sqlite_utils import Database

from morphcore.types import Latents
from store import latent_blobs


def add(db: Database, checkpoint_id: int, latents: Latents) -> None:
    """Store latents; those that are there already stay as they are, but get the z they lack."""
    rows = (
        (checkpoint_id, int(frame_id), *blobs)
        for frame_id, blobs in zip(latents.frame_ids, latent_blobs.pack(latents), strict=True)
    )
    with db.atomic():
        db.conn.executemany(
            f"""INSERT INTO latents (checkpoint_id, frame_id, mean, logvar, z_mean, z_logvar)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (checkpoint_id, frame_id) {latent_blobs.FILL_IN}""",
            rows,
        )


def of_checkpoint(db: Database, checkpoint_id: int) -> Latents:
    """All latents made with a checkpoint, by frame id; empty arrays where there are none."""
    rows: Sequence[tuple[int, bytes, bytes, bytes | None, bytes | None]] = db.conn.execute(
        """SELECT frame_id, mean, logvar, z_mean, z_logvar FROM latents
           WHERE checkpoint_id = ? ORDER BY frame_id""",
        [checkpoint_id],
    ).fetchall()
    has_embedding = latent_blobs.has_embedding(db, checkpoint_id)
    return latent_blobs.unpack(
        [row[0] for row in rows], [row[1:] for row in rows], has_embedding=has_embedding
    )


def missing(db: Database, checkpoint_id: int, dataset_id: int) -> Int64[np.ndarray, " frames"]:
    """The frames of a data set that were not encoded with a checkpoint yet, or lack z."""
    rows = db.conn.execute(
        f"""SELECT f.id FROM frames f JOIN trajectories t ON t.id = f.trajectory_id
            LEFT JOIN latents l ON l.frame_id = f.id AND l.checkpoint_id = ?
            WHERE t.dataset_id = ? AND (l.frame_id IS NULL OR {latent_blobs.LACKS_Z})
            ORDER BY f.id""",
        [checkpoint_id, dataset_id],
    ).fetchall()
    return np.array([row[0] for row in rows], dtype=np.int64)


def lacks_z(db: Database, checkpoint_id: int) -> bool:
    """Whether z is missing of a frame that a checkpoint encoded, of an attached data set's too."""
    if not latent_blobs.has_embedding(db, checkpoint_id):
        return False
    row = db.conn.execute(
        """SELECT
             EXISTS (SELECT 1 FROM latents WHERE checkpoint_id = ? AND z_mean IS NULL)
             OR EXISTS (SELECT 1 FROM attached_latents
                        WHERE checkpoint_id = ? AND z_mean IS NULL)""",
        [checkpoint_id, checkpoint_id],
    ).fetchone()
    return bool(row[0])
