"""Films simulated in processes of their own: one a core, none outliving its job.

Kept apart from the job, so that a worker loads the physics and not the store.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from morphcore import simulation
from morphcore.config import SimulationConfig
from morphcore.types import Trajectory

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Ended(Exception):
    """Raised inside a worker whose job was stopped."""


@dataclass(frozen=True, kw_only=True)
class Film:
    """One trajectory to be simulated."""

    config: SimulationConfig
    realisation: int  # from 1: which of several with the same parameters
    seed: int  # of the data set

    @property
    def name(self) -> str:
        return f"{simulation.name_of(self.config)}-r{self.realisation}"

    def rng(self) -> np.random.Generator:
        """This film's own noise."""
        key = (round(self.config.phi * 1e6), round(self.config.chi * 1e6), self.realisation)
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))


@dataclass(frozen=True)
class Workers:
    """A pool of processes and how far each film is."""

    pool: ProcessPoolExecutor
    shares: Any  # a shared array of float, one a film: 0 to 1


@contextmanager
def workers(films: int) -> Iterator[Workers]:
    """As many processes as there are cores, for `films` films; leaving ends them at once."""
    processes = multiprocessing.get_context("spawn")
    shares, ended = processes.Array("d", films, lock=False), processes.Event()
    before = {key: os.environ.get(key) for key in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))  # read by a worker when it loads NumPy
    pool = ProcessPoolExecutor(
        max_workers=max(1, min(films, os.cpu_count() or 1)),
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
    # Ctrl-C reaches the whole group; the job turns it into a request and tells us by the event.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(5)  # the page goes first
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    """A job killed outright tells nobody; its workers must not go on for an hour."""
    parent.join()
    os._exit(1)


def simulate_film(film: Film, place: int) -> Trajectory:
    """What a worker does: one film, the `place`-th of the pool's.

    Raises:
        Ended: if the job was stopped.
    """

    def progress(share: float) -> None:
        if _shared["ended"].is_set():
            raise Ended
        _shared["shares"][place] = share

    made = simulation.simulate(film.config, film.rng(), progress)
    params = {**made.params, "realisation": float(film.realisation)}
    return replace(made, name=film.name, params=params)
