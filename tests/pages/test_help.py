"""The Help page says every word of the glossary."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui import shell
from wording import glossary

APP = str(Path(__file__).resolve().parents[2] / "app.py")


def test_every_word_is_there(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MORPH_STORE", str(store))
    monkeypatch.setattr(shell, "enter", lambda: None)  # AppTest is always "just started"
    page = AppTest.from_file(APP, default_timeout=60)
    page.switch_page("pages/help.py")
    page.run()
    assert not page.exception, page.exception[0].message
    words = "\n".join(each.value for each in page.markdown)
    for term in glossary.TERMS.values():
        assert f"**{term.name}**: {term.meaning}" in words
    assert "ten frames back or on" in words
