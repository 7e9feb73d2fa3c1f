import sqlite3
import threading
from pathlib import Path

import pytest
from sqlite_utils import Database

from morphcore.simulation.cells import cell_name
from store import checkpoints, datasets, trajectories
from store.db import StoreError, default_path, open_store, size_bytes
from store.migrations import MIGRATIONS, NAMES
from tests.factory import Made


def test_a_new_store_is_in_wal_mode_with_every_migration_recorded(store: Path) -> None:
    with open_store(store) as db:
        assert db.journal_mode == "wal"
        assert {each.name for each in MIGRATIONS.applied(db)} == NAMES
        assert db.conn.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_many_threads_may_open_a_new_store_at_once(store: Path) -> None:
    failures: list[BaseException] = []

    def visit() -> None:
        try:
            with open_store(store) as db:
                db.conn.execute("SELECT count(*) FROM frames").fetchone()
        except BaseException as err:
            failures.append(err)

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_file_that_is_not_sqlite_is_refused_and_left_as_it_is(store: Path) -> None:
    store.write_bytes(b"these are holiday pictures, honestly" * 50)
    before = store.read_bytes()
    with pytest.raises(StoreError, match="not an SQLite file"), open_store(store):
        pass
    assert store.read_bytes() == before


def test_another_programs_sqlite_file_is_refused(store: Path) -> None:
    connection = sqlite3.connect(store)
    connection.execute("CREATE TABLE recipes (id)")
    connection.close()
    with pytest.raises(StoreError, match="not a Morph store"), open_store(store):
        pass
    with sqlite3.connect(store) as connection:
        names = connection.execute("SELECT name FROM sqlite_master").fetchall()
    connection.close()
    assert names == [("recipes",)]


def test_a_store_of_a_newer_version_is_refused(store: Path) -> None:
    with open_store(store) as db:
        row = {"migration_set": "morph", "name": "m999_future", "applied_at": "2030"}
        db.table("_sqlite_migrations").insert(row)
    with pytest.raises(StoreError, match=r"newer version.*m999_future"), open_store(store):
        pass


def test_a_folder_in_the_stores_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"), open_store(tmp_path):
        pass


def test_a_store_stopped_at_any_migration_opens_with_its_rows(store: Path) -> None:
    # The first schema with a row in it, as the first release left it.
    connection = sqlite3.connect(store)
    db = Database(connection)
    MIGRATIONS.apply(db, stop_before=sorted(NAMES)[1:])
    db.execute("INSERT INTO datasets (name, kind, config, created) VALUES ('a','simulated','{}',0)")
    connection.close()
    with open_store(store) as db:
        assert {each.name for each in MIGRATIONS.applied(db)} == NAMES
        assert db.conn.execute("SELECT name FROM datasets").fetchall() == [("a",)]


def test_a_full_disk_is_said_and_loses_nothing(made: Made) -> None:
    def fill() -> None:
        with open_store(made.path) as db:
            pages = db.conn.execute("PRAGMA page_count").fetchone()[0]
            db.conn.execute(f"PRAGMA max_page_count = {pages}")
            db.execute("CREATE TABLE filler (data)")
            db.execute("INSERT INTO filler VALUES (zeroblob(10000000))")

    with pytest.raises(StoreError, match="is full"):
        fill()
    with open_store(made.path) as db:
        assert db.conn.execute("SELECT count(*) FROM frames").fetchone()[0] == 120


def test_the_size_counts_the_log_and_the_checkpoints(made: Made) -> None:
    before = size_bytes(made.path)
    assert before >= made.path.stat().st_size
    folder = made.path.with_name("morph-checkpoints")
    folder.mkdir(exist_ok=True)
    (folder / "x.pt").write_bytes(b"0" * 1000)
    assert size_bytes(made.path) == before + 1000


def test_the_environment_chooses_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MORPH_STORE", "elsewhere.sqlite")
    assert default_path() == Path("elsewhere.sqlite")
    monkeypatch.delenv("MORPH_STORE")
    assert default_path() == Path("data/morph.sqlite")


def test_an_older_store_learns_the_family_and_cell_of_what_was_simulated(store: Path) -> None:
    connection = sqlite3.connect(store)
    db = Database(connection)
    MIGRATIONS.apply(db, stop_before=sorted(NAMES)[1:])
    for id, kind in ((1, "simulated"), (2, "imported")):
        db.execute(
            "INSERT INTO datasets (id, name, kind, config, created) VALUES (?, ?, ?, '{}', 0)",
            [id, kind, kind],
        )
    rows = [(1, "a", 0.543, 2.4), (1, "b", 0.5001, 2.45), (1, "c", None, 2.4), (2, "d", 0.5, 2.4)]
    for dataset_id, name, phi, chi in rows:
        db.execute(
            """INSERT INTO trajectories
               (dataset_id, name, phi, chi, params, time_unit, periodic, frame_count)
               VALUES (?, ?, ?, ?, '{}', 'step', 1, 0)""",
            [dataset_id, name, phi, chi],
        )
    connection.commit()
    connection.close()
    with open_store(store) as db:
        families = {
            info.name: (info.family, info.cell)
            for dataset in datasets.all_datasets(db)
            for info in trajectories.trajectories(db, dataset.id)
        }
        assert [dataset.twin_of for dataset in datasets.all_datasets(db)] == [None, None]
        assert [dataset.serves for dataset in datasets.all_datasets(db)] == [None, None]
    assert families == {
        "a": ("neutral", cell_name(0.543, 2.4)),
        "b": ("neutral", cell_name(0.5001, 2.45)),
        "c": (None, None),
        "d": (None, None),
    }


def test_of_an_older_store_it_is_known_which_models_have_an_embedding_of_their_own(
    store: Path,
) -> None:
    connection = sqlite3.connect(store)
    db = Database(connection)
    MIGRATIONS.apply(db, stop_before="m015_z")
    db.execute(
        """INSERT INTO datasets (id, name, kind, config, created)
           VALUES (1, 'a', 'imported', '{}', 0)"""
    )
    db.execute(
        """INSERT INTO runs (id, dataset_id, name, preset, config, created)
           VALUES (1, 1, 'two-level-1', 'two-level', '{}', 0)"""
    )
    for file in ("run-1-epoch-3.pt", "run-1-epoch-3-axes.pt"):
        db.execute(
            """INSERT INTO checkpoints (run_id, epoch, file, size, sha256, created)
               VALUES (1, 3, ?, 1, '0', 0)""",
            [file],
        )
    connection.commit()
    connection.close()
    with open_store(store) as db:
        assert [checkpoints.by_id(db, each).has_embedding for each in (1, 2)] == [False, True]
