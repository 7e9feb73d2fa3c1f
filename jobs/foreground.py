"""Do a job in this process, or follow one that another process does, to its end."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from sqlite_utils import Database

from jobs import lanes
from jobs.context import JobProgress
from jobs.liveness import alive
from jobs.queue import enqueue, tend
from jobs.specs import JobSpec
from jobs.worker import work
from store import jobs
from store.db import StoreBusy, open_store, writing
from store.jobs import Job

POLL_SECONDS = 0.5


def run_here(
    store: Path,
    spec: JobSpec,
    listener: Callable[[JobProgress], None] | None = None,
) -> Job:
    """Do a job in this process, or wait for one that another process does; returns it ended."""
    return follow(store, enqueue(store, spec).id, listener)


def follow(store: Path, job_id: int, listener: Callable[[JobProgress], None] | None = None) -> Job:
    """Work on a queued job as soon as it is its turn, or watch it being worked on, to its end."""
    while True:
        try:
            with open_store(store) as db:
                job = jobs.job(db, job_id)
                if job.state not in jobs.WAITING_OR_AT_WORK:
                    return job
                pending = jobs.pending(db)
                mine = _claim(db, job_id) if job.state == "queued" else None
                ahead = lanes.waits_for(db, job, pending) if job.state == "queued" else None
        except StoreBusy:
            time.sleep(POLL_SECONDS)
            continue
        if mine and mine.owner:
            work(store, job_id, mine.owner, listener)
            continue
        if listener:
            waiting = "waiting" if ahead is None else f"waiting for job {ahead.id} ({ahead.kind})"
            stage = job.stage if job.state == "running" else f"{waiting} to end"
            listener(JobProgress(stage, job.progress, job.seconds_left, stages=job.stages))
        if any(other.state == "running" and not alive(other) for other in pending):
            tend(store)
        time.sleep(POLL_SECONDS)


def _claim(db: Database, job_id: int) -> Job | None:
    """Claim a job for this process, in one transaction: none ever runs without a process."""
    if jobs.next_to_run(db, job_id, apart=lanes.apart(db)) is None:
        return None
    with writing(db):
        job = jobs.claim(db, job_id, apart=lanes.apart(db))
        if job is not None:
            jobs.set_process(db, job.id, os.getpid(), psutil.Process().create_time())
    return job
