from pathlib import Path

import numpy as np
import pytest

import morph
from store import current_run, runs, trajectories
from store.db import StoreError, open_store
from store.runs import NotIndexed, UnknownRun
from tests.factory import Made, add_run


def test_a_store_is_there_already(tmp_path: Path, made: Made) -> None:
    with pytest.raises(StoreError, match="no store"):
        morph.Store(tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()
    (tmp_path / "note.sqlite").write_text("not a store " * 100)
    with pytest.raises(StoreError):
        morph.Store(tmp_path / "note.sqlite")
    assert morph.Store(str(made.path)) == morph.Store(made.path)


def test_the_default_is_that_of_the_command_line(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MORPH_STORE", str(made.path))
    assert morph.Store().path == made.path


def test_a_run_is_named_by_id_or_name_or_is_the_current_one(made: Made) -> None:
    store = morph.Store(made.path)
    second = add_run(made, "second")
    assert [run.id for run in store.runs()] == [made.run_id, second]
    assert store.model("second").run.id == second
    assert store.model(made.run_id).run.id == made.run_id
    assert store.model().run.id == second  # the newest
    with open_store(made.path) as db:
        current_run.choose(db, made.run_id)
    assert store.model().run.id == made.run_id


def test_what_names_no_model_is_said(made: Made, tmp_path: Path) -> None:
    store = morph.Store(made.path)
    with pytest.raises(UnknownRun, match="no run 9"):
        store.model(9)
    with pytest.raises(UnknownRun, match="named 'best'; there are: seed-1"):
        store.model("best")
    add_run(made, "seed-1")
    with pytest.raises(UnknownRun, match=r"\[1, 2\] are all named"):
        store.model("seed-1")
    with open_store(made.path) as db:
        first = runs.run(db, made.run_id)
        bare = runs.create(db, made.dataset_id, first.config, runs.split(db, made.run_id))
    with pytest.raises(NotIndexed):
        store.model(bare)
    with open_store(tmp_path / "empty.sqlite"):
        pass
    with pytest.raises(UnknownRun, match="No run of"):
        morph.Store(tmp_path / "empty.sqlite").model()


def test_frames_and_pictures_are_those_of_the_store(made: Made) -> None:
    store = morph.Store(made.path)
    table = store.frames("blobs")
    assert len(table) == store.datasets()[0].frames == 120
    frame_id = int(table["frame_id"][57])
    with open_store(made.path) as db:
        info = trajectories.frame_info(db, frame_id)
        gray = trajectories.frame(db, frame_id)
    assert table["trajectory"][57] == info.trajectory.name
    np.testing.assert_array_equal(store.picture(frame_id), gray)
