"""A trajectory to be simulated, as a value.

Kept apart from the job, so that a worker loads the physics and not the store.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from morphcore.config import SimulationConfig
from morphcore.progress import Progress, ignore
from morphcore.simulation import cahn_hilliard, variants
from morphcore.simulation.cells import ZooCell
from morphcore.simulation.fit import SCHEME, Scheme
from morphcore.types import Trajectory

Role = Literal["original", "twin", "replicate"]
# Streams of noise apart; that of originals has no number.
_STREAMS: dict[Role, tuple[int, ...]] = {"original": (), "twin": (1,), "replicate": (2,)}
_SUFFIXES: dict[Role, str] = {"original": "r{}", "twin": "twin", "replicate": "replicate{}"}


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


def simulate_task(_: None, task: SimulationTask, progress: Progress) -> Trajectory:
    """Simulate one task; tasks share nothing."""
    return task.simulate(progress)


def task_name(task: SimulationTask) -> str:
    """What a note calls a task."""
    return f"trajectory {task.name}"
