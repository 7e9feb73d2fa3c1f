"""Queueing, spawning, stopping and dying, with real processes doing real simulations."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from jobs import foreground, queue
from jobs.context import Context, JobProgress, Paused, Stopped
from jobs.simulate import job as simulate
from jobs.specs import SimulateJob
from jobs.stages import Stage
from store import datasets, jobs
from store.db import open_store
from store.jobs import Job

TINY = {"trajectories": 2, "frames": 3, "last_step": 20}
LONG = {"trajectories": 57, "frames": 3, "last_step": 5100}


def look(store: Path, job_id: int) -> Job:
    with open_store(store) as db:
        return jobs.job(db, job_id)


def wait_for(store: Path, job_id: int, *states: str, seconds: float = 60) -> Job:
    deadline = time.monotonic() + seconds
    while (job := look(store, job_id)).state not in states:
        assert time.monotonic() < deadline, job
        queue.tend(store)
        time.sleep(0.1)
    return job


def wait_for_process(store: Path, job_id: int) -> psutil.Process:
    deadline = time.monotonic() + 60
    while (job := look(store, job_id)).pid is None:
        assert time.monotonic() < deadline, job
        time.sleep(0.05)
    return psutil.Process(job.pid)


def test_a_job_runs_in_a_process_of_its_own_and_the_queue_goes_on_by_itself(store: Path) -> None:
    first = queue.start(store, SimulateJob(name="one", **TINY))
    second = queue.start(store, SimulateJob(name="two", **TINY))
    assert look(store, second.id).state == "queued"
    process = wait_for_process(store, first.id)
    assert process.pid != os.getpid()
    assert os.getsid(process.pid) == process.pid  # so that the server's Ctrl-C misses it
    # Nobody tends here: the first job's process sets the second to work.
    deadline = time.monotonic() + 60
    while look(store, second.id).state != "done":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert look(store, first.id).state == "done"
    with open_store(store) as db:
        assert [each.frames for each in datasets.all_datasets(db)] == [6, 6]


def test_pressing_twice_starts_once(store: Path) -> None:
    ids = {queue.start(store, SimulateJob(name="one", **TINY)).id for _ in range(3)}
    assert len(ids) == 1
    wait_for(store, ids.pop(), "done")


def test_a_waiting_job_is_stopped_at_once_and_never_runs(store: Path) -> None:
    running = queue.start(store, SimulateJob(name="one", **LONG))
    waiting = queue.start(store, SimulateJob(name="two", **TINY))
    with open_store(store) as db:
        assert jobs.request(db, waiting.id, "stop").state == "stopped"
        jobs.request(db, running.id, "stop")
    wait_for(store, running.id, "stopped")
    assert look(store, waiting.id).started is None


def test_a_stop_ends_the_process_and_keeps_what_is_done(store: Path) -> None:
    job = queue.start(store, SimulateJob(name="one", **LONG))
    process = wait_for_process(store, job.id)
    with open_store(store) as db:
        jobs.request(db, job.id, "stop")
    ended = wait_for(store, job.id, "stopped")
    assert ended.error is None
    process.wait(20)
    with open_store(store) as db:
        assert [each.name for each in datasets.all_datasets(db)] in ([], ["one"])


def test_a_killed_process_is_noticed_and_its_job_can_be_resumed(store: Path) -> None:
    job = queue.start(store, SimulateJob(name="one", **{**TINY, "last_step": 2000}))
    process = wait_for_process(store, job.id)
    process.send_signal(signal.SIGKILL)
    ended = wait_for(store, job.id, "interrupted")
    assert "Resume" in (ended.error or "")
    assert queue.resume(store, job.id).id == job.id
    assert wait_for(store, job.id, "done").result["frames"] == 6


def test_force_ends_a_process_that_does_not_listen(store: Path) -> None:
    job = queue.start(store, SimulateJob(name="one", **LONG))
    process = wait_for_process(store, job.id)
    process.suspend()
    queue.kill(store, job.id)
    process.wait(10)
    assert look(store, job.id).state == "stopped"


def test_a_failure_is_told_in_one_sentence(store: Path) -> None:
    job = foreground.run_here(store, SimulateJob(name="one", **{**TINY, "frames": 1}))
    assert job.state == "failed"
    assert "accepted is 2 to 2,000" in (job.error or "")
    assert "Traceback" not in (job.error or "")


def test_our_own_mistakes_are_said_to_be_ours_and_point_to_the_log(
    store: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulate, "run", lambda *_: 1 / 0)
    job = foreground.run_here(store, SimulateJob(name="one"))
    assert job.state == "failed"
    assert (job.error or "").startswith("Something went wrong inside Morph (ZeroDivisionError")
    assert "job-1.log" in (job.error or "")
    assert "Traceback" in capfd.readouterr().err


def test_a_row_of_another_version_fails_with_a_sentence_and_no_traceback(
    store: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with open_store(store) as db:
        job = jobs.enqueue(db, "simulate", {"name": "one", "colour": 1})
    ended = foreground.follow(store, job.id)
    assert ended.state == "failed"
    assert "does not know: colour" in (ended.error or "")
    assert "Traceback" not in capfd.readouterr().err


def test_a_job_that_an_older_version_queued_goes_on_where_it_was(store: Path) -> None:
    with open_store(store) as db:
        job = jobs.enqueue(db, "simulate", {"name": "one", **TINY, "seed": None})
        jobs.request(db, job.id, "stop")
    queue.resume(store, job.id)
    assert wait_for(store, job.id, "done").result["frames"] == 6


def test_a_pid_used_again_by_another_program_is_not_the_job(store: Path) -> None:
    with open_store(store) as db:
        job = jobs.enqueue(db, "simulate", {})
        jobs.claim(db)
        mine = psutil.Process()
        jobs.set_process(db, job.id, mine.pid, mine.create_time())
    assert queue.alive(look(store, job.id))
    with open_store(store) as db:
        jobs.set_process(db, job.id, mine.pid, mine.create_time() - 3600)
    assert not queue.alive(look(store, job.id))


def test_the_time_left_of_a_part_has_that_of_the_parts_to_come(store: Path) -> None:
    with open_store(store) as db:
        job = jobs.enqueue(db, "demo", {})
        jobs.claim(db)
    context = Context(store, job.id)
    context.plan([Stage("train", 120.0), Stage("index", 40.0)])
    context.stage("train").progress(0.0, "step 60 of 120, epoch 2", 60.0)
    written = look(store, job.id)
    assert written.stage == "train: step 60 of 120, epoch 2"
    assert written.seconds_left == pytest.approx(100.0, abs=1.0)
    assert [(stage.key, stage.state) for stage in written.stages] == [
        ("train", "now"),
        ("index", "to come"),
    ]


def test_a_report_on_the_same_topic_waits_and_a_note_does_not(store: Path) -> None:
    with open_store(store) as db:
        job = jobs.enqueue(db, "train", {})
        jobs.claim(db)
    said: list[JobProgress] = []
    context = Context(store, job.id, said.append)
    for step in range(5):
        context.progress(0.1, f"step {step}", topic="epoch 1")
    context.progress(0.1, "9 steps here", topic="epoch 1", note="9 steps here")
    context.progress(0.1, "step 6", topic="epoch 2")
    assert [(report.stage, report.note) for report in said] == [
        ("step 0", None),
        ("9 steps here", "9 steps here"),
        ("step 6", None),
    ]


def test_progress_is_written_with_time_left_and_hears_a_request(store: Path) -> None:
    with open_store(store) as db:
        job = jobs.enqueue(db, "simulate", {})
        jobs.claim(db)
    whole = Context(store, job.id)
    whole.part(0.0, 0.5).progress(0.5, "trajectory 3 of 6")
    written = look(store, job.id)
    assert (written.stage, written.progress) == ("trajectory 3 of 6", 0.25)
    assert written.seconds_left is not None
    with open_store(store) as db:
        jobs.request(db, job.id, "pause")
    with pytest.raises(Paused):
        whole.progress(0.6, "train")
    with open_store(store) as db:
        jobs.finish(db, job.id, "interrupted")  # as a page does when it thinks it dead
    with pytest.raises(Stopped):
        whole.progress(0.7, "index")
