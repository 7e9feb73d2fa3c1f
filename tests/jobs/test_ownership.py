"""One owner of a job, in real processes: suspended, asked to end, killed at its very start."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from jobs import foreground, queue
from jobs.context import Context
from jobs.simulate import job as simulate
from jobs.specs import SimulateJob, TrainJob
from store import datasets, jobs, runs, trajectories
from store.db import checkpoints_folder, open_store
from store.jobs import Job
from tests import factory
from tests.waiting import MOST_SECONDS, ended, until

TRAINING = TrainJob(
    dataset="blobs",
    preset="seed",
    schedule="cosine",
    batch=4,
    latent=2,
    index=False,
    steps=130,
)


@pytest.fixture(name="blobs")
def _blobs(store: Path) -> Path:
    with open_store(store) as db:
        dataset_id = datasets.create(db, "blobs", "simulated", {})
        trajectories.add(db, dataset_id, factory.trajectory("one", frames=16))
    return store


def _at_step(store: Path, job_id: int, step: int) -> psutil.Process:
    """Wait until a training has done so many steps; its process."""

    def reached(job: Job) -> bool:
        words = job.stage.removeprefix("train: ").replace(",", "").split()
        return ended(job) or (words[:1] == ["step"] and int(words[1]) >= step)

    job = until(store, job_id, reached)
    assert not ended(job), job
    return psutil.Process(job.pid)


def _suspend(process: psutil.Process) -> None:
    """Suspend a process; the signal only asks for it, and on a busy machine it takes a while."""
    process.suspend()
    deadline = time.monotonic() + MOST_SECONDS
    while process.status() != psutil.STATUS_STOPPED:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _forget_heartbeat(store: Path, job_id: int) -> None:
    """Let 20 s pass for those who judge by heartbeats."""
    with open_store(store) as db:
        db.execute("UPDATE jobs SET heartbeat = heartbeat - 3600 WHERE id = ?", [job_id])


def test_a_suspended_training_whose_job_was_resumed_ends_and_writes_nothing(blobs: Path) -> None:
    whole = foreground.run_here(blobs, TRAINING).result or {}
    job_id = queue.start(blobs, TRAINING).id
    _at_step(blobs, job_id, 10).send_signal(signal.SIGTERM)
    stopped = until(blobs, job_id, ended)
    assert stopped.state == "stopped"
    with open_store(blobs) as db:
        assert runs.run(db, stopped.args["run"]).checkpoint_id is not None
    queue.resume(blobs, job_id)
    process = _at_step(blobs, job_id, 30)
    _suspend(process)
    queue.tend(blobs)
    assert until(blobs, job_id, lambda _: True).state == "running"  # it may soon go on
    _forget_heartbeat(blobs, job_id)
    queue.tend(blobs)
    assert until(blobs, job_id, lambda _: True).state == "interrupted"
    queue.resume(blobs, job_id)
    assert _at_step(blobs, job_id, 40).pid != process.pid
    process.resume()
    psutil.wait_procs([process], timeout=60)
    assert not process.is_running()
    job = until(blobs, job_id, ended)
    assert job.state == "done", job.error
    result = job.result or {}
    assert (result["steps"], result["weights_sha256"]) == (130, whole["weights_sha256"])
    with open_store(blobs) as db:
        rows = {row["file"] for row in db.query("SELECT file FROM checkpoints")}
    assert {file.name for file in checkpoints_folder(blobs).glob("*.pt")} == rows
    assert "no longer this process's own" in queue.log_file(blobs, job_id).read_text()


def test_a_suspended_process_that_holds_the_lock_is_ended_when_its_job_is_given_up(
    store: Path,
) -> None:
    with open_store(store) as db:
        job = jobs.enqueue(db, "simulate", {})
        jobs.claim(db)
    hold = "import sqlite3, sys, time; db = sqlite3.connect(sys.argv[1], isolation_level=None);"
    hold += "sys.stdin.readline(); db.execute('BEGIN IMMEDIATE'); print(flush=True); time.sleep(99)"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", hold, str(store)], **pipes) as holder:
        try:
            process = psutil.Process(holder.pid)
            with open_store(store) as db:
                jobs.set_process(db, job.id, process.pid, process.create_time())
            _forget_heartbeat(store, job.id)
            holder.stdin.write(b"now\n")
            holder.stdin.flush()
            holder.stdout.readline()
            _suspend(process)
            queue.tend(store)
            holder.wait(60)
        finally:
            holder.kill()  # a suspended one would be waited for without end
    queue.tend(store)
    assert until(store, job.id, lambda _: True).state == "interrupted"


def test_a_process_killed_before_it_could_say_anything_is_known_at_once(store: Path) -> None:
    job = queue.start(store, SimulateJob(name="one", trajectories=1, frames=3, last_step=20))
    started = until(store, job.id, lambda _: True)
    assert started.pid is not None  # its starter said it, in the claim's own transaction
    process = psutil.Process(started.pid)
    process.kill()
    psutil.wait_procs([process], timeout=60)
    queue.tend(store)
    assert until(store, job.id, lambda _: True).state == "interrupted"


def test_a_process_that_cannot_be_started_is_a_failure_with_a_sentence(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr("subprocess.Popen", refuse)
    job = queue.start(store, SimulateJob(name="one"))
    failed = until_failed(store, job.id)
    assert failed.error == "Its process could not be started: Cannot allocate memory."


def until_failed(store: Path, job_id: int) -> Job:
    with open_store(store) as db:
        job = jobs.job(db, job_id)
    assert job.state == "failed"
    return job


def test_work_whose_job_was_given_up_records_no_end(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def give_up(context: Context, _: SimulateJob) -> dict[str, Any]:
        with open_store(context.store) as db:
            jobs.finish(db, context.job_id, "interrupted", error="It is gone.")
        context.progress(0.5, "half")
        return {"never": "stored"}

    monkeypatch.setattr(simulate, "run", give_up)
    job = foreground.run_here(store, SimulateJob(name="one"))
    assert (job.state, job.error, job.result, job.stage) == ("interrupted", "It is gone.", None, "")
    assert "no longer this process's own" in capsys.readouterr().err
