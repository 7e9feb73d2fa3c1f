"""The first process of a container: it serves the app, and ends the jobs before it ends.

    python -m jobs.container [OPTIONS OF STREAMLIT]

A container's end kills whatever still runs in it. Docker tells the first process alone, with
SIGTERM; jobs are sessions of their own. Each is told here, and saves what it has.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from jobs import liveness, queue
from morphcore.errors import MorphError
from store import jobs
from store.db import default_path, open_store
from store.jobs import Job

JOB_SECONDS = 45.0  # that jobs have to save what they have; `docker stop` waits as it is told
SERVER_SECONDS = 5.0  # that the server has to close its connections
_POLL_SECONDS = 0.2


def main(options: Sequence[str]) -> int:
    """Serve until a signal comes or the server ends; its exit status, 0 after a signal."""
    asked_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_end.set())
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", *options], cwd=queue.ROOT
    )
    while server.poll() is None and not asked_to_end.wait(_POLL_SECONDS):
        pass
    store = default_path()
    told = _tell(store, frozenset())  # at once: their time is running
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(SERVER_SECONDS)
        except subprocess.TimeoutExpired:  # a page holds its connection open
            server.kill()
            server.wait()
    _await_end(store, told, JOB_SECONDS)
    return 0 if asked_to_end.is_set() else abs(server.returncode)


def _await_end(store: Path, told: frozenset[int], seconds: float) -> None:
    """Wait until no job runs; one that the end of another has started is told as well."""
    deadline = time.monotonic() + seconds
    while _running(store) and time.monotonic() < deadline:
        told |= _tell(store, told)
        time.sleep(_POLL_SECONDS)


def _tell(store: Path, told: frozenset[int]) -> frozenset[int]:
    """Send SIGTERM to the processes of running jobs that have not been told; their pids."""
    pids = {job.pid for job in _running(store) if job.pid is not None} - told
    for pid in pids:
        try:
            os.kill(pid, signal.SIGTERM)
        except (ProcessLookupError, PermissionError):
            continue  # it ended by itself; a pid of another user's is not a job's any more
    return frozenset(pids)


def _running(store: Path) -> list[Job]:
    if not store.exists():
        return []
    try:
        with open_store(store) as db:
            return [
                job for job in jobs.pending(db) if job.state == "running" and liveness.alive(job)
            ]
    except MorphError as err:
        print(f"The jobs could not be told to end: {err}", file=sys.stderr)
        return []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
