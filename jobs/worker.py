"""Do one queued job in this process: claim it, beat while it runs, record its end."""

import importlib
import os
import signal
import sqlite3
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from jobs import leftovers, specs
from jobs.context import Context, JobProgress, Paused, Stopped
from jobs.queue import log_file
from morphcore.errors import MorphError
from store import jobs
from store.db import StoreError, open_store

BEAT_SECONDS = 2.0


def work(store: Path, job_id: int, listener: Callable[[JobProgress], None] | None = None) -> None:
    """Run a claimed job to its end in this process and record its final state."""
    with open_store(store) as db:
        jobs.set_process(db, job_id, os.getpid(), psutil.Process().create_time())
        job = jobs.job(db, job_id)
    ended = threading.Event()
    threading.Thread(target=_beat, args=(store, job_id, ended), daemon=True).start()
    _on_signals(store, job_id)
    with suppress(OSError, sqlite3.Error, MorphError):  # no job fails by what others left behind
        leftovers.sweep_at_start(store, job_id)
    try:
        spec = specs.of(job)
        module = importlib.import_module(specs.KINDS[job.kind].module)
        result = module.run(Context(store, job_id, listener), spec)
        _finish(store, job_id, "done", result=result)
    except Stopped:
        _finish(store, job_id, "stopped")
    except Paused:
        _finish(store, job_id, "paused")
    except MorphError as err:
        _finish(store, job_id, "failed", error=str(err))
    except Exception as err:  # our own mistake; whatever it was, the page must show it
        traceback.print_exc(file=sys.stderr)
        mistake = f"Something went wrong inside Morph ({type(err).__name__}: {err})."
        _finish(store, job_id, "failed", error=f"{mistake} Details: {log_file(store, job_id)}")
    finally:
        ended.set()


def _finish(store: Path, job_id: int, state: jobs.JobState, **facts: Any) -> None:
    with open_store(store) as db:
        jobs.finish(db, job_id, state, **facts)


def _beat(store: Path, job_id: int, ended: threading.Event) -> None:
    while not ended.wait(BEAT_SECONDS):
        try:
            with open_store(store) as db:
                jobs.beat(db, job_id)
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
        jobs.request(db, job_id, "stop")
