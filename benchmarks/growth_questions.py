"""What is asked of a store in `benchmarks.growth`, question by question."""

import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64
from sqlite_utils import Database

from analysis.frame_embedding import SearchOptions
from analysis.latent_space import latent_space_of
from jobs.doctor import database, rows
from store import (
    current_run,
    datasets,
    descriptors,
    jobs,
    latents,
    projections,
    runs,
    trajectories,
)
from store.backup import backup
from store.db import open_store
from tests import factory

REPEATS, REPEAT_SECONDS = 20, 1.5
LOGGED = 4000  # pictures, of some 8 kB
MB = 2**20


class Time(NamedTuple):
    """Seconds of the processor, in which other work beside does not count, and of a clock."""

    cpu: float
    clock: float


Times = list[Time]


def ask(name: str, store: Path) -> dict[str, float]:
    """The median seconds of a question, and the most memory that this process took, in MB."""
    took = QUESTIONS[name](store)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    most_bytes = most if sys.platform == "darwin" else most * 1024
    cpu, clock = (statistics.median(each) for each in zip(*took, strict=True))
    return {"seconds": cpu, "clock": clock, "mb": most_bytes / MB}


def _timed(question: Callable[[], object]) -> Times:
    """The times of some repeats; of one, where it takes long."""
    took: Times = []
    while len(took) < REPEATS and sum(each.cpu for each in took) < REPEAT_SECONDS:
        took += _timed_once(question)
    return took


def _timed_once(question: Callable[[], object]) -> Times:
    cpu, clock = time.process_time(), time.perf_counter()
    question()
    return [Time(time.process_time() - cpu, time.perf_counter() - clock)]


def _open(store: Path) -> Times:
    def question() -> None:
        with open_store(store):
            pass

    return _timed(question)


def _overview(store: Path) -> Times:
    """What the top of every page and the Overview ask."""

    def question() -> None:
        with open_store(store) as db:
            datasets.all_datasets(db)
            runs.all_runs(db)
            current_run.of(db)
            jobs.pending(db)

    return _timed(question)


def _list(store: Path) -> Times:
    with open_store(store) as db:
        return _timed(lambda: trajectories.trajectories(db, 1))


def _picture(store: Path) -> Times:
    with open_store(store) as db:
        ids = iter(_some_ids(db, REPEATS).tolist())
        return _timed(lambda: trajectories.frame(db, next(ids)))


def _bits(store: Path) -> Times:
    with open_store(store) as db:
        parts = iter(_some_ids(db, 256 * REPEATS).reshape(REPEATS, -1))
        return _timed(lambda: trajectories.packed(db, next(parts)))


def _facts(store: Path) -> Times:
    with open_store(store) as db:
        return _timed(lambda: trajectories.frame_table(db, 1))


def _descriptors(store: Path) -> Times:
    with open_store(store) as db:
        return _timed(lambda: descriptors.of_dataset(db, 1))


def _latents(store: Path) -> Times:
    with open_store(store) as db:
        return _timed(lambda: latents.of_checkpoint(db, 1))


def _space(store: Path) -> Times:
    with open_store(store) as db:
        run = runs.indexed(db, 1)
    return _timed(lambda: latent_space_of(store, run))


def _search(store: Path) -> Times:
    with open_store(store) as db:
        space = latent_space_of(store, runs.indexed(db, 1))
    frames, options = space.frames, SearchOptions(k=5, one_per_trajectory=True)
    chosen = iter(np.random.default_rng(0).integers(0, len(frames), REPEATS).tolist())

    def question() -> None:
        row = next(chosen)
        frames.nearest(frames.coords[row], options, query_id=int(frames.frame_ids[row]))

    return _timed(question)


def _map(store: Path) -> Times:
    with open_store(store) as db:
        return _timed(lambda: projections.points(db, 1))


def _add(store: Path) -> Times:
    """Store a trajectory of 10 frames: encoded, written and committed."""
    film = factory.trajectory("new", frames=10, seed=2)
    with open_store(store) as db:
        dataset_id = datasets.create(db, f"new {time.time_ns()}", "imported", {})
        names = iter(f"new {number}" for number in range(REPEATS))
        return _timed(lambda: trajectories.add(db, dataset_id, replace(film, name=next(names))))


def _delete(store: Path) -> Times:
    """Delete a data set of 10 frames."""
    with open_store(store) as db:
        dataset_id = datasets.create(db, "gone", "imported", {})
        trajectories.add(db, dataset_id, factory.trajectory("gone", frames=10, seed=3))
        return _timed_once(lambda: datasets.delete(db, dataset_id))


def _log(store: Path) -> Times:
    """Bring into the store what was written to its log of pictures all over it."""
    with open_store(store) as db:
        db.conn.execute("PRAGMA wal_autocheckpoint = 0")
        ids = _some_ids(db, LOGGED)
        with db.atomic():
            db.conn.executemany(
                "UPDATE pictures SET png = png WHERE frame_id = ?", ids[:, None].tolist()
            )
        return _timed_once(lambda: db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())


def _backup(store: Path) -> Times:
    out = store.with_suffix(".backup")
    try:
        return _timed_once(lambda: backup(store, out))
    finally:
        out.unlink(missing_ok=True)


def _pages(store: Path) -> Times:
    """The doctor's look at the file: its pages, its indexes, its references."""
    with open_store(store) as db:
        return _timed_once(lambda: [*database.pages(db), *database.references(db)])


def _rows(store: Path) -> Times:
    """The doctor's look at the checksum of every row."""
    with open_store(store) as db:
        return _timed_once(lambda: list(rows.check(store, db)))


def _some_ids(db: Database, count: int) -> Int64[np.ndarray, " count"]:
    """Frames of the run, at random."""
    rows = db.conn.execute("SELECT frame_id FROM run_frames WHERE run_id = 1").fetchall()
    every = np.array(rows, dtype=np.int64).ravel()
    chosen: np.ndarray = np.random.default_rng(0).choice(every, count)
    return chosen


# By what the table calls them.
QUESTIONS: dict[str, Callable[[Path], Times]] = {
    "open the store": _open,
    "one picture": _picture,
    "bits of 256 frames": _bits,
    "data sets, runs, current model": _overview,
    "list of trajectories": _list,
    "store 10 frames": _add,
    "points of a map": _map,
    "facts of all frames": _facts,
    "descriptors of all frames": _descriptors,
    "latents of all frames": _latents,
    "latent space of a run": _space,
    "search, one query": _search,
    "delete 10 frames": _delete,
    "take in a log of 4,000 pictures": _log,
    "doctor: pages, references": _pages,
    "doctor: all checksums": _rows,
    "backup": _backup,
}
