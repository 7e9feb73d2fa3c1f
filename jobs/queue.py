"""The job queue: start, claim, spawn, check and stop background jobs.

A page calls `start`; a process of its own (`python -m jobs work ID`) does the work and then starts
the next in the queue. `tend` finds jobs whose process died. Nothing is kept in the server's memory:
docs/decisions/003-one-queue-in-sqlite.md.
"""

import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil
from sqlite_utils import Database

from jobs import lanes, resuming, specs
from jobs.liveness import alive, process_of
from jobs.specs import JobSpec
from store import jobs
from store.db import StoreBusy, open_store, writing
from store.jobs import Job, NotResumable

ROOT = Path(__file__).resolve().parent.parent
TENDING_SECONDS = 0.1  # that a poll waits for the store; it is soon asked again


def start(store: Path, spec: JobSpec) -> Job:
    """Queue a job and set it to work as soon as it may run; the same one twice is one."""
    job = enqueue(store, spec)
    tend(store)
    return job


def enqueue(store: Path, spec: JobSpec) -> Job:
    """Queue a job; where the very same one waits or works already, that one is returned."""
    with open_store(store) as db:
        return jobs.enqueue(db, specs.kind_of(spec), specs.to_json(spec), lanes.lane_of(spec))


def resume(store: Path, job_id: int, spec: JobSpec | None = None) -> Job:
    """Queue a job that ended early once more, to go on from where it was, as it is or changed.

    Raises:
        NotResumable: if it is done, or lacks what it needs.
    """
    job = requeue(store, job_id, spec)
    tend(store)
    return job


def requeue(store: Path, job_id: int, spec: JobSpec | None = None) -> Job:
    """`resume` without setting anything to work."""
    with open_store(store) as db:
        if reason := resuming.obstacle(db, jobs.job(db, job_id)):
            raise NotResumable(reason)
        return jobs.requeue(db, job_id, specs.to_json(spec) if spec else None)


def tend(store: Path) -> None:
    """Mark jobs whose process is gone, and spawn the next of each lane. Safe to call any time.

    Where another process writes to the store just now, nothing is marked: the next call does it.
    """
    try:
        with open_store(store, busy_seconds=TENDING_SECONDS) as db:
            for job in jobs.pending(db):
                if job.state == "running" and not alive(job):
                    jobs.finish(
                        db,
                        job.id,
                        "interrupted",
                        error="Its process ended before the work was done."
                        " Resume goes on from there.",
                        owner=job.owner,
                    )
            while jobs.next_to_run(db, apart=lanes.apart(db)):
                _start_next(store, db)
    except StoreBusy:
        _end_suspended(store)


def _end_suspended(store: Path) -> None:
    """End processes that are suspended for so long that their jobs are given up.

    One of them may hold the write lock: it would never let go of it, and nobody could write.
    """
    with open_store(store) as db:
        given_up = [job for job in jobs.pending(db) if job.state == "running" and not alive(job)]
    for job in given_up:
        if process := process_of(job):
            _end(process)


def _start_next(store: Path, db: Database) -> None:
    """Claim a job and spawn its process in one transaction: none ever runs without a process.

    The new process waits for the end of the transaction before it writes, and ends where it was
    rolled back, since its token is then unknown.
    """
    with writing(db):
        job = jobs.claim(db, apart=lanes.apart(db))
        if job is None:
            return  # another process was quicker
        try:
            process = _spawn(store, job)
        except OSError as err:
            error = f"Its process could not be started: {err.strerror}."
            jobs.finish(db, job.id, "failed", error=error)
            return
        jobs.set_process(db, job.id, process.pid, process.create_time())


def kill(store: Path, job_id: int) -> None:
    """End a job's process group at once, for one that does not react to a stop."""
    with open_store(store) as db:
        job = jobs.job(db, job_id)
        process = process_of(job) if job.state == "running" else None
        if process is not None:
            _end(process)
        error = "Ended by force; unsaved work is lost."
        jobs.finish(db, job_id, "stopped", error=error, owner=job.owner)
    tend(store)


def _end(process: psutil.Process) -> None:
    """Kill a process with all that it started; one that is gone meanwhile is no error."""
    with suppress(psutil.NoSuchProcess):
        for member in [*process.children(recursive=True), process]:
            with suppress(psutil.NoSuchProcess):
                member.kill()


def log_file(store: Path, job_id: int) -> Path:
    """The log file of a background job: beside the store."""
    return store.with_name(store.stem + "-logs") / f"job-{job_id}.log"


def _spawn(store: Path, job: Job) -> psutil.Process:
    """Start the process of a claimed job."""
    log = log_file(store, job.id)
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "jobs", "work", str(job.id), "--owner", job.owner or ""]
    with log.open("ab") as out:
        started = subprocess.Popen(
            [*command, "--store", str(store.resolve())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process = psutil.Process(started.pid)
    # Wait for it in the background, or it would stay in the process table after its end.
    threading.Thread(target=started.wait, daemon=True).start()
    return process
