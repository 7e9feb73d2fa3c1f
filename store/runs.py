"""Training runs: settings, split, epochs, reconstruction grids, checkpoints."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlite_utils import Database

from morphcore.config import TrainConfig
from morphcore.errors import MorphError
from morphcore.types import EpochMetrics, Split
from store.db import InvalidName, insert


class UnknownRun(MorphError):
    """No run of that number; the message lists those that there are."""


class NotIndexed(MorphError):
    """The run has no latents yet."""

    def __init__(self, run: "Run") -> None:
        super().__init__(f"{run.name} has no latents yet; index it first.")
        self.run_id = run.id


@dataclass(frozen=True)
class Index:
    """The checkpoint whose latents and maps pages show of a run."""

    checkpoint_id: int
    epoch: int  # after which it was saved
    neg_elbo_nats: float | None  # held-out, of that epoch
    frames: int  # that have latents of it, at least 1


@dataclass(frozen=True)
class Run:
    """One training run; its state is that of the newest job that worked on it."""

    id: int
    name: str
    dataset_id: int
    dataset: str
    preset: str
    config: TrainConfig
    device: str | None
    created: float
    epochs: int  # done so far
    neg_elbo_nats: float | None  # held-out, of the last epoch
    checkpoint_id: int | None  # the newest good one: what a training goes on from
    index: Index | None  # None until some frame has latents
    weights_sha256: str | None  # of the newest checkpoint, where it is known
    note: str

    @property
    def indexed_frames(self) -> int:
        return 0 if self.index is None else self.index.frames


@dataclass(frozen=True)
class IndexedRun(Run):
    """A run whose model has encoded frames: it can be searched, compared and evaluated."""

    index: Index


@dataclass(frozen=True)
class ReconstructionGrid:
    """Held-out frames above their reconstructions, as one PNG."""

    epoch: int
    frame_ids: Sequence[int]
    png: bytes


def create(db: Database, dataset_id: int, config: TrainConfig, split: Split) -> int:
    """Create a run with its settings and its split; returns its id."""
    with db.atomic():
        row = {
            "dataset_id": dataset_id,
            "name": "",
            "preset": config.preset,
            "config": json.dumps(asdict(config)),
            "created": time.time(),
        }
        run_id = insert(db, "runs", row)
        db.execute("UPDATE runs SET name = ? WHERE id = ?", [f"{config.preset}-{run_id}", run_id])
        for held_out, frame_ids in enumerate((split.training, split.held_out, split.validation)):
            db.conn.executemany(
                "INSERT INTO run_frames (run_id, frame_id, held_out) VALUES (?, ?, ?)",
                [(run_id, frame_id, held_out) for frame_id in frame_ids.tolist()],
            )
    return run_id


def set_config(db: Database, run_id: int, config: TrainConfig) -> None:
    """Store the settings with which a run goes on."""
    db.execute("UPDATE runs SET config = ? WHERE id = ?", [json.dumps(asdict(config)), run_id])


def set_device(db: Database, run_id: int, device: str) -> None:
    """Store the device of the training: cuda, mps or cpu, with its name."""
    db.execute("UPDATE runs SET device = ? WHERE id = ?", [device, run_id])


def rename(db: Database, run_id: int, name: str) -> None:
    """Give a run another name.

    Raises:
        InvalidName: if it is empty.
    """
    if not name.strip():
        raise InvalidName("A run's name has at least one character.")
    db.execute("UPDATE runs SET name = ? WHERE id = ?", [name.strip(), run_id])


def annotate(db: Database, run_id: int, note: str) -> None:
    """Store a user's note on a run."""
    db.execute("UPDATE runs SET note = ? WHERE id = ?", [note.strip(), run_id])


def delete(db: Database, run_id: int) -> list[str]:
    """Remove a run with its latents and maps; the checkpoint files to be deleted are returned."""
    rows = db.query("SELECT file FROM checkpoints WHERE run_id = ?", [run_id])
    files = [row["file"] for row in rows]
    db.execute("DELETE FROM runs WHERE id = ?", [run_id])
    return files


def bin_(db: Database, run_id: int) -> None:
    """Put a run into the bin: no page shows it, and it can be restored."""
    db.execute("UPDATE runs SET deleted = ? WHERE id = ?", [time.time(), run_id])


def restore(db: Database, run_id: int) -> None:
    """Take a run back out of the bin."""
    db.execute("UPDATE runs SET deleted = NULL WHERE id = ?", [run_id])


def binned(db: Database) -> list[Run]:
    """The runs in the bin, the last deleted first."""
    sql = _SELECT + " WHERE r.deleted IS NOT NULL ORDER BY r.deleted DESC, r.id DESC"
    return [_run(row) for row in db.query(sql)]


def empty_bin(db: Database, *, older_than: float) -> list[str]:
    """Remove for good the runs binned more than `older_than` seconds ago; files to be deleted."""
    sql = "SELECT id FROM runs WHERE deleted IS NOT NULL AND deleted <= ?"
    old = [row["id"] for row in db.query(sql, [time.time() - older_than])]
    return [file for run_id in old for file in delete(db, run_id)]


def all_runs(db: Database) -> list[Run]:
    """All runs, the oldest first; none that lies in the bin."""
    return [_run(row) for row in db.query(_SELECT + " WHERE r.deleted IS NULL ORDER BY r.id")]


def run(db: Database, run_id: int) -> Run:
    """The run of that number.

    Raises:
        UnknownRun: if there is none.
    """
    for row in db.query(_SELECT + " WHERE r.deleted IS NULL AND r.id = ?", [run_id]):
        return _run(row)
    ids = ", ".join(str(stored.id) for stored in all_runs(db)) or "none yet"
    raise UnknownRun(f"There is no run {run_id}; there are: {ids}.")


def indexed(db: Database, run_id: int) -> IndexedRun:
    """The run of that number, with its index.

    Raises:
        UnknownRun: if there is none.
        NotIndexed: if it has no latents yet.
    """
    stored = run(db, run_id)
    if not isinstance(stored, IndexedRun):
        raise NotIndexed(stored)
    return stored


def all_indexed(db: Database) -> list[IndexedRun]:
    """All runs that have latents, the oldest first."""
    return [run for run in all_runs(db) if isinstance(run, IndexedRun)]


def split(db: Database, run_id: int) -> Split:
    """The split of a run: its training, its held-out and, of a trial, its validation frames."""
    rows = db.conn.execute(
        "SELECT frame_id, held_out FROM run_frames WHERE run_id = ? ORDER BY frame_id", [run_id]
    ).fetchall()
    ids, side = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    return Split(
        by=run(db, run_id).config.split,
        training=ids[side == 0],
        held_out=ids[side == 1],
        validation=ids[side == 2],
    )


def has_validation(db: Database, run_id: int) -> bool:
    """Whether a run's curve is measured on validation frames, taken out of the training ones."""
    sql = "SELECT 1 FROM run_frames WHERE run_id = ? AND held_out = 2 LIMIT 1"
    return db.conn.execute(sql, [run_id]).fetchone() is not None


def add_epoch(db: Database, run_id: int, metrics: EpochMetrics) -> None:
    """Store the figures of one epoch; an epoch done again after a resume is replaced."""
    row = {"run_id": run_id, **asdict(metrics)}
    placeholders = ", ".join("?" * len(row))
    db.execute(
        f"INSERT OR REPLACE INTO epochs ({', '.join(row)}) VALUES ({placeholders})", [*row.values()]
    )


def epochs(db: Database, run_id: int) -> list[EpochMetrics]:
    """The figures of a run, epoch by epoch."""
    sql = "SELECT * FROM epochs WHERE run_id = ? ORDER BY epoch"
    return [
        EpochMetrics(**{key: row[key] for key in row if key != "run_id"})
        for row in db.query(sql, [run_id])
    ]


def forget_after(db: Database, run_id: int, epoch: int) -> None:
    """Delete figures, grids and maps of later epochs, which a checkpoint to go on from lacks."""
    with db.atomic():
        for table in ("epochs", "strips", "forming_maps"):
            db.execute(f"DELETE FROM {table} WHERE run_id = ? AND epoch > ?", [run_id, epoch])


def add_reconstruction_grid(db: Database, run_id: int, grid: ReconstructionGrid) -> None:
    """Store the reconstruction grid of an epoch."""
    db.execute(
        "INSERT OR REPLACE INTO strips (run_id, epoch, frame_ids, png) VALUES (?, ?, ?, ?)",
        [run_id, grid.epoch, json.dumps(list(grid.frame_ids)), grid.png],
    )


def reconstruction_grid_epochs(db: Database, run_id: int) -> list[int]:
    """The epochs that have a reconstruction grid."""
    sql = "SELECT epoch FROM strips WHERE run_id = ? ORDER BY epoch"
    return [row["epoch"] for row in db.query(sql, [run_id])]


def reconstruction_grid(
    db: Database, run_id: int, epoch: int | None = None
) -> ReconstructionGrid | None:
    """The reconstruction grid of an epoch, or the newest; None where there is none."""
    sql = """SELECT epoch, frame_ids, png FROM strips
             WHERE run_id = ? AND (? IS NULL OR epoch = ?) ORDER BY epoch DESC LIMIT 1"""
    for row in db.query(sql, [run_id, epoch, epoch]):
        return ReconstructionGrid(row["epoch"], json.loads(row["frame_ids"]), row["png"])
    return None


# What pages show of a run is its most completely indexed checkpoint, of equals the newest whose
# file is not known to be damaged: while a resumed training is under way, or its new index, the old
# one stays in use.
_SELECT = """
WITH indexed AS (
  SELECT c.run_id, c.id, c.epoch, count(*) AS latents,
         row_number() OVER (PARTITION BY c.run_id ORDER BY count(*) DESC,
                            c.damaged IS NOT NULL, c.id DESC) AS place
  FROM checkpoints c JOIN latents l ON l.checkpoint_id = c.id GROUP BY c.id
)
SELECT r.id, r.name, r.dataset_id, d.name AS dataset, r.preset, r.config, r.device, r.created,
       (SELECT coalesce(max(e.epoch), 0) FROM epochs e WHERE e.run_id = r.id) AS epochs,
       (SELECT e.held_out_recon_nats + e.held_out_kl_nats FROM epochs e
         WHERE e.run_id = r.id ORDER BY e.epoch DESC LIMIT 1) AS neg_elbo_nats,
       (SELECT c.id FROM checkpoints c WHERE c.run_id = r.id
         ORDER BY c.damaged IS NOT NULL, c.id DESC LIMIT 1) AS checkpoint_id,
       (SELECT c.weights_sha256 FROM checkpoints c WHERE c.run_id = r.id
         ORDER BY c.damaged IS NOT NULL, c.id DESC LIMIT 1) AS weights_sha256,
       i.id AS indexed_id, i.epoch AS indexed_epoch, i.latents AS indexed_frames,
       (SELECT e.held_out_recon_nats + e.held_out_kl_nats FROM epochs e
         WHERE e.run_id = r.id AND e.epoch <= i.epoch ORDER BY e.epoch DESC LIMIT 1)
         AS indexed_neg_elbo_nats, r.note
FROM runs r JOIN datasets d ON d.id = r.dataset_id
LEFT JOIN indexed i ON i.run_id = r.id AND i.place = 1
"""


def _run(row: Mapping[str, Any]) -> Run:
    facts = {name: value for name, value in row.items() if not name.startswith("indexed_")}
    facts["config"] = TrainConfig(**json.loads(row["config"]))
    if row["indexed_id"] is None:
        return Run(**facts, index=None)
    index = Index(
        checkpoint_id=row["indexed_id"],
        epoch=row["indexed_epoch"],
        neg_elbo_nats=row["indexed_neg_elbo_nats"],
        frames=row["indexed_frames"],
    )
    return IndexedRun(**facts, index=index)
