"""The Tune page, and how Train starts tunings. No process is started: what is asked is read."""

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from streamlit.testing.v1 import AppTest

from jobs import queue, specs
from jobs.specs import TuneJob
from morphcore.config import train_config
from morphcore.tuning import space as spaces
from morphcore.tuning.trials import Point
from store import current_run, jobs, runs, tunings
from store.db import open_store
from store.tunings import NewTuning
from tests.factory import Made, add_run
from ui import shell

APP = str(Path(__file__).resolve().parents[2] / "app.py")


@pytest.fixture
def app(store: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    monkeypatch.setenv("MORPH_STORE", str(store))
    monkeypatch.setattr(queue, "_spawn", lambda _store, _job: psutil.Process())
    monkeypatch.setattr(shell, "enter", lambda: None)  # AppTest is always "just started"

    def opened(name: str = "tune", **link: str) -> AppTest:
        page = AppTest.from_file(APP, default_timeout=60)
        page.switch_page(f"pages/{name}.py")
        for key, value in link.items():
            page.query_params[key] = value
        return checked(page.run())

    return opened


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].message
    return app


def metrics(page: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in page.metric}


def tuned(made: Made, *, indexed: bool = False) -> tuple[int, int]:
    """A tuning of eight trials, the third of them best; its id, and that of the best one's run."""
    space = spaces.space(train_config("seed"))
    usual = spaces.usual_values(space)
    with open_store(made.path) as db:
        new = NewTuning(
            dataset_id=made.dataset_id,
            preset="seed",
            objective="neg-elbo",
            trials=8,
            seed=5,
            pruning=True,
            settings={"steps": 40, "split": "trajectory"},
            space=space,
        )
        tuning_id = tunings.create(db, new)
    best_run = 0
    for number in range(1, 9):
        run_id = add_run(made, f"tuning-{tuning_id}, trial {number}")
        with open_store(made.path) as db:
            if not (indexed and number == 3):
                db.execute(
                    "DELETE FROM latents WHERE checkpoint_id IN"
                    " (SELECT id FROM checkpoints WHERE run_id = ?)",
                    [run_id],
                )
            tunings.add_trial(db, tuning_id, number, {**usual, "lr": 5e-4 * number}, run_id)
            if number == 8:
                tunings.set_points(db, tuning_id, number, [Point(2, 950.0)])
                tunings.end_trial(db, tuning_id, number, "pruned")
            else:
                value = 900.0 + 10 * abs(number - 3)
                tunings.end_trial(db, tuning_id, number, "complete", value)
        best_run = run_id if number == 3 else best_run
    return tuning_id, best_run


def the_job(made: Made) -> jobs.Job:
    with open_store(made.path) as db:
        (job,) = jobs.all_jobs(db)
    return job


@pytest.mark.usefixtures("made")
def test_without_a_tuning_the_page_says_where_to_start_one(app):
    page = app()
    assert "Nothing has been tuned yet" in page.info[0].value
    assert [each.proto.page for each in page.get("page_link")] == ["train"]


def test_the_form_on_train_becomes_a_tuning(made: Made, app):
    page = app("train")
    page.segmented_control(key="train_what").set_value("tuning")
    checked(page.run())
    page.segmented_control(key="tune_end_two-level").set_value("steps")
    page.number_input(key="tune_trials").set_value(7)
    page.toggle(key="tune_pruning").set_value(False)
    checked(page.run())
    assert not any("train_lr" in (each.key or "") for each in page.number_input)
    page.number_input(key="tune_steps_two-level").set_value(60)
    page.button(key="start_tuning").click()
    checked(page.run())
    job = the_job(made)
    assert job.kind == "tune"
    assert job.args == {
        "dataset": "blobs",
        "preset": "two-level",
        "objective": "neg-elbo",
        "trials": 7,
        "steps": 60,
        "split": "trajectory",
        "seed": 0,
        "pruning": False,
    }


@pytest.mark.usefixtures("made")
def test_retrieval_is_offered_only_where_it_can_be_measured(app):
    page = app("train")
    page.segmented_control(key="train_what").set_value("tuning")
    checked(page.run())
    page.selectbox(key="tune_objective").set_value("retrieval")
    checked(page.run())
    assert page.button(key="start_tuning").disabled
    assert "has none; make some on Data" in page.warning[0].value


def test_a_tuning_shows_its_best_and_its_charts(made: Made, app):
    tuned(made)
    page = app()
    shown = metrics(page)
    assert shown["Best validation −ELBO, nats per frame"] == "900.0"
    assert (shown["Usual settings"], shown["Trials of 8"], shown["Given up"]) == ("920.0", "8", "1")
    assert any(
        "**Trial 3** is best: learning rate 0.0015, 32 frames a batch" in each.value
        for each in page.markdown
    )
    assert any("20.0 lower than the usual settings have" in each.value for each in page.markdown)
    assert len(page.get("vega_lite_chart")) + len(page.get("arrow_vega_lite_chart")) == 3
    assert len(page.dataframe[0].value) == 8


def test_the_best_is_indexed_and_made_current_by_one_press(made: Made, app):
    _, run_id = tuned(made)
    page = app()
    page.button(key=f"tuning_current_{run_id}").click()
    checked(page.run())
    assert the_job(made).args == {"run": run_id, "maps": True, "current": True}


def test_the_best_that_is_indexed_is_made_current_at_once(made: Made, app):
    _, run_id = tuned(made, indexed=True)
    with open_store(made.path) as db:
        current_run.choose(db, made.run_id)
    page = app()
    page.button(key=f"make_current_{run_id}").click()
    checked(page.run())
    with open_store(made.path) as db:
        assert current_run.of(db) == run_id
        assert jobs.all_jobs(db) == []


def test_the_best_is_trained_in_full_with_its_settings(made: Made, app):
    tuning_id, _ = tuned(made)
    page = app()
    page.button(key=f"tuning_full_{tuning_id}").click()
    checked(page.run())
    job = the_job(made)
    assert job.kind == "train"
    assert job.args == {
        "dataset": "blobs",
        "preset": "seed",
        "seed": 5,
        "split": "trajectory",
        "minutes": 30.0,
        "lr": 0.0015,
        "batch": 32,
        "latent": 16,
        "channels": 1.0,
    }


def test_more_trials_go_on_with_it(made: Made, app):
    tuning_id, _ = tuned(made)
    page = app()
    page.button(key=f"tuning_go_{tuning_id}").click()
    checked(page.run())
    assert specs.of(the_job(made)) == TuneJob(dataset="blobs", tuning=tuning_id, trials=18)


def test_a_deleted_tuning_leaves_its_runs_in_the_bin(made: Made, app):
    tuning_id, run_id = tuned(made, indexed=True)
    page = app()
    page.button(key=f"tuning_delete_{tuning_id}").click()
    checked(page.run())
    with open_store(made.path) as db:
        assert tunings.all_tunings(db) == []
        assert len(runs.binned(db)) == 7
        assert {run.id for run in runs.all_runs(db)} == {made.run_id, run_id}


def test_train_says_of_a_run_which_trial_it_is_and_lists_trials_on_demand(made: Made, app):
    tuning_id, run_id = tuned(made)
    page = app("train")
    assert page.selectbox(key="train_run").value == made.run_id
    assert page.selectbox(key="train_run").options == ["seed-1 on blobs"]
    assert len(page.dataframe[0].value) == 1
    page.toggle(key="runs_with_trials").set_value(True)
    checked(page.run())
    assert len(page.dataframe[0].value) == 9
    page = app("train", run=str(run_id))
    links = [each.proto.label for each in page.get("page_link")]
    assert f"Trial 3 of tuning-{tuning_id}: complete, 900.0" in links
    assert any("validation frames" in each.value for each in page.caption)
