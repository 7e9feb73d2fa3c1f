"""Tunings and their trials: what is kept, what goes with what."""

import numpy as np
import pytest

from morphcore import splits
from morphcore.config import train_config
from morphcore.tuning import space as spaces
from morphcore.tuning.trials import Point
from store import datasets, runs, trajectories, tunings
from store.db import open_store
from store.tunings import NewTuning, UnknownTuning
from tests.factory import Made
from tests.store.changed_rows import changed


def new(dataset_id: int) -> NewTuning:
    return NewTuning(
        dataset_id=dataset_id,
        preset="seed",
        objective="neg-elbo",
        trials=3,
        seed=4,
        pruning=False,
        settings={"steps": 30},
        space=spaces.space(train_config("seed")),
    )


def test_a_tuning_comes_back_as_it_was_with_its_trials_in_their_order(made: Made):
    with open_store(made.path) as db:
        tuning_id = tunings.create(db, new(made.dataset_id))
        tunings.add_trial(db, tuning_id, 2, {"lr": 0.25, "batch": 8}, made.run_id)
        tunings.add_trial(db, tuning_id, 1, {"lr": 1.0, "batch": 16}, made.run_id)
        tunings.set_points(db, tuning_id, 2, [Point(1, 7.5), Point(2, 6.0)])
        tunings.end_trial(db, tuning_id, 2, "complete", 5.5)
        tuning = tunings.by_id(db, tuning_id)
        assert {name: getattr(tuning, name) for name in vars(new(made.dataset_id))} == vars(
            new(made.dataset_id)
        )
        assert (tuning.dataset, tuning.name) == ("blobs", f"tuning-{tuning_id}")
        first, second = tunings.trials(db, tuning_id)
        assert (first.number, first.state, first.value, first.points) == (1, "running", None, ())
        assert (second.state, second.value) == ("complete", 5.5)
        assert second.points == (Point(1, 7.5), Point(2, 6.0))
        assert second.settings == {"lr": 0.25, "batch": 8}
        assert isinstance(second.settings["batch"], int)
        tunings.want(db, tuning_id, 9)
        assert tunings.by_id(db, tuning_id).trials == 9
        with pytest.raises(UnknownTuning, match=f"there are: {tuning_id}"):
            tunings.by_id(db, 99)


def test_a_trial_outlives_its_run_and_goes_with_its_data_set(made: Made):
    with open_store(made.path) as db:
        tuning_id = tunings.create(db, new(made.dataset_id))
        tunings.add_trial(db, tuning_id, 1, {"lr": 1.0}, made.run_id)
        assert tunings.trial_states(db) == {made.run_id: "running"}
        found = tunings.trial_of(db, made.run_id)
        assert found is not None
        assert (found[0], found[1].number) == (tuning_id, 1)
        runs.delete(db, made.run_id)
        assert changed(db) == []
        (trial,) = tunings.trials(db, tuning_id)
        assert trial.run_id is None
        datasets.delete(db, made.dataset_id)
        assert tunings.all_tunings(db) == []
        assert db.execute("SELECT count(*) FROM tuning_trials").fetchone() == (0,)
        assert changed(db) == []


def test_a_run_keeps_its_validation_frames_apart(made: Made):
    with open_store(made.path) as db:
        before = runs.split(db, made.run_id)
        assert len(before.validation) == 0
        np.testing.assert_array_equal(before.measured, before.held_out)
        table = trajectories.frame_table(db, made.dataset_id)
        division = splits.with_validation(
            before,
            table.frame_ids,
            table.trajectory_ids,
            share=0.25,
            rng=np.random.default_rng(0),
        )
        run_id = runs.create(db, made.dataset_id, train_config(split="trajectory"), division)
        stored = runs.split(db, run_id)
        for side in ("training", "held_out", "validation"):
            np.testing.assert_array_equal(getattr(stored, side), getattr(division, side))
        np.testing.assert_array_equal(stored.measured, division.validation)
