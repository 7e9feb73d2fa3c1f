"""Plan a data set's simulations: of the thin film's cells, or of the zoo's."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.simulate.task import SimulationTask
from morphcore.config import ConfigError, SimulationConfig
from morphcore.simulation.cells import (
    CELLS,
    FIRST_ZOO_CELLS,
    ZOO_CELLS,
    ZOO_FIRST_STEP,
    ZOO_LAST_STEP,
    ZOOS,
    ZooCell,
    spread_cells,
    spread_zoo_cells,
)
from morphcore.simulation.fit import FIRST_SCHEME, SCHEME, Scheme

MOST = 10_000  # trajectories of a data set
WORLDS = ("thin-film", "zoo")
LAST_STEP = 5100  # of the published runs

Cell = tuple[float, float]


@dataclass(frozen=True)
class SimulationPlan:
    """The simulation tasks of a data set in its order, and the settings that identify it."""

    tasks: Sequence[SimulationTask]
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
    scheme: Scheme = SCHEME,
    zoo_cells: int = len(ZOO_CELLS),
) -> SimulationPlan:
    """Plan the trajectories of a data set, of the thin film's cells or of those of a zoo.

    `zoo_cells` says of which zoo, by the number of its cells: 60 in older data sets.

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
        wanted = list_zoo_cells(trajectories, ZOOS[zoo_cells])
    else:
        count = len(CELLS) if trajectories is None else trajectories
        wanted = [(cell, None, n) for cell, n in list_tasks(count, cells, realisations)]
    tasks = [
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
            scheme=scheme,
        )
        for (phi, chi), zoo_cell, realisation in wanted
    ]
    settings: dict[str, Any] = {
        "trajectories": len(tasks),
        "frames": frames,
        "schedule": schedule,
        "last_step": last_step,
        "seed": seed,
        "cells": None if cells is None else [list(map(float, cell)) for cell in cells],
        "realisations": realisations,
    }
    if world != "thin-film":  # absent in older stores
        settings["world"] = world
    if world == "zoo" and zoo_cells != len(FIRST_ZOO_CELLS):
        settings["zoo_cells"] = zoo_cells
    return SimulationPlan(tasks, settings | named(scheme))


def inherited(config: Mapping[str, Any]) -> dict[str, Any]:
    """What a simulated data set's settings fix for all that is added to it: scheme and zoo."""
    return {
        "scheme": config.get("scheme", FIRST_SCHEME),
        "zoo_cells": config.get("zoo_cells", len(FIRST_ZOO_CELLS)),
    }


def named(scheme: Scheme) -> dict[str, Any]:
    """The scheme as a setting: absent in stores from before there were two."""
    return {} if scheme == FIRST_SCHEME else {"scheme": scheme}


def list_zoo_cells(
    trajectories: int | None, cells: tuple[ZooCell, ...] = ZOO_CELLS
) -> list[tuple[Cell, ZooCell | None, int]]:
    """List the (phi, chi), the cell and the realisation of every trajectory of a zoo."""
    count = len(cells) if trajectories is None else trajectories
    if not 1 <= count <= MOST:
        raise ConfigError(f"trajectories is {count}; accepted is 1 to {MOST:,}.")
    whole, rest = divmod(count, len(cells))
    pairs = [(cell, number + 1) for number in range(whole) for cell in cells]
    pairs += [(cell, whole + 1) for cell in spread_zoo_cells(rest, cells)]
    return [((cell.phi, cell.chi), cell, number) for cell, number in pairs]


def list_tasks(
    trajectories: int, cells: Sequence[Sequence[float]] | None, realisations: int
) -> list[tuple[Cell, int]]:
    """List the (phi, chi) and the realisation of every trajectory, in the data set's order."""
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
        tasks = [(cell, number + 1) for number in range(whole) for cell in CELLS]
        return tasks + [(cell, whole + 1) for cell in spread_cells(rest)]
    if not cells or any(len(cell) != 2 for cell in cells):
        raise ConfigError("cells is not a list of pairs [phi, chi], such as [[0.5, 2.4]].")
    if len(cells) * realisations > MOST:
        raise ConfigError(f"{len(cells)} cells x {realisations} is above {MOST:,} trajectories.")
    chosen = [(float(phi), float(chi)) for phi, chi in cells]
    twice = [cell for cell, count in Counter(chosen).items() if count > 1]
    if twice:
        raise ConfigError(f"The cell {list(twice[0])} is given twice; ask for more realisations.")
    return [(cell, number + 1) for cell in chosen for number in range(realisations)]
