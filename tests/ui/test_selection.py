"""The model that pages start with, and what wins over it."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from store import current_run
from store.db import open_store
from tests.factory import Made, add_run


def _page(path: str) -> None:
    """A page that asks for a model alone."""
    from pathlib import Path

    from ui import header
    from ui.selection import choose_run

    choose_run(Path(path), header.show("A page", "What it is about."))


@pytest.fixture(autouse=True)
def _no_badge(monkeypatch: pytest.MonkeyPatch) -> None:
    """A link needs the app's pages."""
    monkeypatch.setattr("ui.quality_badge.show", lambda _store, _run: None)


@pytest.fixture
def two(made: Made) -> tuple[Made, int]:
    return made, add_run(made, "newer")


def opened(store: Path, **link: str) -> AppTest:
    page = AppTest.from_function(_page, args=(str(store),), default_timeout=60)
    for name, value in link.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception[0].message
    return page


def shown(page: AppTest) -> int:
    return int(page.selectbox(key="run_id").value)


def test_a_page_starts_with_the_current_model_and_a_link_wins(two: tuple[Made, int]) -> None:
    made, newer = two
    assert shown(opened(made.path)) == newer
    with open_store(made.path) as db:
        current_run.choose(db, made.run_id)
    assert shown(opened(made.path)) == made.run_id
    page = opened(made.path, run=str(newer))
    assert shown(page) == newer
    page.button(key=f"make_current_{newer}").click().run()
    with open_store(made.path) as db:
        assert current_run.of(db) == newer
    assert not page.button  # nothing is left to make current


def test_pages_follow_when_another_tab_makes_a_model_current(two: tuple[Made, int]) -> None:
    made, newer = two
    page = opened(made.path)
    assert shown(page) == newer
    with open_store(made.path) as db:
        current_run.choose(db, made.run_id)
    del page.query_params["run"]  # as on the way to another page
    page.run()
    assert shown(page) == made.run_id
