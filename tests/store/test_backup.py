"""Backups: a store as it was at one moment, and back as it was."""

import hashlib
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sqlite_utils import Database

from store import checkpoints, jobs, row_checksums
from store.backup import BackupError, backup, restore
from store.db import checkpoints_folder, open_store
from store.migrations import MIGRATIONS
from tests.factory import Made, add_run
from tests.store.changed_rows import changed

CONTENT = b"a model" * 1000


def with_file(made: Made) -> Path:
    """Give a made store's checkpoint a file; its path."""
    file = checkpoints_folder(made.path) / "none.pt"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(CONTENT)
    with open_store(made.path) as db:
        sha256 = hashlib.sha256(CONTENT).hexdigest()
        db.execute("UPDATE checkpoints SET sha256 = ?, size = ?", [sha256, len(CONTENT)])
    return file


def rows_of(store: Path) -> dict[str, list[tuple[object, ...]]]:
    with open_store(store) as db:
        return {
            name: db.conn.execute(f"SELECT * FROM {name}").fetchall()
            for name in [*row_checksums.tables(db), "row_checksums", "sqlite_sequence"]
        }


def test_a_backup_comes_back_row_by_row_with_its_checkpoints(made: Made, tmp_path: Path) -> None:
    with open_store(made.path):  # with a log that is not yet written back
        add_run(made, "in the log")
        file = with_file(made)
        saved = backup(made.path, tmp_path / "saved.zip")
    elsewhere = tmp_path / "elsewhere" / "other.sqlite"
    back = restore(saved.file, elsewhere)
    assert rows_of(elsewhere) == rows_of(made.path)
    assert (checkpoints_folder(elsewhere) / file.name).read_bytes() == CONTENT
    assert (saved.missing, back.missing, back.set_aside) == ((), (), None)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_backup_is_consistent_while_another_process_writes(made: Made, tmp_path: Path) -> None:
    # Each transaction adds 50 points of the curve; a backup between two would hold a part of them.
    write = """
import sys; from pathlib import Path; from store.db import open_store, writing
step = 0
while True:
    with open_store(Path(sys.argv[1])) as db, writing(db):
        for _ in range(50):
            step += 1
            db.conn.execute(
                "INSERT INTO training_points VALUES (1, ?, 1.0, 1.0, 1.0, 1.0, 1.0)", [step])
    print(step, flush=True)
"""
    command = [sys.executable, "-c", write, str(made.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        counts = []
        for number in range(3):
            writer.stdout.readline()
            restored = tmp_path / f"{number}.sqlite"
            restore(backup(made.path, tmp_path / f"{number}.zip").file, restored)
            with open_store(restored) as db:
                assert changed(db) == []
                (count,) = db.conn.execute("SELECT count(*) FROM training_points").fetchone()
            counts.append(count)
        writer.kill()
    assert [count % 50 for count in counts] == [0, 0, 0]
    assert counts[0] < counts[2]


def test_a_checkpoint_that_is_dropped_meanwhile_is_not_missed(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = with_file(made)
    copied = []

    def copy_then_drop(store: Path, target: Path) -> None:
        real(store, target)
        if not copied:  # as a training does that has saved a newer one
            newer = file.with_name("newer.pt")
            shutil.move(file, newer)
            with open_store(store) as db:
                db.execute("UPDATE checkpoints SET file = 'newer.pt'")
        copied.append(target)

    from store import backup as module

    real = module.copy_database
    monkeypatch.setattr(module, "copy_database", copy_then_drop)
    saved = backup(made.path, tmp_path / "saved.zip")
    assert len(copied) == 2
    assert (saved.checkpoints, saved.missing) == (1, ())


def test_what_is_there_is_overwritten_only_when_told_and_then_set_aside(
    made: Made, tmp_path: Path
) -> None:
    with_file(made)
    saved = backup(made.path, tmp_path / "saved.zip")
    with pytest.raises(BackupError, match="exists already"):
        backup(made.path, saved.file)
    with pytest.raises(BackupError, match="exists already"):
        restore(saved.file, made.path)
    add_run(made, "new since")
    before = rows_of(made.path)
    back = restore(saved.file, made.path, overwrite=True)
    assert back.set_aside is not None
    assert rows_of(back.set_aside) == before
    assert (checkpoints_folder(back.set_aside) / "none.pt").read_bytes() == CONTENT
    assert len(rows_of(made.path)["runs"]) == 1


def test_a_log_that_was_left_is_not_read_into_what_is_restored(made: Made, tmp_path: Path) -> None:
    saved = backup(made.path, tmp_path / "saved.zip")
    before = rows_of(made.path)
    log = made.path.with_name(made.path.name + "-wal")
    with open_store(made.path):
        add_run(made, "in the log")
        left = log.read_bytes()
    made.path.unlink()
    log.write_bytes(left)
    with pytest.raises(BackupError, match="exists already"):
        restore(saved.file, made.path)
    restore(saved.file, made.path, overwrite=True)
    assert rows_of(made.path) == before


@pytest.mark.parametrize(("at", "bits"), [(6, 1), (8, 99)])  # encrypted; packed in an unknown way
def test_a_backup_whose_headers_are_damaged_is_refused(
    made: Made, tmp_path: Path, at: int, bits: int
) -> None:
    saved = backup(made.path, tmp_path / "saved.zip")
    content = bytearray(saved.file.read_bytes())
    directory = content.rindex(b"PK\x01\x02")  # the last entry: the database
    content[directory + 2 + at] ^= bits
    saved.file.write_bytes(content)
    with pytest.raises(BackupError, match="damaged or no backup"):
        restore(saved.file, tmp_path / "other.sqlite")


def test_jobs_that_had_not_ended_are_interrupted_in_the_copy_alone(
    made: Made, tmp_path: Path
) -> None:
    with open_store(made.path) as db:
        for number in range(2):
            jobs.enqueue(db, "train", {"run": number})
        jobs.claim(db)
    restored = tmp_path / "other.sqlite"
    restore(backup(made.path, tmp_path / "saved.zip").file, restored)
    with open_store(made.path) as db:
        assert [job.state for job in jobs.all_jobs(db)] == ["queued", "running"]
    with open_store(restored) as db:
        assert [job.state for job in jobs.all_jobs(db)] == ["interrupted", "interrupted"]
        assert [job.owner for job in jobs.all_jobs(db)] == [None, None]
        assert changed(db) == []


@pytest.mark.parametrize("damage", ["a byte", "cut short", "no zip", "another zip", "a path"])
def test_a_damaged_backup_is_refused_and_nothing_is_changed(
    made: Made, tmp_path: Path, damage: str
) -> None:
    with_file(made)
    if damage == "a path":
        with open_store(made.path) as db:
            db.execute("UPDATE checkpoints SET file = '../evil.pt'")
        with pytest.raises(BackupError, match="evil"):
            backup(made.path, tmp_path / "saved.zip")
        return
    file = backup(made.path, tmp_path / "saved.zip").file
    content = bytearray(file.read_bytes())
    if damage == "a byte":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif damage == "cut short":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "no zip":
        file.write_bytes(b"no zip")
    else:
        with zipfile.ZipFile(file, "w") as other:
            other.writestr("a.txt", "a")
    before = rows_of(made.path)
    with pytest.raises(BackupError, match="damaged or no backup"):
        restore(file, made.path, overwrite=True)
    assert rows_of(made.path) == before


def test_a_checkpoint_that_is_missing_is_named(made: Made, tmp_path: Path) -> None:
    (checkpoints_folder(made.path) / "none.pt").unlink()
    saved = backup(made.path, tmp_path / "saved.zip")
    assert (saved.checkpoints, saved.missing) == (0, ("none.pt",))
    assert restore(saved.file, tmp_path / "b.sqlite").missing == ("none.pt",)


def test_an_upgrade_sets_a_copy_of_the_older_store_aside_and_says_where(
    store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    connection = sqlite3.connect(store)
    db = Database(connection)
    MIGRATIONS.apply(db, stop_before="m015_z")
    db.execute("INSERT INTO datasets (name, kind, config, created) VALUES ('a','simulated','{}',0)")
    connection.commit()
    connection.close()
    for _ in range(2):  # the second time there is nothing to bring up
        with open_store(store):
            pass
    (copy,) = store.parent.glob("morph-before-*")
    assert copy.name == "morph-before-m015_z.sqlite"
    (record,) = [each for each in caplog.records if each.name == "store.db"]
    assert str(copy) in record.getMessage()
    connection = sqlite3.connect(copy)
    assert connection.execute("SELECT name FROM datasets").fetchall() == [("a",)]
    applied = {each.name for each in MIGRATIONS.applied(Database(connection))}
    connection.close()
    assert "m014_replicates" in applied
    assert "m015_z" not in applied


def test_a_checkpoint_is_read_with_what_is_known_of_its_damage(made: Made) -> None:
    with open_store(made.path) as db:
        assert checkpoints.by_id(db, made.checkpoint_id).damaged is None
