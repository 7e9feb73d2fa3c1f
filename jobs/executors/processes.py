"""A pool of processes on this machine: one a core, none outliving its job."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from jobs.context import WRITE_SECONDS
from jobs.executors.base import LOOK_SECONDS, Function, Report, Result, Shared, Task
from morphcore.errors import MorphError

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Ended(Exception):
    """Raised inside a worker whose job was stopped."""


class Processes:
    """An executor that has a process a core, for as long as it maps."""

    @property
    def workers(self) -> int:
        return os.cpu_count() or 1

    def map(
        self,
        function: Function[Shared, Task, Result],
        tasks: Iterable[Task],
        *,
        shared: Shared,
        report: Report,
        name: Callable[[Task], str] = str,  # noqa: ARG002 - the pool does not say whose process
    ) -> Generator[Result, None, None]:
        every = list(tasks)
        if not every:
            return
        with _pool(len(every), self.workers) as (pool, shares):
            futures = [
                pool.submit(_run, function, shared, task, number)
                for number, task in enumerate(every)
            ]
            try:
                for future in futures:
                    while not wait([future], timeout=LOOK_SECONDS).done:
                        report(list(shares))
                    yield future.result()
                    report(list(shares))
            except BrokenProcessPool as err:
                time.sleep(2 * WRITE_SECONDS)  # Ctrl-C ends a worker that is just starting: a stop
                report(list(shares))
                raise MorphError(
                    "A process at work was ended from outside, perhaps for want of memory;"
                    " what was done before is kept, and the same job goes on from there."
                ) from err


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Have processes that are started meanwhile do arithmetic on one thread."""
    before = {key: os.environ.get(key) for key in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))  # read by a worker when it loads NumPy
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


@contextmanager
def _pool(tasks: int, most: int) -> Iterator[tuple[ProcessPoolExecutor, Any]]:
    """Start processes, and have the share done of each task; leaving the context ends them."""
    processes = multiprocessing.get_context("spawn")
    shares, ended = processes.Array("d", tasks, lock=False), processes.Event()
    with one_thread_each():
        pool = ProcessPoolExecutor(
            max_workers=max(1, min(tasks, most)),
            mp_context=processes,
            initializer=_begin,
            initargs=(shares, ended),
        )
        try:
            yield pool, shares
        finally:
            ended.set()
            pool.shutdown(wait=True, cancel_futures=True)


_shared: dict[str, Any] = {}  # a worker's own: what `_begin` was given


def _begin(shares: Any, ended: Any) -> None:
    _shared.update(shares=shares, ended=ended)
    # Ctrl-C reaches the whole group; the job turns it into a request and sets the event.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(5)  # the page goes first
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    """End this process with its job: one that is killed outright sets no event."""
    parent.join()
    os._exit(1)


def _run(
    function: Function[Shared, Task, Result], shared: Shared, task: Task, number: int
) -> Result:
    """Do one task in a worker; `number` is its position among the shares.

    Raises:
        Ended: if the job was stopped.
    """

    def progress(share: float) -> None:
        if _shared["ended"].is_set():
            raise Ended
        _shared["shares"][number] = share

    return function(shared, task, progress)
