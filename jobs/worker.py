"""Do one claimed job in this process: beat while it runs, record its end."""

import importlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from jobs import history, leftovers, specs
from jobs.context import Context, JobProgress, Paused, Stopped
from jobs.queue import log_file
from jobs.stages import Timeline
from morphcore import memory_short
from morphcore.errors import MorphError
from store import fencing, jobs
from store.db import StoreError, open_store
from store.fencing import Claim, NotOwner
from store.jobs import Job

BEAT_SECONDS = 2.0


def work(
    store: Path,
    job_id: int,
    owner: str,
    listener: Callable[[JobProgress], None] | None = None,
) -> None:
    """Run a claimed job to its end in this process and record its final state.

    `owner` is the token of the claim. Where it is no longer the job's, this ends at once, and
    nothing more is written. SIGINT and SIGTERM count as a request to stop.
    """
    asked, ended, timeline = threading.Event(), threading.Event(), Timeline()
    beats = threading.Thread(target=_beat, args=(store, job_id, timeline, ended), daemon=True)
    with fencing.holding(Claim(store, job_id, owner)), _signals_ask(asked):
        try:
            with open_store(store) as db:
                jobs.set_process(db, job_id, os.getpid(), psutil.Process().create_time())
                job = jobs.job(db, job_id)
                timeline.trust(history.paces(jobs.all_jobs(db)))
            beats.start()
            _run(store, job, timeline, asked, listener)
        except NotOwner as err:
            print(f"{err} What it had stored is kept; nothing more is written.", file=sys.stderr)
        finally:
            ended.set()
            if beats.ident is not None:
                beats.join()  # while the claim is held: no beat goes past the fence


def _run(
    store: Path,
    job: Job,
    timeline: Timeline,
    asked: threading.Event,
    listener: Callable[[JobProgress], None] | None,
) -> None:
    try:
        leftovers.sweep_at_start(store, job.id)
        spec = specs.of(job)
        module = importlib.import_module(specs.KINDS[job.kind].module)
        context = Context(
            store,
            job.id,
            listener,
            timeline=timeline,
            owner=job.owner or "",
            resumed=job.claims > 1,
            asked=asked,
        )
        result = module.run(context, spec)
        timeline.end()
        if listener:
            listener(JobProgress("done", 1.0, None, stages=timeline.rows()))
        _finish(store, job.id, "done", result=result, stages=timeline.rows())
    except Stopped:
        _finish(store, job.id, "stopped")
    except Paused:
        _finish(store, job.id, "paused")
    except MorphError as err:
        _finish(store, job.id, "failed", error=str(err))
    except NotOwner:
        raise
    except Exception as err:  # our own mistake; whatever it was, the page must show it
        if memory_short.is_short(err):  # or not our mistake at all
            _finish(store, job.id, "failed", error=memory_short.SENTENCE)
            return
        traceback.print_exc(file=sys.stderr)
        mistake = f"Something went wrong inside Morph ({type(err).__name__}: {err})."
        _finish(store, job.id, "failed", error=f"{mistake} Details: {log_file(store, job.id)}")


def _finish(store: Path, job_id: int, state: jobs.JobState, **facts: Any) -> None:
    with open_store(store) as db:
        jobs.finish(db, job_id, state, **facts)


def _beat(store: Path, job_id: int, timeline: Timeline, ended: threading.Event) -> None:
    """Beat, and write what is left by now, also where the work itself says nothing for long."""
    while not ended.wait(BEAT_SECONDS):
        try:
            with open_store(store) as db:
                jobs.beat(db, job_id)
                if rows := timeline.rows():
                    share, left = timeline.share(), timeline.seconds_left()
                    jobs.set_progress(db, job_id, progress=share, seconds_left=left, stages=rows)
        except NotOwner:
            return  # the work hears it at its next report
        except (StoreError, OSError):
            continue  # a full disk is reported by the work itself


@contextmanager
def _signals_ask(asked: threading.Event) -> Iterator[None]:
    """Let Ctrl-C and a polite kill ask the work to stop, so that what is done is kept.

    Not through the store: another process may hold its lock.
    """

    def ask(_signal: int, _frame: FrameType | None) -> None:
        asked.set()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, ask) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
