"""Plan a data set's simulations: the thin film's cells, the zoo's, or twins of another's."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.simulate.pool import SimulationTask
from morphcore.config import ConfigError, SimulationConfig
from morphcore.errors import MorphError
from morphcore.simulation import cahn_hilliard
from morphcore.simulation.cells import (
    CELLS,
    ZOO_CELLS,
    ZOO_FIRST_STEP,
    ZOO_LAST_STEP,
    ZooCell,
    spread_cells,
    spread_zoo_cells,
)
from store.datasets import Dataset

MOST = 10_000  # trajectories of a data set
WORLDS = ("thin-film", "zoo")
LAST_STEP = 5100  # of the published runs
TWIN_FRAMES = 25

Cell = tuple[float, float]


@dataclass(frozen=True)
class SimulationPlan:
    """The films of a data set in its order, and the settings by which it is known again."""

    films: Sequence[SimulationTask]
    settings: Mapping[str, Any]


def plan_originals(
    world: str,
    *,
    trajectories: int | None,
    frames: int,
    schedule: str,
    last_step: int | None,
    seed: int,
    cells: Sequence[Sequence[float]] | None,
    realisations: int,
) -> SimulationPlan:
    """The films that `jobs.simulate.run` is asked for.

    Raises:
        ConfigError: if a setting is not accepted.
    """
    if world not in WORLDS:
        raise ConfigError(f"world is {world!r}; accepted are {' and '.join(WORLDS)}.")
    if last_step is None:
        last_step = ZOO_LAST_STEP if world == "zoo" else LAST_STEP
    if world == "zoo":
        if cells is not None or realisations != 1:
            raise ConfigError("The zoo has cells of its own; leave out cells and realisations.")
        wanted = list_zoo_cells(trajectories)
    else:
        count = len(CELLS) if trajectories is None else trajectories
        wanted = [(cell, None, n) for cell, n in list_tasks(count, cells, realisations)]
    films = [
        SimulationTask(
            config=SimulationConfig(
                phi=phi,
                chi=chi,
                frames=frames,
                schedule=schedule,  # type: ignore[arg-type]  # checked there
                first_step=ZOO_FIRST_STEP if zoo_cell else 4,
                last_step=last_step,
            ),
            realisation=realisation,
            seed=seed,
            cell=zoo_cell,
        )
        for (phi, chi), zoo_cell, realisation in wanted
    ]
    settings: dict[str, Any] = {
        "trajectories": len(films),
        "frames": frames,
        "schedule": schedule,
        "last_step": last_step,
        "seed": seed,
        "cells": None if cells is None else [list(map(float, cell)) for cell in cells],
        "realisations": realisations,
    }
    if world != "thin-film":  # which older stores do not say
        settings["world"] = world
    return SimulationPlan(films, settings)


def plan_twins(of: Dataset, *, frames: int | None, seed: int | None) -> SimulationPlan:
    """One film of every cell of a simulated data set, over its span of steps, spaced geometrically.

    Raises:
        MorphError: if the data set was not simulated, or holds twins itself.
        ConfigError: if the frames do not fit into the steps.
    """
    if of.twin_of is not None:
        raise MorphError(f"{of.name!r} holds twins; make some of the data set that they belong to.")
    known = dict(of.config)
    if of.kind != "simulated" or "last_step" not in known:
        raise MorphError(f"{of.name!r} was not simulated here; only what was can have twins.")
    world = known.pop("world", "thin-film")
    first = plan_originals(world, **known).films
    start = int(cahn_hilliard.frame_steps(first[0].config)[0])
    last = known["last_step"]
    frames = min(TWIN_FRAMES, last - start + 1) if frames is None else frames
    seed = known["seed"] if seed is None else seed
    cells = {(film.config.phi, film.config.chi, film.cell): None for film in first}
    films = [
        SimulationTask(
            config=SimulationConfig(
                phi=phi, chi=chi, frames=frames, first_step=start, last_step=last
            ),
            realisation=1,
            seed=seed,
            cell=zoo_cell,
            twin=True,
        )
        for phi, chi, zoo_cell in cells
    ]
    return SimulationPlan(
        films, {"world": world, "frames": frames, "last_step": last, "seed": seed}
    )


def list_zoo_cells(trajectories: int | None) -> list[tuple[Cell, ZooCell | None, int]]:
    """The (phi, chi), the cell and the realisation of every film of the zoo, in its order."""
    count = len(ZOO_CELLS) if trajectories is None else trajectories
    if not 1 <= count <= MOST:
        raise ConfigError(f"trajectories is {count}; accepted is 1 to {MOST:,}.")
    whole, rest = divmod(count, len(ZOO_CELLS))
    found = [(cell, number + 1) for number in range(whole) for cell in ZOO_CELLS]
    found += [(cell, whole + 1) for cell in spread_zoo_cells(rest)]
    return [((cell.phi, cell.chi), cell, number) for cell, number in found]


def list_tasks(
    trajectories: int, cells: Sequence[Sequence[float]] | None, realisations: int
) -> list[tuple[Cell, int]]:
    """The (phi, chi) and the realisation of every film, in the order of the data set."""
    if not 1 <= realisations <= MOST:
        raise ConfigError(f"realisations is {realisations}; accepted is 1 to {MOST:,}.")
    if cells is None:
        if not 1 <= trajectories <= MOST:
            raise ConfigError(f"trajectories is {trajectories}; accepted is 1 to {MOST:,}.")
        if realisations != 1:
            raise ConfigError(
                "realisations is accepted only with cells; ask for more trajectories."
            )
        whole, rest = divmod(trajectories, len(CELLS))
        found = [(cell, number + 1) for number in range(whole) for cell in CELLS]
        return found + [(cell, whole + 1) for cell in spread_cells(rest)]
    if not cells or any(len(cell) != 2 for cell in cells):
        raise ConfigError("cells is not a list of pairs [phi, chi], such as [[0.5, 2.4]].")
    if len(cells) * realisations > MOST:
        raise ConfigError(f"{len(cells)} cells x {realisations} is above {MOST:,} trajectories.")
    chosen = [(float(phi), float(chi)) for phi, chi in cells]
    twice = [cell for cell, count in Counter(chosen).items() if count > 1]
    if twice:
        raise ConfigError(f"The cell {list(twice[0])} is given twice; ask for more realisations.")
    return [(cell, number + 1) for cell in chosen for number in range(realisations)]
