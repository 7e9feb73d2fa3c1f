"""The Model page without a browser: what is decoded is marked, near what, and linked."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from streamlit.testing.v1 import AppTest

from analysis import latent_space, re_encoding
from jobs import queue, specs
from jobs.specs import IndexJob
from store import jobs
from store.db import open_store
from tests.factory import Made, build_store
from ui import shell
from ui.cached import models as cached_models
from wording.re_encoding import WAITS

APP = str(Path(__file__).resolve().parents[2] / "app.py")


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Frames 1 to 36 in 3 trajectories, indexed by an untrained `two-level`."""
    path = tmp_path_factory.mktemp("store") / "morph.sqlite"
    return build_store(path, trajectories_count=3, frames=12, model=True, preset="two-level")


def opened(
    made: Made, monkeypatch: pytest.MonkeyPatch, patience: float = 60.0, **link: str
) -> AppTest:
    monkeypatch.setattr(cached_models, "PATIENCE", patience)
    monkeypatch.setenv("MORPH_STORE", str(made.path))
    app = AppTest.from_file(APP, default_timeout=60)
    app.switch_page("pages/model.py")
    for name, value in link.items():
        app.query_params[name] = value
    return checked(app.run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].message
    return app


def press(app: AppTest, label: str) -> AppTest:
    return checked(next(element for element in app.button if element.label == label).click().run())


def shown_z(app: AppTest, made: Made) -> np.ndarray:
    return np.array([app.slider(key=f"z_{made.run_id}_{number}").value for number in range(16)])


def badges(app: AppTest) -> list[str]:
    return [element.value for element in app.markdown if "Synthetic" in element.value]


def test_sliders_begin_at_the_frame_of_a_link(modelled: Made, monkeypatch: pytest.MonkeyPatch):
    app = opened(modelled, monkeypatch, frame="30")
    space = latent_space.load_latent_space(modelled.path, modelled.run_id)
    there = space.posterior_of(30).mean[0]
    assert there is not None
    np.testing.assert_allclose(shown_z(app, modelled), there, atol=0.026)
    assert "frame" not in app.query_params
    assert len(badges(app)) == 1
    assert any(
        "random pairs" in element.value for element in app.caption
    )  # the nearest stored frame
    (lands,) = [element.value for element in app.caption if "Encoded again" in element.value]
    assert "away in z; pictures of stored frames' z land" in lands
    assert "(median of 33)" in lands  # the separated frames


def test_the_link_holds_the_place(modelled: Made, monkeypatch: pytest.MonkeyPatch):
    app = opened(modelled, monkeypatch)
    press(app, "Reset")
    assert not shown_z(app, modelled).any()
    checked(app.slider(key=f"z_{modelled.run_id}_3").set_value(1.25).run())
    link = app.query_params["z"]
    again = opened(modelled, monkeypatch, z=link)
    assert shown_z(again, modelled).tolist() == [0.0] * 3 + [1.25] + [0.0] * 12
    press(again, "Random frame")
    assert shown_z(again, modelled).any()


def test_places_are_drawn_anew_and_the_link_says_which(
    modelled: Made, monkeypatch: pytest.MonkeyPatch
):
    app = press(opened(modelled, monkeypatch, z="0," * 15 + "0"), "Draw places again")
    assert app.query_params["draw"] == "1"
    press(app, "Draw places again")
    assert app.query_params["draw"] == "2"


@pytest.mark.parametrize("link", [{"frame": "999"}, {"frame": "x"}, {"z": "1,2"}, {"z": "nan"}])
def test_a_link_to_no_place_says_so_and_the_page_goes_on(
    modelled: Made, monkeypatch: pytest.MonkeyPatch, link: dict[str, str]
):
    app = opened(modelled, monkeypatch, **link)
    assert "frame" in app.warning[0].value or "16 numbers" in app.warning[0].value
    assert badges(app)


def test_a_way_between_two_frames(modelled: Made, monkeypatch: pytest.MonkeyPatch):
    app = opened(modelled, monkeypatch, **{"what": "between", "frame": "5", "with": "30"})
    assert len(badges(app)) == 8
    # An untrained model's pictures are of no frame: the verdict judges by them.
    (verdict,) = [element.value for element in app.markdown if "**The way " in element.value]
    assert "The way leaves the data**: 8 of 8 pictures" in verdict
    near = [element.value for element in app.caption if "distance" in element.value]
    assert len(near) == 8
    lands = [element.value for element in app.caption if "; lands " in element.value]
    assert ["away in z" in text for text in lands] == [False, *[True] * 6, False]
    checked(app.slider(key="between_a_number").set_value(10).run())
    assert app.query_params["frame"] == "10"


def test_a_frame_with_samples_of_its_z(modelled: Made, monkeypatch: pytest.MonkeyPatch):
    app = opened(modelled, monkeypatch, what="samples", frame="30")
    assert [badge.rsplit("] ", 1)[-1] for badge in badges(app)] == [
        "as the model gives it back",
        "sample 1",
        "sample 2",
        "sample 3",
    ]
    assert any("of pixels agree" in element.value for element in app.caption)
    lands = [element.value for element in app.caption if "Encoded again" in element.value]
    assert len(lands) == 4
    assert "reconstructions of stored frames land" in lands[0]
    assert all("pictures of stored frames' z land" in text for text in lands[1:])
    assert not any("away in z" in text for text in lands)  # a frame's embedding is asked for
    checked(app.toggle(key="model_likeness").set_value(True).run())
    table = app.dataframe[0].value
    assert table["Against a held-out frame"].tolist() == ["samples of its z", "any frame"]


def test_what_is_shown_can_be_changed_and_forgets_the_links(
    modelled: Made, monkeypatch: pytest.MonkeyPatch
):
    app = opened(modelled, monkeypatch, what="samples", frame="30")
    checked(app.segmented_control(key="model_what").set_value("sliders").run())
    assert app.query_params["what"] == "sliders"
    assert "frame" not in app.query_params
    assert len(badges(app)) == 1


def test_a_missing_model_is_an_error(made: Made, monkeypatch: pytest.MonkeyPatch):
    assert "none.pt" in opened(made, monkeypatch).error[0].value


def test_a_model_that_draws_nothing_shows_one_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = build_store(tmp_path / "morph.sqlite", trajectories_count=2, frames=6, model=True)
    app = opened(made, monkeypatch, what="samples", frame="5")
    assert len(badges(app)) == 2
    assert any("nothing is drawn" in element.value for element in app.caption)


def test_without_a_model_the_page_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with open_store(tmp_path / "morph.sqlite"):
        pass
    app = opened(Made(tmp_path / "morph.sqlite", 0, 0, 0, (0, 0)), monkeypatch)
    assert "No model has been trained" in app.info[0].value


@pytest.mark.parametrize("what", ["sliders", "between", "samples"])
def test_a_run_without_z_is_to_be_indexed_again(
    made: Made, monkeypatch: pytest.MonkeyPatch, what: str
):
    with open_store(made.path) as db:
        db.execute("UPDATE checkpoints SET has_embedding = 1")
    monkeypatch.setattr(shell, "enter", lambda: None)  # AppTest is always "just started"
    app = opened(made, monkeypatch, **{"what": what, "frame": "5", "with": "30"})
    assert any("index the run again" in element.value for element in app.warning)
    monkeypatch.setattr(queue, "_spawn", lambda _store, _job: psutil.Process())  # none starts
    press(app, "Index again")
    with open_store(made.path) as db:
        (job,) = jobs.all_jobs(db)
    assert specs.of(job) == IndexJob(run=made.run_id)


def test_sliders_hold_z_where_the_embedding_has_another_number_of_axes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = build_store(
        tmp_path / "morph.sqlite",
        trajectories_count=3,
        frames=6,
        model=True,
        preset="two-level",
        axes=3,
    )
    space = latent_space.load_latent_space(made.path, made.run_id)
    assert space.frames.coords.shape == (18, 3)
    app = opened(made, monkeypatch, frame="10")
    np.testing.assert_allclose(shown_z(app, made), space.z.mean[9], atol=0.026)
    assert any("away in z" in element.value for element in app.caption)
    ways = opened(made, monkeypatch, **{"what": "between", "frame": "5", "with": "15"})
    assert len(badges(ways)) == 8
    of_one = opened(made, monkeypatch, what="samples", frame="10")
    assert len(badges(of_one)) == 4
    checked(of_one.toggle(key="model_likeness").set_value(True).run())


def test_the_picture_stands_before_it_is_known_what_is_near(
    modelled: Made, monkeypatch: pytest.MonkeyPatch
):
    measure, may = re_encoding.of_stored_frames, threading.Event()

    def later(*args: Any) -> Any:
        assert may.wait(60)
        return measure(*args)

    cached_models._re_encoding_errors.clear()
    monkeypatch.setattr(re_encoding, "of_stored_frames", later)
    app = opened(modelled, monkeypatch, patience=0.01)
    assert badges(app)
    assert len(app.image) == 2  # what is decoded, and the nearest stored frame
    assert [each.value for each in app.caption if WAITS in each.value]
    may.set()
    monkeypatch.setattr(cached_models, "PATIENCE", 60.0)
    checked(app.run())
    assert not [each.value for each in app.caption if WAITS in each.value]
    assert [each.value for each in app.caption if "Encoded again" in each.value]
