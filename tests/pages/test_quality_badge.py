"""The verdict on a model as a badge on the pages that use it, and one figure over all pages."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from store import evaluations
from store.db import open_store
from tests.evaluated import evaluation
from tests.factory import Made

APP = str(Path(__file__).resolve().parents[2] / "app.py")


def _page(made: Made, monkeypatch: pytest.MonkeyPatch, name: str) -> AppTest:
    monkeypatch.setenv("MORPH_STORE", str(made.path))
    page = AppTest.from_file(APP, default_timeout=60)
    page.switch_page(f"pages/{name}.py")
    page.run()
    assert not page.exception, page.exception[0].message
    return page


def _judge(made: Made) -> None:
    with open_store(made.path) as db:
        evaluations.add(db, made.checkpoint_id, evaluation(verified=True))


@pytest.mark.parametrize("name", ["map", "compare", "model"])
def test_the_badge_says_what_the_model_is_worth_and_leads_to_its_figures(
    made: Made, monkeypatch: pytest.MonkeyPatch, name: str
):
    def badge(page: AppTest) -> tuple[str, str, str]:
        (link,) = (each.proto for each in page.get("page_link") if "badge" in each.proto.label)
        return link.label, link.help, f"{link.page}?{link.query_string}"

    label, _, _ = badge(_page(made, monkeypatch, name))
    assert label.startswith(":gray-badge[")
    assert "not evaluated yet" in label
    _judge(made)
    label, sentence, target = badge(_page(made, monkeypatch, name))
    assert label.startswith(":red-badge[")
    assert "worse than area fraction and L" in label
    assert "by 0.14 (0.05 to 0.20)." in sentence
    assert "Training adds 0.10 (0.02 to 0.18) to wavelet scattering" in sentence
    assert target.startswith("quality")
    assert target.endswith(f"run={made.run_id}")


@pytest.mark.parametrize("name", ["overview", "map", "compare", "model", "quality"])
def test_every_page_gives_the_same_held_out_bound(
    made: Made, monkeypatch: pytest.MonkeyPatch, name: str
):
    _judge(made)
    page = _page(made, monkeypatch, name)
    said = [each.value for kind in (page.markdown, page.caption) for each in kind]
    bounds = [words for words in said if "held-out −ELBO" in words]
    assert len(bounds) == 1
    assert "held-out −ELBO 1,800 nats per separated frame" in bounds[0]
    if name == "quality":
        assert any("**1,800**" in each.value for each in page.markdown)
