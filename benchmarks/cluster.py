"""Today's pool of processes against a local Ray, simulating the same trajectories in one run.

The two take turns, on as many workers; the median of each counts. What Ray costs before it works,
and what one empty task costs, is said apart. Frames are checked to be equal.

    python -m benchmarks.cluster [--trajectories 8] [--last-step 400] [--rounds 3]
"""

import argparse
import os
import time
from collections.abc import Sequence

import numpy as np

from jobs.cluster import session
from jobs.cluster.executor import OnRay
from jobs.executors.base import Executor
from jobs.executors.processes import Processes
from jobs.simulate.plan import plan_originals
from jobs.simulate.task import SimulationTask, simulate_task
from morphcore.progress import Progress
from morphcore.types import Trajectory

EMPTY = 200  # tasks


def main() -> None:
    """Print seconds of both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--trajectories", type=int, default=8)
    parser.add_argument("--frames", type=int, default=64)
    parser.add_argument("--last-step", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    tasks = plan_originals(
        "thin-film",
        trajectories=options.trajectories,
        frames=options.frames,
        schedule="geometric",
        last_step=options.last_step,
        seed=0,
        cells=None,
        realisations=1,
    ).tasks
    cores = os.cpu_count() or 1
    began = time.perf_counter()
    with session.opened(f"local:{cores}") as connected:
        ray = OnRay(connected)
        print(f"a local Ray of {cores} workers is there after {time.perf_counter() - began:.1f} s")
        first, _ = timed(ray, tasks[:cores])
        print(f"its first {cores} trajectories, workers' start among: {first:.1f} s")
        began = time.perf_counter()
        list(ray.map(nothing, range(EMPTY), shared=None, report=quiet))
        print(f"an empty task: {(time.perf_counter() - began) / EMPTY * 1000:.1f} ms")
        seconds: dict[str, list[float]] = {"pool": [], "ray": []}
        for _ in range(options.rounds):
            taken, here = timed(Processes(), tasks)
            seconds["pool"].append(taken)
            taken, there = timed(ray, tasks)
            seconds["ray"].append(taken)
            for one, other in zip(here, there, strict=True):
                np.testing.assert_array_equal(one.array, other.array)
        began = time.perf_counter()
    print(f"it is gone after {time.perf_counter() - began:.1f} s")
    medians = {way: float(np.median(taken)) for way, taken in seconds.items()}
    for way, each_taken in seconds.items():
        rounds = " ".join(f"{each:.1f}" for each in each_taken)
        print(f"{way:5} {medians[way]:6.1f} s  ({rounds})")
    print(f"ray / pool {medians['ray'] / medians['pool']:.2f}, frames equal")


def timed(
    executor: Executor, tasks: Sequence[SimulationTask]
) -> tuple[float, Sequence[Trajectory]]:
    """The seconds of simulating all tasks, and what came of them."""
    began = time.perf_counter()
    made = list(executor.map(simulate_task, tasks, shared=None, report=quiet))
    return time.perf_counter() - began, made


def nothing(_: None, number: int, progress: Progress) -> int:  # noqa: ARG001
    """A task that costs what any task costs."""
    return number


def quiet(shares: list[float], note: str | None = None) -> None:
    """Hear nothing."""


if __name__ == "__main__":
    main()
