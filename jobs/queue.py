"""The job queue: start, claim, spawn, check and stop background jobs.

A page calls `start`; a process of its own (`python -m jobs work ID`) does the work and then starts
the next in the queue. `tend` finds jobs whose process died. Nothing is kept in the server's memory:
docs/decisions/003-one-queue-in-sqlite.md.
"""

import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from jobs import specs
from jobs.specs import JobSpec
from store import jobs
from store.db import open_store
from store.jobs import Job

ROOT = Path(__file__).resolve().parent.parent


def start(store: Path, spec: JobSpec) -> Job:
    """Queue a job and set it to work as soon as nothing else runs; the same one twice is one."""
    job = enqueue(store, spec)
    tend(store)
    return job


def enqueue(store: Path, spec: JobSpec) -> Job:
    """Queue a job; where the very same one waits or works already, that one is returned."""
    with open_store(store) as db:
        return jobs.enqueue(db, specs.kind_of(spec), specs.to_json(spec))


def resume(store: Path, job_id: int, spec: JobSpec | None = None) -> Job:
    """Queue a job that ended early once more, to go on from where it was, as it is or changed."""
    with open_store(store) as db:
        job = jobs.requeue(db, job_id, specs.to_json(spec) if spec else None)
    tend(store)
    return job


def tend(store: Path) -> None:
    """Mark jobs whose process is gone, and spawn the next in the queue. Safe to call any time."""
    with open_store(store) as db:
        for job in jobs.pending(db):
            if job.state == "running" and not alive(job):
                jobs.finish(
                    db,
                    job.id,
                    "interrupted",
                    error="Its process ended before the work was done. Resume goes on from there.",
                )
        job_to_spawn = jobs.claim(db)
    if job_to_spawn:
        _spawn(store, job_to_spawn.id)


def alive(job: Job) -> bool:
    """Whether a running job's own process still works on it (a reused pid does not count)."""
    if job.heartbeat is None or time.time() - job.heartbeat > jobs.STALE_SECONDS:
        return False
    if job.pid is None or job.pid_started is None:
        return True  # claimed a moment ago; its process has not written its pid yet
    try:
        process = psutil.Process(job.pid)
        same = abs(process.create_time() - job.pid_started) < 1.0
        return bool(same and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def kill(store: Path, job_id: int) -> None:
    """End a job's process group at once, for one that does not react to a stop."""
    with open_store(store) as db:
        job = jobs.job(db, job_id)
        if job.state == "running" and job.pid is not None and alive(job):
            process = psutil.Process(job.pid)
            for member in [*process.children(recursive=True), process]:
                member.kill()
        jobs.finish(db, job_id, "stopped", error="Ended by force; unsaved work is lost.")
    tend(store)


def log_file(store: Path, job_id: int) -> Path:
    """The log file of a background job: beside the store."""
    return store.with_name(store.stem + "-logs") / f"job-{job_id}.log"


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
