"""What runs beside what: claims alone, without a process."""

from pathlib import Path

import pytest

from jobs import lanes, specs
from jobs.specs import EvaluateJob, ImportJob, JobSpec, SimulateJob, TrainJob
from store import jobs
from store.db import open_store
from store.jobs import Job
from tests.factory import Made


def _small(name: str) -> ImportJob:
    return ImportJob(path=f"/{name}.zip", name=name, frames=20)


def _queue(store: Path, *queued: JobSpec) -> list[int]:
    with open_store(store) as db:
        return [
            jobs.enqueue(db, specs.kind_of(spec), specs.to_json(spec), lanes.lane_of(spec)).id
            for spec in queued
        ]


def _claim(store: Path) -> int | None:
    with open_store(store) as db:
        claimed = jobs.claim(db, apart=lanes.apart(db))
    return claimed.id if claimed else None


def _end(store: Path, job_id: int) -> None:
    with open_store(store) as db:
        jobs.finish(db, job_id, "done")


@pytest.mark.parametrize(
    ("spec", "lane"),
    [
        (_small("films"), "quick"),
        (ImportJob(path="/a", name="a", frames=199), "quick"),
        (ImportJob(path="/a", name="a", frames=200), "long"),
        (ImportJob(path="/a", name="a"), "long"),  # nobody has counted them
        (SimulateJob(name="a", trajectories=1, frames=2), "long"),
    ],
)
def test_an_import_that_was_counted_and_is_small_is_quick(spec: JobSpec, lane: str) -> None:
    assert lanes.lane_of(spec) == lane


def test_a_small_import_passes_a_training_and_no_other_small_one(store: Path) -> None:
    training, _, first, second = _queue(
        store, TrainJob(dataset="a"), TrainJob(dataset="b"), _small("c"), _small("d")
    )
    assert [_claim(store) for _ in range(3)] == [training, first, None]
    _end(store, first)
    assert [_claim(store) for _ in range(2)] == [second, None]


def test_nothing_runs_beside_work_on_the_same_data_set(made: Made) -> None:
    evaluation, same, other = _queue(
        made.path, EvaluateJob(run=made.run_id), _small("blobs"), _small("films")
    )
    assert [_claim(made.path) for _ in range(3)] == [evaluation, other, None]
    with open_store(made.path) as db:
        pending = jobs.pending(db)
        waiting = next(job for job in pending if job.id == same)
        ahead = lanes.waits_for(db, waiting, pending)
    assert isinstance(ahead, Job)
    assert ahead.id == other  # of its lane; then for the evaluation
    _end(made.path, other)
    assert _claim(made.path) is None
    _end(made.path, evaluation)
    assert _claim(made.path) == same


def test_long_work_that_waits_for_what_is_quick_is_not_passed(store: Path) -> None:
    quick, training, later = _queue(
        store, _small("a"), TrainJob(dataset="a"), TrainJob(dataset="b")
    )
    assert [_claim(store) for _ in range(2)] == [quick, None]
    with open_store(store) as db:  # nor by one that is asked for by its number
        assert jobs.claim(db, later, apart=lanes.apart(db)) is None
    _end(store, quick)
    assert [_claim(store) for _ in range(2)] == [training, None]
    _end(store, training)
    assert _claim(store) == later
