"""Simulate a data set: many trajectories at once, each stored as soon as it is done.

A trajectory's noise depends on (seed, cell, realisation) alone, so neither the number of processes
nor a stop in the middle changes a pixel. Trajectories that the data set has already are left out.
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
from jobs.simulate.duration import estimate_seconds
from jobs.simulate.pool import SimulationTask, simulate_task, workers
from jobs.specs import SimulateJob
from morphcore import frames as framing
from morphcore.config import ConfigError
from morphcore.descriptors import contrast, measure
from morphcore.errors import MorphError
from morphcore.types import Trajectory
from store import datasets
from store import descriptors as descriptor_table
from store import trajectories as trajectory_table
from store.datasets import UnknownDataset
from store.db import NameTaken, open_store

FRAMES = 255
LOOK_SECONDS = 0.2  # how often a stop is looked for


def run(context: Context, spec: SimulateJob) -> dict[str, Any]:
    """Fill a data set, made where it is missing, with simulated trajectories or with twins.

    Raises:
        NameTaken: if the name belongs to another data set.
        ConfigError: if an argument, or a setting of a trajectory, is not accepted.
        InvalidName: if the name is empty or above 100 characters.
        UnknownDataset: if twins are asked of a data set that is not there.
        Stopped, Paused: on request; what was stored stays, and a later run goes on from there.
    """
    began = time.monotonic()
    if spec.seed is not None and spec.seed < 0:
        raise ConfigError(f"seed is {spec.seed}; accepted is 0 or more.")
    name = spec.name
    if spec.twins is not None:
        if spec != SimulateJob(name=name, twins=spec.twins, frames=spec.frames, seed=spec.seed):
            raise ConfigError(
                "Twins have the cells and steps of their data set; leave out the rest."
            )
        with open_store(context.store) as db:
            original = datasets.dataset(db, spec.twins)
        name = name or f"{original.name} twins"
        plan, twin_of = worlds.plan_twins(original, frames=spec.frames, seed=spec.seed), original.id
    else:
        if name is None:
            raise ConfigError("Say what the data set is to be called, or whose twins to make.")
        twin_of = None
        plan = worlds.plan_originals(
            spec.world,
            trajectories=spec.trajectories,
            frames=FRAMES if spec.frames is None else spec.frames,
            schedule=spec.schedule,
            last_step=spec.last_step,
            seed=spec.seed or 0,
            cells=spec.cells,
            realisations=spec.realisations,
            **_inherited(context, name.strip()),
        )
    with open_store(context.store) as db:
        dataset_id = _dataset(db, name, plan.settings, twin_of)
        stored = {info.name for info in trajectory_table.trajectories(db, dataset_id)}
    _simulate(context, dataset_id, plan.tasks, stored)
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


def _inherited(context: Context, name: str) -> dict[str, Any]:
    """Scheme and zoo of the data set of that name, so that all of it is alike; else today's."""
    with open_store(context.store) as db:
        for existing in datasets.all_datasets(db):
            if existing.name == name and existing.kind == "simulated":
                return worlds.inherited(existing.config)
    return {}


def _dataset(db: Database, name: str, wanted: Mapping[str, Any], twin_of: int | None) -> int:
    """The data set of that name, if it is the very one that is wanted; else a new one."""
    try:
        existing = datasets.dataset(db, name.strip())
    except UnknownDataset:
        return datasets.create(db, name, "simulated", wanted, twin_of)
    same = dict(existing.config) == dict(wanted) and existing.twin_of == twin_of
    if existing.kind != "simulated" or not same:
        raise NameTaken(
            f"The name {existing.name!r} is taken by another data set; choose another name,"
            " or the settings with which that one was simulated."
        )
    return existing.id


def _simulate(
    context: Context, dataset_id: int, tasks: Sequence[SimulationTask], stored: set[str]
) -> None:
    """Simulate the trajectories that are not stored yet and store each in its turn."""
    todo = [task for task in tasks if task.name not in stored]
    alike = {(task.config.chi, task.cell): task for task in tasks}  # phi costs nothing
    prices = {key: task.cost() for key, task in alike.items()}
    costs = np.array([prices[task.config.chi, task.cell] for task in todo], dtype=np.float64)
    total = sum(prices[task.config.chi, task.cell] for task in tasks)
    ahead = float(costs.sum())
    began, done = time.monotonic(), len(tasks) - len(todo)

    def report(shares: Any) -> None:
        now = float(costs @ np.array(shares))
        left = None  # the context estimates by itself, but for what an earlier run has stored
        if stored and now > 0.02 * ahead:
            left = (time.monotonic() - began) * (ahead / now - 1)
        elif stored:
            frames, cores = tasks[0].config.frames, os.cpu_count() or 1
            left = estimate_seconds(costs.tolist(), frames, cores)
        stage = f"{done} of {len(tasks)} trajectories simulated"
        context.progress((total - ahead + now) / total, stage, left)

    report([0.0] * len(todo))
    if not todo:
        return
    with workers(len(todo)) as at_work:
        futures = [
            at_work.pool.submit(simulate_task, task, index) for index, task in enumerate(todo)
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
        measured = measure.measure(
            ids,
            bits,
            periodic=trajectory.periodic,
            contrast=contrast.measure(trajectory.frames, trajectory.composition_chi),
        )
        descriptor_table.add(db, measured)
