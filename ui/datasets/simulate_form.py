"""Simulation of trajectories: the form, its physics in words, and the estimated duration."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from charts import training
from jobs.cluster import choice
from jobs.simulate.duration import estimate_seconds
from jobs.specs import SimulateJob
from morphcore.config import ConfigError, Schedule, SimulationConfig
from morphcore.simulation.cells import (
    CELLS,
    ZOO_CELLS,
    ZOO_FIRST_STEP,
    ZOO_LAST_STEP,
    spread_cells,
    spread_zoo_cells,
)
from ui.cached import costs as cached_costs
from ui.datasets import estimate
from ui.jobs import cluster, panel
from wording.escapes import plain
from wording.numbers import free_name

World = Literal["thin-film", "zoo"]
NAMES: dict[World, str] = {"thin-film": "thin film", "zoo": "zoo"}
LAST_STEPS: dict[World, int] = {"thin-film": 5100, "zoo": ZOO_LAST_STEP}
PHYSICS = (
    "A film of two polymers that do not like each other, mixed at first, separates into white and "
    "black domains which then slowly coarsen; the Cahn–Hilliard equation with the Flory–Huggins "
    "free energy says how. **phi** is the share of the white component and **chi** how little the "
    "two like each other: they separate where chi is above 2. Each trajectory is one film with "
    "noise of its own, periodic along x, with walls at top and bottom. A step is 12 units of time "
    "where chi is below 3 and 1.2 from there on, as in the two batches of published frames; kappa, "
    "the cost of interfaces, is 8 px² in both."
)
ZOO = (
    "Six kinds of physics on the same film, alike in their share of white and in the width of "
    "their domains, so that these two numbers cannot tell them apart:\n\n"
    "- **neutral**: the thin film as it is, droplets and labyrinths\n"
    "- **wetting**: the top wall, the bottom one or both draw one of the components\n"
    "- **anisotropic**: interfaces cost more in one direction, so that stripes lie or stand\n"
    "- **ohta-kawasaki**: the two components are ends of one chain, and coarsening stops\n"
    "- **noisy**: thermal noise all along, rough interfaces\n"
    "- **random-field**: no physics at all, only the neutral film's waves with random phases\n\n"
    "Twenty cells of each. A model that compares by meaning should tell all six apart."
)


@dataclass(frozen=True, kw_only=True)
class _Form:
    """The form's values."""

    world: World
    name: str
    trajectories: int
    frames: int
    schedule: Schedule
    last_step: int
    seed: int
    cluster: str | None

    def job(self) -> SimulateJob:
        """The job that it asks for; the usual world, the thin film, and place are not named."""
        job = SimulateJob(
            name=self.name,
            trajectories=self.trajectories,
            frames=self.frames,
            schedule=self.schedule,
            last_step=self.last_step,
            seed=self.seed,
        )
        if self.world != "thin-film":
            job = job.changed(world=self.world)
        return job if self.cluster is None else job.changed(cluster=self.cluster)


def show(store: Path, taken: Collection[str]) -> None:
    """The form; `taken` are the names in use."""
    fields, about = st.columns([1, 1], gap="large")
    with fields:
        form = _fields(taken)
        problem = _problem(form, taken)
        if problem:
            st.warning(plain(problem))
        else:
            here = form.cluster in (None, choice.LOCAL)  # else nobody knows how fast it is
            seconds = estimate_seconds(_time_steps(form), form.frames, estimate.cores())
            frames = form.trajectories * form.frames
            st.caption(estimate.words(frames, seconds if here else None))
        if panel.start_button(
            store,
            "Simulate",
            form.job(),
            key="start_simulation",
            disabled=problem is not None,
        ):
            st.session_state["simulate_suggested"] = form.name
            st.rerun()
    with about, st.expander("What is simulated", expanded=True):
        if form.world == "zoo":
            st.markdown(ZOO)
            return
        st.markdown(PHYSICS)
        st.altair_chart(
            training.cells(CELLS, spread_cells(form.trajectories)),
            key="cells",
            alt=f"The grid of phi and chi: {form.trajectories} of its 57 cells are simulated",
        )


def _time_steps(form: _Form) -> list[float]:
    """The expected time steps of each trajectory."""
    when = form.frames, form.schedule, form.last_step
    if form.world == "zoo":
        indices = map(ZOO_CELLS.index, spread_zoo_cells(form.trajectories))
        return [cached_costs.zoo_time_steps(index, *when) for index in indices]
    return [cached_costs.time_steps(chi, *when) for _, chi in spread_cells(form.trajectories)]


def _fields(taken: Collection[str]) -> _Form:
    world: World = st.segmented_control(
        "World",
        ["thin-film", "zoo"],
        default="thin-film",
        required=True,
        format_func=lambda option: "Thin film" if option == "thin-film" else "Zoo of physics",
        key="simulate_world",
        persist_state="session",
    )
    # A name that was suggested gives way to the next one once it is in use, or with another world;
    # a typed one stays.
    state = st.session_state
    suggested, suggested_for = state.get("simulate_suggested"), state.get("simulate_suggested_for")
    if "simulate_name" not in state or (
        state["simulate_name"] == suggested and (suggested in taken or suggested_for != world)
    ):
        state["simulate_name"] = free_name(NAMES[world], taken.__contains__)
        state["simulate_suggested"] = state["simulate_name"]
    state["simulate_suggested_for"] = world
    # A world's own limits need widgets of their own.
    own = "" if world == "thin-film" else f"_{world}"
    most = len(CELLS) if world == "thin-film" else len(ZOO_CELLS)
    name = st.text_input(
        "Name of the data set", key="simulate_name", max_chars=100, persist_state="session"
    ).strip()
    left, right = st.columns(2)
    trajectories = left.number_input(
        "Trajectories", 1, most, most, key=f"simulate_count{own}", persist_state="session"
    )
    frames = right.number_input(
        "Frames a trajectory", 2, 2000, 255, key="simulate_frames", persist_state="session"
    )
    schedule: Schedule = left.segmented_control(
        "Frames are spaced",
        ["geometric", "linear"],
        default="geometric",
        required=True,
        format_func=lambda option: "Geometrically" if option == "geometric" else "Evenly",
        key="simulate_schedule",
        persist_state="session",
        help="Coarsening slows down: evenly spaced frames, as in the published data, mostly equal "
        "the one before; geometric spacing gives each about the same change.",
    )
    last_step = right.number_input(
        "Last step",
        10,
        100_000,
        LAST_STEPS[world],
        key=f"simulate_last{own}",
        persist_state="session",
    )
    seed = left.number_input(
        "Seed",
        0,
        2**31 - 1,
        0,
        key="simulate_seed",
        persist_state="session",
        help="Equal seeds and settings give equal frames.",
    )
    where = cluster.choose("simulate_cluster")
    return _Form(
        world=world,
        name=name,
        trajectories=trajectories,
        frames=frames,
        schedule=schedule,
        last_step=last_step,
        seed=seed,
        cluster=where,
    )


def _problem(form: _Form, taken: Collection[str]) -> str | None:
    if not form.name:
        return "A data set needs a name."
    if form.name in taken:
        return f"A data set named {form.name} exists already; choose another name."
    try:
        SimulationConfig(
            phi=0.5,
            chi=2.4,
            frames=form.frames,
            schedule=form.schedule,
            first_step=ZOO_FIRST_STEP if form.world == "zoo" else 4,
            last_step=form.last_step,
        )
    except ConfigError as err:
        return str(err)
    return None
