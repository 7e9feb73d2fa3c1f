"""The data set that a simulation's arguments ask for: its name, its plan, and whom it serves."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.simulate import further
from jobs.simulate.plan import SimulationPlan, inherited, plan_originals
from jobs.specs import SimulateJob
from morphcore.config import ConfigError
from store import datasets
from store.db import open_store

FRAMES = 255


@dataclass(frozen=True)
class WantedDataset:
    """The data set that a job is to fill: its name, its simulations, and whom it serves."""

    name: str
    plan: SimulationPlan
    twin_of: int | None = None
    replicates_of: int | None = None


def read(store: Path, spec: SimulateJob) -> WantedDataset:
    """Read from a job's arguments which data set it is to fill.

    Raises:
        ConfigError: if an argument, or a setting of a trajectory, is not accepted.
        UnknownDataset: if twins or replicates are asked of a data set that is not there.
    """
    if spec.twins is not None or spec.replicates is not None:
        return _read_further(store, spec)
    if spec.name is None:
        raise ConfigError(
            "Say what the data set is to be called, or whose twins or replicates to make."
        )
    plan = plan_originals(
        spec.world,
        trajectories=spec.trajectories,
        frames=FRAMES if spec.frames is None else spec.frames,
        schedule=spec.schedule,
        last_step=spec.last_step,
        seed=spec.seed or 0,
        cells=spec.cells,
        realisations=1 if spec.realisations is None else spec.realisations,
        **_inherited(store, spec.name.strip()),
    )
    return WantedDataset(spec.name, plan)


def _read_further(store: Path, spec: SimulateJob) -> WantedDataset:
    """Read which data set of twins or replicates is to be filled."""
    if spec.twins is not None and spec.replicates is not None:
        raise ConfigError("Twins and replicates are two data sets; make one after the other.")
    own = SimulateJob(name=spec.name, frames=spec.frames, seed=spec.seed, cluster=spec.cluster)
    own = (
        own.changed(replicates=spec.replicates, realisations=spec.realisations)
        if spec.twins is None
        else own.changed(twins=spec.twins)
    )
    if spec != own:
        what = "Replicates" if spec.twins is None else "Twins"
        raise ConfigError(f"{what} have the cells and steps of their data set; leave out the rest.")
    with open_store(store) as db:
        original = datasets.dataset(db, spec.twins or spec.replicates or "")
    if spec.twins is not None:
        plan = further.plan_twins(original, frames=spec.frames, seed=spec.seed)
        return WantedDataset(spec.name or f"{original.name} twins", plan, twin_of=original.id)
    plan = further.plan_replicates(
        original, realisations=spec.realisations, frames=spec.frames, seed=spec.seed
    )
    return WantedDataset(
        spec.name or f"{original.name} replicates", plan, replicates_of=original.id
    )


def _inherited(store: Path, name: str) -> dict[str, Any]:
    """Scheme and zoo of the data set of that name, so that all of it is alike; else today's."""
    with open_store(store) as db:
        for existing in datasets.all_datasets(db):
            if existing.name == name and existing.kind == "simulated":
                return inherited(existing.config)
    return {}
