"""Reconstruction errors of frames by checkpoint: written once, never updated."""

import numpy as np
from jaxtyping import Int64
from sqlite_utils import Database

from morphcore.types import ReconstructionError


def add(db: Database, checkpoint_id: int, errors: ReconstructionError) -> None:
    """Store reconstruction errors of frames, in nats; stored ones stay as they are."""
    pairs = zip(errors.frame_ids.tolist(), errors.nats.tolist(), strict=True)
    with db.atomic():
        db.conn.executemany(
            "INSERT OR IGNORE INTO recon_nats VALUES (?, ?, ?)",
            ((checkpoint_id, frame_id, nats) for frame_id, nats in pairs),
        )


def of_checkpoint(db: Database, checkpoint_id: int) -> ReconstructionError:
    """The reconstruction errors of a checkpoint, by frame id; empty arrays where there are none."""
    rows = db.conn.execute(
        "SELECT frame_id, nats FROM recon_nats WHERE checkpoint_id = ? ORDER BY frame_id",
        [checkpoint_id],
    ).fetchall()
    return ReconstructionError(
        frame_ids=np.array([row[0] for row in rows], dtype=np.int64),
        nats=np.array([row[1] for row in rows], dtype=np.float32),
    )


def count(db: Database, checkpoint_id: int) -> int:
    """The number of frames with a reconstruction error."""
    sql = "SELECT count(*) FROM recon_nats WHERE checkpoint_id = ?"
    return int(db.conn.execute(sql, [checkpoint_id]).fetchone()[0])


def missing(db: Database, checkpoint_id: int) -> Int64[np.ndarray, " frames"]:
    """The frames that are indexed with a checkpoint and have no reconstruction error yet."""
    rows = db.conn.execute(
        """SELECT l.frame_id FROM latents l LEFT JOIN recon_nats n
             ON n.frame_id = l.frame_id AND n.checkpoint_id = l.checkpoint_id
           WHERE l.checkpoint_id = ? AND n.frame_id IS NULL ORDER BY l.frame_id""",
        [checkpoint_id],
    ).fetchall()
    return np.array([row[0] for row in rows], dtype=np.int64)
