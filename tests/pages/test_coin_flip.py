"""A model that is no better than a coin flip is said to be so on every page that uses it."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from store.db import open_store
from tests.factory import Made

APP = str(Path(__file__).resolve().parents[2] / "app.py")
PAGES = ("overview", "train", "trajectories", "map", "compare", "model", "quality")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("knows_nothing", [True, False])
def test_every_page_that_uses_a_model_says_in_red_that_it_knows_nothing(
    made: Made, monkeypatch: pytest.MonkeyPatch, page: str, knows_nothing: bool
):
    if knows_nothing:
        with open_store(made.path) as db:
            db.execute("UPDATE epochs SET held_out_recon_nats = 27726, held_out_kl_nats = 0.0")
    monkeypatch.setenv("MORPH_STORE", str(made.path))
    app = AppTest.from_file(APP, default_timeout=60)
    app.switch_page(f"pages/{page}.py")
    app.run()
    said = [element.value for element in app.error if "no better than a coin flip" in element.value]
    assert len(said) == knows_nothing
