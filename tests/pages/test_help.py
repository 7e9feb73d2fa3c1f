"""The Help page says every word of the glossary."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from exports.export import WHAT
from ui import shell
from wording import glossary

APP = str(Path(__file__).resolve().parents[2] / "app.py")


@pytest.fixture
def page(store: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("MORPH_STORE", str(store))
    monkeypatch.setattr(shell, "enter", lambda: None)  # AppTest is always "just started"
    page = AppTest.from_file(APP, default_timeout=60)
    page.switch_page("pages/help.py")
    return page


def words(page: AppTest) -> str:
    page.run()
    assert not page.exception, page.exception[0].message
    return "\n".join(each.value for each in page.markdown)


def test_every_word_is_there(page: AppTest) -> None:
    said = words(page)
    for term in glossary.TERMS.values():
        assert f"**{term.name}**: {term.meaning}" in said
    assert "ten frames back or on" in said


def test_all_that_can_be_exported_is_named(page: AppTest) -> None:
    said = words(page)
    for what in WHAT:
        assert what.startswith("chart-") or f"`{what}`" in said


def test_a_search_leaves_what_has_all_its_words(page: AppTest) -> None:
    words(page)
    page.text_input(key="help_search").set_value("PARQUET npz")
    said = words(page)
    assert "`safetensors`" in said
    assert "ten frames back or on" not in said
    assert glossary.TERMS["elbo"].name not in said
    page.text_input(key="help_search").set_value("zeolite")
    assert words(page).count("**") == 0
    assert page.info
