"""Simulate trajectories in a pool of processes: one a core, none outliving its job.

Kept apart from the job, so that a worker loads the physics and not the store.
"""

import multiprocessing
import os
import signal
import threading
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from morphcore.config import SimulationConfig
from morphcore.progress import Progress, ignore
from morphcore.simulation import cahn_hilliard, variants
from morphcore.simulation.cells import ZooCell
from morphcore.simulation.fit import SCHEME, Scheme
from morphcore.types import Trajectory

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
Role = Literal["original", "twin", "replicate"]
# Streams of noise apart; that of originals has no number.
_STREAMS: dict[Role, tuple[int, ...]] = {"original": (), "twin": (1,), "replicate": (2,)}
_SUFFIXES: dict[Role, str] = {"original": "r{}", "twin": "twin", "replicate": "replicate{}"}


class Ended(Exception):
    """Raised inside a worker whose job was stopped."""


@dataclass(frozen=True, kw_only=True)
class SimulationTask:
    """One trajectory to be simulated."""

    config: SimulationConfig
    realisation: int  # from 1: which of several with the same parameters
    seed: int  # of the data set
    cell: ZooCell | None = None  # what else is in the blend; None: the thin film's plain blend
    role: Role = "original"  # or one more of its cell: to judge by, or to learn what chance is
    scheme: Scheme = SCHEME

    @property
    def name(self) -> str:
        cell = self.cell.name if self.cell else cahn_hilliard.name_of(self.config)
        return f"{cell}-{_SUFFIXES[self.role].format(self.realisation)}"

    def rng(self) -> np.random.Generator:
        """The trajectory's own noise: shared by no other and by none of its twins or replicates."""
        if self.cell:
            cell = (zlib.crc32(self.cell.name.encode()), 0)
        else:
            cell = (round(self.config.phi * 1e6), round(self.config.chi * 1e6))
        key = (*cell, self.realisation, *_STREAMS[self.role])
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))

    def cost(self) -> float:
        """Estimate the cost of the simulation, in time steps of the plain blend."""
        if self.cell:
            return variants.cost(self.config, self.cell, self.scheme)
        return cahn_hilliard.cost(self.config, scheme=self.scheme)

    def simulate(self, progress: Progress = ignore) -> Trajectory:
        """Simulate the trajectory."""
        if self.cell:
            made = variants.simulate(self.config, self.cell, self.rng(), progress, self.scheme)
        else:
            made = cahn_hilliard.simulate(self.config, self.rng(), progress, scheme=self.scheme)
        params = {**made.params, "realisation": float(self.realisation)}
        return replace(made, name=self.name, params=params)


def costs_of(tasks: Sequence[SimulationTask]) -> list[float]:
    """Estimate the cost of each of a data set's tasks, which differ by cell and noise alone."""
    alike = {(task.config.chi, task.cell): task for task in tasks}  # phi costs nothing
    prices = {key: task.cost() for key, task in alike.items()}
    return [prices[task.config.chi, task.cell] for task in tasks]


@dataclass(frozen=True)
class Workers:
    """A pool of processes, and the share done of each task."""

    pool: ProcessPoolExecutor
    shares: Any  # a shared array of float, one a task: 0 to 1


@contextmanager
def workers(tasks: int) -> Iterator[Workers]:
    """Start a process a core, `tasks` at most; leaving the context ends them at once."""
    processes = multiprocessing.get_context("spawn")
    shares, ended = processes.Array("d", tasks, lock=False), processes.Event()
    before = {key: os.environ.get(key) for key in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))  # read by a worker when it loads NumPy
    pool = ProcessPoolExecutor(
        max_workers=max(1, min(tasks, os.cpu_count() or 1)),
        mp_context=processes,
        initializer=_begin,
        initargs=(shares, ended),
    )
    try:
        yield Workers(pool, shares)
    finally:
        ended.set()
        pool.shutdown(wait=True, cancel_futures=True)
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


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


def simulate_task(task: SimulationTask, index: int) -> Trajectory:
    """Simulate one task in a worker; `index` is its position in `Workers.shares`.

    Raises:
        Ended: if the job was stopped.
    """

    def progress(share: float) -> None:
        if _shared["ended"].is_set():
            raise Ended
        _shared["shares"][index] = share

    return task.simulate(progress)
