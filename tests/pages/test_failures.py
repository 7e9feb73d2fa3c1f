"""Stores that cannot be written, read or found: a sentence on the page, and reading goes on."""

import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from store import current_run, datasets, jobs
from store.db import open_store
from tests.factory import Made, add_run, build_store

ROOT = Path(__file__).resolve().parents[2]
Visit = Callable[..., AppTest]


@pytest.fixture
def visit(store: Path, monkeypatch: pytest.MonkeyPatch) -> Visit:
    monkeypatch.setenv("MORPH_STORE", str(store))
    monkeypatch.setattr("jobs.queue._spawn", lambda *_: None)
    monkeypatch.setattr(PagesManager, "uses_pages_directory", False)  # as once app.py has run

    def open_page(name: str) -> AppTest:
        page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        page.switch_page(f"pages/{name}.py")
        page.run()
        assert not page.exception, page.exception[0].message
        return page

    return open_page


def said(page: AppTest) -> str:
    assert not page.exception, page.exception[0].message
    return "\n".join(element.value for element in [*page.error, *page.warning]).replace("\\", "")


def full() -> sqlite3.Error:
    """The error of a full disk, as SQLite itself has it."""
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA max_page_count = 1")
    try:
        connection.execute("CREATE TABLE filler (data)")
    except sqlite3.Error as err:
        return err
    finally:
        connection.close()
    raise AssertionError


@pytest.mark.parametrize("name", ["overview", "data", "train", "map"])
def test_a_full_disk_with_a_dead_job_leaves_pages_to_be_read(
    made: Made, visit: Visit, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with open_store(made.path) as db:
        jobs.enqueue(db, "demo", {})
        jobs.claim(db)
        db.execute("UPDATE jobs SET heartbeat = ?", [time.time() - 1000])

    def finish(*_: object, **__: object) -> None:
        raise full()

    monkeypatch.setattr("store.jobs.finish", finish)
    page = visit(name)
    assert "is full; free some space" in said(page)
    assert len(list(page._tree)) > 12


def _working_on_the_store() -> None:
    import streamlit as st

    from store.db import NotWritable
    from ui import failures

    def fail() -> None:
        raise NotWritable("The *disk* is full.")

    st.button("Callback", key="callback", on_click=failures.said()(fail))
    failures.fragment(lambda: st.button("Fragment", key="fragment") and fail())()
    with failures.said():
        if st.button("Page", key="page"):
            fail()
    st.text("the rest of the page")


@pytest.mark.parametrize("key", ["callback", "fragment", "page"])
def test_what_fails_at_a_click_is_said_and_the_page_stays(key: str) -> None:
    page = AppTest.from_function(_working_on_the_store).run()
    assert not page.error
    page.button(key=key).click().run()
    assert not page.exception
    assert page.error[0].value == r"The \*disk\* is full."
    assert page.text[0].value == "the rest of the page"


PAGES = ("overview", "data", "train", "trajectories", "map", "compare", "quality")


@pytest.mark.parametrize("name", PAGES)
def test_a_store_that_was_cut_off_is_called_damaged(made: Made, visit: Visit, name: str) -> None:
    whole = made.path.read_bytes()
    made.path.write_bytes(whole[: len(whole) // 40])
    assert "is damaged" in said(visit(name))


def test_a_store_of_a_newer_version_is_said_on_a_page(made: Made, visit: Visit) -> None:
    with open_store(made.path) as db:
        row = {"migration_set": "morph", "name": "m999_future", "applied_at": "2030"}
        db.table("_sqlite_migrations").insert(row)
    assert "newer version of Morph" in said(visit("overview"))


def test_a_store_that_was_deleted_is_not_made_anew(made: Made, visit: Visit) -> None:
    page = visit("data")
    moved = made.path.rename(made.path.with_name("elsewhere"))
    assert "is gone" in said(page.run())
    assert not made.path.exists()
    moved.rename(made.path)
    assert not said(page.run())


def test_a_store_that_was_replaced_is_shown_as_it_is(
    made: Made, visit: Visit, tmp_path: Path
) -> None:
    assert any("120 frames" in element.value for element in visit("overview").caption)
    other = build_store(tmp_path / "other.sqlite", trajectories_count=2, frames=4)
    with open_store(other.path) as db:
        datasets.rename(db, other.dataset_id, "other")
    shutil.move(other.path, made.path)
    page = visit("overview")
    assert any("8 frames" in element.value for element in page.caption)
    assert any("Some frames of other" in element.value for element in page.caption)
    assert "Another store" in page.toast[0].value


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.usefixtures("made")
def test_a_store_in_a_read_only_folder_can_be_browsed(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("store.copies._lacks_shared_memory", lambda _connection: True)
    page = visit(name)
    assert not page.error
    assert len(list(page._tree)) > 12


@pytest.mark.usefixtures("made")
def test_a_model_is_made_current_only_where_the_store_can_be_written(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = add_run(made, "other")
    monkeypatch.setenv("MORPH_STORE", str(made.path))
    monkeypatch.setattr("ui.shell.enter", lambda: None)
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.switch_page("pages/train.py")
    page.query_params["run"] = str(made.run_id)
    page.run()
    monkeypatch.setattr("store.copies._lacks_shared_memory", lambda _connection: True)
    assert "can be read, but not written" in said(
        page.button(key=f"make_current_{made.run_id}").click().run()
    )
    with open_store(made.path) as db:
        assert current_run.of(db) == other
