"""The files of checkpoints: there, and the very ones that were saved."""

from collections.abc import Callable, Iterator
from pathlib import Path

from sqlite_utils import Database

from jobs.doctor.problem import MEND, Problem
from store import checkpoint_files, checkpoints
from store.checkpoints import Checkpoint
from store.db import checkpoints_folder, writing


def check(store: Path, db: Database) -> Iterator[Problem]:
    """Checkpoints whose file is missing or changed; what is found is marked in the store."""
    for run_id, name in db.conn.execute("SELECT id, name FROM runs ORDER BY id").fetchall():
        every = checkpoints.of_run(db, run_id)
        bad = [each for each in every if not checkpoint_files.is_good(store, db, each)]
        if bad:  # a training may have dropped one just now
            there = {each.id for each in checkpoints.of_run(db, run_id)}
            bad = [each for each in bad if each.id in there]
        good = next((each for each in every if each not in bad), None)
        for each in bad:
            yield _problem(store, db, name, each, good)


def _problem(
    store: Path, db: Database, name: str, bad: Checkpoint, good: Checkpoint | None
) -> Problem:
    what = f"{name}: its model {bad.file} of epoch {bad.epoch}"
    what += f" {checkpoint_files.fault(store, bad)}."
    sql = "SELECT count(*) FROM latents WHERE checkpoint_id = ?"
    (indexed,) = db.conn.execute(sql, [bad.id]).fetchone()
    if good is None:
        cost = "It cannot decode, place new frames or be trained on; its latents and maps stay."
        return Problem(what, cost, "Restore the file from a backup, or train again.")
    newer = f"the newest good one, of epoch {good.epoch}, is used"
    if indexed:
        cost = f"It cannot decode or place new frames; its latents and maps stay; {newer}."
        to_do = f"Restore the file from a backup, or python -m jobs index --run {bad.run_id}"
        return Problem(what, cost, to_do)
    if checkpoint_files.fault(store, bad) == checkpoint_files.UNREADABLE:  # it may be whole
        return Problem(what, f"It is not used; {newer}.", "Make the file readable.")
    lost = "nothing" if good.id > bad.id else f"the training after epoch {good.epoch}"
    to_do = f"Restore the file from a backup; or {MEND} (drops it: {newer})"
    return Problem(what, f"It costs {lost}.", to_do, _dropper(store, db, bad))


def _dropper(store: Path, db: Database, bad: Checkpoint) -> Callable[[], None]:
    def drop() -> None:
        with writing(db):
            db.conn.execute("DELETE FROM checkpoints WHERE id = ?", [bad.id])
            named = db.conn.execute("SELECT 1 FROM checkpoints WHERE file = ?", [bad.file])
            alone = named.fetchone() is None
        if alone:
            (checkpoints_folder(store) / bad.file).unlink(missing_ok=True)

    return drop
