"""The duration of a simulation, estimated before it begins."""

import os
from collections.abc import Sequence

from jobs.simulate.task import SimulationTask, costs_of

SECONDS_A_TIME_STEP = 3.5e-4  # on one core
POOL_SECONDS = 3.0  # until the processes are there
SECONDS_A_FRAME = 4.2e-3  # to measure and to store it, measured over the full set


def estimate_seconds(time_steps: Sequence[float], frames: int, cores: int) -> float:
    """Estimate the seconds of trajectories of these time steps, of `frames` frames each.

    Every core simulates a trajectory of its own; one process measures and stores them all, beside.
    """
    stored = SECONDS_A_FRAME * frames * len(time_steps)
    alone = SECONDS_A_TIME_STEP * sum(time_steps) + stored
    return max(stored, alone / max(1, min(cores, len(time_steps))))


def of_tasks(tasks: Sequence[SimulationTask], cores: int | None = None) -> float:
    """Estimate the seconds of simulations on so many cores, those of the pool among them.

    None means all cores of this machine.
    """
    if not tasks:
        return 0.0
    frames, cores = tasks[0].config.frames, cores or os.cpu_count() or 1
    return POOL_SECONDS + estimate_seconds(costs_of(tasks), frames, cores)
