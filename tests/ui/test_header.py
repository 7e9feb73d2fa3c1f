"""The line on top of every page."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from tests.factory import Made

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "pages").glob("[a-z]*.py"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_has_one_title_and_what_it_is_about_is_opened_on_demand(
    path: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MORPH_STORE", str(made.path))
    monkeypatch.setattr("ui.shell.enter", lambda: None)  # AppTest is always "just started"
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.switch_page(f"pages/{path.name}").run()
    assert not page.exception, page.exception[0].message
    assert len(page.title) == 1
    assert "About" in _popovers(page.main)


def _popovers(block: Block) -> list[str]:
    """The labels of all popovers inside a block."""
    inner = [child for child in block.children.values() if isinstance(child, Block)]
    found = [label for child in inner for label in _popovers(child)]
    return found + ([block.proto.popover.label] if block.type == "popover" else [])
