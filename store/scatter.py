"""Distances between the halves of some frames by checkpoint: written once, never updated."""

import numpy as np
from sqlite_utils import Database

from morphcore.types import Scatter


def add(db: Database, checkpoint_id: int, scatter: Scatter) -> None:
    """Store distances; those that are there already stay as they are."""
    pairs = zip(scatter.frame_ids.tolist(), scatter.distance.tolist(), strict=True)
    with db.atomic():
        db.conn.executemany(
            "INSERT OR IGNORE INTO scatter VALUES (?, ?, ?)",
            ((checkpoint_id, frame_id, distance) for frame_id, distance in pairs),
        )


def of_checkpoint(db: Database, checkpoint_id: int) -> Scatter:
    """The scatter of a checkpoint, by frame id; empty arrays where there is none."""
    rows = db.conn.execute(
        "SELECT frame_id, distance FROM scatter WHERE checkpoint_id = ? ORDER BY frame_id",
        [checkpoint_id],
    ).fetchall()
    return Scatter(
        frame_ids=np.array([row[0] for row in rows], dtype=np.int64),
        distance=np.array([row[1] for row in rows], dtype=np.float32),
    )
