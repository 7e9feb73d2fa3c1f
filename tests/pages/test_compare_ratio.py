"""Compare as a user meets it where the model has a likelihood ratio."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Multiselect

from jobs.cli import ask
from store.db import open_store
from tests.factory import Made
from tests.known_ratio import embedding, give_ratio
from tests.pages.test_compare import checked, opened

KNOWN = embedding(between=50.0)


@pytest.fixture
def rated(made: Made) -> Made:
    give_ratio(made, KNOWN)
    return made


def answers(app: AppTest) -> list[str]:
    """What is said in the headings of cards, the first card first."""
    return [each.value for each in app.markdown if each.value.startswith("##### ")]


def chosen(app: AppTest, key: str) -> Multiselect:
    return next(each for each in app.multiselect if (each.key or "").startswith(key))


def indices(app: AppTest, sample: str) -> Multiselect:
    return chosen(app, f"{sample}_indices")


def test_the_ratio_is_the_first_card_and_a_prior_makes_it_a_probability(
    rated: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(rated, monkeypatch, frame="30", **{"with": "50"})
    told = ask.compare(rated.path, rated.run_id, "frame:30", "frame:50")
    said = answers(app)[0].removeprefix("##### ")
    assert told["answer"].startswith(said)
    assert any("162 realisations of 54 cells" in each.value for each in app.caption)
    assert not any("could be the same process" in each.value for each in app.markdown)
    assert not any("with that prior" in each.value for each in app.markdown)
    checked(app.number_input(key="compare_prior").set_value(4.0).run())
    told = ask.compare(rated.path, rated.run_id, "frame:30", "frame:50", prior=0.25)
    (stated,) = [each.value for each in app.markdown if "with that prior" in each.value]
    assert stated in told["answer"]


def test_neighbours_have_their_ratio_as_headline(
    rated: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(rated, monkeypatch, frame="30")
    heads = [each for each in app.markdown if each.value.startswith("**1. ")]
    told = ask.query(rated.path, rated.run_id, "frame:30", 1)["neighbours"][0]
    pair = ask.compare(rated.path, rated.run_id, "frame:30", f"frame:{told['frame_id']}")
    assert re.match(r"\*\*1\. (One|Two) process(es)?: .* times as probable\*\*", heads[0].value)
    figure = re.search(r"([\d,.]+) times", pair["answer"])
    assert figure is not None
    assert f"{figure[1]} times as probable**" in heads[0].value
    assert pair["answer"].split(".")[0] in heads[0].help
    # By another embedding it is the distance.
    checked(app.radio(key="compare_by").set_value("All descriptors").run())
    assert any(each.value.startswith("**1. Distance ") for each in app.markdown)


def test_a_frame_unlike_all_gets_a_sentence_and_no_number(
    rated: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(rated.path) as db:
        far = np.full(16, 1e3, dtype="<f4").tobytes()
        db.execute("UPDATE latents SET mean = ? WHERE frame_id = 30", [far])
    app = opened(rated, monkeypatch, frame="30", **{"with": "50"})
    assert answers(app)[0] == ("##### A is unlike all that the model knows, so it gives no ratio.")
    assert not any("another process" in each for each in answers(app))


def test_two_samples_of_stored_frames(rated: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(rated, monkeypatch)
    checked(app.segmented_control(key="compare_what").set_value("Two samples").run())
    assert "frame" not in app.query_params
    a, b = (chosen(app, f"{name}_trajectories") for name in ("sample_a", "sample_b"))
    assert (a.value, b.value) == ([1], [2])
    a.set_value([1, 3])
    for name in ("sample_a", "sample_b"):
        indices(app, name).set_value([9])
    checked(app.run())
    told = ask.compare_sets(rated.path, rated.run_id, ["frame:10", "frame:50"], ["frame:30"])
    assert told["answer"].startswith(answers(app)[0].removeprefix("##### "))
    assert any("counts as a film of its own" in each.value for each in app.caption)
    checked(indices(app, "sample_b").set_value([9, 10]).run())
    assert any("Frames of one trajectory are nearly copies" in each.value for each in app.caption)
    link = dict(app.query_params)
    assert (link["sample_a"], link["sample_b_frames"]) == ("1,3", "10,11")
    again = opened(rated, monkeypatch, **link)
    assert answers(again) == answers(app)
    checked(indices(app, "sample_b").set_value([0]).run())
    assert any("one colour everywhere" in each.value for each in app.warning)
    app.query_params.clear()
    app.query_params["frame"] = "30"  # a link to what is similar leads away from samples
    checked(app.run())
    assert app.segmented_control(key="compare_what").value == "Nearest frames"


def test_a_sample_may_be_uploaded(rated: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(rated, monkeypatch)
    checked(app.segmented_control(key="compare_what").set_value("Two samples").run())
    checked(app.segmented_control(key="sample_a_mode").set_value("Upload").run())
    assert not answers(app)
    pictures = []
    for number, period in enumerate((40, 50)):
        out = io.BytesIO()
        stripes = np.broadcast_to(np.arange(400) % period < period // 2, (100, 400))
        Image.fromarray(np.where(stripes, 255, 0).astype(np.uint8)).save(out, "PNG")
        pictures.append((f"{number}.png", out.getvalue(), "image/png"))
    pictures.append(("text.png", b"hello", "image/png"))
    app.file_uploader(key="sample_a_files").set_value(pictures)
    checked(app.run())
    assert any("not a picture" in each.value for each in app.error)
    assert len(answers(app)) == 1
    link = dict(app.query_params)
    again = opened(rated, monkeypatch, **link)
    assert answers(again) == answers(app)
    assert any(each.value.startswith("Uploaded before: ") for each in again.caption)
    link["sample_a_files"] += "0"
    lost = opened(rated, monkeypatch, **link)
    assert any("no longer kept" in each.value for each in lost.warning)
