"""Data sets that a model looks at beside its own: how their frames are scaled, and their latents.

They lie apart from `latents`, which are of a run's own data set only: nothing that a model is
judged by, or that distances are compared with, sees them.
"""

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64
from sqlite_utils import Database

from morphcore.types import Latents
from store import latent_blobs
from store.db import writing

How = Literal["pixel size", "thickness", "factor", "one"]


@dataclass(frozen=True)
class Attachment:
    """A data set that was attached to a checkpoint."""

    checkpoint_id: int
    dataset_id: int
    dataset: str
    how: How  # its frames are brought to the model's pixel size
    factor: float | None  # as given, where `how` is "factor"
    created: float
    frames: int  # that have latents of the checkpoint


@dataclass(frozen=True)
class AttachedLatents:
    """Latents of a data set's frames, and the factor by which each was scaled before."""

    latents: Latents
    factors: Float64[np.ndarray, " frames"]


def attach(
    db: Database, checkpoint_id: int, dataset_id: int, how: How, factor: float | None = None
) -> None:
    """Attach a data set to a checkpoint; what was encoded at another scale is removed."""
    with writing(db):
        kept = db.conn.execute(
            """SELECT 1 FROM attached_datasets
               WHERE checkpoint_id = ? AND dataset_id = ? AND how = ? AND factor IS ?""",
            [checkpoint_id, dataset_id, how, factor],
        ).fetchone()
        if kept:
            return
        db.conn.execute(
            "DELETE FROM attached_datasets WHERE checkpoint_id = ? AND dataset_id = ?",
            [checkpoint_id, dataset_id],
        )
        db.conn.execute(
            "INSERT INTO attached_datasets VALUES (?, ?, ?, ?, ?)",
            [checkpoint_id, dataset_id, how, factor, time.time()],
        )


def detach(db: Database, run_id: int, dataset_id: int) -> None:
    """Remove a data set's latents from all checkpoints of a run; nothing where it has none."""
    db.execute(
        """DELETE FROM attached_datasets WHERE dataset_id = ?
           AND checkpoint_id IN (SELECT id FROM checkpoints WHERE run_id = ?)""",
        [dataset_id, run_id],
    )


def of_checkpoint(db: Database, checkpoint_id: int) -> list[Attachment]:
    """The data sets attached to a checkpoint, the first attached first."""
    return _select(db, "a.checkpoint_id = ?", checkpoint_id)


def of_run(db: Database, run_id: int) -> list[Attachment]:
    """The data sets attached to any checkpoint of a run; those of its newest checkpoint last."""
    condition = "a.checkpoint_id IN (SELECT id FROM checkpoints WHERE run_id = ?)"
    return sorted(_select(db, condition, run_id), key=lambda each: each.checkpoint_id)


def add(
    db: Database,
    checkpoint_id: int,
    dataset_id: int,
    latents: Latents,
    factors: Float64[np.ndarray, " frames"],
) -> None:
    """Store latents of an attached data set's frames.

    Those that are there already stay as they are, but get the z they lack.
    """
    rows = (
        (checkpoint_id, dataset_id, int(frame_id), float(factor), *blobs)
        for frame_id, factor, blobs in zip(
            latents.frame_ids, factors, latent_blobs.pack(latents), strict=True
        )
    )
    with db.atomic():
        db.conn.executemany(
            f"""INSERT INTO attached_latents
                  (checkpoint_id, dataset_id, frame_id, factor, mean, logvar, z_mean, z_logvar)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (checkpoint_id, dataset_id, frame_id) {latent_blobs.FILL_IN}""",
            rows,
        )


def latents_of(db: Database, checkpoint_id: int, dataset_id: int) -> AttachedLatents:
    """The latents of an attached data set, by frame id; empty arrays where there are none."""
    rows = db.conn.execute(
        """SELECT frame_id, factor, mean, logvar, z_mean, z_logvar FROM attached_latents
           WHERE checkpoint_id = ? AND dataset_id = ? ORDER BY frame_id""",
        [checkpoint_id, dataset_id],
    ).fetchall()
    has_embedding = latent_blobs.has_embedding(db, checkpoint_id)
    return AttachedLatents(
        latent_blobs.unpack(
            [row[0] for row in rows], [row[2:] for row in rows], has_embedding=has_embedding
        ),
        np.array([row[1] for row in rows], dtype=np.float64),
    )


def missing(db: Database, checkpoint_id: int, dataset_id: int) -> Int64[np.ndarray, " frames"]:
    """The frames of a data set that were not encoded as attached ones yet, or lack z."""
    rows = db.conn.execute(
        f"""SELECT f.id FROM frames f JOIN trajectories t ON t.id = f.trajectory_id
           LEFT JOIN attached_latents l
             ON l.checkpoint_id = ? AND l.dataset_id = t.dataset_id AND l.frame_id = f.id
           WHERE t.dataset_id = ? AND (l.frame_id IS NULL OR {latent_blobs.LACKS_Z})
           ORDER BY t.id, f.idx""",
        [checkpoint_id, dataset_id],
    ).fetchall()
    return np.array([row[0] for row in rows], dtype=np.int64)


def _select(db: Database, condition: str, value: int) -> list[Attachment]:
    sql = f"""SELECT a.checkpoint_id, a.dataset_id, d.name AS dataset, a.how, a.factor, a.created,
                (SELECT count(*) FROM attached_latents l
                  WHERE l.checkpoint_id = a.checkpoint_id AND l.dataset_id = a.dataset_id) AS frames
              FROM attached_datasets a JOIN datasets d ON d.id = a.dataset_id
              WHERE {condition} ORDER BY a.created, a.dataset_id"""
    return [Attachment(**row) for row in db.query(sql, [value])]
