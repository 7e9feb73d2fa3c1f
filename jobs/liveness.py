"""Whether the process of a job still works on it."""

import time

import psutil

from store.jobs import Job

# A process that is suspended may go on within this time; its job is given up after it.
SUSPENDED_SECONDS = 20.0


def alive(job: Job) -> bool:
    """Whether a running job's own process still works on it.

    A heartbeat that is late proves nothing: another process may hold the write lock for minutes.
    It tells how long a process is suspended (SIGSTOP, Ctrl-Z), which may be for good.
    """
    fresh = job.heartbeat is not None and time.time() - job.heartbeat <= SUSPENDED_SECONDS
    if job.pid is None:
        return fresh  # claimed by a version that stored no process with the claim
    process = process_of(job)
    try:
        return process is not None and (fresh or process.status() != psutil.STATUS_STOPPED)
    except psutil.NoSuchProcess:
        return False


def process_of(job: Job) -> psutil.Process | None:
    """The process that works on a job, if it lives; a pid that is used again is not it."""
    if job.pid is None or job.pid_started is None:
        return None
    try:
        process = psutil.Process(job.pid)
        same = abs(process.create_time() - job.pid_started) < 1.0
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None
