"""Simulate a data set: many trajectories at once, each stored as soon as it is done.

A trajectory's noise depends on (seed, cell, role, realisation) alone, so neither where it is
simulated, nor the number of processes, nor a stop in the middle changes a pixel. Trajectories that
the data set has already are left out.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import numpy as np
from sqlite_utils import Database

from jobs.cluster.executor import chosen
from jobs.context import Context
from jobs.executors.processes import Processes
from jobs.simulate import duration
from jobs.simulate.task import SimulationTask, costs_of, simulate_task, task_name
from jobs.simulate.wanted import WantedDataset, read
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


def run(context: Context, spec: SimulateJob) -> dict[str, Any]:
    """Fill a data set, made where it is missing, with trajectories, twins or replicates.

    Raises:
        NameTaken: if the name belongs to another data set.
        ConfigError: if an argument, or a setting of a trajectory, is not accepted.
        InvalidName: if the name is empty or above 100 characters.
        UnknownDataset: if twins or replicates are asked of a data set that is not there.
        ClusterError: if the cluster that was asked for cannot be used.
        Stopped, Paused: on request; what was stored stays, and a later run goes on from there.
    """
    began = time.monotonic()
    if spec.seed is not None and spec.seed < 0:
        raise ConfigError(f"seed is {spec.seed}; accepted is 0 or more.")
    wanted = read(context.store, spec)
    with open_store(context.store) as db:
        dataset_id = _dataset(db, wanted)
        stored = {info.name for info in trajectory_table.trajectories(db, dataset_id)}
    _simulate(context, dataset_id, wanted.plan.tasks, stored, spec.cluster)
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


def _dataset(db: Database, wanted: WantedDataset) -> int:
    """The data set of that name, if it is the very one that is wanted; else a new one."""
    serving = wanted.twin_of, wanted.replicates_of
    try:
        existing = datasets.dataset(db, wanted.name.strip())
    except UnknownDataset:
        return datasets.create(db, wanted.name, "simulated", wanted.plan.settings, *serving)
    same = dict(existing.config) == dict(wanted.plan.settings)
    same = same and (existing.twin_of, existing.replicates_of) == serving
    if existing.kind != "simulated" or not same:
        raise NameTaken(
            f"The name {existing.name!r} is taken by another data set; choose another name,"
            " or the settings with which that one was simulated."
        )
    return existing.id


def _simulate(
    context: Context,
    dataset_id: int,
    tasks: Sequence[SimulationTask],
    stored: set[str],
    cluster: str | None,
) -> None:
    """Simulate the trajectories that are not stored yet and store each in its turn."""
    every = list(zip(tasks, costs_of(tasks), strict=True))
    todo = [task for task, _ in every if task.name not in stored]
    costs = np.array([cost for task, cost in every if task.name not in stored], dtype=np.float64)
    total, ahead = sum(cost for _, cost in every), float(costs.sum())
    done = len(tasks) - len(todo)

    def report(shares: list[float], note: str | None = None) -> None:
        now = float(costs[: len(shares)] @ np.array(shares))
        stage = f"{done} of {len(tasks)} trajectories simulated"
        context.progress((total - ahead + now) / total if total else 1.0, stage, note=note)

    context.timeline.expect(duration.of_tasks(tasks))
    report([])
    if not todo:
        return
    with chosen(cluster, Processes()) as executor:
        context.timeline.expect(duration.of_tasks(tasks, executor.workers))
        made = executor.map(simulate_task, todo, shared=None, report=report, name=task_name)
        with closing(made):
            for trajectory in made:
                _store(context, dataset_id, trajectory)
                done += 1


def _store(context: Context, dataset_id: int, trajectory: Trajectory) -> None:
    bits = framing.binarise(trajectory.array)
    with open_store(context.store) as db:
        trajectory_id = trajectory_table.add(db, dataset_id, trajectory)
        ids = trajectory_table.frame_ids_of(db, trajectory_id)
        measured = measure.measure(
            ids,
            bits,
            periodic=trajectory.periodic,
            contrast=contrast.measure(trajectory.array, trajectory.composition_chi),
        )
        descriptor_table.add(db, measured)
