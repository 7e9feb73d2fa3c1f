"""Tunings on a real store: what trials see, that they go on, and what ends them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs import foreground
from jobs.context import JobProgress
from jobs.doctor import examine
from jobs.index import replicates, split_half
from jobs.specs import TrainJob, TuneJob
from jobs.tune import trial as trials_module
from morphcore.models import seed
from morphcore.tuning import study
from morphcore.types import Trajectory
from store import datasets, jobs, runs, trajectories, tunings
from store.db import open_store
from store.jobs import Job
from store.tunings import StoredTrial
from tests import factory
from tests.jobs.index.test_replicates import add_replicates

QUICK = {"dataset": "blobs", "preset": "seed", "split": "trajectory", "steps": 4, "trials": 3}
SIDE = 40  # px


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seed, "DENSE", 8)
    monkeypatch.setattr(trials_module, "PARTS", 2)


def make(store: Path, noise: Callable[[int], int] = int, count: int = 5) -> None:
    """Some small trajectories; `noise` says by which seed each is drawn."""
    with open_store(store) as db:
        dataset_id = datasets.create(db, "blobs", "imported", {})
        for number in range(count):
            made = factory.trajectory(f"t{number}", frames=8, seed=noise(number))
            frames = np.asarray(made.frames)[:, :SIDE, :SIDE]
            one = Trajectory(made.name, frames, made.times, periodic=False)
            trajectories.add(db, dataset_id, one)


def tune(store: Path, listener: Any = None, **args: Any) -> Job:
    return foreground.run_here(store, TuneJob(**{**QUICK, **args}), listener)


def found(store: Path, tuning_id: int = 1) -> list[StoredTrial]:
    with open_store(store) as db:
        return tunings.trials(db, tuning_id)


def without_runs(trials: list[StoredTrial]) -> list[StoredTrial]:
    return [replace(each, run_id=None) for each in trials]


def test_trials_are_runs_of_other_settings_that_never_saw_what_is_held_out(store: Path):
    make(store)
    job = tune(store)
    assert job.state == "done", job.error
    result = job.result or {}
    assert (result["trials"], result["complete"]) == (3, 3)
    assert result["best"] == min(trial.value or 0 for trial in found(store))
    training = foreground.run_here(
        store, TrainJob(dataset="blobs", preset="seed", steps=1, split="trajectory", index=False)
    )
    with open_store(store) as db:
        usual = runs.split(db, (training.result or {})["run"])
        for trial in found(store):
            assert trial.run_id is not None
            run, division = runs.run(db, trial.run_id), runs.split(db, trial.run_id)
            assert run.name == f"tuning-1, trial {trial.number}"
            assert {name: getattr(run.config, name) for name in trial.settings} == trial.settings
            assert run.config.steps == round(4 * 32 / run.config.batch)  # as many frames for all
            assert run.neg_elbo_nats == trial.value
            assert run.checkpoint_id is not None
            np.testing.assert_array_equal(division.held_out, usual.held_out)
            both = np.union1d(division.training, division.validation)
            np.testing.assert_array_equal(both, usual.training)
            assert not len(np.intersect1d(division.training, division.validation))
            assert len(division.validation) == 8
    settings = [tuple(trial.settings.values()) for trial in found(store)]
    assert len(set(settings)) == 3
    assert not [each for each in examine.examine(store).problems if "tuning" in each.what]


def test_other_held_out_frames_give_the_very_same_trials(store: Path, tmp_path: Path):
    make(store)
    tune(store, trials=2)
    with open_store(store) as db:
        table = trajectories.frame_table(db, 1)
        held_out = runs.split(db, found(store)[0].run_id or 0).held_out
    (held,) = np.unique(table.trajectory_ids[np.isin(table.frame_ids, held_out)])
    other = tmp_path / "other.sqlite"
    make(other, lambda number: 77 if number == held - 1 else number)
    tune(other, trials=2)
    assert found(other) == found(store)


@pytest.mark.parametrize("request_", ["stop", "pause"])
def test_stopped_in_a_trial_and_resumed_it_has_the_trials_that_it_would_have_had(
    store: Path, tmp_path: Path, request_: jobs.Request
):
    whole = tmp_path / "whole.sqlite"
    for each in (store, whole):
        make(each)
    tune(whole)

    def ask(progress: JobProgress) -> None:
        if progress.stage.startswith("trial 2 of 3: step 2"):
            with open_store(store) as db:
                jobs.request(db, jobs.pending(db)[0].id, request_)

    # Reports are thinned by the clock, and a request is read with the next.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("jobs.context.WRITE_SECONDS", 0.0)
        job = tune(store, ask)
    assert job.state in ("stopped", "paused")
    assert [trial.state for trial in found(store)] == ["complete", "running"]
    with open_store(store) as db:
        jobs.requeue(db, job.id)
    job = foreground.follow(store, job.id)
    assert job.state == "done", job.error
    assert without_runs(found(store)) == without_runs(found(whole))
    with open_store(store) as db:
        assert len(runs.all_runs(db)) == 3


def test_a_killed_trial_whose_run_was_deleted_begins_anew_and_more_trials_can_be_had(store: Path):
    make(store)
    tune(store, trials=2)
    first, second = found(store)
    with open_store(store) as db:
        tunings.end_trial(db, 1, 2, "running")
        runs.bin_(db, second.run_id or 0)
    job = foreground.run_here(store, TuneJob(dataset="blobs", tuning=1, trials=3))
    assert job.state == "done", job.error
    again = found(store)
    assert again[0] == first
    assert (again[1].settings, again[1].value) == (second.settings, second.value)
    assert again[1].run_id != second.run_id
    assert [trial.state for trial in again] == ["complete"] * 3


def test_a_trial_that_is_hopeless_is_given_up_with_what_it_was(
    store: Path, monkeypatch: pytest.MonkeyPatch
):
    make(store)
    seen = []

    def hopeless(_space: Any, ended: list[Any], trial: Any) -> bool:
        seen.append((trial.number, len(ended), len(trial.points)))
        return bool(trial.number == 2)

    monkeypatch.setattr(study, "hopeless", hopeless)
    job = tune(store)
    assert (job.result or {})["pruned"] == 1
    first, second, _ = found(store)
    assert (second.state, second.value, len(second.points)) == ("pruned", None, 1)
    assert {(1, 0, 1), (2, 1, 1)} <= set(seen)
    with open_store(store) as db:
        run = runs.run(db, second.run_id or 0)
        assert run.checkpoint_id is not None
        assert run.neg_elbo_nats is not None
    assert first.state == "complete"
    unpruned = tune(store, pruning=False, seed=1)
    assert (unpruned.result or {})["pruned"] == 0


def test_being_watched_changes_no_number(store: Path):
    make(store)
    tune(store, trials=1)
    with open_store(store) as db:
        division = runs.split(db, 1)
        run_id = runs.create(db, runs.run(db, 1).dataset_id, runs.run(db, 1).config, division)
    done = foreground.run_here(store, TrainJob(run=run_id, index=False))
    assert done.state == "done", done.error
    with open_store(store) as db:
        assert runs.run(db, run_id).weights_sha256 == runs.run(db, 1).weights_sha256
        assert runs.run(db, run_id).neg_elbo_nats == found(store)[0].value


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"steps": None}, "Say how long a trial is"),
        ({"minutes": 1.0}, "either minutes or steps"),
        ({"trials": 0}, "trials is 0; accepted is 1 to 1,000"),
        ({"objective": "retrieval"}, "measured on replicates"),
        ({"dataset": None}, "which data set"),
    ],
)
def test_what_cannot_be_tuned_is_said_in_a_sentence(store: Path, args: dict[str, Any], words: str):
    make(store)
    job = tune(store, **args)
    assert job.state == "failed"
    assert words in (job.error or "")
    with open_store(store) as db:
        assert runs.all_runs(db) == tunings.all_tunings(db) == []


def test_retrieval_is_of_replicates_of_cells_that_the_trial_has_trained_on(
    store: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(replicates, "FRAMES", 3)
    monkeypatch.setattr(split_half, "CHANGED", 6)
    made = factory.build_store(store, frames=6)
    with open_store(store) as db, db.atomic():
        db.execute("UPDATE trajectories SET cell = name")
    add_replicates(made)
    job = tune(store, preset="two-level", objective="retrieval", steps=2, trials=1)
    assert job.state == "done", job.error
    (trial,) = found(store)
    assert 0 < (trial.value or 0) <= 1
    assert all(point.nats > 1 for point in trial.points)  # it is given up by -ELBO


def test_two_trajectories_leave_none_to_validate_with(store: Path):
    make(store, count=2)
    job = tune(store)
    assert "at least two training trajectories" in (job.error or "")
    with open_store(store) as db:
        assert tunings.all_tunings(db) == []
