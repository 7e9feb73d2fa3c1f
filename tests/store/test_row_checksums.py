"""Checksums of rows: kept by every statement of Morph, missed by everything else."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from benchmarks.damage_cases import behind_morphs_back
from morphcore.types import ReconstructionError
from store import current_run, datasets, recon_nats, row_checksums, runs
from store.db import open_store, writing
from store.row_checksums import Mismatch, row_checksum
from tests.factory import Made
from tests.store.changed_rows import changed


def found(store: Path) -> list[Mismatch]:
    with open_store(store) as db:
        return changed(db)


def test_every_row_that_morph_writes_changes_or_deletes_keeps_its_checksum(made: Made) -> None:
    nats = ReconstructionError(np.array([1, 2]), np.array([3.0, 4.5], dtype=np.float32))
    with open_store(made.path) as db:
        rejection = datasets.Rejection("a.png", "It is empty.")
        for _ in range(2):  # twice: replaced, ignored
            datasets.add_rejections(db, made.dataset_id, [rejection])
            current_run.choose(db, made.run_id)
            recon_nats.add(db, made.checkpoint_id, nats)
        runs.rename(db, made.run_id, "another")
        db.execute("UPDATE frames SET idx = idx + 1000")
        assert changed(db) == []
        assert db.conn.execute("SELECT count(*) FROM row_checksums").fetchone()[0] > 700
        datasets.delete(db, made.dataset_id)  # what hangs on it goes by foreign keys
        assert db.conn.execute("SELECT count(*) FROM row_checksums").fetchone()[0] == 0


@pytest.mark.parametrize(
    ("statement", "mismatch"),
    [
        ("UPDATE frames SET time = 1.5 WHERE id = 3", Mismatch("frames", 3, "changed")),
        ("UPDATE runs SET note = 'x' WHERE id = 1", Mismatch("runs", 1, "changed")),
        ("UPDATE pictures SET bits = x'00' WHERE frame_id = 5", Mismatch("pictures", 5, "changed")),
        ("DELETE FROM epochs WHERE epoch = 4", Mismatch("epochs", "1,4", "gone")),
        (
            "INSERT INTO recon_nats VALUES (1, 7, 1.0)",
            Mismatch("recon_nats", "1,7", "foreign"),
        ),
    ],
)
def test_a_row_changed_behind_morphs_back_is_named(
    made: Made, statement: str, mismatch: Mismatch
) -> None:
    with behind_morphs_back(made.path) as connection:
        connection.execute(statement)
    assert found(made.path) == [mismatch]


def test_another_program_cannot_write_unnoticed(made: Made) -> None:
    connection = sqlite3.connect(made.path)
    with pytest.raises(sqlite3.OperationalError, match="row_checksum"):
        connection.execute("UPDATE frames SET time = 1.5 WHERE id = 3")
    connection.close()


def test_a_table_that_got_a_column_gets_new_checksums(made: Made) -> None:
    with open_store(made.path) as db:
        db.execute("ALTER TABLE frames ADD COLUMN mark TEXT DEFAULT 'x'")
        with writing(db):
            row_checksums.install(db)
        assert changed(db) == []
        db.execute("UPDATE frames SET mark = 'y' WHERE id = 3")
        assert changed(db) == []
    with behind_morphs_back(made.path) as connection:
        connection.execute("UPDATE frames SET mark = 'z' WHERE id = 3")
    assert found(made.path) == [Mismatch("frames", 3, "changed")]


def test_values_are_told_apart_by_kind_and_place_and_equal_numbers_are_equal() -> None:
    alike = [row_checksum(2), row_checksum(2.0)]
    assert alike[0] == alike[1]
    others = [(2.5,), ("2",), (b"2",), (None,), (2, 2), ("2, 2",), ("22",), ("2", "2"), ()]
    assert len({row_checksum(*values) for values in [(2,), *others]}) == len(others) + 1
    assert row_checksum(1, "a", b"\0", None, 2.5) == -8747561851108557063  # stored: never changes
