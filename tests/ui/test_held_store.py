"""While a page runs, the store's log stays; when it has run, the file has everything."""

from pathlib import Path

import pytest

from store.db import open_store
from tests.factory import Made
from ui.held_store import held


def test_the_log_is_kept_while_the_store_is_held(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MORPH_STORE", str(made.path))
    log = made.path.with_name(made.path.name + "-wal")
    with held():
        for _ in range(2):
            with open_store(made.path) as db:
                db.execute("UPDATE datasets SET name = 'renamed'")
            assert log.exists()
    assert not log.exists()
    with open_store(made.path) as db:
        assert [name for (name,) in db.execute("SELECT name FROM datasets")] == ["renamed"]


def test_what_cannot_be_opened_is_left_to_whatever_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MORPH_STORE", str(tmp_path))  # a folder
    ran = False
    with held():
        ran = True
    assert ran
