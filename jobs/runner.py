"""Who runs what: queueing, claiming, spawning, heartbeats, stops and errors of background jobs.

A page calls `start`; a process of its own (`python -m jobs work ID`) does the work and then starts
the next in the queue. `tend` finds jobs whose process died. Nothing is kept in the server's memory,
so a refresh, a closed tab or a restarted server changes nothing.
"""

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from jobs.context import Context, JobError, Paused, Progress, Stopped
from morphcore.config import ConfigError
from morphcore.frames import FrameError
from store import jobs as job_table
from store.datasets import UnknownDataset
from store.db import NameTaken, StoreError, open_store
from store.jobs import Job
from store.runs import UnknownRun
from store.trajectories import UnknownFrame

# A job's kind and the module whose `run(context, **args)` does it; imported only when it runs.
MODULES: Mapping[str, str] = {
    "demo": "jobs.demo",
    "simulate": "jobs.simulate",
    "import": "jobs.import_",
    "train": "jobs.train",
    "index": "jobs.index",
    "map": "jobs.project",
    "nats": "jobs.nats",
    "evaluate": "jobs.evaluate",
    "graspi": "jobs.graspi",
}
# Failures whose message was written for the user; anything else is our own mistake.
SPOKEN = (
    JobError,
    ConfigError,
    FrameError,
    StoreError,
    NameTaken,
    UnknownDataset,
    UnknownFrame,
    UnknownRun,
)
BEAT_SECONDS = 2.0
ROOT = Path(__file__).resolve().parent.parent


def start(store: Path, kind: str, args: Mapping[str, Any]) -> Job:
    """Queue a job and set it to work as soon as nothing else runs; the same one twice is one."""
    with open_store(store) as db:
        job = job_table.enqueue(db, kind, args)
    tend(store)
    return job


def resume(store: Path, job_id: int, changes: Mapping[str, Any] | None = None) -> Job:
    """Queue a job that ended early once more, to go on from where it was."""
    with open_store(store) as db:
        args = {**job_table.job(db, job_id).args, **(changes or {})}
        job = job_table.requeue(db, job_id, args)
    tend(store)
    return job


def tend(store: Path) -> None:
    """Mark jobs whose process is gone, and spawn the next in the queue. Safe to call any time."""
    with open_store(store) as db:
        for job in job_table.pending(db):
            if job.state == "running" and not alive(job):
                job_table.finish(
                    db,
                    job.id,
                    "interrupted",
                    error="Its process ended before the work was done. Resume goes on from there.",
                )
        job_to_spawn = job_table.claim(db)
    if job_to_spawn:
        _spawn(store, job_to_spawn.id)


def alive(job: Job) -> bool:
    """Whether a running job's own process still works on it (a reused pid does not count)."""
    if job.heartbeat is None or time.time() - job.heartbeat > job_table.STALE_SECONDS:
        return False
    if job.pid is None or job.pid_started is None:
        return True  # claimed a moment ago; its process has not said hello yet
    try:
        process = psutil.Process(job.pid)
        same = abs(process.create_time() - job.pid_started) < 1.0
        return bool(same and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def kill(store: Path, job_id: int) -> None:
    """End a job's process group at once, for one that does not react to a stop."""
    with open_store(store) as db:
        job = job_table.job(db, job_id)
        if job.state == "running" and job.pid is not None and alive(job):
            process = psutil.Process(job.pid)
            for each in [*process.children(recursive=True), process]:
                each.kill()
        job_table.finish(db, job_id, "stopped", error="Ended by force; unsaved work is lost.")
    tend(store)


def log_file(store: Path, job_id: int) -> Path:
    """Where a background job's output goes: beside the store."""
    return store.with_name(store.stem + "-logs") / f"job-{job_id}.log"


def run_here(
    store: Path,
    kind: str,
    args: Mapping[str, Any],
    listener: Callable[[Progress], None] | None = None,
) -> Job:
    """Do a job in this process, or wait for one that another process does; returns it ended."""
    with open_store(store) as db:
        job = job_table.enqueue(db, kind, args)
    return follow(store, job.id, listener)


def follow(store: Path, job_id: int, listener: Callable[[Progress], None] | None = None) -> Job:
    """Work on a queued job as soon as it is its turn, or watch it being worked on, to its end."""
    while True:
        with open_store(store) as db:
            job = job_table.job(db, job_id)
            if job.state not in job_table.WAITING_OR_AT_WORK:
                return job
            ahead = job_table.pending(db)[0]
            mine = job_table.claim(db, job_id)
        if mine:
            work(store, job_id, listener)
            continue
        if listener:
            waiting = f"waiting for job {ahead.id} ({ahead.kind}) to end"
            at_work = ahead.id == job_id
            listener(Progress(job.stage if at_work else waiting, job.progress, job.seconds_left))
        if ahead.state == "running" and not alive(ahead):
            tend(store)
        time.sleep(0.5)


def work(store: Path, job_id: int, listener: Callable[[Progress], None] | None = None) -> None:
    """Run a claimed job to its end in this process and write down how it ended."""
    with open_store(store) as db:
        job_table.set_process(db, job_id, os.getpid(), psutil.Process().create_time())
        job = job_table.job(db, job_id)
    ended = threading.Event()
    threading.Thread(target=_beat, args=(store, job_id, ended), daemon=True).start()
    _on_signals(store, job_id)
    try:
        module = importlib.import_module(MODULES[job.kind])
        result = module.run(Context(store, job_id, listener), **job.args)
        _finish(store, job_id, "done", result=result)
    except Stopped:
        _finish(store, job_id, "stopped")
    except Paused:
        _finish(store, job_id, "paused")
    except SPOKEN as err:
        _finish(store, job_id, "failed", error=str(err))
    except Exception as err:  # whatever it was, the page must hear of it
        traceback.print_exc(file=sys.stderr)
        mistake = f"Something went wrong inside Morph ({type(err).__name__}: {err})."
        _finish(store, job_id, "failed", error=f"{mistake} Details: {log_file(store, job_id)}")
    finally:
        ended.set()


def _finish(store: Path, job_id: int, state: job_table.State, **facts: Any) -> None:
    with open_store(store) as db:
        job_table.finish(db, job_id, state, **facts)


def _beat(store: Path, job_id: int, ended: threading.Event) -> None:
    while not ended.wait(BEAT_SECONDS):
        try:
            with open_store(store) as db:
                job_table.beat(db, job_id)
        except (StoreError, OSError):
            continue  # a full disk is reported by the work itself


def _on_signals(store: Path, job_id: int) -> None:
    """Ctrl-C and a polite kill become a stop request, so that the work so far is kept."""

    def ask(_signal: int, _frame: FrameType | None) -> None:
        # In a thread: this one may hold the write lock that the request needs.
        threading.Thread(target=_request_stop, args=(store, job_id), daemon=True).start()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, ask)
        signal.signal(signal.SIGTERM, ask)


def _request_stop(store: Path, job_id: int) -> None:
    with open_store(store) as db:
        job_table.request(db, job_id, "stop")


def _spawn(store: Path, job_id: int) -> None:
    log = log_file(store, job_id)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "jobs", "work", str(job_id), "--store", str(store.resolve())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    # Wait for it in the background, or it would stay in the process table after its end.
    threading.Thread(target=process.wait, daemon=True).start()
