"""Check the store, its checkpoints, its jobs and the device; mend what is safe to mend."""

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from jobs import leftovers, queue
from jobs.doctor import content, database, models, rows
from jobs.doctor.problem import BACKUP, MEND, Problem
from jobs.liveness import alive
from store import jobs, latents, runs
from store.db import BEFORE_UPGRADE, StoreError, checkpoints_folder, open_store, size_bytes

LITTLE_SPACE = 2 * 1024**3  # bytes
_LEAST_BYTES = 512  # of an SQLite file: its smallest page
_ROUNDS = 3  # to mend one thing may uncover another: a frame without descriptors


@dataclass(frozen=True)
class Examination:
    """What was found; `mended` was, and is no problem any more."""

    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    mended: tuple[Problem, ...] = ()
    accepted: tuple[str, ...] = ()  # tables whose rows were taken as they are


def examine(store: Path, *, mend: bool = False, accept: bool = False) -> Examination:
    """Examine everything; with `mend`, do what is safe; with `accept`, take rows as they are."""
    found = _look(store)
    first = found.problems
    accepted: tuple[str, ...] = ()
    for _ in range(_ROUNDS if mend else 0):
        if not any(each.mend for each in found.problems):
            break
        found = _mend(store)
    if accept and store.is_file() and store.stat().st_size >= _LEAST_BYTES:
        with open_store(store) as db:
            accepted = tuple(dict.fromkeys([*rows.accept(db), *database.drop_orphans(db)]))
            rows.accept(db)
        found = _look(store)
    left = {each.what for each in found.problems}
    mended = tuple(each for each in first if each.what not in left)
    return Examination(found.problems, found.notes, mended, accepted)


def as_json(store: Path, found: Examination) -> dict[str, Any]:
    """An examination as values of JSON, with the store's size and the device."""
    values: dict[str, Any] = {
        "store": str(store),
        "store_mb": round(size_bytes(store) / 1e6, 1),
        "device": _device(),
        "problems": [each.as_json() for each in found.problems],
        "notes": list(found.notes),
    }
    if found.mended or found.accepted:
        values["mended"] = [each.what for each in found.mended]
        values["accepted"] = list(found.accepted)
    return values


def _look(store: Path) -> Examination:
    if not store.is_file():
        return _without_store(store)
    if store.stat().st_size < _LEAST_BYTES:  # SQLite would begin a new one in it
        what = f"The store {store} has been emptied: it has {store.stat().st_size} bytes."
        return Examination((Problem(what, "All data sets and figures are gone.", BACKUP),), ())
    try:
        with open_store(store) as db:
            problems = tuple(_problems(store, db))
            notes: list[str] = []
            with suppress(sqlite3.Error, ValueError, TypeError):  # what is damaged is said already
                notes.extend(_notes(store, db))
            return Examination(problems, tuple(notes))
    except (StoreError, sqlite3.Error) as err:
        cost = "No page and no command can read it."
        return Examination((Problem(f"The store cannot be opened: {err}", cost, BACKUP),), ())


def _mend(store: Path) -> Examination:
    with open_store(store) as db:
        for each in _problems(store, db):
            if each.mend is not None:
                with suppress(sqlite3.Error, OSError):  # then it stays a problem
                    each.mend()
    return _look(store)


def _without_store(store: Path) -> Examination:
    wal = store.with_name(store.name + "-wal")
    beside = [path.name for path in (wal, checkpoints_folder(store)) if path.exists()]
    if not beside:
        return Examination((), (f"There is no store {store} yet.",))
    what = f"The store {store} is gone, though {' and '.join(beside)} lie beside it."
    return Examination((Problem(what, "All data sets and figures are gone.", BACKUP),), ())


def _problems(store: Path, db: Database) -> Iterator[Problem]:
    checks: tuple[tuple[str, Callable[[], Iterator[Problem]]], ...] = (
        ("The file", lambda: database.pages(db)),
        ("The schema", lambda: database.schema(db)),
        ("A reference", lambda: database.references(db)),
        ("A row", lambda: rows.check(store, db)),
        ("A table", lambda: content.check(db)),
        ("A checkpoint", lambda: models.check(store, db)),
        ("A job", lambda: _jobs(store, db)),
        ("A leftover", lambda: _leftovers(store)),
    )
    for what, check in checks:
        try:
            yield from list(check())
        except (sqlite3.DatabaseError, ValueError, TypeError, KeyError) as err:
            yield database.unreadable(sqlite3.DatabaseError(str(err)), what)
    free = shutil.disk_usage(store.resolve().parent).free
    if free < LITTLE_SPACE:
        what = f"The disk has {free / 1024**3:.1f} GiB left."
        yield Problem(what, "A training could soon not be saved.", "Free some space.")


def _jobs(store: Path, db: Database) -> Iterator[Problem]:
    known = 0
    for job in jobs.all_jobs(db):
        known = max(known, job.id)
        if job.state == "running" and not alive(job):
            yield Problem(
                f"Job {job.id} ({job.kind}) says it runs, but its process is gone.",
                "Those that wait behind it do not begin.",
                f"python -m jobs status, then python -m jobs resume {job.id}; or {MEND}",
                lambda: queue.tend(store),
            )
    later = [file for file in _logs(store) if _number(file) > known]
    if later:
        yield Problem(
            f"There is a log of job {_number(later[-1])}, and the store knows none after {known}:"
            " it was set back to an earlier state, by a copy or by the loss of its -wal file.",
            "What was stored after that is gone.",
            f"{BACKUP}; or {MEND} (sets these logs aside)",
            lambda: [file.rename(file.with_suffix(".log.earlier")) for file in later],
        )


def _logs(store: Path) -> list[Path]:
    folder = queue.log_file(store, 0).parent
    files = [file for file in folder.glob("job-*.log") if re.fullmatch(r"job-\d+\.log", file.name)]
    return sorted(files, key=_number)


def _number(log: Path) -> int:
    return int(log.stem.removeprefix("job-"))


def _leftovers(store: Path) -> Iterator[Problem]:
    for each in leftovers.find(store):
        lacks = each.kind == "descriptors"
        cost = "Filters and sorting leave them out." if lacks else "Space on the disk."
        to_do = f"{MEND} ({'measures' if lacks else 'deletes'} it); so does the next job"
        if not each.ours and each.dataset_id is not None:
            cost = "Nothing: the simulation that was to fill it may still go on."
            to_do = "Resume that simulation, or delete the data set on the Data page"
            yield Problem(f"Left over: {each.words}.", cost, to_do)
            continue
        if not each.ours:
            cost = "Nothing, if the store that they belong to is elsewhere; else its models."
            yield Problem(f"Not of this store: {each.words}.", cost, f"{BACKUP}; or delete it")
            continue
        yield Problem(f"Left over: {each.words}.", cost, to_do, lambda: leftovers.sweep(store))


def _notes(store: Path, db: Database) -> Iterator[str]:
    for run in runs.all_runs(db):
        if run.checkpoint_id is not None:
            missing = len(latents.missing(db, run.checkpoint_id, run.dataset_id))
            if missing:
                command = f"python -m jobs index --run {run.id}"
                yield f"{run.name}: {missing:,} frames are not indexed by its model: {command}"
    for copy in sorted(store.parent.glob(f"{store.stem}{BEFORE_UPGRADE}*{store.suffix}")):
        size = f"{copy.stat().st_size / 1e6:,.0f} MB"
        yield f"{copy.name}, {size}, is this store before an upgrade; delete it when all is well."


def _device() -> str:
    from morphcore.training import devices  # torch takes seconds to import

    return devices.describe(devices.best_device())
