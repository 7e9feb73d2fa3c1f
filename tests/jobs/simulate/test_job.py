"""The simulate job in a real store with real worker processes: whole, stopped, killed, resumed."""

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from jobs import foreground, queue
from jobs.context import Context, JobProgress, Stopped
from jobs.simulate import job as simulate
from jobs.simulate import plan as worlds
from jobs.specs import SimulateJob
from morphcore.config import ConfigError, SimulationConfig
from morphcore.descriptors import measure
from morphcore.simulation import cahn_hilliard
from morphcore.simulation.cells import CELLS, DEMO_CELLS, spread_cells
from store import datasets, descriptors, jobs, trajectories
from store.db import InvalidName, NameTaken, open_store

TINY = {"cells": [[0.5, 2.6], [0.6, 3.4]], "realisations": 2, "frames": 4, "last_step": 30}
NAMES = ["phi0.500-chi2.6-r1", "phi0.500-chi2.6-r2", "phi0.600-chi3.4-r1", "phi0.600-chi3.4-r2"]
# Long enough that a stop or a kill surely comes in the middle: a minute and more.
LONG = {"cells": [[0.5, 4.0], [0.6, 4.0], [0.55, 4.0]], "realisations": 2, "frames": 4}


def context(store: Path, listener: Any = None) -> Context:
    """A claimed job's context."""
    with open_store(store) as db:
        job = jobs.enqueue(db, "simulate", {"test": time.time()})
        jobs.claim(db, job.id)
    return Context(store, job.id, listener)


def simulated(store: Path, **args: Any) -> dict[str, Any]:
    made = context(store)
    result = simulate.run(made, SimulateJob(**{"name": "films", **args}))
    with open_store(store) as db:
        jobs.finish(db, made.job_id, "done")
    return result


def pictures(store: Path, name: str = "films") -> dict[str, np.ndarray]:
    """The gray frames of every trajectory of a data set."""
    with open_store(store) as db:
        dataset_id = datasets.dataset(db, name).id
        return {
            info.name: np.stack(
                [
                    trajectories.frame(db, frame_id)
                    for frame_id in trajectories.frame_ids_of(db, info.id).tolist()
                ]
            )
            for info in trajectories.trajectories(db, dataset_id)
        }


def workers() -> list[psutil.Process]:
    return [each for each in psutil.Process().children(recursive=True) if _is_worker(each)]


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the uninterrupted run of TINY."""
    path = tmp_path_factory.mktemp("whole") / "morph.sqlite"
    with pytest.MonkeyPatch.context() as two_cores:
        two_cores.setattr(os, "cpu_count", lambda: 2)
        job = foreground.run_here(path, SimulateJob(name="films", **TINY))
    assert (job.state, job.error) == ("done", None)
    assert job.result is not None
    assert {**job.result, "seconds": 0} == {
        "dataset": "films",
        "trajectories": 4,
        "frames": 16,
        "seconds": 0,
    }
    return path


def test_a_run_stores_trajectories_with_what_is_known_of_them(whole):
    with open_store(whole) as db:
        made = datasets.dataset(db, "films")
        assert (made.kind, made.trajectories, made.frames) == ("simulated", 4, 16)
        infos = sorted(trajectories.trajectories(db, made.id), key=lambda info: info.id)
        table = trajectories.frame_table(db, made.id)
    assert [info.name for info in infos] == NAMES  # in the order asked for
    assert infos[3].params == {"phi": 0.6, "chi": 3.4, "kappa": 8.0, "realisation": 2.0}
    assert (infos[3].phi, infos[3].chi, infos[3].periodic) == (0.6, 3.4, True)
    config = SimulationConfig(phi=0.5, chi=2.6, frames=4, last_step=30)
    assert table.time[:4].tolist() == cahn_hilliard.frame_steps(config).tolist()


def test_every_frame_gets_its_own_descriptors(whole):
    with open_store(whole) as db:
        dataset_id = datasets.dataset(db, "films").id
        assert len(descriptors.missing(db, dataset_id)) == 0
        stored = descriptors.of_dataset(db, dataset_id)
        bits = trajectories.packed(db, stored.frame_ids).one_size.bits()
    again = measure.measure(stored.frame_ids, bits)
    np.testing.assert_array_equal(stored.fraction, again.fraction)
    np.testing.assert_array_equal(stored.length, again.length)
    assert np.isinf(stored.length).any()  # phi = .6 begins white
    assert np.isfinite(stored.length).any()


def test_realisations_differ_and_cells_do_not_share_their_noise(whole):
    last = {name: frames[-1].astype(int) for name, frames in pictures(whole).items()}
    assert len({frame.tobytes() for frame in last.values()}) == 4
    first = {name: frames[0] - frames[0].mean() for name, frames in pictures(whole).items()}
    left, right = first[NAMES[0]].ravel(), first[NAMES[1]].ravel()
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.2


def test_the_same_again_adds_nothing(whole):
    before = pictures(whole)
    with open_store(whole) as db:
        ids = trajectories.frame_table(db, datasets.dataset(db, "films").id).frame_ids
    began = time.monotonic()
    result = simulated(whole, **TINY)
    assert (result["trajectories"], result["frames"]) == (4, 16)
    assert result["seconds"] <= time.monotonic() - began + 0.1
    with open_store(whole) as db:
        again = trajectories.frame_table(db, datasets.dataset(db, "films").id).frame_ids
    assert again.tolist() == ids.tolist()
    assert pictures(whole).keys() == before.keys()


def test_frames_do_not_depend_on_the_number_of_processes(whole, store, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)  # `whole` had two
    seen: list[int] = []
    made = context(store, lambda _: seen.append(len(workers())))
    simulate.run(made, SimulateJob(name="films", **TINY))
    assert max(seen) == 1
    same, expected = pictures(store), pictures(whole)
    assert list(same) == list(expected)
    for name in NAMES:
        np.testing.assert_array_equal(same[name], expected[name])


def test_a_film_does_not_depend_on_its_company_but_on_the_seed(whole, store):
    alone = {**TINY, "cells": [[0.6, 3.4]], "realisations": 1}
    simulated(store, **alone)
    simulated(store, **alone, name="other", seed=1)
    frames = pictures(store)[NAMES[2]]
    np.testing.assert_array_equal(frames, pictures(whole)[NAMES[2]])
    assert not np.array_equal(frames[-1], pictures(store, "other")[NAMES[2]][-1])


def test_stopped_in_the_middle_it_goes_on_to_the_same_frames(whole, store):
    shares: list[float] = []

    def stop_after_one(progress: JobProgress) -> None:
        shares.append(progress.share)
        if progress.stage.startswith("1 of 4"):
            with open_store(store) as db:
                jobs.request(db, made.job_id, "stop")

    made = context(store, stop_after_one)
    with pytest.raises(Stopped):
        simulate.run(made, SimulateJob(name="films", **TINY))
    kept = pictures(store)
    assert 1 <= len(kept) < 4
    assert workers() == []
    assert shares == sorted(shares)
    with open_store(store) as db:
        jobs.finish(db, made.job_id, "stopped")

    resumed: list[JobProgress] = []
    simulate.run(context(store, resumed.append), SimulateJob(name="films", **TINY))
    assert resumed[0].stage == f"{len(kept)} of 4 trajectories simulated"
    assert resumed[0].share > 0  # the bar goes on from there
    ended, expected = pictures(store), pictures(whole)
    assert list(ended) == list(expected)
    for name in NAMES:
        np.testing.assert_array_equal(ended[name], expected[name])


def test_a_stop_is_obeyed_while_workers_simulate(store):
    shares: list[float] = []

    def stop_when_at_work(progress: JobProgress) -> None:
        if (
            progress.share > 0 and not shares
        ):  # part of a trajectory: its share is reported as it goes
            shares.append(progress.share)
            assert progress.stage.startswith("0 of 6")
            # A worker that is only starting has not lowered its priority yet: the page goes first.
            assert _eventually(lambda: all(worker.nice() >= 5 for worker in workers()))
            with open_store(store) as db:
                jobs.request(db, made.job_id, "stop")

    made = context(store, stop_when_at_work)
    with pytest.raises(Stopped):
        simulate.run(made, SimulateJob(name="films", **LONG))
    assert 0 < shares[0] < 0.2
    assert workers() == []
    assert pictures(store) == {}


def test_workers_do_not_outlive_a_job_that_is_killed(store):
    job = queue.start(store, SimulateJob(name="films", **LONG))
    process = _eventually(lambda: _process(store, job.id))
    children = _eventually(lambda: [each for each in process.children() if _is_worker(each)])
    process.kill()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []
    queue.tend(store)
    with open_store(store) as db:
        assert jobs.job(db, job.id).state == "interrupted"


# What is asked for


def test_a_name_of_another_data_set_is_refused(whole, store):
    with pytest.raises(NameTaken, match="'films' is taken by another data set"):
        simulated(whole, **{**TINY, "seed": 5})
    with open_store(store) as db:
        datasets.create(db, "films", "imported", {})
    with pytest.raises(NameTaken, match="taken by another data set"):
        simulated(store, **TINY)


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        ({"trajectories": 0}, ConfigError, "trajectories is 0; accepted is 1 to 10,000"),
        ({"trajectories": 10_001}, ConfigError, "trajectories is 10001; accepted is 1 to"),
        ({"realisations": 0}, ConfigError, "realisations is 0; accepted is 1 to"),
        ({"realisations": 2}, ConfigError, "only with cells"),
        ({"seed": -1}, ConfigError, "seed is -1; accepted is 0 or more"),
        ({"cells": []}, ConfigError, "pairs"),
        ({"cells": [[0.5]]}, ConfigError, "pairs"),
        ({"cells": [[0.5, 2.4], [0.5, 2.4]]}, ConfigError, "given twice"),
        ({"cells": [[0.1, 2.4]]}, ConfigError, "phi is 0.1; accepted is"),
        ({"cells": [[0.5, 1.9]]}, ConfigError, "chi is 1.9; accepted is"),
        ({"cells": [[float("nan"), 2.4]]}, ConfigError, "phi is nan"),
        ({"frames": 1}, ConfigError, "frames is 1; accepted is"),
        ({"frames": 200, "last_step": 100}, ConfigError, "200 frames do not fit"),
        ({"schedule": "daily"}, ConfigError, "schedule is 'daily'; accepted are"),
        ({"name": "  "}, InvalidName, "1 to 100 characters"),
    ],
)
def test_what_is_not_accepted_is_said_and_leaves_nothing(store, args, error, message):
    made = context(store)
    with pytest.raises(error, match=message):
        simulate.run(made, SimulateJob(**{"name": "films", **args}))
    with open_store(store) as db:
        assert datasets.all_datasets(db) == []


def test_fewer_cells_are_spread_and_more_wrap_into_realisations():
    assert spread_cells(57) == CELLS
    assert spread_cells(0) == ()
    nine = spread_cells(9)
    assert len(set(nine)) == 9
    assert {chi for _, chi in nine} >= {2.2, 2.6, 3.4, 4.0}
    assert len({phi for phi, _ in nine}) >= 4
    for count in range(1, 58):
        assert len(set(spread_cells(count))) == count

    pairs = worlds.list_tasks(57 + 9, None, 1)
    assert [cell for cell, _ in pairs[:57]] == list(CELLS)
    assert [number for _, number in pairs] == [1] * 57 + [2] * 9
    assert tuple(cell for cell, _ in pairs[57:]) == nine
    assert worlds.list_tasks(4, None, 1) == [(cell, 1) for cell in spread_cells(4)]


def test_the_demo_asks_for_two_of_each_cell():
    pairs = worlds.list_tasks(57, [list(cell) for cell in DEMO_CELLS], 2)
    assert len(pairs) == len(set(pairs)) == 12
    assert pairs[:2] == [(DEMO_CELLS[0], 1), (DEMO_CELLS[0], 2)]


def _process(store: Path, job_id: int) -> psutil.Process | None:
    with open_store(store) as db:
        pid = jobs.job(db, job_id).pid
    return psutil.Process(pid) if pid else None


def _eventually(look: Any) -> Any:
    for _ in range(300):
        if value := look():
            return value
        time.sleep(0.1)
    raise AssertionError("it did not happen within 30 s")
