"""Cached costs of simulations, in time steps."""

import streamlit as st

from morphcore.config import Schedule, SimulationConfig
from morphcore.simulation.cells import ZOO_CELLS, ZOO_FIRST_STEP


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
