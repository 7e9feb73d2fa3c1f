"""Checkpoints of runs: the files of saved models, beside the store, and their hashes."""

import time
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from morphcore.errors import MorphError
from store.db import insert


class UnknownCheckpoint(MorphError):
    """No checkpoint of that number."""


@dataclass(frozen=True)
class Checkpoint:
    """A saved model: a file beside the store, and the hash it must have."""

    id: int
    run_id: int
    epoch: int
    file: str  # name within the store's checkpoint folder
    size: int
    sha256: str
    created: float
    weights_sha256: str | None  # of the weights alone; None of what older versions saved
    has_embedding: bool  # of its own: its latents are not z
    damaged: float | None = None  # since when its file is known to be missing or changed


def add(
    db: Database,
    run_id: int,
    *,
    epoch: int,
    file: str,
    size: int,
    sha256: str,
    weights_sha256: str | None = None,
    has_embedding: bool = False,
) -> int:
    """Store the file of a saved model and its hashes; returns its id.

    `has_embedding`: its model embeds frames by something else than z, which is stored beside that.
    """
    row = {
        "run_id": run_id,
        "epoch": epoch,
        "file": file,
        "size": size,
        "sha256": sha256,
        "weights_sha256": weights_sha256,
        "has_embedding": has_embedding,
    }
    return insert(db, "checkpoints", {**row, "created": time.time()})


def by_id(db: Database, checkpoint_id: int) -> Checkpoint:
    """The checkpoint of that number.

    Raises:
        UnknownCheckpoint: if there is none.
    """
    for row in db.query("SELECT * FROM checkpoints WHERE id = ?", [checkpoint_id]):
        return _checkpoint(row)
    raise UnknownCheckpoint(f"There is no checkpoint {checkpoint_id}.")


def of_run(db: Database, run_id: int) -> list[Checkpoint]:
    """The checkpoints of a run, the newest first."""
    rows = db.query("SELECT * FROM checkpoints WHERE run_id = ? ORDER BY id DESC", [run_id])
    return [_checkpoint(row) for row in rows]


def drop_unused(db: Database, run_id: int) -> list[str]:
    """Delete a run's checkpoints that are neither its newest two nor indexed; files to be deleted.

    The second newest is there in case the newest is damaged. An earlier checkpoint whose latents
    are stored stays: what it made is readable and comparable.
    """
    return _drop(
        db,
        run_id,
        """id NOT IN (SELECT id FROM checkpoints WHERE run_id = c.run_id
                      ORDER BY damaged IS NOT NULL, id DESC LIMIT 2)""",
    )


def drop_after(db: Database, run_id: int, checkpoint_id: int) -> list[str]:
    """Delete a run's checkpoints newer than one, but for indexed ones; files to be deleted."""
    return _drop(db, run_id, f"id > {int(checkpoint_id)}")


def _drop(db: Database, run_id: int, condition: str) -> list[str]:
    sql = f"""SELECT id, file FROM checkpoints c WHERE run_id = ? AND {condition}
              AND NOT EXISTS (SELECT 1 FROM latents l WHERE l.checkpoint_id = c.id)"""
    rows = list(db.query(sql, [run_id]))
    with db.atomic():
        for row in rows:
            db.execute("DELETE FROM checkpoints WHERE id = ?", [row["id"]])
        # One that was trained anew may have the name of the one that it replaces.
        named = {row["file"] for row in db.query("SELECT file FROM checkpoints")}
    return [row["file"] for row in rows if row["file"] not in named]


def _checkpoint(row: dict[str, Any]) -> Checkpoint:
    return Checkpoint(**{**row, "has_embedding": bool(row["has_embedding"])})
