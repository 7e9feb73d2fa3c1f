"""The Train page without a browser. No process is started: what is asked of it is read instead."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from streamlit.testing.v1 import AppTest

from jobs import queue
from jobs.specs import TrainJob
from morphcore import splits
from morphcore.config import TrainConfig, train_config
from morphcore.types import EpochMetrics, TrainingPoint
from store import checkpoints, datasets, jobs, runs, training_curve, trajectories
from store.db import checkpoints_folder, open_store
from tests.factory import Made, trajectory
from ui import shell

APP = str(Path(__file__).resolve().parents[2] / "app.py")


@pytest.fixture
def app(store: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    monkeypatch.setenv("MORPH_STORE", str(store))
    monkeypatch.setattr(queue, "_spawn", lambda _store, _job: psutil.Process())
    monkeypatch.setattr(shell, "enter", lambda: None)  # AppTest is always "just started"

    def opened(**link: str) -> AppTest:
        page = AppTest.from_file(APP, default_timeout=60)
        page.switch_page("pages/train.py")
        for name, value in link.items():
            page.query_params[name] = value
        return checked(page.run())

    return opened


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].message
    return app


def press(page: AppTest, key: str) -> AppTest:
    return checked(page.button(key=key).click().run())


def all_jobs(store: Path) -> list[jobs.Job]:
    with open_store(store) as db:
        return jobs.all_jobs(db)


def metrics(page: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in page.metric}


def another_run(made: Made, epochs: int) -> int:
    """A run that has trained for some epochs from 27,000 nats on, but is not indexed."""
    with open_store(made.path) as db:
        table = trajectories.frame_table(db, made.dataset_id)
        division = splits.split(
            table.frame_ids,
            table.trajectory_ids,
            by="frame",
            held_out_share=0.2,
            rng=np.random.default_rng(1),
        )
        run_id = runs.create(db, made.dataset_id, TrainConfig(epochs=50), division)
        for number in range(epochs + 1):
            nats = 27_000.0 - 1000 * number
            figures = EpochMetrics(number, number * 2.0, 1e-3, 300.0, nats, 5.0, nats, 10.0)
            runs.add_epoch(db, run_id, figures)
    return run_id


def at_work(made: Made, run_id: int) -> int:
    """A training that works on a run."""
    job = queue.start(made.path, TrainJob(dataset="blobs", run=run_id))
    return job.id


def test_without_frames_the_page_says_what_to_do(app):
    page = app()
    assert "there are none yet" in page.info[0].value
    assert [each.proto.page for each in page.get("page_link")] == ["data"]
    assert not page.button


def test_the_form_becomes_a_job_and_pressing_twice_starts_once(made: Made, app):
    page = app()
    page.selectbox(key="train_preset").set_value("seed")
    checked(page.run())
    assert page.number_input(key="train_minutes_seed").value == 30.0
    page.segmented_control(key="train_end_seed").set_value("steps")
    checked(page.run())
    page.number_input(key="train_steps_seed").set_value(700)
    page.segmented_control(key="train_split_seed").set_value("trajectory")
    page.segmented_control(key="train_lower").set_value("epoch")
    checked(page.run())
    page.number_input(key="train_lr_late_from").set_value(5)
    page.toggle(key="train_roll").set_value(False)
    checked(page.run())
    press(page, "start_training")
    (job,) = all_jobs(made.path)
    assert job.kind == "train"
    assert job.args == {
        "dataset": "blobs",
        "preset": "seed",
        "steps": 700,
        "split": "trajectory",
        "seed": 0,
        "latent": 16,
        "channels": 1.0,
        "batch": TrainConfig().batch,
        "lr": 1e-3,
        "lr_late": 1e-4,
        "lr_late_from": 5,
        "lr_late_on_stall": False,
        "mirror": True,
        "roll": False,
    }
    with open_store(made.path) as db:  # as the process does, once it has made its run
        jobs.set_args(db, job.id, {**job.args, "run": made.run_id})
    checked(page.run())
    assert page.button(key="start_training").disabled


def test_the_usual_training_is_two_level_on_whole_trajectories(made: Made, app):
    press(app(), "start_training")
    (job,) = all_jobs(made.path)
    assert (job.args["preset"], job.args["minutes"]) == ("two-level", 30.0)
    assert (job.args["split"], job.args["lr"]) == ("trajectory", 1.5e-3)
    assert "lr_late" not in job.args  # its rate falls all the time
    train_config(**{name: job.args[name] for name in job.args if name != "dataset"})


def test_another_training_waits_in_the_queue(made: Made, app):
    press(app(), "start_training")
    page = app()
    page.number_input(key="train_seed").set_value(1)
    checked(page.run())
    press(page, "start_training")
    assert [job.state for job in all_jobs(made.path)] == ["queued", "running"]
    assert any("Waiting:" in element.value for element in page.markdown)


def test_one_trajectory_cannot_be_split_by_trajectory(store: Path, app):
    with open_store(store) as db:
        dataset_id = datasets.create(db, "one", "imported", {})
        trajectories.add(db, dataset_id, trajectory("only", frames=3))
    page = app()
    assert not page.button(key="start_training").disabled
    page.segmented_control(key="train_split_two-level").set_value("trajectory")
    checked(page.run())
    assert page.button(key="start_training").disabled
    assert "at least two trajectories" in page.warning[0].value


def test_the_newest_run_is_shown_unless_the_link_says_another(made: Made, app):
    run_id = another_run(made, epochs=3)
    assert app().selectbox(key="train_run").value == run_id
    page = app(run=str(made.run_id))
    assert page.selectbox(key="train_run").value == made.run_id
    page.selectbox(key="train_run").set_value(run_id)
    checked(page.run())
    assert page.query_params["run"] in (str(run_id), [str(run_id)])
    assert app(run="99").selectbox(key="train_run").value == run_id


def test_the_run_at_work_is_shown_before_the_newest(made: Made, app):
    another_run(made, epochs=3)
    at_work(made, made.run_id)
    assert app().selectbox(key="train_run").value == made.run_id


def test_figures_are_of_the_last_epoch_against_the_start(made: Made, app):
    run_id = another_run(made, epochs=3)
    page = app(run=str(run_id))
    shown = metrics(page)
    assert shown["Epoch of 50"] == "3"
    assert shown["Held-out −ELBO, nats per frame"] == "24,010"
    assert next(each.delta for each in page.metric if each.delta) == "-3,000 since the start"
    assert shown["Trained for"] == "5 s"
    assert len(page.get("vega_lite_chart") + page.get("arrow_vega_lite_chart")) == 4


def test_a_strip_follows_the_newest_epoch_until_the_slider_is_moved(made: Made, app):
    run_id = another_run(made, epochs=3)

    def keep(epoch: int) -> None:
        with open_store(made.path) as db:
            runs.add_reconstruction_grid(
                db, run_id, runs.ReconstructionGrid(epoch, [1], trajectories.png(db, epoch + 1))
            )

    def shown(page: AppTest) -> list[str]:
        return [each.value for each in page.caption if each.value.startswith("Above: held-out")]

    keep(0)
    page = app(run=str(run_id))
    assert "after epoch 0" in shown(page)[0]
    keep(1)
    checked(page.run())
    assert "after epoch 1" in shown(page)[0]
    page.select_slider(key=f"strip_epoch_{run_id}").set_value(0)
    checked(page.run())
    keep(2)
    checked(page.run())
    assert "after epoch 0" in shown(page)[0]


def test_a_paused_training_goes_on_with_other_settings(made: Made, app):
    run_id = another_run(made, epochs=3)
    job_id = at_work(made, run_id)
    with open_store(made.path) as db:
        jobs.finish(db, job_id, "paused")
    page = app()
    page.number_input(key=f"resume_lr_{run_id}").set_value(5e-4)
    page.number_input(key=f"resume_epochs_{run_id}").set_value(80)
    checked(page.run())
    press(page, f"resume_go_{run_id}")
    (job,) = all_jobs(made.path)
    assert (job.id, job.state) == (job_id, "running")
    assert (job.args["run"], job.args["lr"], job.args["epochs"]) == (run_id, 5e-4, 80)
    assert (job.args["minutes"], job.args["steps"]) == (None, None)


def test_a_run_of_the_demo_is_trained_on_by_a_training(made: Made, app):
    page = app(run=str(made.run_id))
    press(page, f"resume_go_{made.run_id}")
    (job,) = all_jobs(made.path)
    assert (job.kind, job.args["run"], job.args["dataset"]) == ("train", made.run_id, "blobs")
    assert job.args["epochs"] > 12


@pytest.mark.parametrize(("minutes", "suggested"), [(3, 6.0), (8_000, 10_000.0)])
def test_a_finished_run_is_offered_a_later_end(made: Made, app, minutes: float, suggested: float):
    with open_store(made.path) as db:
        config = runs.run(db, made.run_id).config
        runs.set_config(db, made.run_id, replace(config, minutes=minutes))
    page = app(run=str(made.run_id))
    assert page.number_input(key=f"resume_minutes_{made.run_id}").value == suggested


def test_a_run_by_minutes_says_how_many_steps_they_became(made: Made, app):
    with open_store(made.path) as db:
        config = runs.run(db, made.run_id).config
        runs.set_config(db, made.run_id, replace(config, minutes=10.0, steps=1240))
    page = app(run=str(made.run_id))
    said = [each.value for each in page.caption if each.value.startswith("Ends after")]
    assert "1,240 steps: as many as 10 minutes had" in said[0]
    page.segmented_control(key=f"resume_end_{made.run_id}").set_value("steps")
    checked(page.run())
    assert page.number_input(key=f"resume_steps_{made.run_id}").value == 2480


def test_a_training_under_way_shows_its_steps_and_its_speed(made: Made, app):
    run_id = another_run(made, epochs=3)
    with open_store(made.path) as db:
        runs.set_config(db, run_id, replace(runs.run(db, run_id).config, steps=600))
        training_curve.add(db, run_id, TrainingPoint(310, 3.1, 9.0, 77.0, 9_000.0, 9.0))
    at_work(made, run_id)
    shown = metrics(app(run=str(run_id)))
    assert shown["Step of 600"] == "310"
    assert shown["Frames/s"] == "77"


def test_a_model_no_better_than_a_coin_flip_is_said_to_be_so(made: Made, app):
    assert not app(run=str(made.run_id)).error
    run_id = another_run(made, epochs=3)
    with open_store(made.path) as db:
        runs.add_epoch(db, run_id, EpochMetrics(4, 9.0, 1e-3, 1.0, 28_000.0, 5.0, 28_000.0, 5.0))
    assert "28,005 nats per frame, is no better" in app(run=str(run_id)).error[0].value


def test_a_stopped_run_can_be_indexed_and_mapped_once(made: Made, app):
    run_id = another_run(made, epochs=3)
    key = f"run_index_{run_id}"
    assert not [
        element for element in app(run=str(run_id)).button if element.key == key
    ]  # nothing saved
    with open_store(made.path) as db:
        checkpoints.add(db, run_id, epoch=3, file="a.pt", size=1, sha256="0" * 64)
    page = press(app(run=str(run_id)), key)
    (job,) = all_jobs(made.path)
    assert (job.kind, job.args) == ("index", {"run": run_id, "maps": True})
    assert page.button(key=key).disabled
    # The other run is indexed as it stands.
    assert not [
        element for element in app(run=str(made.run_id)).button if "index" in (element.key or "")
    ]


def test_runs_are_listed_with_what_they_are(made: Made, app):
    run_id = another_run(made, epochs=3)
    at_work(made, run_id)
    first, second = app().dataframe[0].value.to_dict("records")
    assert (first["Name"], first["Split"], first["State"]) == ("seed-2", "by frame", "running")
    assert (first["Epochs"], first["Held-out −ELBO (nats)"]) == (3, 24_010)
    assert (second["Name"], second["Split"], second["State"]) == ("seed-1", "by trajectory", "done")
    assert second["Indexed frames"] == 120


def test_renaming_a_run(made: Made, app):
    page = app()
    page.text_input(key=f"run_name_{made.run_id}").set_value("my best")
    press(page, f"run_rename_{made.run_id}")
    with open_store(made.path) as db:
        assert runs.run(db, made.run_id).name == "my best"
    assert page.dataframe[0].value["Name"].tolist() == ["my best"]


def test_deleting_a_run_leaves_the_frames(made: Made, app):
    model = checkpoints_folder(made.path) / "none.pt"
    model.parent.mkdir(exist_ok=True)
    model.write_bytes(b"weights")
    page = press(app(), f"run_delete_{made.run_id}")
    shown = "".join(element.value for element in page.markdown)
    assert "120 indexed frames and 2 maps" in shown
    press(page, "delete_yes")
    with open_store(made.path) as db:
        assert runs.all_runs(db) == []
        assert datasets.all_datasets(db)[0].frames == 120
    page = press(page, f"run_restore_{made.run_id}")
    with open_store(made.path) as db:
        assert [run.id for run in runs.all_runs(db)] == [made.run_id]
        runs.bin_(db, made.run_id)
        db.execute("UPDATE runs SET deleted = deleted - 3601")
    assert model.exists()
    page.run()  # an hour later it goes for good
    assert not model.exists()
    with open_store(made.path) as db:
        assert runs.binned(db) == []


def test_a_note_is_shown_as_it_was_written(made: Made, app):
    page = app()
    page.text_area(key=f"run_note_{made.run_id}").set_value("*better* than #2")
    page = press(page, f"run_rename_{made.run_id}")
    assert any(r"\*better\* than \#2" in each.value for each in page.markdown)


def test_a_run_at_work_cannot_be_deleted_or_resumed(made: Made, app):
    at_work(made, made.run_id)
    page = app()
    assert page.button(key=f"run_delete_{made.run_id}").disabled
    assert f"resume_go_{made.run_id}" not in {each.key for each in page.button}


def test_twins_and_replicates_are_not_offered_to_train_on(made: Made, app):
    with open_store(made.path) as db:
        for name, kept in (("blobs twins", "twin_of"), ("blobs replicates", "replicates_of")):
            serving = datasets.create(db, name, "simulated", {}, **{kept: made.dataset_id})
            trajectories.add(db, serving, trajectory("one", frames=12))
    assert app().selectbox(key="train_dataset").options == ["blobs"]
