"""What processes that were killed left behind: found in one place, cleaned in one place.

A job cleans at its start, `doctor` names. Temporary folders say whose they are, and are touched
only when that process is gone, or, of another machine's or an older version's, after a day. What
lies in the store, or beside it, is touched only while no other job is at work, and files only a
minute after they were written: between a model's file and its row is a moment.
"""

import math
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil
from sqlite_utils import Database

from jobs import measuring
from jobs.liveness import alive
from morphcore import temporary
from store import jobs, unfinished
from store.db import checkpoints_folder, open_store, writing
from store.fencing import NotOwner
from wording.numbers import amount

Kind = Literal["temporary", "file", "data set", "descriptors", "unfinished"]
_A_DAY, _A_MINUTE = 86_400.0, 60.0
_MOST_MEASURED = 100  # frames at the start of a job, a moment; an index measures the others
_ENDINGS = (".pt", ".tmp")
_RUN = re.compile(r"run-(?P<id>\d+)-")


@dataclass(frozen=True)
class Leftover:
    """Something that nobody needs any more, or that lacks its other half."""

    kind: Kind
    words: str
    path: Path | None = None
    dataset_id: int | None = None
    ours: bool = True  # else another store, or a job that goes on, may need it: the doctor asks


def find(store: Path, job_id: int | None = None) -> list[Leftover]:
    """Find what was left behind; of the store itself only while no job but `job_id` is at work."""
    found = list(_temporary(store))
    with open_store(store) as db:
        found += _unfinished(db, job_id)
        if not _others_at_work(db, job_id):
            found += [*_files(store, db), *_datasets(db)]
            if count := len(measuring.without_descriptors(db)):
                found.append(_unmeasured(count))
    return found


def sweep(store: Path, job_id: int | None = None, *, most: int | None = None) -> list[Leftover]:
    """Clean what `find` finds: delete, or measure what was not (`most` frames); what was cleaned.

    Raises:
        OSError: if something cannot be deleted.
    """
    found = [each for each in find(store, job_id) if each.ours]
    for place, each in enumerate(found):
        if each.kind == "temporary" and each.path is not None:
            shutil.rmtree(each.path, ignore_errors=True)
        elif each.path is not None:
            each.path.unlink(missing_ok=True)
        elif each.dataset_id is not None:
            with open_store(store) as db:
                _delete_empty(db, each.dataset_id)
        elif each.kind == "unfinished":
            with open_store(store) as db:
                unfinished.drop_unfinished(db, job_id)
        elif each.kind == "descriptors":
            with open_store(store) as db:
                todo = measuring.without_descriptors(db)[:most]
                for _ in measuring.measure(db, todo):
                    pass
            found[place] = _unmeasured(len(todo))
    return found


def sweep_at_start(store: Path, job_id: int) -> None:
    """Clean at the start of a job, and say on standard error what was."""
    try:
        for each in sweep(store, job_id, most=_MOST_MEASURED):
            print(f"Cleaned: {each.words}", file=sys.stderr)
    except NotOwner:
        raise
    except Exception as err:  # whatever it is, no job fails by what others left behind
        print(f"Not cleaned: {err}", file=sys.stderr)


def _others_at_work(db: Database, job_id: int | None) -> bool:
    return any(
        job.state == "running" and job.id != job_id and alive(job) for job in jobs.pending(db)
    )


def _unfinished(db: Database, job_id: int | None) -> Iterator[Leftover]:
    """What a job that no longer runs has written of a trajectory that nobody sees."""
    frames = unfinished.left_over(db, job_id)
    if frames is not None:
        yield Leftover("unfinished", f"{amount(frames, 'frame')} of an import that was ended")


def _temporary(store: Path) -> Iterator[Leftover]:
    places = [(store.parent, ".morph-*"), (checkpoints_folder(store), ".morph-*")]
    for place, pattern in [*places, (Path(tempfile.gettempdir()), "morph-*")]:
        for folder in sorted(place.glob(pattern)):
            if folder.is_dir() and not folder.is_symlink() and _is_forsaken(folder):
                yield Leftover("temporary", f"the temporary folder {folder}", path=folder)


def _is_forsaken(folder: Path) -> bool:
    """Whether the process that made a temporary folder is gone, or, not known, a day has passed."""
    try:
        owner, changed = temporary.owner_of(folder), folder.stat().st_mtime
    except (ValueError, OSError):  # of something else, or gone by now
        return False
    if owner is None or owner.host != temporary.this_host():
        # Of names as older versions gave them, those that are hidden are surely ours.
        return folder.name.startswith(".") and time.time() - changed > _A_DAY
    try:
        return bool(psutil.Process(owner.pid).create_time() > changed + 1.0)  # a pid used again
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False


def _files(store: Path, db: Database) -> Iterator[Leftover]:
    folder = checkpoints_folder(store)
    named = {row[0] for row in db.conn.execute("SELECT file FROM checkpoints").fetchall()}
    begun = _begun(db, folder)
    for file in sorted(folder.glob("*")):
        if file.name in named or file.suffix not in _ENDINGS or not file.is_file():
            continue
        stat = file.stat()
        if time.time() - stat.st_mtime > _A_MINUTE:
            words = f"{file.name}, {stat.st_size / 1e6:,.1f} MB, which no run names"
            run = _RUN.match(file.name)
            ours = file.suffix == ".tmp" or (
                run is not None and stat.st_mtime >= begun.get(int(run["id"]), math.inf)
            )
            yield Leftover("file", words, path=file, ours=ours)


def _begun(db: Database, folder: Path) -> dict[int, float]:
    """When each run was begun that has all of its models, seconds since 1970.

    A store that was set back, or made anew where another lay, lacks the rows of models that are
    whole: it names files that were dropped since, or has other runs by the same numbers.
    """
    rows = db.conn.execute(
        "SELECT r.id, r.created, c.file FROM runs r LEFT JOIN checkpoints c ON c.run_id = r.id"
    ).fetchall()
    lacking = {id_ for id_, _, file in rows if file is not None and not (folder / file).exists()}
    return {id_: created for id_, created, _ in rows if id_ not in lacking}


_EMPTY = """d.unfinished_job IS NULL
            AND NOT EXISTS (SELECT 1 FROM trajectories t WHERE t.dataset_id = d.id)
            AND NOT EXISTS (SELECT 1 FROM rejections r WHERE r.dataset_id = d.id)
            AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.dataset_id = d.id)
            AND NOT EXISTS (SELECT 1 FROM datasets o WHERE d.id IN (o.twin_of, o.replicates_of))"""


def _datasets(db: Database) -> Iterator[Leftover]:
    """Empty data sets; a simulated one may still be filled by a job that goes on, and is kept."""
    sql = f"SELECT d.id, d.name, d.kind FROM datasets d WHERE {_EMPTY}"
    for id_, name, kind in db.conn.execute(sql):
        words = f"the data set {name!r}, which is empty"
        yield Leftover("data set", words, dataset_id=id_, ours=kind != "simulated")


def _delete_empty(db: Database, dataset_id: int) -> None:
    with writing(db):  # by now it may not be empty
        db.conn.execute(f"DELETE FROM datasets AS d WHERE d.id = ? AND {_EMPTY}", [dataset_id])


def _unmeasured(count: int) -> Leftover:
    return Leftover("descriptors", f"{amount(count, 'frame')} without descriptors")
