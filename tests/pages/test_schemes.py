"""Pages say in one line where frames are of both schemes, or a step is not one time for all."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from morphcore.types import Latents
from store import attached, datasets, latents, trajectories
from store.db import open_store
from tests.factory import Made, trajectory
from ui import shell

APP = str(Path(__file__).resolve().parents[2] / "app.py")
Open = Callable[..., AppTest]
MIXED = "Two schemes simulated these frames"
CLOCK = "A step is not the same time for all of these"


@pytest.fixture
def open_page(made: Made, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open a page of the store as a link with these parameters does."""
    monkeypatch.setenv("MORPH_STORE", str(made.path))
    monkeypatch.setattr("jobs.queue.tend", lambda _store: None)
    monkeypatch.setattr(shell, "enter", lambda: None)  # AppTest is always "just started"

    def opened(page: str, **link: object) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=60)
        app.switch_page(f"pages/{page}.py")
        for name, value in link.items():
            app.query_params[name] = str(value)
        app.run()
        assert not app.exception, app.exception[0].message
        return app

    return opened


def looked_at(made: Made, scheme: str | None) -> int:
    """A data set "zoo" of a scheme, or imported, at which the model looks; its id."""
    kind = "imported" if scheme is None else "simulated"
    with open_store(made.path) as db:
        dataset_id = datasets.create(db, "zoo", kind, {"scheme": scheme} if scheme else {})
        trajectories.add(db, dataset_id, trajectory("one", frames=4, seed=3))
        ids = trajectories.frame_table(db, dataset_id).frame_ids
        own = latents.of_checkpoint(db, made.checkpoint_id).subset(np.arange(1, 5))
        attached.attach(db, made.checkpoint_id, dataset_id, "one")
        placed = Latents(ids, own.mean, own.logvar)
        attached.add(db, made.checkpoint_id, dataset_id, placed, np.ones(4))
    return dataset_id


def frames_of(made: Made, dataset_id: int) -> list[int]:
    with open_store(made.path) as db:
        return trajectories.frame_table(db, dataset_id).frame_ids.tolist()


def warned(app: AppTest) -> list[str]:
    return [element.value for element in app.warning if MIXED in element.value]


def clocks(app: AppTest) -> list[str]:
    return [element.value for element in app.caption if CLOCK in element.value]


def test_a_map_of_both_schemes_says_so_until_one_of_them_is_hidden(made: Made, open_page: Open):
    looked_at(made, "bdf2")
    page = open_page("map")
    (words,) = warned(page)
    assert "zoo by second order, adaptive" in words
    assert "blobs by first order" in words
    page.multiselect[0].set_value([]).run()
    assert not page.exception
    assert not warned(page)


@pytest.mark.parametrize("scheme", ["first-order", None])
def test_a_map_of_one_scheme_says_nothing(made: Made, open_page: Open, scheme: str | None):
    looked_at(made, scheme)
    assert not warned(open_page("map"))


def test_neighbours_of_another_scheme_are_said_to_be(made: Made, open_page: Open):
    zoo = looked_at(made, "bdf2")
    page = open_page("compare", frame=3)
    assert not warned(page)  # it searches in the model's own
    page.session_state[f"compare_gallery_{made.run_id}"] = [made.dataset_id, zoo]
    page.run()
    assert not page.exception
    assert warned(page)


def test_two_frames_of_both_schemes_are_said_to_be(made: Made, open_page: Open):
    other = frames_of(made, looked_at(made, "bdf2"))
    assert warned(open_page("compare", frame=30, **{"with": other[2]}))
    assert not warned(open_page("compare", frame=30, **{"with": 55}))
    between = {"what": "between", "with": other[2]}
    assert warned(open_page("model", frame=30, **between))


def test_films_beside_each_other_are_said_to_have_other_clocks(made: Made, open_page: Open):
    with open_store(made.path) as db:
        a, b, c = [info.id for info in trajectories.trajectories(db, made.dataset_id)][:3]
        db.execute("UPDATE trajectories SET chi = 3.4 WHERE id = ?", [c])
    assert not clocks(open_page("trajectories", traj=f"{a},{b}"))
    (words,) = clocks(open_page("trajectories", traj=f"{a},{c}"))
    assert (
        "10 units of time (κ 12 px²) at χ 2.4, 2 units of time (κ 5 px²) at χ 3.4"
        in words.replace("\\", "")
    )
    in_c = frames_of(made, made.dataset_id)[2 * 20 + 5]
    assert clocks(open_page("compare", frame=5, **{"with": in_c}))
    assert clocks(open_page("map", colour="chi"))
    assert not clocks(open_page("map", colour="phi"))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("{}", "first order (before 28 November 2026) · κ 8 px² · 10 units of time a step"),
        (
            '{"scheme": "bdf2"}',
            "second order, adaptive (BDF2) · κ 8 px² · 12 units of time a step",
        ),
    ],
)
def test_a_data_set_says_its_scheme_its_kappa_as_stored_and_its_clock(
    made: Made, open_page: Open, config: str, words: str
):
    with open_store(made.path) as db:
        db.execute("UPDATE datasets SET config = ?", [config])
        db.execute("UPDATE trajectories SET params = json_set(params, '$.kappa', 8.0)")
    page = open_page("data", dataset=made.dataset_id)
    captions = [element.value.replace("\\", "") for element in page.caption]
    assert f"Simulated by the scheme {words}" in captions
