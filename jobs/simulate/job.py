"""The job that simulates a data set: many films at once, each stored as soon as it is done.

A film's noise depends on (seed, cell, realisation) alone, so neither the number of processes
nor a stop in the middle changes a pixel. Films that the data set has already are left out.
"""

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import numpy as np
from sqlite_utils import Database

from jobs.context import WRITE_SECONDS, Context
from jobs.simulate import plan as worlds
from jobs.simulate.pool import SimulationTask, simulate_task, workers
from morphcore import frames as framing
from morphcore.config import ConfigError
from morphcore.descriptors import measure
from morphcore.errors import MorphError
from morphcore.types import Trajectory
from store import datasets
from store import descriptors as descriptor_table
from store import trajectories as trajectory_table
from store.datasets import UnknownDataset
from store.db import NameTaken, open_store

FRAMES = 255
LOOK_SECONDS = 0.2  # how often a stop is looked for
SECONDS_A_TIME_STEP = 7e-4  # a first guess, until it is measured
# What is to be left as it is where twins are asked for: trajectories, last_step, cells, ...
_NOTHING_ELSE = (None, None, None, 1, "geometric", "thin-film")


def run(
    context: Context,
    *,
    name: str | None = None,
    world: str = "thin-film",
    twins: str | None = None,
    trajectories: int | None = None,
    frames: int | None = None,
    schedule: str = "geometric",
    last_step: int | None = None,
    seed: int | None = None,
    cells: list[list[float]] | None = None,
    realisations: int = 1,
) -> dict[str, Any]:
    """Fill the data set `name`, made where it is missing, with simulated trajectories.

    They are `realisations` of each of the `cells` [phi, chi]; without cells, `trajectories` spread
    evenly over those of the `world` (57 of the thin film, 60 of the zoo; all of them where it is
    left out), or beyond these further realisations of them.

    With `twins`, the name of a simulated data set, they are one more trajectory of each cell of
    that one, over its steps but with other noise; "NAME twins" where no name is given.

    Raises:
        NameTaken: if the name belongs to another data set.
        ConfigError: if an argument, or a film's setting, is not accepted.
        InvalidName: if the name is empty or above 100 characters.
        UnknownDataset: if twins are asked of a data set that is not there.
        Stopped, Paused: on request; what was stored stays, and a later run goes on from there.
    """
    began = time.monotonic()
    if seed is not None and seed < 0:
        raise ConfigError(f"seed is {seed}; accepted is 0 or more.")
    if twins is not None:
        if (trajectories, last_step, cells, realisations, schedule, world) != _NOTHING_ELSE:
            raise ConfigError(
                "Twins have the cells and steps of their data set; leave out the rest."
            )
        with open_store(context.store) as db:
            of = datasets.dataset(db, twins)
        name = name or f"{of.name} twins"
        plan, twin_of = worlds.plan_twins(of, frames=frames, seed=seed), of.id
    else:
        if name is None:
            raise ConfigError("Say what the data set is to be called, or whose twins to make.")
        twin_of = None
        plan = worlds.plan_originals(
            world,
            trajectories=trajectories,
            frames=FRAMES if frames is None else frames,
            schedule=schedule,
            last_step=last_step,
            seed=seed or 0,
            cells=cells,
            realisations=realisations,
        )
    with open_store(context.store) as db:
        dataset_id = _dataset(db, name, plan.settings, twin_of)
        stored = {each.name for each in trajectory_table.trajectories(db, dataset_id)}
    _simulate(context, dataset_id, plan.films, stored)
    with open_store(context.store) as db:
        try:
            made = datasets.by_id(db, dataset_id)
        except UnknownDataset as err:
            text = "The data set was deleted while it was being simulated."
            raise MorphError(text) from err
    return {
        "dataset": made.name,
        "trajectories": made.trajectories,
        "frames": made.frames,
        "seconds": round(time.monotonic() - began, 1),
    }


def _dataset(db: Database, name: str, wanted: Mapping[str, Any], twin_of: int | None) -> int:
    """The data set of that name, if it is the very one that is wanted; else a new one."""
    try:
        found = datasets.dataset(db, name.strip())
    except UnknownDataset:
        return datasets.create(db, name, "simulated", wanted, twin_of)
    same = dict(found.config) == dict(wanted) and found.twin_of == twin_of
    if found.kind != "simulated" or not same:
        raise NameTaken(
            f"The name {found.name!r} is taken by another data set; choose another name,"
            " or the settings with which that one was simulated."
        )
    return found.id


def _simulate(
    context: Context, dataset_id: int, films: Sequence[SimulationTask], stored: set[str]
) -> None:
    """Simulate the films that are not stored yet and store each in its turn."""
    todo = [film for film in films if film.name not in stored]
    alike = {(film.config.chi, film.cell): film for film in films}  # phi is no matter
    prices = {key: film.cost() for key, film in alike.items()}
    costs = np.array([prices[film.config.chi, film.cell] for film in todo], dtype=np.float64)
    total = sum(prices[film.config.chi, film.cell] for film in films)
    ahead = float(costs.sum())
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
            at_work.pool.submit(simulate_task, film, place) for place, film in enumerate(todo)
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
            raise MorphError(
                "A process that simulated was ended from outside, perhaps for want of memory;"
                " what was simulated before is kept, and the same job goes on from there."
            ) from err


def _store(context: Context, dataset_id: int, trajectory: Trajectory) -> None:
    bits = framing.binarise(trajectory.frames)
    with open_store(context.store) as db:
        trajectory_id = trajectory_table.add(db, dataset_id, trajectory)
        ids = trajectory_table.frame_ids_of(db, trajectory_id)
        descriptor_table.add(db, measure.measure(ids, bits, periodic=trajectory.periodic))
