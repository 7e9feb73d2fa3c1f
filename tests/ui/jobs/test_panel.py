"""The panel on a real store; the process of a job is the only thing that is not always real."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from streamlit.testing.v1 import AppTest

from jobs import specs
from store import jobs as job_table
from store.db import open_store
from store.jobs import Job, JobStage
from ui.jobs import panel as jobs
from ui.jobs import titles
from wording import jobs as job_words


def job(id: int, kind: str = "train", state: str = "running", **changes: Any) -> Job:
    values = dict.fromkeys(Job.__dataclass_fields__)
    values |= {"id": id, "kind": kind, "state": state, "args": {}, "stage": "", "progress": 0.0}
    return Job(**{**values, **changes})


@pytest.mark.parametrize(
    ("kind", "args", "said"),
    [
        ("demo", {}, "Building the demo"),
        ("simulate", {"name": "film"}, "Simulating film"),
        ("import", {"path": "/data/frames.zip", "name": None}, "Importing frames.zip"),
        ("import", {"path": "/tmp/0f3a/upload.zip", "name": "mine"}, "Importing mine"),
        ("train", {"dataset": "film"}, "Training a model on film"),
        ("train", {"run": 3}, "Training seed-3"),
        ("train", {"run": 3, "dataset": "film"}, "Training seed-3 on film"),
        ("index", {"run": 3}, "Indexing the frames with seed-3"),
        ("map", {"run": 9}, "Drawing a map with a model"),
        ("evaluate", {"run": 3}, "Judging seed-3 beside the baselines"),
        ("graspi", {"frames": [3, 4]}, "Asking GraSPI about two frames"),
    ],
)
def test_a_job_is_called_by_what_it_does(kind: str, args: dict, said: str):
    assert titles.title(job(1, kind, args=args), {3: "seed-3"}) == said


def test_every_kind_has_words_and_every_state_too():
    needed = {"import": {"path": "x"}, "graspi": {"frames": [3]}}
    for kind in specs.KINDS:
        args = needed.get(kind, {} if kind in ("demo", "simulate", "train") else {"run": 1})
        assert titles.title(job(1, kind, args=args)) != kind.capitalize()
    assert titles.title(job(1, "train", args={"no_such": 1})) == "Train"
    assert set(job_words.STATE_WORDS) == set(job_table.JobState.__args__)


def test_an_ending_shows_names_as_they_are():
    ended = job(1, "simulate", "failed", args={"name": "a*b"}, error="The disk is full.")
    assert titles.ending(ended) == r"**Simulating a\*b** failed. The disk is full."


def panel() -> None:
    from ui.cached import rows as cached_rows
    from ui.jobs import panel as jobs

    jobs.live(cached_rows.store_path())


@pytest.fixture
def app(store: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    """Opens the panel in a new session."""
    monkeypatch.setenv("MORPH_STORE", str(store))
    return lambda: checked(AppTest.from_function(panel, default_timeout=30).run())


@pytest.fixture
def process() -> Iterator[psutil.Process]:
    """A process that would go on for a minute."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield psutil.Process(child.pid)
    child.kill()
    child.wait()


def running(store: Path, kind: str, pid: int | None = None, **args: Any) -> int:
    """A job at work in this process, or the one given."""
    with open_store(store) as db:
        job_table.enqueue(db, kind, args)
        claimed = job_table.claim(db)
        assert claimed
        worker = psutil.Process(pid or os.getpid())
        job_table.set_process(db, claimed.id, worker.pid, worker.create_time())
    return claimed.id


def state(store: Path, job_id: int) -> Job:
    with open_store(store) as db:
        return job_table.job(db, job_id)


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].message
    return app


def labels(app: AppTest) -> list[str]:
    return [each.label for each in app.button]


def said(app: AppTest) -> str:
    return "\n".join(each.value for each in app.markdown)


def test_nothing_is_shown_where_nothing_happens(app):
    shown = app()
    assert (said(shown), labels(shown)) == ("", [])


def test_a_running_job_says_how_far_it_is_and_can_be_paused(store: Path, app):
    job_id = running(store, "train", dataset="film")
    with open_store(store) as db:
        job_table.set_progress(db, job_id, stage="epoch 3 of 9", progress=0.3, seconds_left=170)
    shown = app()
    assert "Training a model on film" in said(shown)
    assert "Epoch 3 of 9 · about 3 min left" in said(shown)
    (bar,) = shown.get("progress")
    assert bar.value == 30
    assert labels(shown) == ["Pause", "Stop"]
    checked(shown.button(key=f"pause_{job_id}").click().run())
    assert state(store, job_id).request == "pause"
    assert "Pausing…" in said(shown)
    assert labels(shown) == []


def test_stages_are_listed_with_ticks_and_times(store: Path, app):
    job_id = running(store, "demo")
    stages = [
        JobStage("simulate", "done", 41.0, 40.0),
        JobStage("train", "now", 10.0, 100.0, 180.0),
        JobStage("maps", "to come", None, 6.0, 7.0),
    ]
    with open_store(store) as db:
        job_table.set_progress(
            db,
            job_id,
            stage="train: step 9 of 90",
            progress=0.3,
            seconds_left=187,
            stages=stages,
        )
    shown = app()
    (lines,) = [each.value for each in shown.markdown if ":material/" in each.value]
    listed = lines.replace("\xa0", " ").split("&ensp;")
    assert ["check_circle" in each for each in listed] == [True, False, False]
    assert ["progress_activity" in each for each in listed] == [False, True, False]
    for words, each in zip(("Simulate", "Train", "Maps"), listed, strict=True):
        assert words in each
    assert "41 s" in listed[0]
    assert "about 3 min left" in listed[1]
    assert "Step 9 of 90 · about 3 min left" in said(shown)


def one_line() -> None:
    from ui.cached import rows as cached_rows
    from ui.jobs import panel as jobs

    jobs.live(cached_rows.store_path(), whole=False)


def test_where_a_picture_wants_the_room_it_is_one_line(
    store: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MORPH_STORE", str(store))
    job_id = running(store, "train", dataset="film")
    with open_store(store) as db:
        job_table.set_progress(db, job_id, stage="epoch 3 of 9", progress=0.3, seconds_left=170)
    shown = checked(AppTest.from_function(one_line, default_timeout=30).run())
    assert "**Training a model on film** · Epoch 3 of 9 · about 3 min left" in said(shown)
    (bar,) = shown.get("progress")
    assert (bar.value, bar.text) == (30, "")


def test_only_training_can_be_paused(store: Path, app):
    running(store, "simulate", name="film")
    assert labels(app()) == ["Stop"]


def test_what_waits_is_shown_in_its_order_and_can_be_removed(store: Path, app):
    running(store, "simulate", name="one")
    with open_store(store) as db:
        second = job_table.enqueue(db, "simulate", {"name": "two"}).id
        third = job_table.enqueue(db, "train", {"dataset": "one"}).id
    shown = app()
    assert said(shown).index("Simulating two") < said(shown).index("Training a model on one")
    checked(shown.button(key=f"remove_{second}").click().run())
    assert "Simulating two" not in said(shown)
    assert (state(store, second).state, state(store, third).state) == ("stopped", "queued")


def test_a_deaf_job_is_ended_by_force(
    store: Path, app, process: psutil.Process, monkeypatch: pytest.MonkeyPatch
):
    job_id = running(store, "simulate", process.pid, name="film")
    shown = app()
    checked(shown.button(key=f"stop_{job_id}").click().run())
    assert labels(shown) == []  # it has 15 s to hear it
    monkeypatch.setattr(jobs, "FORCE_AFTER_SECONDS", -1)
    checked(shown.run())
    assert labels(shown) == ["End by force"]
    checked(shown.button(key=f"kill_{job_id}").click().run())
    process.wait(10)
    assert state(store, job_id).state == "stopped"
    assert "Simulating film" in shown.warning[0].value


def test_a_job_whose_process_died_is_offered_again_until_it_is_dismissed(
    store: Path, app, process: psutil.Process
):
    job_id = running(store, "train", process.pid, dataset="film")
    process.kill()
    process.wait(10)
    shown = app()
    assert "was interrupted" in shown.warning[0].value
    assert labels(shown) == ["Resume", "Dismiss"]
    checked(shown.button(key=f"dismiss_{job_id}").click().run())
    assert not shown.warning
    assert not app().warning  # in another tab neither


def test_a_failure_is_shown_with_its_sentence(store: Path, app):
    job_id = running(store, "import", path="/x.zip")
    with open_store(store) as db:
        job_table.finish(db, job_id, "failed", error="x.zip does not exist.")
    shown = app()
    assert shown.error[0].value == r"**Importing x.zip** failed. x.zip does not exist."
    assert labels(shown) == ["Try again", "Dismiss"]


def test_what_cannot_go_on_is_not_offered(store: Path, app, tmp_path: Path):
    job_id = running(store, "import", path=str(tmp_path / "gone.zip"), cleanup=True)
    with open_store(store) as db:
        job_table.finish(db, job_id, "stopped")
    shown = app()
    assert "Its upload is deleted; upload the files again." in shown.warning[0].value
    assert labels(shown) == ["Dismiss"]


def test_what_waits_says_for_what_and_what_runs_beside_what(store: Path, app):
    running(store, "simulate", name="one")
    with open_store(store) as db:
        job_table.enqueue(db, "train", {"dataset": "one"})
    shown = app()
    assert "Training a model on one :gray[for the end of: Simulating one]" in said(shown)
    assert "imports of under 200 frames run beside other work" in shown.caption[0].value


def test_a_busy_store_is_a_sentence_at_a_click_and_no_matter_for_a_poll(
    store: Path, app, monkeypatch: pytest.MonkeyPatch
):
    job_id = running(store, "simulate", name="film")
    monkeypatch.setattr(jobs, "CLICK_SECONDS", 0.01)
    shown = app()
    lock = sqlite3.connect(store, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    checked(shown.run())
    checked(shown.button(key=f"stop_{job_id}").click().run())
    assert "is busy" in shown.error[0].value
    lock.execute("ROLLBACK")
    lock.close()
    assert state(store, job_id).request is None
