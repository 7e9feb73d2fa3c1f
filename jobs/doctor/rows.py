"""Rows that are not as Morph wrote them: what each kind costs, and what can be made anew.

What was derived from frames and models is dropped and made again. Of the rest a row is mended only
where its checksum proves that it is then the very one that was written.
"""

import hashlib
import io
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sqlite_utils import Database

from jobs.doctor.database import unreadable
from jobs.doctor.problem import ACCEPT, MEND, Problem, named
from morphcore import frames as framing
from store import row_checksums
from store.db import checkpoints_folder, writing
from store.row_checksums import Mismatch
from wording.numbers import amount

_FAULTS = {
    "changed": "changed by something else than Morph",
    "gone": "gone, though Morph did not delete them",
    "foreign": "not written by Morph",
}


@dataclass(frozen=True)
class _Derived:
    """A table that can be made anew from others."""

    cost: str
    again: str
    # Instead of the single rows, what goes: SQL with the key's first number.
    sql: tuple[str, ...] = ()


_ALL_OF = "DELETE FROM {0} WHERE checkpoint_id = :first"
_DERIVED = {
    "descriptors": _Derived("Descriptors of these frames are wrong.", "and measures them again"),
    "latents": _Derived(
        "These frames are placed and found wrongly by a model.",
        "which python -m jobs index --run RUN encodes again",
    ),
    "attached_latents": _Derived(
        "These frames of another data set are placed and found wrongly.",
        "which python -m jobs index --run RUN --dataset NAME encodes again",
    ),
    "recon_nats": _Derived(
        "Reconstruction errors of these frames are wrong.",
        "which python -m jobs nats --run RUN measures again",
    ),
    "scatter": _Derived(
        "Distances by a model have a wrong unit.",
        "which python -m jobs index --run RUN measures again",
        (_ALL_OF.format("scatter"),),
    ),
    "projection_points": _Derived(
        "A map shows frames in wrong places, or lacks them.",
        "with its map, which python -m jobs map --run RUN draws again",
        ("DELETE FROM projections WHERE id = :first",),
    ),
    "projections": _Derived(
        "A map is missing, or says the wrong settings.",
        "which python -m jobs map --run RUN draws again",
        (
            "DELETE FROM projection_points WHERE projection_id = :first",
            "DELETE FROM projections WHERE id = :first",
        ),
    ),
    "evaluations": _Derived(
        "Figures of a model on Quality are wrong, or missing.",
        "which python -m jobs evaluate --run RUN makes again",
    ),
    "current_run": _Derived("Pages start with another model.", "and pages start with the newest"),
    "training_points": _Derived(
        "Points of a training curve are wrong, or missing.", "and the curve goes on without them"
    ),
    "strips": _Derived(
        "A picture of reconstructions during a training is wrong, or missing.",
        "and the others stay",
    ),
    "forming_maps": _Derived(
        "A map from during a training is wrong, or missing.", "and the others stay"
    ),
}
_FACTS = {
    "asked_frames": "A drawing or an upload that a link names is wrong, or gone.",
    "datasets": "The name or the settings of a data set may be wrong, or it is gone.",
    "trajectories": "Parameters, edges, unit or name of a trajectory may be wrong, or it is gone.",
    "frames": "Index, time or mark of these frames may be wrong, or they are gone.",
    "pictures": "The picture of these frames, gray or binary, is wrong or gone.",
    "frame_properties": "Properties of these frames are wrong, or gone.",
    "rejections": "What an import rejected is said wrongly.",
    "runs": "Settings, name or note of a training are wrong, or it is gone.",
    "run_frames": "Which frames a model has learnt from is wrong: its held-out figures may be.",
    "epochs": "Figures of a training's epochs are wrong, or missing.",
    "checkpoints": "Which file a model is in, or its hash, is wrong or gone.",
    "attached_datasets": "How another data set was scaled for a model is wrong, or gone.",
    "tunings": "What a tuning looks for, or among which settings, is wrong, or it is gone.",
    "tuning_trials": "Settings or value of a tuning's trials are wrong: its best may be another.",
    "jobs": "What a background job was asked, or answered, is wrong or gone.",
}


def check(store: Path, db: Database) -> Iterator[Problem]:
    """Rows that are not as Morph wrote them, by table and fault."""
    for table in row_checksums.tables(db):
        try:
            found = sorted(row_checksums.mismatches(db, table), key=lambda each: each.fault)
        except sqlite3.DatabaseError as err:
            yield unreadable(err, f"The table {table}")
            continue
        for fault, group in groupby(found, key=lambda each: each.fault):
            yield _problem(store, db, table, fault, list(group))


def accept(db: Database) -> list[str]:
    """Take all rows as they are from now on; the tables that had others than Morph wrote."""
    accepted = []
    with writing(db):
        for table in row_checksums.tables(db):
            if any(True for _ in row_checksums.mismatches(db, table)):
                row_checksums.accept(db, table)
                accepted.append(table)
    return accepted


def _problem(store: Path, db: Database, table: str, fault: str, rows: list[Mismatch]) -> Problem:
    keys = named([row.key for row in rows])
    what = f"{table}: {amount(len(rows), 'row')} {_FAULTS[fault]} ({keys})."
    if derived := _DERIVED.get(table):
        to_do = f"{MEND} (drops them, {derived.again})"
        return Problem(what, derived.cost, to_do, lambda: _drop(db, derived, rows))
    cost = _FACTS.get(table, "What Morph knows is wrong, or gone.")
    proven = [each for each in rows if fault == "changed" and _repair(store, db, each) is not None]
    proven += [each for each in rows if fault == "foreign" and _sound(db, each)]
    if not proven:
        return Problem(what, cost, ACCEPT)

    def mend() -> None:
        with writing(db):
            for each in proven:
                _mend(store, db, each)

    kept = f"{MEND} (brings back {len(proven):,} of {len(rows):,}, which their checksums prove)"
    return Problem(what, cost, kept if len(proven) == len(rows) else f"{kept}; {ACCEPT}", mend)


def _drop(db: Database, derived: _Derived, rows: list[Mismatch]) -> None:
    with writing(db):
        for each in rows:
            for sql in derived.sql:
                db.conn.execute(sql, {"first": int(str(each.key).split(",")[0])})
            row_checksums.delete(db, each.table, each.key)


def _mend(store: Path, db: Database, each: Mismatch) -> None:
    row = _repair(store, db, each) or row_checksums.row_of(db, each.table, each.key)
    assert row is not None
    key = next(iter(row))  # of these tables the first column is the key
    changes = ", ".join(f"{name} = ?" for name in row)
    values = [*row.values(), each.key]
    db.conn.execute(f"UPDATE {each.table} SET {changes} WHERE {key} = ?", values)


def _repair(store: Path, db: Database, each: Mismatch) -> dict[str, Any] | None:
    """The row as Morph wrote it, where it can be told and its checksum proves it."""
    row = row_checksums.row_of(db, each.table, each.key)
    guess = _GUESSES.get(each.table)
    if row is None or guess is None:
        return None
    changes = guess(store, db, row)
    for tried in ({name: value} for name, value in changes.items()):
        if row_checksums.matches(db, each.table, each.key, {**row, **tried}):
            return {**row, **tried}
    whole = {**row, **changes}
    return whole if row_checksums.matches(db, each.table, each.key, whole) else None


def _guess_picture(_store: Path, db: Database, row: dict[str, Any]) -> dict[str, Any]:
    bits = _bits_of(db, row)
    return {} if bits is None else {"bits": bits}


def _guess_trajectory(_store: Path, db: Database, row: dict[str, Any]) -> dict[str, Any]:
    sql = "SELECT count(*) FROM frames WHERE trajectory_id = ?"
    return {"frame_count": db.conn.execute(sql, [row["id"]]).fetchone()[0]}


def _guess_checkpoint(store: Path, _db: Database, row: dict[str, Any]) -> dict[str, Any]:
    try:
        content = (checkpoints_folder(store) / Path(str(row["file"])).name).read_bytes()
    except OSError:
        return {}
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


_GUESSES: dict[str, Callable[[Path, Database, dict[str, Any]], dict[str, Any]]] = {
    "pictures": _guess_picture,
    "trajectories": _guess_trajectory,
    "checkpoints": _guess_checkpoint,
}


def _sound(db: Database, each: Mismatch) -> bool:
    """Whether a picture without a checksum proves itself: its PNG has one, and gives its bits."""
    row = row_checksums.row_of(db, each.table, each.key)
    return each.table == "pictures" and row is not None and _bits_of(db, row) == row["bits"]


def _bits_of(db: Database, row: dict[str, Any]) -> bytes | None:
    """The bits of a picture by its PNG, whose own checksums hold; None where they do not."""
    sql = """SELECT t.threshold FROM frames f JOIN trajectories t ON t.id = f.trajectory_id
             WHERE f.id = ?"""
    owner = db.conn.execute(sql, [row["frame_id"]]).fetchone()
    try:
        Image.open(io.BytesIO(row["png"])).verify()
        gray = np.asarray(Image.open(io.BytesIO(row["png"])))
    except (OSError, SyntaxError, ValueError, TypeError):
        return None
    if owner is None or gray.ndim != 2:
        return None
    bits: bytes = framing.pack(framing.binarise(gray[None], owner[0]))[0].tobytes()
    return bits
