"""The first page: the empty store, the button, the filled store. No process is started."""

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from streamlit.testing.v1 import AppTest

from jobs import queue
from store import current_run, evaluations, jobs
from store.db import open_store
from store.jobs import JobStage
from tests.evaluated import evaluation
from tests.factory import Made, add_run, build_store
from ui import shell

APP = str(Path(__file__).resolve().parents[2] / "app.py")


@pytest.fixture
def app(store: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    monkeypatch.setenv("MORPH_STORE", str(store))
    monkeypatch.setattr(queue, "_spawn", lambda _store, _job: psutil.Process())
    monkeypatch.setattr(shell, "enter", lambda: None)  # AppTest is always "just started"
    return lambda: checked(AppTest.from_file(APP, default_timeout=60).run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].message
    return app


def all_jobs(store: Path) -> list[jobs.Job]:
    with open_store(store) as db:
        return jobs.all_jobs(db)


def test_an_empty_store_offers_the_demo_and_one_press_starts_it(store: Path, app):
    page = app()
    assert page.button(key="build_demo").label == "Build the demo"
    page.button(key="build_demo").click()
    checked(page.run())
    (job,) = all_jobs(store)
    assert (job.kind, job.state, job.args) == ("demo", "running", {"preset": "two-level"})
    button = page.button(key="build_demo")
    assert (button.label, button.disabled) == ("Under way", True)
    assert "Building the demo" in "".join(element.value for element in page.markdown)


def test_pressing_in_two_tabs_starts_once(store: Path, app):
    first, second = app(), app()
    for page in (first, second):
        checked(page.button(key="build_demo").click().run())
    assert len(all_jobs(store)) == 1


def test_the_demo_can_be_made_smaller(store: Path, app):
    page = app()
    page.number_input(key="demo_steps").set_value(20)
    page.number_input(key="demo_cells").set_value(2)
    checked(page.run())
    checked(page.button(key="build_demo").click().run())
    assert all_jobs(store)[0].args == {"preset": "two-level", "steps": 20, "cells": 2}


def test_the_walk_is_a_checklist_while_the_demo_runs(store: Path, app):
    page = app()
    checked(page.button(key="build_demo").click().run())
    with open_store(store) as db:
        (job,) = jobs.pending(db)
        stages = (JobStage("simulate", "done", 9.0), JobStage("train", "now", 5.0))
        jobs.set_progress(
            db, job.id, stage="train: epoch 4", progress=0.4, seconds_left=80, stages=stages
        )
    checked(page.run())
    (lines,) = [element.value for element in page.markdown if ":small[:gray[9" in element.value]
    simulated, training = lines.replace("\xa0", " ").split("&ensp;")
    assert "Simulate :small[:gray[9 s]]" in simulated
    assert "**Train**" in training
    assert "check_circle" in simulated
    assert "progress_activity" in training
    assert steps(page) == [NEXT, UNDER_WAY, WAITS]
    labels = {element.proto.label for element in page.get("page_link")}
    assert "See it train" in labels


def test_an_empty_store_shows_a_film_and_how_long_the_demo_takes_here(app):
    page = app()
    assert len(page.image) == 5
    assert [caption.value for caption in page.caption if "on this machine" in caption.value]


@pytest.mark.usefixtures("made")
def test_a_filled_store_shows_what_is_in_it(app):
    page = app()
    (holds,) = [element.value for element in page.caption if "on disk" in element.value]
    assert holds.startswith("1 data set · 6 trajectories · 120 frames · 1 model · ")
    (model,) = [element.value for element in page.markdown if "−ELBO" in element.value]
    assert "held-out −ELBO" in model
    assert "nats per frame" in model
    assert "split by trajectory" in model
    assert len(page.image) == 10
    links = {element.proto.label for element in page.get("page_link")}
    assert {"Play a trajectory", "Open the map", "Draw a frame and compare"} <= links


def steps(page: AppTest) -> list[str]:
    """The sign before each of the three steps."""
    names = ("1. Have", "2. Train", "3. Look")
    return [
        next(element.value for element in page.markdown if name in element.value)
        .split("**")[0]
        .strip()
        for name in names
    ]


DONE, NEXT, WAITS = (
    ":green[:material/check_circle:]",
    ":primary[:material/arrow_circle_right:]",
    ":material/circle:",
)
UNDER_WAY = ":primary[:material/progress_activity:]"


def test_the_steps_say_which_are_done_and_which_is_next(store: Path, app):
    assert steps(app()) == [NEXT, WAITS, WAITS]
    made = build_store(store, trajectories_count=2, frames=4)
    assert steps(app()) == [DONE, DONE, NEXT]
    with open_store(store) as db:
        evaluations.add(db, made.checkpoint_id, evaluation())
    assert steps(app()) == [DONE, DONE, DONE]


def test_the_current_model_is_the_chosen_one(made: Made, app):
    add_run(made, "newer")
    assert "**newer**" in "".join(element.value for element in app().markdown)
    with open_store(made.path) as db:
        current_run.choose(db, made.run_id)
    assert "**newer**" not in "".join(element.value for element in app().markdown)
