"""Do a job in this process, or follow one that another process does, to its end."""

import time
from collections.abc import Callable
from pathlib import Path

from jobs.context import JobProgress
from jobs.queue import alive, enqueue, tend
from jobs.specs import JobSpec
from jobs.worker import work
from store import jobs
from store.db import open_store
from store.jobs import Job


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
        with open_store(store) as db:
            job = jobs.job(db, job_id)
            if job.state not in jobs.WAITING_OR_AT_WORK:
                return job
            ahead = jobs.pending(db)[0]
            mine = jobs.claim(db, job_id)
        if mine:
            work(store, job_id, listener)
            continue
        if listener:
            waiting = f"waiting for job {ahead.id} ({ahead.kind}) to end"
            at_work = ahead.id == job_id
            listener(JobProgress(job.stage if at_work else waiting, job.progress, job.seconds_left))
        if ahead.state == "running" and not alive(ahead):
            tend(store)
        time.sleep(0.5)
