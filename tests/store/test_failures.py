"""What SQLite's errors are called, by the real thing wherever that can be made."""

import os
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlite_utils import Database

from store import copies
from store.db import NotWritable, StoreError, StoreGone, identity, open_store
from store.failures import describe
from store.migrations import MIGRATIONS
from tests.factory import Made


def read_all(path: Path) -> None:
    with open_store(path) as db:
        for table in db.table_names():
            db.execute(f"SELECT * FROM {table}").fetchall()


def error(code: int) -> sqlite3.Error:
    err = sqlite3.OperationalError("an error")
    err.sqlite_errorcode = code
    return err


@pytest.mark.parametrize(
    ("code", "says", "reads"),
    [
        (sqlite3.SQLITE_FULL, "is full; free some space", True),
        (sqlite3.SQLITE_READONLY, "can be read, but not written", True),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "can be read, but not written", True),
        (sqlite3.SQLITE_IOERR_WRITE, "does not answer", False),
        (sqlite3.SQLITE_CORRUPT, "is damaged", False),
        (sqlite3.SQLITE_CANTOPEN, "cannot be opened", False),
        (sqlite3.SQLITE_NOTADB, "is not an SQLite file", False),
    ],
)
def test_an_error_of_the_disk_has_a_sentence(code: int, says: str, reads: bool) -> None:
    failure = describe(error(code), Path("a.sqlite"))
    assert failure is not None
    assert says in failure.words
    assert failure.reads == reads


def test_a_mistake_of_our_own_has_none() -> None:
    assert describe(error(sqlite3.SQLITE_CONSTRAINT), Path("a.sqlite")) is None
    assert describe(sqlite3.ProgrammingError("closed"), Path("a.sqlite")) is None


def test_a_log_that_cannot_be_read_is_named(made: Made) -> None:
    made.path.with_name("morph.sqlite-wal").write_bytes(b"log")
    failure = describe(error(sqlite3.SQLITE_CANTOPEN), made.path)
    assert failure is not None
    assert "is in morph.sqlite-wal beside it" in failure.words


@pytest.mark.parametrize("share", [0.001, 0.02, 0.3, 0.9])
def test_a_store_that_was_cut_off_is_damaged(made: Made, share: float) -> None:
    whole = made.path.read_bytes()
    made.path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(StoreError, match="is damaged"):
        read_all(made.path)


def test_a_store_that_is_gone_is_not_made_anew(store: Path) -> None:
    with open_store(store):
        pass
    store.unlink()
    with pytest.raises(StoreGone, match="is gone"), open_store(store):
        pass
    assert not store.exists()


def test_another_store_in_the_place_of_one_has_another_identity(store: Path) -> None:
    before = identity(store)
    assert identity(store) == before
    other = store.with_name("other.sqlite")
    identity(other)
    other.replace(store)
    assert identity(store) != before


@pytest.mark.skipif(os.getuid() == 0, reason="to root, nothing is read-only")
def test_a_store_in_a_read_only_folder_is_read(made: Made) -> None:
    made.path.chmod(0o444)
    made.path.parent.chmod(0o555)
    try:
        with open_store(made.path) as db:
            assert db.execute("SELECT count(*) FROM frames").fetchone() == (120,)
        with pytest.raises(NotWritable), open_store(made.path) as db:
            db.execute("DELETE FROM frames")
    finally:
        made.path.parent.chmod(0o755)


def test_an_older_store_that_cannot_be_written_says_that_it_has_to_be_upgraded(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = sqlite3.connect(store)
    MIGRATIONS.apply(Database(connection), stop_before="m015_z")
    connection.close()
    monkeypatch.setattr(copies, "_lacks_shared_memory", lambda _connection: True)
    with pytest.raises(StoreError, match="older version of Morph"), open_store(store):
        pass


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_READONLY])
def test_whatever_fails_on_a_full_disk_fails_since_it_is_full(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=4096))
    failure = describe(error(code), tmp_path / "a.sqlite")
    assert failure is not None
    assert "is full; free some space" in failure.words
    assert failure.reads
