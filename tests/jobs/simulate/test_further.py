"""Twins and replicates: their cells, their steps, noise of their own, and where they are kept."""

from pathlib import Path

import numpy as np
import pytest

from jobs.context import Context, JobProgress, Stopped
from jobs.simulate import further
from jobs.simulate import job as simulate
from jobs.simulate.task import SimulationTask
from jobs.specs import SimulateJob
from morphcore.config import ConfigError
from morphcore.simulation.cells import (
    CELLS,
    DEMO_CELLS,
    FIRST_ZOO_CELLS,
    FIRST_ZOO_HELD_OUT_CELLS,
    HELD_OUT_CELLS,
    ZOO_CELLS,
    ZOO_HELD_OUT_CELLS,
)
from store import datasets, jobs, trajectories
from store.db import open_store
from tests.factory import trajectory
from tests.jobs.simulate.simulations import (
    TINY,
    as_stored,
    originals,
    pictures,
    refused,
    simulated,
    zoo_of_before,
)

# Twins


def test_there_is_one_twin_a_cell_over_the_same_steps_with_noise_of_its_own():
    for plan, cells, first in (
        (originals(), len(CELLS), 4),
        (originals(trajectories=60), len(CELLS), 4),
        (originals(schedule="linear"), len(CELLS), 20),
        (originals(cells=DEMO_CELLS, realisations=2), len(DEMO_CELLS), 4),
        (originals("zoo"), len(ZOO_CELLS), 40),
    ):
        twins = further.plan_twins(as_stored(plan), frames=None, seed=None)
        assert len(twins.tasks) == len({task.name for task in twins.tasks}) == cells
        configs = [task.config for task in twins.tasks]
        last = plan.tasks[0].config.last_step
        assert {(c.frames, c.schedule, c.first_step, c.last_step) for c in configs} == {
            (25, "geometric", first, last)
        }
        noise = [task.rng().random() for task in (*plan.tasks, *twins.tasks)]
        assert len(set(noise)) == len(noise)


def test_twins_are_stored_as_such_and_made_once(store: Path):
    simulated(store, name="films", seed=7, **TINY)
    result = simulated(store, twins="films")
    assert (result["dataset"], result["trajectories"]) == ("films twins", 2)
    assert result["frames"] == 2 * 25
    with open_store(store) as db:
        original, twins = datasets.all_datasets(db)
        mine = trajectories.trajectories(db, original.id)
        theirs = trajectories.trajectories(db, twins.id)
        table = trajectories.frame_table(db, twins.id)
    assert (original.twin_of, twins.twin_of) == (None, original.id)
    assert {info.cell for info in theirs} == {info.cell for info in mine}
    assert {info.family for info in (*mine, *theirs)} == {"neutral"}
    assert (table.time.min(), table.time.max()) == (4, 30)
    both = pictures(store, "films") | pictures(store, "films twins")
    assert len({frames[-1].tobytes() for frames in both.values()}) == 4 + 2

    assert simulated(store, twins="films")["trajectories"] == 2  # again: nothing new
    with open_store(store) as db:
        assert trajectories.frame_table(db, twins.id).frame_ids.tolist() == table.frame_ids.tolist()


def test_twins_that_were_stopped_go_on_to_the_same_frames(store: Path):
    cells = [[0.5, 2.6], [0.5, 3.4], [0.6, 2.6], [0.6, 3.4]]
    simulated(store, name="films", cells=cells, frames=2, last_step=30)
    simulated(store, twins="films", name="whole", frames=4)

    def stop_after_one(progress: JobProgress) -> None:
        if progress.stage.startswith("1 of 4"):
            with open_store(store) as db:
                jobs.request(db, job.id, "stop")

    with open_store(store) as db:
        job = jobs.enqueue(db, "simulate", {"twins": "films"})
        jobs.claim(db, job.id)
    with pytest.raises(Stopped):
        simulate.run(Context(store, job.id, stop_after_one), SimulateJob(twins="films", frames=4))
    with open_store(store) as db:
        jobs.finish(db, job.id, "stopped")
    assert 1 <= len(pictures(store, "films twins")) < 4
    simulated(store, twins="films", frames=4)
    whole, resumed = pictures(store, "whole"), pictures(store, "films twins")
    assert list(whole) == list(resumed)
    for name, frames in whole.items():
        np.testing.assert_array_equal(frames, resumed[name])


# Replicates


def replicates(plan, **wanted):
    """The plan of a data set's replicates; by default, the default ones."""
    asked = {"realisations": None, "frames": None, "seed": None, **wanted}
    return further.plan_replicates(as_stored(plan), **asked)


def film_of(task: SimulationTask) -> tuple[float, float]:
    return task.config.phi, task.config.chi


def test_there_are_three_replicates_of_each_training_cell_over_the_same_steps():
    for plan, cells, first in (
        (originals(), len(CELLS) - len(HELD_OUT_CELLS), 4),
        (originals(trajectories=60), len(CELLS) - len(HELD_OUT_CELLS), 4),
        (originals(schedule="linear"), len(CELLS) - len(HELD_OUT_CELLS), 20),
        (originals(cells=DEMO_CELLS, realisations=2), len(DEMO_CELLS), 4),
        (originals("zoo"), len(ZOO_CELLS) - len(ZOO_HELD_OUT_CELLS), 40),
    ):
        made = replicates(plan)
        assert len(made.tasks) == len({task.name for task in made.tasks}) == 3 * cells
        assert [task.realisation for task in made.tasks] == [1] * cells + [2] * cells + [3] * cells
        assert made.settings["realisations"] == 3
        configs = [task.config for task in made.tasks]
        last = plan.tasks[0].config.last_step
        assert {(c.frames, c.schedule, c.first_step, c.last_step) for c in configs} == {
            (48, "geometric", first, last)
        }


def test_cells_that_are_always_held_out_have_no_replicates():
    film = {film_of(task) for task in replicates(originals()).tasks}
    assert film == set(CELLS) - HELD_OUT_CELLS
    zoo = {task.cell for task in replicates(originals("zoo")).tasks}
    assert zoo == set(ZOO_CELLS) - ZOO_HELD_OUT_CELLS
    old = further.plan_replicates(zoo_of_before(), realisations=1, frames=None, seed=None)
    assert [task.cell for task in old.tasks] == [
        cell for cell in FIRST_ZOO_CELLS if cell not in FIRST_ZOO_HELD_OUT_CELLS
    ]
    # A part of a world has no cells that are always held out.
    some = originals(trajectories=20)
    films = {film_of(task) for task in some.tasks}
    assert {film_of(task) for task in replicates(some).tasks} == films


@pytest.mark.parametrize(
    "plan",
    [originals(cells=DEMO_CELLS, realisations=2), originals(), originals("zoo", trajectories=130)],
    ids=["pairs", "film", "zoo"],
)
def test_no_replicate_has_the_noise_of_an_original_or_of_a_twin(plan):
    twins = further.plan_twins(as_stored(plan), frames=None, seed=None)
    tasks = (*plan.tasks, *twins.tasks, *replicates(plan, realisations=7).tasks)
    noise = [task.rng().random() for task in tasks]
    assert len(set(noise)) == len(tasks)
    assert len({task.name for task in tasks}) == len(tasks)


def test_more_realisations_begin_with_the_fewer():
    plan = originals(cells=DEMO_CELLS)
    fewer, more = (replicates(plan, realisations=count).tasks for count in (2, 5))
    assert list(more[: len(fewer)]) == list(fewer)


def test_replicates_are_of_the_scheme_and_the_seed_of_their_data_set():
    plan = originals(cells=DEMO_CELLS, scheme="first-order", seed=4)
    made = replicates(plan)
    assert {(task.scheme, task.seed) for task in made.tasks} == {("first-order", 4)}
    assert "scheme" not in made.settings
    assert replicates(originals(cells=DEMO_CELLS)).settings["scheme"] == "bdf2"
    assert {task.seed for task in replicates(plan, seed=9).tasks} == {9}


def test_fewer_steps_than_frames_give_as_many_frames_as_steps_unless_asked_for():
    plan = originals(cells=DEMO_CELLS, frames=5, last_step=30)
    assert {task.config.frames for task in replicates(plan).tasks} == {27}
    with pytest.raises(ConfigError, match="28 frames do not fit into steps 4 to 30"):
        replicates(plan, frames=28)
    with pytest.raises(ConfigError, match="realisations is 0; accepted is 1 to 1,666 of each of 6"):
        replicates(plan, realisations=0)


def test_replicates_are_stored_as_such_and_made_once(store: Path):
    simulated(store, name="films", seed=7, **TINY)
    simulated(store, twins="films", frames=3)
    result = simulated(store, replicates="films", frames=3)
    assert (result["dataset"], result["trajectories"]) == ("films replicates", 2 * 3)
    with open_store(store) as db:
        original, twins, made = datasets.all_datasets(db)
        cells = [
            {info.cell for info in trajectories.trajectories(db, each.id)}
            for each in (original, twins, made)
        ]
        table = trajectories.frame_table(db, made.id)
        assert datasets.replicates_of(db, original.id) == [made]
    assert (made.twin_of, made.replicates_of, made.serves) == (None, original.id, original.id)
    assert made.config["realisations"] == 3
    assert cells[0] == cells[1] == cells[2]
    assert (table.time.min(), table.time.max()) == (4, 30)
    named = [pictures(store, name) for name in ("films", "films twins", "films replicates")]
    frames = [frames[-1].tobytes() for each in named for frames in each.values()]
    assert len(set(frames)) == len(frames) == 4 + 2 + 6

    assert simulated(store, replicates="films", frames=3)["trajectories"] == 6  # nothing new
    with open_store(store) as db:
        again = trajectories.frame_table(db, made.id)
    assert again.frame_ids.tolist() == table.frame_ids.tolist()


def test_replicates_that_were_stopped_go_on_to_the_same_frames(store: Path):
    simulated(store, name="films", cells=[[0.5, 2.6], [0.6, 3.4]], frames=2, last_step=30)
    spec = SimulateJob(replicates="films", realisations=2, frames=3)
    simulated(store, replicates="films", name="whole", realisations=2, frames=3)

    def stop_after_one(progress: JobProgress) -> None:
        if progress.stage.startswith("1 of 4"):
            with open_store(store) as db:
                jobs.request(db, job.id, "stop")

    with open_store(store) as db:
        job = jobs.enqueue(db, "simulate", {"replicates": "films"})
        jobs.claim(db, job.id)
    with pytest.raises(Stopped):
        simulate.run(Context(store, job.id, stop_after_one), spec)
    with open_store(store) as db:
        jobs.finish(db, job.id, "stopped")
    assert 1 <= len(pictures(store, "films replicates")) < 4
    simulated(store, replicates="films", realisations=2, frames=3)
    whole, resumed = pictures(store, "whole"), pictures(store, "films replicates")
    assert list(whole) == list(resumed)
    for name, frames in whole.items():
        np.testing.assert_array_equal(frames, resumed[name])


# Neither


def test_what_can_have_no_twins_and_no_replicates_is_said(store: Path):
    with open_store(store) as db:
        mine = datasets.create(db, "mine", "imported", {})
        trajectories.add(db, mine, trajectory("film", frames=2))
        original = datasets.create(db, "films", "simulated", {"last_step": 30})
        datasets.create(db, "films twins", "simulated", {}, original)
        datasets.create(db, "more films", "simulated", {}, replicates_of=original)
    for what in ("twins", "replicates"):
        assert "There is no data set named 'none'" in refused(store, **{what: "none"})
        assert f"only what was can have {what}" in refused(store, **{what: "mine"})
        holds = f"holds twins; make {what} of the data set"
        assert holds in refused(store, **{what: "films twins"})
        holds = f"holds replicates; make {what} of the data set"
        assert holds in refused(store, **{what: "more films"})
        assert "leave out the rest" in refused(store, **{what: "films"}, trajectories=3)
    assert "leave out the rest" in refused(store, twins="films", realisations=2)
    assert "make one after the other" in refused(store, twins="films", replicates="films")
    assert "whose twins or replicates to make" in refused(store, trajectories=3)
