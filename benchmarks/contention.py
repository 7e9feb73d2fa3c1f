"""Many processes on one store: python -m benchmarks.contention --seconds 300

Eight processes write and eight read, as fast as a busy laboratory would and without a pause longer
than `PAUSE_SECONDS`, while one job imports a film of 20,000 frames and another trains. The import
is queued as though it were short, since two long ones would not run side by side.

Writers add trajectories, annotate the run and set properties, and keep a list of what they were
told is stored. Readers ask what pages ask: the frames of a data set, a picture, latents, runs; and
once a second what the panel of jobs asks, which may itself write (`queue.tend`).

Prints as JSON: errors, writes lost, the median, 95th percentile and maximum of reads and polls in
milliseconds, the writes, and the most memory that each kind of process took, in MB.
"""

import argparse
import json
import multiprocessing
import random
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from jobs import history, lanes, queue, resuming
from jobs.specs import ImportJob, TrainJob
from store import datasets, jobs, latents, properties, runs, trajectories
from store.db import open_store
from tests import factory

PAUSE_SECONDS = 0.05
POLL_SECONDS = 1.0
END_SECONDS = 900.0  # in which the import and the training must end
MB = 2**20
Report = dict[str, Any]


def write(store: Path, number: int, seconds: float, reports: "Queue[Report]") -> None:
    """Write for so long; reports errors, and the names and values that were stored."""
    errors: list[str] = []
    names: list[str] = []
    took: list[float] = []
    note = ""
    film = factory.trajectory("film", frames=2, seed=number)
    with open_store(store) as db:
        dataset_id = datasets.create(db, f"writer {number}", "imported", {})
        run_id = runs.all_runs(db)[number].id
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        began = time.monotonic()
        name = f"film {len(names)}"
        try:
            with open_store(store) as db:
                trajectory_id = trajectories.add(db, dataset_id, replace(film, name=name))
                names.append(name)
                note = f"{number}: {len(names)}"
                runs.annotate(db, run_id, note)
                properties.put_of_trajectory(db, trajectory_id, {"yield": float(len(names))})
        except Exception as err:
            errors.append(repr(err))
        took.append(time.monotonic() - began)
        time.sleep(PAUSE_SECONDS)
    with open_store(store) as db:
        stored = [film.name for film in trajectories.trajectories(db, dataset_id)]
        values = properties.values(db, dataset_id, "yield")
        lost = len(set(names) - set(stored)) + (runs.run(db, run_id).note != note)
        lost += 0 if values is not None else len(names)
    reports.put({"kind": "write", "errors": errors, "lost": lost, "write": took})


def read(store: Path, number: int, seconds: float, reports: "Queue[Report]") -> None:
    """Read for so long as a page would; reports errors, and the seconds of reads and polls."""
    rng = random.Random(number)
    errors: list[str] = []
    took: dict[str, list[float]] = defaultdict(list)
    with open_store(store) as db:
        frame_ids = trajectories.frame_table(db, 1).frame_ids
    asks: list[Callable[[Any], object]] = [
        lambda db: trajectories.frame_table(db, 1),
        lambda db: trajectories.png(db, int(rng.choice(frame_ids))),
        lambda db: latents.of_checkpoint(db, 1),
        runs.all_indexed,
        datasets.all_datasets,
    ]
    deadline, poll_at = time.monotonic() + seconds, time.monotonic() + rng.uniform(0, POLL_SECONDS)
    while time.monotonic() < deadline:
        kind = "poll" if time.monotonic() >= poll_at else "read"
        began = time.monotonic()
        try:
            if kind == "poll":
                poll_at += POLL_SECONDS
                poll(store)
            else:
                with open_store(store) as db:
                    rng.choice(asks)(db)
        except Exception as err:
            errors.append(repr(err))
        took[kind].append(time.monotonic() - began)
        time.sleep(PAUSE_SECONDS)
    reports.put({"kind": "read", "errors": errors, "lost": 0, **took})


def poll(store: Path) -> None:
    """What the panel of jobs asks the store each second (`ui.jobs.panel`)."""
    queue.tend(store)
    with open_store(store) as db:
        pending = jobs.pending(db)
        ended = history.last_ended_early(jobs.all_jobs(db), None)
        runs.all_runs(db)
        if ended:
            resuming.obstacle(db, ended)
        for job in pending:
            lanes.waits_for(db, job, pending)
        datasets.all_datasets(db)


def film(path: Path, frames: int) -> None:
    """Write a film of so many frames (uint8 array): some that coarsen, shifted again and again."""
    few = factory.blobs(50, phi=0.5, seed=1)
    array = np.lib.format.open_memmap(path, "w+", np.uint8, (frames, *few.shape[1:]))
    for index in range(frames):
        array[index] = np.roll(few[index * len(few) // frames], index, axis=1)
    array.flush()


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum, in milliseconds."""
    values = 1000.0 * np.percentile(seconds, [50, 95, 100])
    return dict(zip(("median", "p95", "max"), values.round(1).tolist(), strict=True))


class Memory(threading.Thread):
    """Watches the resident memory of processes, until it is told to stop."""

    def __init__(self, pids: dict[int, str]) -> None:
        super().__init__(daemon=True)
        self.pids, self.stop = pids, threading.Event()
        self.most: dict[str, int] = defaultdict(int)

    def run(self) -> None:
        while not self.stop.wait(0.5):
            for pid, kind in list(self.pids.items()):
                try:
                    used = psutil.Process(pid).memory_info().rss
                except psutil.Error:
                    continue
                self.most[kind] = max(self.most[kind], used)


def run(store: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Let all of them work on the store for so long; the counts and figures."""
    made = factory.build_store(store, trajectories_count=8, frames=64, model=True)
    for number in range(1, options.writers):
        factory.add_run(made, f"run {number}")
    film(store.parent / "long.npy", options.frames)
    # `frames` puts it into the quick lane, beside the training.
    importing = queue.start(
        store, ImportJob(path=str(store.parent / "long.npy"), name="long", frames=20)
    )
    training = queue.start(store, TrainJob(dataset="blobs", steps=10**6, index=False))
    context = multiprocessing.get_context("spawn")
    reports: Queue[Report] = context.Queue()
    workers = [
        context.Process(target=target, args=(store, number, options.seconds, reports))
        for target, count in ((write, options.writers), (read, options.readers))
        for number in range(count)
    ]
    for worker in workers:
        worker.start()
    with open_store(store) as db:
        pids = [jobs.job(db, job.id).pid for job in (importing, training)]
    names = ["import", "train"] + ["write"] * options.writers + ["read"] * options.readers
    pids += [worker.pid for worker in workers]
    memory = Memory({pid or 0: name for pid, name in zip(pids, names, strict=True)})
    memory.start()
    told = [reports.get() for _ in workers]
    with open_store(store) as db:
        beside = {job.kind: jobs.job(db, job.id) for job in (importing, training)}
        jobs.request(db, training.id, "stop")
    deadline = time.monotonic() + END_SECONDS
    while any(_state(store, job.id) in ("queued", "running") for job in (importing, training)):
        if time.monotonic() > deadline:
            break
        time.sleep(1)
    memory.stop.set()
    with open_store(store) as db:
        ends = {job.kind: jobs.job(db, job.id) for job in (importing, training)}
        frames = {each.name: each.frames for each in datasets.all_datasets(db)}
    times = {
        kind: [each for report in told for each in report.get(kind, [])]
        for kind in ("read", "poll", "write")
    }
    return {
        "errors": [error for report in told for error in report["errors"]],
        "lost writes": sum(report["lost"] for report in told)
        + options.frames
        - frames.get("long", 0),
        "milliseconds": {kind: percentiles(seconds) for kind, seconds in times.items()},
        "asked": {kind: len(seconds) for kind, seconds in times.items()},
        "jobs, at the end of the time": {k: f"{j.state}: {j.stage}" for k, j in beside.items()},
        "jobs, at their end": {k: [j.state, j.error] for k, j in ends.items()},
        "MB": {kind: round(used / MB) for kind, used in memory.most.items()},
    }


def _state(store: Path, job_id: int) -> str:
    with open_store(store) as db:
        return jobs.job(db, job_id).state


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--frames", type=int, default=20_000, help="of the film that is imported")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="morph-contention-") as folder:
        print(json.dumps(run(Path(folder) / "store.sqlite", options), indent=1))


if __name__ == "__main__":
    main()
