"""What is offered to be resumed works, or is not offered."""

from pathlib import Path

import pytest

from jobs import queue, resuming, specs
from jobs.__main__ import main
from jobs.specs import ImportJob, JobSpec, SimulateJob, TrainJob
from store import jobs
from store.db import open_store
from store.jobs import Job, JobState, NotResumable
from tests.factory import Made


def _ended(store: Path, spec: JobSpec, state: JobState) -> Job:
    with open_store(store) as db:
        job = jobs.enqueue(db, specs.kind_of(spec), specs.to_json(spec))
        jobs.claim(db)
        jobs.finish(db, job.id, state, result={"frames": 6} if state == "done" else None)
        return jobs.job(db, job.id)


def _obstacle(store: Path, job: Job) -> str | None:
    with open_store(store) as db:
        return resuming.obstacle(db, job)


def test_a_job_that_is_done_keeps_its_result(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = _ended(store, SimulateJob(name="films"), "done")
    with pytest.raises(NotResumable, match="is done: there is nothing to resume"):
        queue.resume(store, job.id)
    assert main(["resume", str(job.id), "--store", str(store)]) == 1
    assert "is done: there is nothing to resume" in capsys.readouterr().err
    with open_store(store) as db:
        assert jobs.job(db, job.id) == job


def test_an_upload_is_needed_to_go_on_with_its_import(store: Path, tmp_path: Path) -> None:
    upload = tmp_path / "films.npy"
    upload.write_bytes(b"")
    job = _ended(store, ImportJob(path=str(upload), cleanup=True), "stopped")
    assert _obstacle(store, job) is None
    upload.unlink()
    assert _obstacle(store, job) == "Its upload is deleted; upload the files again."
    theirs = _ended(store, ImportJob(path=str(tmp_path / "theirs")), "failed")
    assert _obstacle(store, theirs) is None  # it may come back; else the job says that it is gone


def test_a_run_is_needed_to_go_on_with_its_training(made: Made) -> None:
    assert _obstacle(made.path, _ended(made.path, TrainJob(run=made.run_id), "paused")) is None
    gone = _ended(made.path, TrainJob(run=99), "paused")
    assert _obstacle(made.path, gone) == "Its run 99 is deleted; start a new one."


def test_arguments_that_cannot_be_read_are_no_way_to_go_on(store: Path) -> None:
    with open_store(store) as db:
        job = jobs.enqueue(db, "simulate", {"colour": 1})
        jobs.request(db, job.id, "stop")
        job = jobs.job(db, job.id)
    assert "does not know: colour" in (_obstacle(store, job) or "")
