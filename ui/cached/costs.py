"""Cached costs of simulations, in time steps."""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from jobs.simulate.duration import estimate_seconds
from morphcore.config import Schedule, SimulationConfig
from morphcore.simulation.cells import ZOO_CELLS, ZOO_FIRST_STEP
from store.datasets import Dataset


@dataclass(frozen=True)
class FurtherCost:
    """What a data set's twins or replicates are, before they are made, and the seconds it takes."""

    cells: int
    realisations: int  # of each
    frames: int  # a trajectory
    seconds: float

    @property
    def all_frames(self) -> int:
        """The frames of all trajectories."""
        return self.cells * self.realisations * self.frames


@st.cache_data(max_entries=512, show_spinner=False)
def time_steps(chi: float, frames: int, schedule: Schedule, last_step: int) -> float:
    """The time steps expected of a trajectory's simulation; phi does not matter."""
    from morphcore.simulation.cahn_hilliard import cost  # imports scipy

    return cost(
        SimulationConfig(phi=0.5, chi=chi, frames=frames, schedule=schedule, last_step=last_step)
    )


@st.cache_data(max_entries=512, show_spinner=False)
def zoo_time_steps(index: int, frames: int, schedule: Schedule, last_step: int) -> float:
    """The time steps expected of the simulation of a cell of the zoo, by its index."""
    from morphcore.simulation import variants  # imports scipy

    cell = ZOO_CELLS[index]
    config = SimulationConfig(
        phi=cell.phi,
        chi=cell.chi,
        frames=frames,
        schedule=schedule,
        first_step=ZOO_FIRST_STEP,
        last_step=last_step,
    )
    return variants.cost(config, cell)


@st.cache_data(max_entries=64, show_spinner=False)
def further(dataset: Dataset, what: Literal["twins", "replicates"], cores: int) -> FurtherCost:
    """The cost of a simulated data set's twins or replicates by default, on so many cores.

    Raises:
        MorphError: if it can have none.
    """
    from jobs.simulate import further as planning  # imports scipy
    from jobs.simulate.task import costs_of

    plan = (
        planning.plan_twins(dataset, frames=None, seed=None)
        if what == "twins"
        else planning.plan_replicates(dataset, realisations=None, frames=None, seed=None)
    )
    realisations = max(task.realisation for task in plan.tasks)
    frames = plan.tasks[0].config.frames
    return FurtherCost(
        cells=len(plan.tasks) // realisations,
        realisations=realisations,
        frames=frames,
        seconds=estimate_seconds(costs_of(plan.tasks), frames, cores),
    )
