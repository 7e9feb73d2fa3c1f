"""Wait for a job of a process of its own."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from store import jobs
from store.db import open_store
from store.jobs import Job

MOST_SECONDS = 120


def until(store: Path, job_id: int, reached: Callable[[Job], Any]) -> Job:
    """Wait until a job is as far as that, and return it; a job that failed says why."""
    deadline = time.monotonic() + MOST_SECONDS
    while time.monotonic() < deadline:
        with open_store(store) as db:
            job = jobs.job(db, job_id)
        if reached(job):
            return job
        assert job.state != "failed", job.error
        time.sleep(0.02)
    raise AssertionError("it took too long")


def ended(job: Job) -> bool:
    """Whether a job is neither waiting nor at work."""
    return job.state not in ("queued", "running")
