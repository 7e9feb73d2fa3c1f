"""Plans of simulations, of the thin film's cells and of the zoo; from the plan to the store."""

from pathlib import Path

import numpy as np
import pytest

from jobs import foreground
from jobs.simulate import further
from jobs.simulate.task import SimulationTask
from jobs.specs import TrainJob
from jobs.train import prepare
from morphcore.config import ConfigError, TrainConfig
from morphcore.simulation import cahn_hilliard
from morphcore.simulation import first_order as scheme
from morphcore.simulation.cells import (
    FAMILIES,
    FIRST_ZOO_CELLS,
    FIRST_ZOO_HELD_OUT_CELLS,
    ZOO_CELLS,
    ZOO_HELD_OUT_CELLS,
    ZooCell,
    spread_zoo_cells,
)
from morphcore.types import Trajectory
from store import datasets, trajectories
from store.db import open_store
from tests.factory import trajectory
from tests.jobs.simulate.simulations import (
    TINY,
    originals,
    pictures,
    simulated,
    zoo_of_before,
)

# The zoo


def test_the_whole_zoo_is_every_cell_once_each_with_its_own_noise():
    plan = originals("zoo")
    assert [task.cell for task in plan.tasks] == list(ZOO_CELLS)
    assert len({task.rng().random() for task in plan.tasks}) == 120
    assert {(task.config.first_step, task.config.last_step) for task in plan.tasks} == {(40, 2000)}
    again = originals("zoo", trajectories=120 + 6)
    assert [task.cell for task in again.tasks[120:]] == list(spread_zoo_cells(6))
    assert [task.realisation for task in again.tasks] == [1] * 120 + [2] * 6
    assert len({task.name for task in again.tasks}) == 126


def test_a_zoo_of_before_keeps_its_sixty_cells():
    old = zoo_of_before()
    assert old.config["trajectories"] == 60
    twins = further.plan_twins(old, frames=None, seed=None)
    assert [task.cell for task in twins.tasks] == list(FIRST_ZOO_CELLS)
    some = further.plan_twins(zoo_of_before(trajectories=6), frames=None, seed=None)
    assert [task.cell for task in some.tasks] == list(spread_zoo_cells(6, FIRST_ZOO_CELLS))
    assert originals("zoo").settings["zoo_cells"] == 120


def test_a_zoo_of_before_is_finished_with_its_own_cells(store: Path):
    old = zoo_of_before(trajectories=2, frames=2, last_step=41)
    with open_store(store) as db:
        datasets.create(db, "zoo", "simulated", old.config)
    simulated(store, name="zoo", world="zoo", trajectories=2, frames=2, last_step=41)
    names = {f"{cell.name}-r1" for cell in spread_zoo_cells(2, FIRST_ZOO_CELLS)}
    assert set(pictures(store, "zoo")) == names


def test_a_zoo_is_stored_with_its_families_and_cells(store: Path):
    result = simulated(
        store, name="zoo", world="zoo", trajectories=6, frames=2, last_step=41, seed=3
    )
    assert (result["dataset"], result["trajectories"], result["frames"]) == ("zoo", 6, 12)
    with open_store(store) as db:
        infos = trajectories.trajectories(db, datasets.dataset(db, "zoo").id)
    assert {info.family for info in infos} == set(FAMILIES)
    assert {info.cell for info in infos} == {cell.name for cell in spread_zoo_cells(6)}
    assert all(info.name == f"{info.cell}-r1" for info in infos)

    simulated(store, twins="zoo", frames=2)
    twins = pictures(store, "zoo twins")
    assert set(twins) == {f"{info.cell}-twin" for info in infos}
    for name, frames in pictures(store, "zoo").items():
        assert not np.array_equal(frames[-1], twins[name.removesuffix("r1") + "twin"][-1])


def test_a_zoo_takes_no_cells_and_a_world_must_be_known():
    with pytest.raises(ConfigError, match="cells of its own"):
        originals("zoo", cells=[[0.5, 2.4]])
    with pytest.raises(ConfigError, match="trajectories is 0; accepted"):
        originals("zoo", trajectories=0)
    with pytest.raises(ConfigError, match="accepted are thin-film and zoo"):
        originals("mars")


def test_the_settings_of_a_thin_film_are_those_that_older_stores_hold():
    """Else a simulation that an older version left half done could not be gone on with."""
    older = {
        "trajectories": 3,
        "frames": 255,
        "schedule": "geometric",
        "last_step": 5100,
        "seed": 0,
        "cells": None,
        "realisations": 1,
    }
    assert originals(trajectories=3, scheme="first-order").settings == older
    assert originals(trajectories=3).settings == {**older, "scheme": "bdf2"}


# Schemes


def stored_params(store: Path, name: str) -> list[tuple[float, float]]:
    """The chi and kappa of every trajectory of a data set."""
    with open_store(store) as db:
        infos = trajectories.trajectories(db, datasets.dataset(db, name).id)
    return [(info.params["chi"], info.params["kappa"]) for info in infos]


def of_before(store: Path, name: str) -> int:
    """A data set as it was stored while there was one scheme, and nothing of it simulated yet."""
    plan = originals(**TINY, trajectories=None, scheme="first-order")
    assert "scheme" not in plan.settings
    with open_store(store) as db:
        return datasets.create(db, name, "simulated", plan.settings)


def first_order(task: SimulationTask) -> np.ndarray:
    """The frames of a task by the first-order scheme itself."""
    times = cahn_hilliard.times_of(task.config, "first-order")
    medium = cahn_hilliard.medium_of(task.config, "first-order")
    rng = task.rng()
    start = cahn_hilliard.initial_field(task.config.phi, rng)
    fields = np.stack(list(scheme.evolve(start, medium, times)))
    return np.rint(255 * np.clip(fields, 0, 1)).astype(np.uint8)


def test_a_new_data_set_and_its_twins_are_of_the_new_scheme(store: Path):
    simulated(store, name="films", **TINY)
    simulated(store, twins="films", frames=2)
    with open_store(store) as db:
        both = datasets.all_datasets(db)
    assert [each.config["scheme"] for each in both] == ["bdf2", "bdf2"]
    assert [each.scheme for each in both] == ["bdf2", "bdf2"]
    assert stored_params(store, "films twins") == [(2.6, 8.0), (3.4, 8.0)]


def test_a_data_set_of_before_is_finished_by_the_scheme_that_began_it(store: Path):
    of_before(store, "films")
    assert simulated(store, name="films", **TINY)["trajectories"] == 4
    assert stored_params(store, "films") == [(2.6, 12.0), (2.6, 12.0), (3.4, 5.0), (3.4, 5.0)]
    tasks = originals(**TINY, trajectories=None, scheme="first-order").tasks
    made = pictures(store, "films")
    for task in tasks:
        np.testing.assert_array_equal(made[task.name], first_order(task))
    simulated(store, name="new", **TINY)
    late = tasks[0].name
    assert not np.array_equal(pictures(store, "new")[late][-1], made[late][-1])
    with open_store(store) as db:
        before, new = datasets.all_datasets(db)
    assert "scheme" not in before.config
    assert (before.scheme, new.scheme) == ("first-order", "bdf2")


def test_twins_of_a_data_set_of_before_are_of_its_scheme(store: Path):
    original = of_before(store, "films")
    simulated(store, twins="films", frames=2)
    with open_store(store) as db:
        twins = datasets.dataset(db, "films twins")
        plan = further.plan_twins(datasets.by_id(db, original), frames=2, seed=None)
    assert (twins.scheme, "scheme" in twins.config) == ("first-order", False)
    assert stored_params(store, "films twins") == [(2.6, 12.0), (3.4, 5.0)]
    made = pictures(store, "films twins")
    for task in plan.tasks:
        np.testing.assert_array_equal(made[task.name], first_order(task))


def test_what_was_imported_has_no_scheme(store: Path):
    with open_store(store) as db:
        datasets.create(db, "mine", "imported", {})
        assert datasets.dataset(db, "mine").scheme is None


# Training


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        ("twin_of", "holds twins, made to judge"),
        ("replicates_of", "holds replicates, made to learn"),
    ],
)
def test_what_serves_a_data_set_is_not_trained_on(store: Path, kept: str, why: str):
    with open_store(store) as db:
        original = datasets.create(db, "films", "simulated", {})
        serving = datasets.create(db, "more films", "simulated", {}, **{kept: original})
        trajectories.add(db, serving, trajectory("one"))
    job = foreground.run_here(store, TrainJob(dataset="more films", epochs=1))
    assert job.state == "failed"
    assert why in (job.error or "")


@pytest.mark.parametrize(
    ("zoo", "held_out"),
    [(ZOO_CELLS, ZOO_HELD_OUT_CELLS), (FIRST_ZOO_CELLS, FIRST_ZOO_HELD_OUT_CELLS)],
    ids=["of 120", "of 60"],
)
def test_the_whole_zoo_always_holds_out_the_same_cells(
    store: Path, zoo: tuple[ZooCell, ...], held_out: frozenset[ZooCell]
):
    frame = np.zeros((1, 100, 400), dtype=np.uint8)
    with open_store(store) as db:
        dataset_id = datasets.create(db, "zoo", "simulated", {})
        for cell in zoo:
            made = Trajectory(
                cell.name,
                frame,
                np.array([40.0]),
                {"phi": cell.phi, "chi": cell.chi},
                family=cell.family,
                cell=cell.name,
            )
            trajectories.add(db, dataset_id, made)
        infos = trajectories.trajectories(db, dataset_id)
        table = trajectories.frame_table(db, dataset_id)
    owner = dict(zip(table.frame_ids.tolist(), table.trajectory_ids.tolist(), strict=True))
    cells = {info.id: info.cell for info in infos}
    for seed in (0, 1):
        config = TrainConfig(split="trajectory", seed=seed)
        held = {cells[owner[id]] for id in prepare._split(config, table, infos).held_out.tolist()}
        assert held == {cell.name for cell in held_out}
    fewer = prepare._split(TrainConfig(split="trajectory"), table, infos[:-1])
    assert len(fewer.held_out) == len(zoo) // 5  # a fifth, at random
