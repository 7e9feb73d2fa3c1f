"""One seed and one number of steps give one model, in real processes: by minutes, over kills."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from jobs import foreground, queue
from jobs.specs import TrainJob
from jobs.train import job as train
from morphcore.config import MOST_EPOCHS, ConfigError, TrainConfig
from store import datasets, jobs, runs, training_curve, trajectories
from store.db import open_store
from store.jobs import Job
from tests import factory
from tests.waiting import ended, until

TINY: dict[str, Any] = {
    "dataset": "blobs",
    "preset": "seed",
    "schedule": "cosine",
    "batch": 4,
    "latent": 2,
    "index": False,
}


@pytest.fixture(name="blobs")
def _blobs(store: Path) -> Path:
    with open_store(store) as db:
        dataset_id = datasets.create(db, "blobs", "simulated", {})
        trajectories.add(db, dataset_id, factory.trajectory("one", frames=16))
    return store


def _train(store: Path, **args: Any) -> dict[str, Any]:
    """The result of a training in this process."""
    job = foreground.run_here(store, TrainJob(**{**TINY, **args}))
    assert job.state == "done", job.error
    return job.result or {}


def _past(step: int) -> Callable[[Job], bool]:
    """Whether a training has done this many steps, by its stage: "step 30 of 60, epoch 3"."""

    def reached(job: Job) -> bool:
        words = job.stage.removeprefix("train: ").split()
        done = words[0] == "step" and int(words[1].rstrip(",")) >= step if words else False
        return done or ended(job)

    return reached


def test_a_training_by_minutes_is_repeated_by_the_steps_that_it_says(blobs: Path) -> None:
    job = until(blobs, queue.start(blobs, TrainJob(**TINY, minutes=0.03)).id, ended)
    assert job.state == "done", job.error
    by_minutes = job.result or {}
    assert by_minutes["minutes"] == 0.03
    assert by_minutes["steps"] >= 3
    with open_store(blobs) as db:
        assert runs.run(db, by_minutes["run"]).config.steps == by_minutes["steps"]
    by_steps = _train(blobs, steps=by_minutes["steps"])
    assert by_steps["minutes"] is None
    assert by_steps["weights_sha256"] == by_minutes["weights_sha256"]
    assert (
        _train(blobs, steps=by_minutes["steps"] + 1)["weights_sha256"]
        != (by_minutes["weights_sha256"])
    )


def test_a_pause_and_a_kill_change_no_weight(blobs: Path) -> None:
    steps = 100
    whole = _train(blobs, steps=steps)
    job_id = queue.start(blobs, TrainJob(**TINY, steps=steps)).id
    for number, step in enumerate((10, 50)):
        at_work = until(blobs, job_id, _past(step))
        assert not ended(at_work)
        if number == 1:
            process = psutil.Process(at_work.pid or 0)
            process.kill()
            psutil.wait_procs([process], timeout=30)
            queue.tend(blobs)
        else:
            with open_store(blobs) as db:
                jobs.request(db, job_id, "pause")
        until(blobs, job_id, ended)
        queue.resume(blobs, job_id)
    job = until(blobs, job_id, ended)
    assert job.state == "done", job.error
    result = job.result or {}
    assert result["run"] != whole["run"]
    assert (result["steps"], result["weights_sha256"]) == (steps, whole["weights_sha256"])
    with open_store(blobs) as db:
        numbers = [
            [
                (each.epoch, each.steps, each.training_neg_elbo_nats, each.held_out_neg_elbo_nats)
                for each in runs.epochs(db, run_id)
            ]
            for run_id in (whole["run"], result["run"])
        ]
        points = [point.step for point in training_curve.of_run(db, result["run"])]
    assert numbers[0] == numbers[1]
    assert points == sorted(points)
    assert points[-1] == steps


def test_an_end_that_is_new_takes_the_place_of_those_before() -> None:
    decided = TrainConfig(epochs=MOST_EPOCHS, minutes=30.0, steps=1240)
    assert train._ends(decided, {"minutes": 30.0, "lr": 1e-4}) == {"lr": 1e-4}
    longer = train._ends(decided, {"minutes": 60.0})
    assert longer == {"epochs": MOST_EPOCHS, "minutes": 60.0, "steps": None}
    assert train._ends(decided, {"steps": 2000})["minutes"] is None
    assert train._ends(decided, {"epochs": 9}) == {"epochs": 9, "minutes": None, "steps": None}


def test_minutes_and_steps_together_are_refused(blobs: Path) -> None:
    job = foreground.run_here(blobs, TrainJob(**TINY, steps=5, minutes=1.0))
    assert job.error is not None
    assert job.error.startswith("Give either minutes or steps")
    assert ConfigError.__name__ not in job.error
