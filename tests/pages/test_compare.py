"""The page as a user meets it, without a browser: the canvas itself is under e2e/."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from jobs.cli import ask
from store import jobs, trajectories
from store.db import NotWritable, checkpoints_folder, open_store
from tests.factory import Made, build_store
from tests.markdown import shown
from tests.properties import add_properties

APP = str(Path(__file__).resolve().parents[2] / "app.py")


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Frames 1 to 60 in 3 trajectories; the first of each has not separated yet."""
    path = tmp_path_factory.mktemp("store") / "morph.sqlite"
    return build_store(path, trajectories_count=3, model=True)


@pytest.fixture
def app(modelled: Made, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return opened(modelled, monkeypatch)


def opened(made: Made, monkeypatch: pytest.MonkeyPatch, **link: str) -> AppTest:
    monkeypatch.setenv("MORPH_STORE", str(made.path))
    app = AppTest.from_file(APP, default_timeout=60)
    app.switch_page("pages/compare.py")
    for name, value in link.items():
        app.query_params[name] = value
    return checked(app.run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].message
    return app


def choose(app: AppTest, mode: str) -> AppTest:
    return checked(app.segmented_control(key="compare_mode").set_value(mode).run())


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    app.file_uploader(key="compare_file").set_value((name, data, "application/octet-stream"))
    return checked(app.run())


def png(picture: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def stored_png(made: Made, frame_id: int) -> bytes:
    with open_store(made.path) as db:
        return trajectories.png(db, frame_id)


def words(app: AppTest) -> list[str]:
    """What is said of the neighbours, the nearest first: headline, reason and facts."""
    headlines = [each.value for each in app.markdown if re.match(r"\*\*\d+\. ", each.value)]
    facts = [each.value for each in app.caption if each.value.startswith("**")][-len(headlines) :]
    return [shown("\n".join(each)) for each in zip(headlines, facts, strict=False)]


def test_a_link_opens_on_its_frame_with_its_neighbours(
    modelled: Made, monkeypatch: pytest.MonkeyPatch
):
    app = opened(modelled, monkeypatch, frame="30", run=str(modelled.run_id))
    assert app.segmented_control(key="compare_mode").value == "Stored frame"
    assert app.slider(key="query_number").value == 10
    asked = ask.query(modelled.path, modelled.run_id, "frame:30", 5, one_per_trajectory=True)
    rows = asked["neighbours"]
    assert len(words(app)) == len(rows) == 2  # of as many other trajectories
    for number, (row, said) in enumerate(zip(rows, words(app), strict=True), start=1):
        assert row["trajectory"] in said
        assert f"step {row['time']}" in said
        assert said.startswith(f"**{number}. Distance {row['distance']:.3g}**")
        assert "\nnearer than" in said
        assert f"frame {row['index'] + 1} of 20 · step {row['time']}" in said
    assert any("preset seed" in element.value for element in app.caption)
    sure = "Placed to ± 0.37 (standard deviation along any axis); two frames drawn at random"
    assert any(sure in element.value for element in app.caption)


def test_the_address_follows_what_is_picked(modelled: Made, monkeypatch: pytest.MonkeyPatch):
    app = opened(modelled, monkeypatch, frame="30")
    checked(app.slider(key="query_number").set_value(5).run())
    assert app.query_params["frame"] == "25"
    assert app.slider(key="query_number").value == 5
    choose(app, "Upload")
    assert "frame" not in app.query_params


def test_a_second_link_wins_over_what_was_picked(app: AppTest):
    choose(app, "Upload")
    app.query_params["frame"] = "45"
    checked(app.run())
    assert app.segmented_control(key="compare_mode").value == "Stored frame"
    assert app.slider(key="query_number").value == 5
    assert words(app)


@pytest.mark.parametrize("frame", ["999", "abc", "-3"])
def test_a_link_to_no_frame_says_so_and_the_page_goes_on(
    modelled: Made, monkeypatch: pytest.MonkeyPatch, frame: str
):
    app = opened(modelled, monkeypatch, frame=frame)
    assert "no frame" in app.warning[0].value
    assert words(app)


def test_options_change_what_is_found(modelled: Made, monkeypatch: pytest.MonkeyPatch):
    app = opened(modelled, monkeypatch, frame="30")
    own = "phi0.500-chi2.8-r1"
    assert len(words(app)) == 2  # one a trajectory, and not its own
    assert not any(own in text for text in words(app))
    source = app.radio(key="compare_from")
    checked(source.set_value("All others").run())
    assert len(words(app)) == 5
    assert not any(own in text for text in words(app))
    checked(source.set_value("Its own too").run())
    assert any(own in text for text in words(app))
    checked(app.slider(key="compare_k").set_value(20).run())
    assert len(words(app)) == 20
    assert not any("not yet separated" in text for text in words(app))


def test_a_picture_of_a_stored_frame_finds_it(modelled: Made, app: AppTest):
    upload(choose(app, "Upload"), "asked.png", stored_png(modelled, 30))
    first = words(app)[0]
    assert "phi0.500-chi2.8-r1" in first
    assert "step 200" in first
    assert "Distance 0.000" in first
    assert "nearer than all random pairs" in first


def test_swapped_phases_and_the_threshold_change_the_frame(modelled: Made, app: AppTest):
    with open_store(modelled.path) as db:
        white = trajectories.frame(db, 30) > 127
    negative = np.where(white, 40, 220).astype(np.uint8)
    negative[0, :2] = 130, 140  # more than two values, which would be two phases at any threshold
    upload(choose(app, "Upload"), "negative.png", png(negative))
    assert "Distance 0.000" not in words(app)[0]
    checked(app.toggle(key="compare_inverted").set_value(True).run())
    assert "Distance 0.000" in words(app)[0]
    checked(app.slider(key="compare_threshold").set_value(0.95).run())
    assert not words(app)
    assert "one side of this gray level" in app.info[0].value


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("text.png", b"hello", "not a picture"),
        ("empty.png", b"", "empty"),
        ("cut.png", "cut", "cut off"),
        ("nothing.npy", b"\x93NUMPY", "npy"),
        ("white.png", "white", "one colour everywhere"),
    ],
)
def test_bad_uploads_are_refused_and_the_page_goes_on(
    modelled: Made, app: AppTest, name: str, data: bytes | str, sentence: str
):
    good = stored_png(modelled, 30)
    made_up = {"cut": good[: len(good) // 2], "white": png(np.full((90, 300), 255, np.uint8))}
    choose(app, "Upload")
    upload(app, name, made_up[data] if isinstance(data, str) else data)
    said = [element.value for element in (*app.error, *app.info)]
    assert len(said) == 1
    assert sentence in said[0]
    assert not words(app)
    assert words(upload(app, "good.png", good))


def test_an_upload_is_still_there_after_looking_elsewhere(modelled: Made, app: AppTest):
    upload(choose(app, "Upload"), "asked.png", stored_png(modelled, 30))
    before = words(app)
    choose(app, "Stored frame")
    assert words(choose(app, "Upload")) == before
    assert any("Uploaded before: asked.png" in element.value for element in app.caption)


def test_a_constant_frame_has_no_neighbours(modelled: Made, monkeypatch: pytest.MonkeyPatch):
    app = opened(modelled, monkeypatch, frame="21")
    assert "one colour everywhere" in app.info[0].value
    assert not words(app)


def test_a_blank_canvas_asks_for_a_domain(app: AppTest):
    choose(app, "Draw")
    assert "Draw at least one domain" in app.info[0].value
    assert not words(app)


def test_the_pen_shows_on_what_one_starts_from(app: AppTest):
    choose(app, "Draw")
    for start, pen in (("White", "Black"), ("Black", "White")):
        checked(app.pills(key="draw_ground").set_value(start).run())
        assert app.segmented_control(key="draw_pen").value == pen


def test_drawing_on_a_frame_begins_with_that_frame(modelled: Made, monkeypatch: pytest.MonkeyPatch):
    app = opened(modelled, monkeypatch, frame="30")
    draw_on = next(element for element in app.button if element.label == "Draw on it")
    checked(draw_on.click().run())
    assert app.segmented_control(key="compare_mode").value == "Draw"
    assert app.slider(key="ground_number").value == 10
    assert "Distance 0.000" in words(app)[0]  # nothing drawn yet: the frame itself


def drawn(app: AppTest, start: str) -> AppTest:
    choose(app, "Draw")
    return checked(app.pills(key="draw_ground").set_value(start).run())


def against_data(app: AppTest) -> str:
    """Where the page says that the query lies against the data's range."""
    return next(each.proto.body for each in app.get("html") if "the data's" in each.proto.body)


@pytest.mark.parametrize("start", ["Droplets", "Stripes", "Labyrinth", "Layers"])
def test_patterns_are_compared_and_lie_within_the_data(app: AppTest, start: str):
    drawn(app, start)
    assert len(words(app)) == 3  # one a trajectory: a drawing has none of its own
    assert app.radio(key="compare_from").options == ["Different ones", "All others"]
    assert against_data(app).count("within the data's") == 4  # two bars, each named and labelled


def test_a_drawing_has_an_address_that_opens_it_again(
    modelled: Made, monkeypatch: pytest.MonkeyPatch
):
    app = drawn(opened(modelled, monkeypatch), "Labyrinth")
    key = app.query_params["drawing"]
    assert "frame" not in app.query_params
    found = words(app)
    again = opened(modelled, monkeypatch, drawing=key, run=str(modelled.run_id))
    assert again.segmented_control(key="compare_mode").value == "Draw"
    assert words(again) == found
    assert again.query_params["drawing"] == key
    assert words(checked(again.run())) == found
    # Another start is another drawing; a stored frame takes the drawing out of the address.
    checked(again.pills(key="draw_ground").set_value("Droplets").run())
    assert again.query_params["drawing"] != key
    choose(again, "Stored frame")
    assert "drawing" not in again.query_params
    # Back to an address in the same tab.
    again.query_params["drawing"] = key
    del again.query_params["frame"]
    checked(again.run())
    assert words(again) == found


def test_an_upload_has_an_address_that_opens_it_again(
    modelled: Made, monkeypatch: pytest.MonkeyPatch
):
    app = opened(modelled, monkeypatch)
    upload(choose(app, "Upload"), "asked.png", stored_png(modelled, 30))
    key = app.query_params["upload"]
    again = opened(modelled, monkeypatch, upload=key)
    assert again.segmented_control(key="compare_mode").value == "Upload"
    assert words(again) == words(app)
    assert any("Uploaded before: asked.png" in element.value for element in again.caption)
    choose(again, "Stored frame")
    assert "upload" not in again.query_params


@pytest.mark.parametrize("link", [{"drawing": "0" * 24}, {"upload": "../x"}])
def test_a_drawing_that_is_no_longer_kept_says_so_and_the_page_goes_on(
    modelled: Made, monkeypatch: pytest.MonkeyPatch, link: dict[str, str]
):
    app = opened(modelled, monkeypatch, **link)
    assert "no longer kept" in app.warning[0].value
    assert words(app)
    assert not app.query_params.keys() & link.keys()


def test_a_store_that_cannot_be_written_keeps_no_drawing_and_compares_it(
    modelled: Made, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> str:
        raise NotWritable("full")

    monkeypatch.setattr("store.asked_frames.add_drawing", refuse)
    app = drawn(opened(modelled, monkeypatch), "Stripes")
    assert words(app)
    assert "drawing" not in app.query_params


def test_a_frame_far_from_all_others_is_said_to_be(made: Made, monkeypatch: pytest.MonkeyPatch):
    with open_store(made.path) as db:
        far = np.full(16, 1e3, dtype="<f4").tobytes()
        db.execute("UPDATE latents SET mean = ? WHERE frame_id = 30", [far])
    app = opened(made, monkeypatch, frame="30")
    assert "Nothing in blobs is like it" in app.warning[0].value
    assert re.search(r"Distance 3,9\d\d\*\*", words(app)[0])
    assert re.search(r"nearer than [1-5]\.\d % of random pairs", words(app)[0])
    assert not opened(made, monkeypatch, frame="50").warning


def test_a_changed_model_file_is_refused_and_stored_frames_still_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = build_store(tmp_path / "morph.sqlite", trajectories_count=2, frames=6, model=True)
    file = next(checkpoints_folder(made.path).glob("*.pt"))
    file.write_bytes(file.read_bytes()[:-9])
    app = opened(made, monkeypatch, frame="5")
    assert words(app)
    upload(choose(app, "Upload"), "asked.png", stored_png(made, 5))
    assert "was changed or cut short" in app.error[0].value
    assert words(choose(app, "Stored frame"))


def test_without_a_model_the_page_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "morph.sqlite"
    with open_store(path):
        pass
    app = opened(Made(path, 0, 0, 0, (0, 0)), monkeypatch)
    assert "No model has been trained" in app.info[0].value


def test_two_frames_are_compared_in_words_and_the_link_opens_them(
    modelled: Made, monkeypatch: pytest.MonkeyPatch
):
    app = opened(modelled, monkeypatch, frame="30", **{"with": "55"})
    assert app.segmented_control(key="compare_what").value == "Two frames"
    assert any(element.value.startswith("**B against A: ") for element in app.markdown)
    assert any("Without a unit: index this run again" in element.value for element in app.markdown)
    comparison = ask.compare(modelled.path, modelled.run_id, "frame:30", "frame:55")
    assert any(f"{comparison['distance']:.3g} ±" in element.value for element in app.markdown)
    checked(app.slider(key="with_number").set_value(4).run())
    assert app.query_params["with"] == "44"
    assert app.query_params["what"] == "two"
    checked(app.segmented_control(key="compare_what").set_value("Nearest frames").run())
    assert not {"with", "what"} & app.query_params.keys()
    assert words(app)


def test_graspi_is_asked_in_the_background_where_it_is_installed(
    made: Made, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("jobs.queue.tend", lambda _store: None)  # queued, not worked on
    monkeypatch.setattr("ui.shell.enter", lambda: None)  # AppTest is always "just started"
    monkeypatch.setattr("jobs.graspi.installed", lambda: False)
    app = opened(made, monkeypatch, frame="30", **{"with": "55"})
    assert any("`pip install py-graspi`" in element.value for element in app.caption)
    monkeypatch.setattr("jobs.graspi.installed", lambda: True)
    checked(app.run())
    checked(app.button(key="graspi_[30, 55]").click().run())
    with open_store(made.path) as db:
        (job,) = jobs.all_jobs(db)
        assert (job.kind, job.args) == ("graspi", {"frames": [30, 55]})
        assert jobs.claim(db) is not None
        report = {"ABS_f_D": 0.51, "STAT_n": 40000.0}
        jobs.finish(db, job.id, "done", result={"reports": {"30": report, "55": report}})
    checked(app.run())
    table = app.dataframe[0].value
    assert table["A"].tolist() == ["0.51", "40,000"]


def test_a_frame_is_no_farther_from_itself(modelled: Made, monkeypatch: pytest.MonkeyPatch):
    app = opened(modelled, monkeypatch, frame="30", **{"with": "30"})
    said = [element.value for element in app.markdown]
    assert "**B against A: Same area fraction, domains of the same size.**" in said
    assert any("100 %" in element.value for element in app.caption)


def test_the_second_frame_may_be_uploaded(modelled: Made, monkeypatch: pytest.MonkeyPatch):
    app = opened(modelled, monkeypatch, frame="30", **{"with": "55"})
    checked(app.segmented_control(key="with_mode").set_value("Upload").run())
    data = stored_png(modelled, 30)
    app.file_uploader(key="with_file").set_value(("b.png", data, "application/octet-stream"))
    checked(app.run())
    assert any(element.value.startswith("##### 0 ±") for element in app.markdown) or any(
        "e-0" in element.value for element in app.markdown if element.value.startswith("#####")
    )


def test_what_is_searched_by_can_be_chosen(modelled: Made, monkeypatch: pytest.MonkeyPatch):
    app = opened(modelled, monkeypatch, frame="30")
    by_model = words(app)
    checked(app.radio(key="compare_by").set_value("Area fraction and L").run())
    by_hand = words(app)
    assert len(by_hand) == len(by_model) == 2
    assert by_hand != by_model
    assert all("rea fraction" in text or "points" in text for text in by_hand)
    checked(app.radio(key="compare_by").set_value("Two-point statistics").run())
    assert len(words(app)) == 2
    assert words(app) != by_model
    assert not any("posterior" in element.value for element in app.caption)


def test_a_link_keeps_the_options_of_a_search(
    modelled: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = {"compare_by": "All descriptors", "compare_k": "3", "compare_from": "All others"}
    app = opened(modelled, monkeypatch, frame="30", run=str(modelled.run_id), **link)
    assert app.radio(key="compare_by").value == "All descriptors"
    assert app.radio(key="compare_from").value == "All others"
    assert len(words(app)) == 3


def test_neighbours_predict_properties(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    add_properties(made)
    monkeypatch.setattr("ui.shell.enter", lambda: None)
    app = opened(made, monkeypatch, frame="50", run=str(made.run_id))
    text = "\n".join(element.value for element in app.markdown)
    assert "The 10 nearest frames of other trajectories predict" in text
    assert "**current -" in text
    assert "not evaluated" in text
    assert any("current -" in caption and "batch" in caption for caption in words(app))
    checked(app.radio(key="compare_by").set_value("Area fraction and L").run())
    assert "predict" in "\n".join(element.value for element in app.markdown)


def test_two_frames_of_which_one_has_hardly_begun_to_separate(
    modelled: Made, monkeypatch: pytest.MonkeyPatch
):
    """Its binary form has two colours; nothing is said of its area fraction and L."""
    with open_store(modelled.path) as db:
        db.execute("UPDATE frames SET uniform = 1 WHERE id = 50")
        db.execute("UPDATE descriptors SET contrast = 0.05 WHERE frame_id = 50")
    app = opened(modelled, monkeypatch, frame="30", **{"with": "50"})
    said = [element.value for element in app.markdown]
    assert "**B against A: B has hardly begun to separate: contrast 0.05 for 1.00.**" in said
    captions = " ".join(shown(element.value) for element in app.caption)
    assert "not yet separated (contrast 0.05) · area fraction — · L —" in captions
    # For neighbours it is no query: what is near to noise means nothing.
    alone = opened(modelled, monkeypatch, frame="50")
    assert "its contrast is 0.05 of 1" in alone.info[0].value


def test_query_and_neighbours_are_drawn_alike(modelled: Made, monkeypatch: pytest.MonkeyPatch):
    app = opened(modelled, monkeypatch, frame="30")
    assert app.segmented_control(key="compare_look").value == "gray"
    checked(app.segmented_control(key="compare_look").set_value("binary").run())
    assert len(words(app)) == 2
