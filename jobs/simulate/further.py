"""Plan further realisations of a simulated data set's cells: twins, or replicates.

Twins, one a cell, are there to judge models by. Replicates, several of each training cell, are
there to learn from what chance is. Both are kept in data sets of their own that serve the first.
"""

from dataclasses import dataclass
from typing import Any, Literal

from jobs.simulate.plan import MOST, SimulationPlan, inherited, named, plan_originals
from jobs.simulate.task import SimulationTask
from morphcore.config import ConfigError, SimulationConfig
from morphcore.errors import MorphError
from morphcore.simulation import cahn_hilliard, held_out
from morphcore.simulation.cells import ZooCell
from morphcore.simulation.fit import Scheme
from store.datasets import Dataset

TWIN_FRAMES = 25
REPLICATE_FRAMES = 48
REALISATIONS = 3  # of each training cell, of replicates

Cell = tuple[float, float, ZooCell | None]  # phi, chi, what else is in the blend


@dataclass(frozen=True)
class _Original:
    """What a simulated data set says of further realisations of its cells."""

    world: str
    scheme: Scheme
    seed: int
    start: int  # first step
    last: int
    cells: tuple[Cell, ...]

    def frames(self, most: int) -> int:
        """As many frames, or as there are steps."""
        return min(most, self.last - self.start + 1)


def plan_twins(original: Dataset, *, frames: int | None, seed: int | None) -> SimulationPlan:
    """Plan a twin of every cell of a simulated data set, over its span of steps and by its scheme.

    Its frames are spaced geometrically, 25 where `frames` is None.

    Raises:
        MorphError: if the data set was not simulated, or holds twins or replicates itself.
        ConfigError: if the frames do not fit into the steps.
    """
    known = _read(original, "twins")
    count = known.frames(TWIN_FRAMES) if frames is None else frames
    return _plan(known, "twin", known.cells, 1, count, seed)


def plan_replicates(
    original: Dataset, *, realisations: int | None, frames: int | None, seed: int | None
) -> SimulationPlan:
    """Plan replicates: realisations of every training cell of a simulated data set, as twins are.

    Cells that a training on it always holds out are left out; a data set that is not a whole world
    has none. None of `realisations` and `frames` means 3 and 48. All cells come once before any
    comes again, so that what was stopped has as many of each as there can be.

    Raises:
        MorphError: if the data set was not simulated, or holds twins or replicates itself.
        ConfigError: if the frames do not fit into the steps, or the realisations are out of range.
    """
    known = _read(original, "replicates")
    frames = known.frames(REPLICATE_FRAMES) if frames is None else frames
    count = REALISATIONS if realisations is None else realisations
    cells = training_cells(known.cells)
    if not 1 <= count * len(cells) <= MOST:
        raise ConfigError(
            f"realisations is {count}; accepted is 1 to {MOST // len(cells):,}"
            f" of each of {len(cells)} cells."
        )
    plan = _plan(known, "replicate", cells, count, frames, seed)
    return SimulationPlan(plan.tasks, {**plan.settings, "realisations": count})


def training_cells(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Those of a data set's cells that no training by trajectory on it always holds out."""
    of_zoo = held_out.of_zoo({cell.name for *_, cell in cells if cell})
    of_film = held_out.of_thin_film({held_out.rounded(phi, chi) for phi, chi, _ in cells})
    if of_zoo is not None:
        return tuple(each for each in cells if each[2] is None or each[2].name not in of_zoo)
    if of_film is not None:
        return tuple(each for each in cells if held_out.rounded(*each[:2]) not in of_film)
    return cells


def _read(original: Dataset, what: Literal["twins", "replicates"]) -> _Original:
    """Read what was simulated from a data set's settings."""
    if original.serves is not None:
        held = "twins" if original.twin_of is not None else "replicates"
        raise MorphError(
            f"{original.name!r} holds {held}; make {what} of the data set that they belong to."
        )
    settings: dict[str, Any] = dict(original.config)
    if original.kind != "simulated" or "last_step" not in settings:
        raise MorphError(
            f"{original.name!r} was not simulated here; only what was can have {what}."
        )
    world, fixed = settings.pop("world", "thin-film"), inherited(settings)
    tasks = plan_originals(world, **{**settings, **fixed}).tasks
    return _Original(
        world=world,
        scheme=fixed["scheme"],
        seed=settings["seed"],
        start=int(cahn_hilliard.frame_steps(tasks[0].config)[0]),
        last=settings["last_step"],
        cells=tuple(dict.fromkeys((task.config.phi, task.config.chi, task.cell) for task in tasks)),
    )


def _plan(
    known: _Original,
    role: Literal["twin", "replicate"],
    cells: tuple[Cell, ...],
    realisations: int,
    frames: int,
    seed: int | None,
) -> SimulationPlan:
    """Plan these realisations of these cells."""
    seed = known.seed if seed is None else seed
    tasks = [
        SimulationTask(
            config=SimulationConfig(
                phi=phi, chi=chi, frames=frames, first_step=known.start, last_step=known.last
            ),
            realisation=number + 1,
            seed=seed,
            cell=zoo_cell,
            role=role,
            scheme=known.scheme,
        )
        for number in range(realisations)
        for phi, chi, zoo_cell in cells
    ]
    wanted = {"world": known.world, "frames": frames, "last_step": known.last, "seed": seed}
    return SimulationPlan(tasks, wanted | named(known.scheme))
