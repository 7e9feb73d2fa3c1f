"""Simulations for tests: small data sets, plans, and what is stored of them."""

from pathlib import Path
from typing import Any

import numpy as np

from jobs import foreground
from jobs.simulate import plan as worlds
from jobs.specs import SimulateJob
from store import datasets, trajectories
from store.datasets import Dataset
from store.db import open_store

TINY = {"cells": [[0.5, 2.6], [0.6, 3.4]], "realisations": 2, "frames": 3, "last_step": 30}


def simulated(store: Path, **args: Any) -> dict[str, Any]:
    job = foreground.run_here(store, SimulateJob(**args))
    assert (job.state, job.error) == ("done", None)
    assert job.result is not None
    return dict(job.result)


def refused(store: Path, **args: Any) -> str:
    job = foreground.run_here(store, SimulateJob(**args))
    assert job.state == "failed"
    return job.error or ""


def pictures(store: Path, name: str) -> dict[str, np.ndarray]:
    """The frames of every trajectory of a data set, by its name."""
    with open_store(store) as db:
        return {
            info.name: np.stack(
                [
                    trajectories.frame(db, frame_id)
                    for frame_id in trajectories.frame_ids_of(db, info.id).tolist()
                ]
            )
            for info in trajectories.trajectories(db, datasets.dataset(db, name).id)
        }


def originals(world: str = "thin-film", **changes: Any) -> worlds.SimulationPlan:
    settings: dict[str, Any] = {
        "trajectories": None,
        "frames": 255,
        "schedule": "geometric",
        "last_step": None,
        "seed": 0,
        "cells": None,
        "realisations": 1,
    }
    return worlds.plan_originals(world, **{**settings, **changes})


def as_stored(plan: worlds.SimulationPlan) -> Dataset:
    return Dataset(1, "set", "simulated", plan.settings, 0.0, 0, 0, 0)


def zoo_of_before(**changes: Any) -> Dataset:
    """A zoo as it was stored while it had 60 cells."""
    plan = originals("zoo", zoo_cells=60, **changes)
    assert "zoo_cells" not in plan.settings
    return as_stored(plan)
