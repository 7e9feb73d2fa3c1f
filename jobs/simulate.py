"""The job that simulates a data set: many films at once, each stored as soon as it is done.

A film's noise depends on (seed, phi, chi, realisation) alone, so neither the number of processes
nor a stop in the middle changes a pixel. Films that the data set has already are left out.
"""

import os
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import numpy as np
from sqlite_utils import Database

from jobs.context import WRITE_SECONDS, Context, JobError
from jobs.films import Film, simulate_film, workers
from morphcore import descriptors, simulation
from morphcore import frames as framing
from morphcore.config import CELLS, SimulationConfig, spread_cells
from morphcore.types import Trajectory
from store import descriptors as descriptor_table
from store import trajectories as trajectory_table
from store.db import open_store
from store.trajectories import Dataset, UnknownDataset

MOST = 10_000  # trajectories of a data set
LOOK_SECONDS = 0.2  # how often a stop is looked for
SECONDS_A_TIME_STEP = 7e-4  # a first guess, until it is measured


def run(
    context: Context,
    *,
    name: str,
    trajectories: int = len(CELLS),
    frames: int = 255,
    schedule: str = "geometric",
    last_step: int = 5100,
    seed: int = 0,
    cells: list[list[float]] | None = None,
    realisations: int = 1,
) -> dict[str, Any]:
    """Fill the data set `name`, made where it is missing, with simulated trajectories.

    They are `realisations` of each of the `cells` [phi, chi]; without cells, `trajectories` spread
    evenly over the 57 of `CELLS`, or beyond 57 further realisations of them.

    Raises:
        JobError: if the name belongs to another data set, or the arguments are not accepted.
        ConfigError: if a film's settings are not accepted.
        Stopped, Paused: on request; what was stored stays, and a later run goes on from there.
    """
    began = time.monotonic()
    pairs = wanted_films(trajectories, cells, realisations)
    if seed < 0:
        raise JobError(f"seed is {seed}; accepted is 0 or more.")
    films = [
        Film(
            config=SimulationConfig(
                phi=phi,
                chi=chi,
                frames=frames,
                schedule=schedule,  # type: ignore[arg-type]  # checked there
                last_step=last_step,
            ),
            realisation=realisation,
            seed=seed,
        )
        for (phi, chi), realisation in pairs
    ]
    wanted = {
        "trajectories": len(films),
        "frames": frames,
        "schedule": schedule,
        "last_step": last_step,
        "seed": seed,
        "cells": None if cells is None else [list(map(float, cell)) for cell in cells],
        "realisations": realisations,
    }
    with open_store(context.store) as db:
        dataset_id = _dataset(db, name, wanted)
        stored = {each.name for each in trajectory_table.trajectories(db, dataset_id)}
    _simulate(context, dataset_id, films, stored)
    with open_store(context.store) as db:
        made = _by_id(db, dataset_id)
    return {
        "dataset": made.name,
        "trajectories": made.trajectories,
        "frames": made.frames,
        "seconds": round(time.monotonic() - began, 1),
    }


def wanted_films(
    trajectories: int, cells: Sequence[Sequence[float]] | None, realisations: int
) -> list[tuple[tuple[float, float], int]]:
    """The (phi, chi) and the realisation of every film, in the order of the data set."""
    if not 1 <= realisations <= MOST:
        raise JobError(f"realisations is {realisations}; accepted is 1 to {MOST:,}.")
    if cells is None:
        if not 1 <= trajectories <= MOST:
            raise JobError(f"trajectories is {trajectories}; accepted is 1 to {MOST:,}.")
        if realisations != 1:
            raise JobError("realisations is accepted only with cells; ask for more trajectories.")
        whole, rest = divmod(trajectories, len(CELLS))
        found = [(cell, number + 1) for number in range(whole) for cell in CELLS]
        return found + [(cell, whole + 1) for cell in spread_cells(rest)]
    if not cells or any(len(cell) != 2 for cell in cells):
        raise JobError("cells is not a list of pairs [phi, chi], such as [[0.5, 2.4]].")
    if len(cells) * realisations > MOST:
        raise JobError(f"{len(cells)} cells x {realisations} is above {MOST:,} trajectories.")
    chosen = [(float(phi), float(chi)) for phi, chi in cells]
    twice = [cell for cell, count in Counter(chosen).items() if count > 1]
    if twice:
        raise JobError(f"The cell {list(twice[0])} is given twice; ask for more realisations.")
    return [(cell, number + 1) for cell in chosen for number in range(realisations)]


def _dataset(db: Database, name: str, wanted: dict[str, Any]) -> int:
    """The data set of that name, if it is the very one that is wanted; else a new one."""
    try:
        found = trajectory_table.dataset(db, name.strip())
    except UnknownDataset:
        try:
            return trajectory_table.create_dataset(db, name, "simulated", wanted)
        except ValueError as err:  # its length
            raise JobError(str(err)) from err
    if found.kind != "simulated" or dict(found.config) != wanted:
        raise JobError(
            f"The name {found.name!r} is taken by another data set; choose another name,"
            " or the settings with which that one was simulated."
        )
    return found.id


def _by_id(db: Database, dataset_id: int) -> Dataset:
    for each in trajectory_table.datasets(db):
        if each.id == dataset_id:
            return each
    raise JobError("The data set was deleted while it was being simulated.")


def _simulate(context: Context, dataset_id: int, films: list[Film], stored: set[str]) -> None:
    """Simulate the films that are not stored yet and store each in its turn."""
    todo = [film for film in films if film.name not in stored]
    price = {film.config.chi: simulation.cost(film.config) for film in films}  # phi is no matter
    costs = np.array([price[film.config.chi] for film in todo], dtype=np.float64)
    total, ahead = sum(price[film.config.chi] for film in films), float(costs.sum())
    began, done = time.monotonic(), len(films) - len(todo)

    def report(shares: Any) -> None:
        now = float(costs @ np.array(shares))
        left = None  # the context estimates by itself, but for what an earlier run has stored
        if stored and now > 0.02 * ahead:
            left = (time.monotonic() - began) * (ahead / now - 1)
        elif stored:
            left = ahead * SECONDS_A_TIME_STEP / (os.cpu_count() or 1)
        stage = f"{done} of {len(films)} trajectories simulated"
        context.progress((total - ahead + now) / total, stage, left)

    report([0.0] * len(todo))
    if not todo:
        return
    with workers(len(todo)) as at_work:
        futures = [
            at_work.pool.submit(simulate_film, film, place) for place, film in enumerate(todo)
        ]
        try:
            for future in futures:
                while not wait([future], timeout=LOOK_SECONDS).done:
                    report(at_work.shares)
                _store(context, dataset_id, future.result())
                done += 1
                report(at_work.shares)
        except BrokenProcessPool as err:
            time.sleep(2 * WRITE_SECONDS)  # Ctrl-C ends a worker that is just starting: a stop
            report(at_work.shares)
            raise JobError(
                "A process that simulated was ended from outside, perhaps for want of memory;"
                " what was simulated before is kept, and the same job goes on from there."
            ) from err


def _store(context: Context, dataset_id: int, trajectory: Trajectory) -> None:
    bits = framing.binarise(trajectory.frames)
    with open_store(context.store) as db:
        trajectory_id = trajectory_table.add(db, dataset_id, trajectory)
        ids = trajectory_table.frame_ids_of(db, trajectory_id)
        descriptor_table.add(db, descriptors.measure(ids, bits, periodic=trajectory.periodic))
