"""Checkpoints of runs: the files of saved models, beside the store, and their hashes."""

import time
from dataclasses import dataclass

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
        return Checkpoint(**{**row, "has_embedding": bool(row["has_embedding"])})
    raise UnknownCheckpoint(f"There is no checkpoint {checkpoint_id}.")


def drop_unused(db: Database, run_id: int) -> list[str]:
    """Delete a run's checkpoints that are neither its newest nor indexed; files to be deleted.

    An earlier checkpoint whose latents are stored stays: what it made is readable and comparable.
    """
    sql = """SELECT id, file FROM checkpoints c WHERE run_id = ?
             AND id <> (SELECT max(id) FROM checkpoints WHERE run_id = c.run_id)
             AND NOT EXISTS (SELECT 1 FROM latents l WHERE l.checkpoint_id = c.id)"""
    rows = list(db.query(sql, [run_id]))
    with db.atomic():
        for row in rows:
            db.execute("DELETE FROM checkpoints WHERE id = ?", [row["id"]])
    return [row["file"] for row in rows]
