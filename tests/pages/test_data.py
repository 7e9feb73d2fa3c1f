"""The Data page without a browser. No process is started: what is asked of it is read instead."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from jobs import queue
from jobs.cluster import choice
from jobs.specs import TrainJob
from morphcore.types import Rejection
from store import datasets, jobs, properties, trajectories
from store.db import checkpoints_folder, open_store
from store.trajectories import TrajectoryInfo
from tests.factory import Made, blobs, trajectory
from ui import shell
from ui.datasets.import_result import summary
from ui.datasets.view import trajectory_rows
from ui.jobs import cluster

APP = str(Path(__file__).resolve().parents[2] / "app.py")


@pytest.fixture
def app(store: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    monkeypatch.setenv("MORPH_STORE", str(store))
    monkeypatch.setattr(queue, "_spawn", lambda _store, _job: psutil.Process())
    monkeypatch.setattr(shell, "enter", lambda: None)  # AppTest is always "just started"

    def opened(**link: str) -> AppTest:
        page = AppTest.from_file(APP, default_timeout=60)
        page.switch_page("pages/data.py")
        for name, value in link.items():
            page.query_params[name] = value
        return checked(page.run())

    return opened


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].message
    return app


def all_jobs(store: Path) -> list[jobs.Job]:
    with open_store(store) as db:
        return jobs.all_jobs(db)


def press(page: AppTest, key: str) -> AppTest:
    return checked(page.button(key=key).click().run())


def test_simulating_asks_for_what_the_form_says_once(store: Path, app):
    page = app()
    page.number_input(key="simulate_count").set_value(3)
    page.number_input(key="simulate_frames").set_value(12)
    page.segmented_control(key="simulate_schedule").set_value("linear")
    checked(page.run())
    press(page, "start_simulation")
    (job,) = all_jobs(store)
    assert job.kind == "simulate"
    assert job.args == {
        "name": "thin film",
        "trajectories": 3,
        "frames": 12,
        "schedule": "linear",
        "last_step": 5100,
        "seed": 0,
    }
    assert page.button(key="start_simulation").disabled
    press(app(), "start_simulation")  # another tab, other settings, the same name: it waits
    assert [job.state for job in all_jobs(store)] == ["queued", "running"]


def test_a_simulation_may_be_done_on_ray_where_it_is_installed(
    store: Path, app, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(choice, "is_installed", lambda: True)
    monkeypatch.setenv(choice.VARIABLE, "10.0.0.5:6379")
    page = app()
    where = page.segmented_control(key="simulate_cluster")
    assert where.options == ["Here", "On Ray, here", "On 10.0.0.5:6379"]
    assert any(" cores, about" in caption.value for caption in page.caption)
    checked(where.set_value("10.0.0.5:6379").run())
    assert not any(" cores, about" in caption.value for caption in page.caption)
    press(page, "start_simulation")
    assert all_jobs(store)[0].args["cluster"] == "10.0.0.5:6379"


def test_where_ray_is_missing_a_sentence_says_what_it_would_do(
    app, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(choice, "is_installed", lambda: False)
    page = app()
    assert "simulate_cluster" not in page.session_state
    assert [caption.value for caption in page.caption].count(cluster.MISSING) == 1


def test_the_suggested_name_moves_on_once_it_is_taken(store: Path, app):
    page = app()
    with open_store(store) as db:
        datasets.create(db, "thin film", "simulated", {})
    checked(page.run())
    assert page.text_input(key="simulate_name").value == "thin film 2"
    page.text_input(key="simulate_name").set_value("thin film")
    checked(page.run())
    assert page.button(key="start_simulation").disabled
    assert "exists already" in page.warning[0].value


def test_steps_that_cannot_hold_the_frames_are_refused_before_they_start(app):
    page = app()
    page.number_input(key="simulate_last").set_value(50)
    checked(page.run())
    assert page.warning[0].value == "255 frames do not fit into steps 4 to 50"
    assert page.button(key="start_simulation").disabled


def test_the_zoo_is_another_world_with_its_own_name_limits_and_words(store: Path, app):
    page = app()
    checked(page.segmented_control(key="simulate_world").set_value("zoo").run())
    assert page.text_input(key="simulate_name").value == "zoo"
    assert page.number_input(key="simulate_count_zoo").max == 120
    assert any("ohta-kawasaki" in element.value for element in page.markdown)
    page.number_input(key="simulate_count_zoo").set_value(6)
    page.number_input(key="simulate_frames").set_value(12)
    checked(page.run())
    assert any(element.value.startswith("72 frames") for element in page.caption)
    press(page, "start_simulation")
    (job,) = all_jobs(store)
    assert (job.kind, job.args) == (
        "simulate",
        {
            "world": "zoo",
            "name": "zoo",
            "trajectories": 6,
            "frames": 12,
            "schedule": "geometric",
            "last_step": 2000,
            "seed": 0,
        },
    )
    page.number_input(key="simulate_last_zoo").set_value(45)
    checked(page.run())
    assert "do not fit into steps 40 to 45" in page.warning[-1].value


def test_the_suggested_name_follows_the_world_but_a_typed_one_stays(app):
    page = app()
    page.text_input(key="simulate_name").set_value("mine")
    checked(page.run())
    checked(page.segmented_control(key="simulate_world").set_value("zoo").run())
    assert page.text_input(key="simulate_name").value == "mine"


SETTINGS = {
    "trajectories": 6,
    "frames": 20,
    "schedule": "linear",
    "last_step": 400,
    "seed": 0,
    "cells": None,
    "realisations": 1,
    "scheme": "bdf2",
}


@pytest.fixture
def films(made: Made) -> Made:
    """The factory's store, its data set saying how it was simulated, as a real one does."""
    with open_store(made.path) as db:
        db.execute("UPDATE datasets SET config = ?", [json.dumps(SETTINGS)])
    return made


def test_twins_are_asked_for_once_and_then_named(films: Made, app):
    page = app()
    press(page, f"dataset_twins_{films.dataset_id}")
    (job,) = all_jobs(films.path)
    assert (job.kind, job.args) == ("simulate", {"twins": "blobs"})
    assert page.button(key=f"dataset_twins_{films.dataset_id}").disabled
    assert page.button(key=f"dataset_delete_{films.dataset_id}").disabled  # it is at work on it
    assert any("Simulating twins of blobs" in element.value for element in page.markdown)
    with open_store(films.path) as db:
        jobs.finish(db, job.id, "done")
        twins = datasets.create(db, "blobs twins", "simulated", {}, films.dataset_id)
        trajectories.add(db, twins, trajectory("one", frames=2))
    page = app()  # which begins with what is no twins
    assert page.dataframe[0].value.set_index("Name")["Kind"].to_dict() == {
        "blobs": "simulated",
        "blobs twins": "twins of blobs",
    }
    assert any("They are here: **blobs twins**" in element.value for element in page.markdown)


def test_twins_say_what_they_are_for_and_have_none_themselves(films: Made, app):
    with open_store(films.path) as db:
        twins = datasets.create(db, "blobs twins", "simulated", {}, films.dataset_id)
        trajectories.add(db, twins, trajectory("one", frames=2))
    page = app(dataset=str(twins))
    assert any("No model is trained on them" in element.value for element in page.caption)
    assert f"dataset_twins_{twins}" not in {element.key for element in page.button}


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.markdown, *page.caption))


def serving(store: Path, name: str, frames: int = 2, count: int = 1, **row: Any) -> int:
    """A data set that serves another, of so many trajectories."""
    with open_store(store) as db:
        made = datasets.create(db, name, "simulated", row.pop("config", {}), **row)
        for number in range(count):
            trajectories.add(db, made, trajectory(f"film {number}", frames=frames))
    return made


@pytest.mark.usefixtures("films")
def test_twins_and_replicates_are_offered_with_the_time_that_they_take(
    app, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    shown = words(app())
    # 6 cells of 57 and none of them always held out: 6 twins, 18 replicates.
    assert "150 frames: " in shown
    assert "3 of each of 6 training cells, 48 frames each. 864 frames: " in shown


def test_replicates_are_asked_for_once_and_then_named(films: Made, app):
    key = f"dataset_replicates_{films.dataset_id}"
    page = app()
    press(page, key)
    (job,) = all_jobs(films.path)
    assert (job.kind, job.args) == ("simulate", {"replicates": "blobs"})
    assert page.button(key=key).disabled
    assert page.button(key=f"dataset_delete_{films.dataset_id}").disabled  # it is at work on it
    assert "Simulating replicates of blobs" in words(page)
    with open_store(films.path) as db:
        jobs.finish(db, job.id, "done")
    kept = {"replicates_of": films.dataset_id, "config": {"realisations": 3}}
    serving(films.path, "blobs replicates", count=18, **kept)
    page = app()
    assert page.dataframe[0].value.set_index("Name")["Kind"].to_dict() == {
        "blobs": "simulated",
        "blobs replicates": "replicates of blobs",
    }
    assert (
        "They are here: **blobs replicates**, 3 realisations of each of 6 training cells."
        in words(page)
    )
    assert key not in {element.key for element in page.button}


def test_replicates_that_were_stopped_go_on_with_their_own_settings(films: Made, app):
    settings = {"frames": 9, "seed": 4, "realisations": 2}
    serving(films.path, "more", count=5, replicates_of=films.dataset_id, config=settings)
    page = app()
    assert "**more** has 5 of 12 trajectories so far." in words(page)
    press(page, f"dataset_replicates_{films.dataset_id}")
    (job,) = all_jobs(films.path)
    assert job.args == {"replicates": "blobs", "name": "more", **settings}


def test_replicates_say_what_they_are_for_and_have_none_themselves(films: Made, app):
    made = serving(films.path, "more", replicates_of=films.dataset_id)
    page = app(dataset=str(made))
    assert any("learns what chance is" in element.value for element in page.caption)
    keys = {element.key for element in page.button}
    assert not keys & {f"dataset_twins_{made}", f"dataset_replicates_{made}"}


@pytest.mark.usefixtures("made")
def test_a_data_set_that_does_not_say_how_it_was_made_has_neither(app):
    page = app()
    assert words(page).count("does not say how it was simulated, so it can have none") == 2


def test_deleting_names_the_twins_and_replicates_that_go_with_it(films: Made, app):
    serving(films.path, "spots", twin_of=films.dataset_id)
    serving(films.path, "more", frames=3, replicates_of=films.dataset_id)
    page = app()
    press(page, f"dataset_delete_{films.dataset_id}")
    assert "- its twins: spots, 2 frames\n- its replicates: more, 3 frames" in words(page)


def test_the_estimate_follows_the_time_steps_not_only_the_frames(
    app, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    page = app()
    page.number_input(key="simulate_count").set_value(9)
    checked(page.run())
    estimates = []
    for last_step in (1000, 100_000):
        page.number_input(key="simulate_last").set_value(last_step)
        checked(page.run())
        (words,) = [element.value for element in page.caption if "in the store" in element.value]
        assert words.startswith("2,295 frames")
        estimates.append(words)
    assert estimates[0] != estimates[1]


def test_importing_a_path_that_was_looked_at(store: Path, tmp_path: Path, app):
    page = app()
    assert any("Nothing is stored before" in element.value for element in page.markdown)
    page.text_input(key="import_path").set_value(str(tmp_path / "missing"))
    checked(page.run())
    assert "There is no" in page.warning[0].value
    folder = tmp_path / "films"
    folder.mkdir()
    for step, frame in enumerate(blobs(3, phi=0.5, seed=1)):
        Image.fromarray(frame).save(folder / f"f_{step}.png")
    page.text_input(key="import_path").set_value(f"{tmp_path}/../{tmp_path.name}/films")
    page.text_input(key="import_name").set_value("mine")
    looked_at(page)
    assert any("1 trajectory, 3 frames" in element.value for element in page.markdown)
    press(page, "start_import")
    (job,) = all_jobs(store)
    assert (job.kind, job.args) == (
        "import",
        {"path": str(folder), "name": "mine", "frames": 3},
    )


def looked_at(page: AppTest) -> AppTest:
    """Run until the look has ended."""
    for _ in range(100):
        checked(page.run())
        if any(button.key == "start_import" for button in page.button):
            return page
    raise AssertionError("the look does not end")


def test_the_last_import_says_what_came_of_every_file(store: Path, app):
    result: dict[str, Any] = {
        "dataset": "mine",
        "frames": 19,
        "trajectories": 3,
        "already": 2,
        "rejected": [{"file": "broken.png", "reason": "It is cut off."}],
        "skipped": ["README.md", "run.log"],
        "mended": ["runA is longer by 2 frames."],
        "warnings": ["runB: It is dim."],
    }
    with open_store(store) as db:
        jobs.enqueue(db, "import", {"path": "/x"})
        job = jobs.claim(db)
        assert job
        jobs.finish(db, job.id, "done", result=result)
    page = app()
    shown = "".join(element.value for element in page.markdown)
    assert "19 frames in 3 trajectories came in; 2 trajectories had been there already" in shown
    assert "- runA is longer by 2 frames." in shown
    assert "- runB\\: It is dim." in shown
    assert page.dataframe[0].value.to_dict("records") == [
        {"File": "broken.png", "Why": "It is cut off."}
    ]
    assert any("README.md" in element.value for element in page.text)


def test_importing_the_same_again_says_so():
    again = {"frames": 0, "trajectories": 0, "already": 3, "rejected": [], "skipped": []}
    assert summary(again) == (
        "Nothing new came in; 3 trajectories had been there already; none rejected."
    )


def test_a_data_set_shows_its_trajectories_and_what_was_rejected(made: Made, app):
    with open_store(made.path) as db:
        datasets.add_rejections(db, made.dataset_id, [Rejection("a.png", "It is empty.")])
    page = app()
    sets, runs, rejected = (element.value for element in page.dataframe)
    assert sets.to_dict("records")[0] | {"Created": None} == {
        "Name": "blobs",
        "Kind": "simulated",
        "Trajectories": 6,
        "Frames": 120,
        "Models": "seed-1",
        "Created": None,
    }
    assert len(runs) == 6
    first = runs.to_dict("records")[0]
    assert (first["phi"], first["chi"], first["Times"]) == (0.5, 2.4, "steps 20 to 400")
    assert first["Not yet separated"] == 1
    assert rejected.to_dict("records") == [{"File": "a.png", "Why": "It is empty."}]
    assert len(page.image) == 10


def test_a_trajectory_of_one_frame_without_steps_is_said_as_it_is():
    info = TrajectoryInfo(4, 1, "one", None, None, {}, "frame", False, 1, "one.png")
    ones = np.array([1])
    from store.trajectories import FrameTable

    table = FrameTable(ones, ones * 4, ones - 1, ones - 1, ones == 0)
    (row,) = trajectory_rows([info], table)
    assert (row["Times"], row["phi"], row["Frames"]) == ("frame 1", None, 1)


def test_renaming(made: Made, app):
    page = app()
    page.text_input(key=f"dataset_name_{made.dataset_id}").set_value("new name")
    press(page, f"dataset_rename_{made.dataset_id}")
    with open_store(made.path) as db:
        assert datasets.all_datasets(db)[0].name == "new name"
    assert page.dataframe[0].value["Name"].tolist() == ["new name"]


def test_deleting_names_what_hangs_on_it_and_takes_the_files_too(made: Made, app):
    model = checkpoints_folder(made.path) / "none.pt"  # the checkpoint that the store speaks of
    model.parent.mkdir(exist_ok=True)
    model.write_bytes(b"weights")
    page = app()
    press(page, f"dataset_delete_{made.dataset_id}")
    shown = "\n".join(element.value for element in page.markdown)
    for fact in ("6 trajectories", "120 frames", "1 model: seed", "2 maps"):
        assert f"- {fact}" in shown
    with open_store(made.path) as db:
        assert datasets.all_datasets(db)  # naming is not deleting
    press(page, "delete_yes")
    with open_store(made.path) as db:
        assert datasets.all_datasets(db) == []
    assert not model.exists()
    assert "There are no trajectories yet" in "".join(element.value for element in page.markdown)


def test_the_dialog_can_be_left_with_nothing_done(made: Made, app):
    page = app()
    press(page, f"dataset_delete_{made.dataset_id}")
    press(page, "delete_no")
    assert "gone for good" not in "".join(element.value for element in page.markdown)
    with open_store(made.path) as db:
        assert datasets.all_datasets(db)[0].frames == 120


def test_what_a_job_uses_cannot_be_deleted(made: Made, app):
    queue.start(made.path, TrainJob(dataset="blobs"))
    assert app().button(key=f"dataset_delete_{made.dataset_id}").disabled


def test_properties_of_a_table_are_previewed_then_stored(
    made: Made, app: Callable[..., AppTest]
) -> None:
    page = app(dataset=str(made.dataset_id))
    table = b"frame_id,E,batch\n2,1.5,dry\n3,2.5,wet\n999,4,dry\n"
    page.file_uploader(key=f"property_table_{made.dataset_id}").set_value(
        ("table.csv", table, "text/csv")
    )
    checked(page.run())
    text = "\n".join(element.value for element in page.markdown)
    assert "Rows match **2 frames**; 2 columns would be taken." in text
    with open_store(made.path) as db:
        assert properties.of_dataset(db, made.dataset_id) == []
    store_button = page.button(key=f"property_store_{made.dataset_id}")
    assert store_button.label == "Store 4 values"
    checked(store_button.click().run())
    with open_store(made.path) as db:
        assert properties.of_frame(db, 2) == {"E": 1.5, "batch": "dry"}
    assert "4 values stored." in [element.value for element in page.success]


def test_conflicts_wait_for_a_yes_and_a_bad_table_for_another(
    made: Made, app: Callable[..., AppTest]
) -> None:
    with open_store(made.path) as db:
        properties.put(db, made.dataset_id, "E", {2: 1.0})
    page = app(dataset=str(made.dataset_id))
    uploader = page.file_uploader(key=f"property_table_{made.dataset_id}")
    uploader.set_value(("table.csv", b"frame_id,E\n2,9\n", "text/csv"))
    checked(page.run())
    assert "1 value differ" in "\n".join(element.value for element in page.warning)
    assert page.button(key=f"property_store_{made.dataset_id}").disabled
    checked(page.toggle(key=f"property_replace_{made.dataset_id}").set_value(True).run())
    checked(page.button(key=f"property_store_{made.dataset_id}").click().run())
    with open_store(made.path) as db:
        assert properties.of_frame(db, 2) == {"E": 9.0}
    page.file_uploader(key=f"property_table_{made.dataset_id}").set_value(
        ("other.csv", b"a,b\n1,2\n", "text/csv")
    )
    checked(page.run())
    assert "No column says" in page.error[0].value


def test_properties_of_trajectories_are_columns_of_the_table(made: Made) -> None:
    with open_store(made.path) as db:
        first = trajectories.trajectories(db, made.dataset_id)[0]
        properties.put_of_trajectory(db, first.id, {"E": 3.0, "operator": "NN"})
        infos = trajectories.trajectories(db, made.dataset_id)
        rows = trajectory_rows(infos, trajectories.frame_table(db, made.dataset_id))
    assert (rows[0]["E"], rows[0]["operator"]) == (3.0, "NN")
    assert (rows[1]["E"], rows[1]["operator"]) == (None, None)
