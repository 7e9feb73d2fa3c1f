"""Kinds of damage to a store and its models, each inflicted as a disk or another program does it.

Columns that say how a job at work is getting on are left out: they are of no lasting worth.
"""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from store.db import checkpoints_folder

Harm = Callable[[Path], object]
_PASSING = {"state", "request", "stage", "progress", "seconds_left", "pid", "pid_started"}
_PASSING |= {"heartbeat", "started", "finished", "owner", "claims"}
_SKIPPED = {"_sqlite_migrations", "sqlite_sequence", "row_checksums"}
_OLD = time.time() - 90_000


@dataclass(frozen=True)
class Damage:
    """One kind of damage."""

    name: str
    inflict: Harm  # on a store of its own


@contextmanager
def behind_morphs_back(store: Path) -> Iterator[sqlite3.Connection]:
    """A connection on which neither triggers nor foreign keys act; the triggers come back after."""
    connection = sqlite3.connect(store)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    try:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            with suppress(sqlite3.OperationalError):  # of a table that was dropped
                connection.execute(sql)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def all_of(store: Path) -> list[Damage]:
    """Every kind of damage that can be done to this store."""
    return [
        *_columns(store),
        *_rows(store),
        *_references(),
        *_schema(),
        *_database_file(store),
        *_log(),
        *_checkpoints(),
        *_leftovers(),
    ]


def _sql(name: str, *statements: str) -> Damage:
    def inflict(store: Path) -> None:
        with behind_morphs_back(store) as connection:
            for statement in statements:
                connection.execute(statement)

    return Damage(name, inflict)


def _tables(store: Path) -> Iterator[tuple[str, list[tuple[str, str, bool]], str]]:
    """Tables with rows: their columns with kind and whether of the key, and a row in the middle."""
    connection = sqlite3.connect(store)
    for (table,) in connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    ).fetchall():
        if table in _SKIPPED:
            continue
        columns = [
            (row[1], row[2], bool(row[5]))
            for row in connection.execute(f"PRAGMA table_info({table})").fetchall()
        ]
        keys = ", ".join(name for name, _, is_key in columns if is_key)
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        if count:
            row = f"({keys}) = (SELECT {keys} FROM {table} LIMIT 1 OFFSET {count // 2})"
            yield table, columns, row
    connection.close()


def _columns(store: Path) -> Iterator[Damage]:
    """One bit of a BLOB, one step of a number, one letter of a word, in every column."""
    changes = {
        "TEXT": "CASE WHEN {0} LIKE '{{%' THEN '{{' || {0} ELSE {0} || 'x' END",
    }
    for table, columns, row in _tables(store):
        for name, kind, is_key in columns:
            if is_key or (table == "jobs" and name in _PASSING) or name == "damaged":
                continue
            if kind == "BLOB" and not _has(store, table, name, row):
                continue  # z is stored only where it is not the embedding
            if kind == "BLOB":
                yield Damage(f"{table}.{name}: a bit flipped", _flip(table, name, row))
                yield _sql(
                    f"{table}.{name}: cut short",
                    f"UPDATE {table} SET {name} = substr({name}, 1, length({name}) / 2)"
                    f" WHERE {row}",
                )
                continue
            to = changes.get(kind, "CASE {0} WHEN 99 THEN 98 ELSE 99 END").format(name)
            to = f"coalesce({to}, 'x')" if kind == "TEXT" else to
            yield _sql(f"{table}.{name}: changed", f"UPDATE {table} SET {name} = {to} WHERE {row}")


def _has(store: Path, table: str, name: str, row: str) -> bool:
    connection = sqlite3.connect(store)
    (blob,) = connection.execute(f"SELECT {name} FROM {table} WHERE {row}").fetchone()
    connection.close()
    return blob is not None


def _flip(table: str, name: str, row: str) -> Harm:
    def inflict(store: Path) -> None:
        with behind_morphs_back(store) as connection:
            (blob,) = connection.execute(f"SELECT {name} FROM {table} WHERE {row}").fetchone()
            content = bytearray(blob or b"\0\0\0\0")
            content[len(content) // 2] ^= 1
            connection.execute(f"UPDATE {table} SET {name} = ? WHERE {row}", [bytes(content)])

    return inflict


def _rows(store: Path) -> Iterator[Damage]:
    for table, _, row in _tables(store):
        yield _sql(f"{table}: a row deleted", f"DELETE FROM {table} WHERE {row}")
    for table in ("latents", "epochs", "projection_points"):
        yield _sql(f"{table}: all rows deleted", f"DELETE FROM {table}")
    yield _sql("row_checksums: a row deleted", "DELETE FROM row_checksums WHERE tbl = 'frames'")
    yield _sql(
        "row_checksums: a picture's changed",
        "UPDATE row_checksums SET checksum = checksum + 1 WHERE tbl = 'pictures'",
    )
    yield _sql(
        "frames: a row that Morph did not write",
        """INSERT INTO frames (trajectory_id, idx, time, uniform)
           SELECT trajectory_id, max(idx) + 1, 1e6, 0 FROM frames GROUP BY trajectory_id LIMIT 1""",
    )
    swap = "(SELECT png FROM pictures WHERE frame_id = (SELECT {0}(frame_id) FROM pictures))"
    yield _sql(
        "pictures: that of another frame",
        f"UPDATE pictures SET png = {swap.format('max')}"
        f" WHERE frame_id = (SELECT min(frame_id) FROM pictures)",
    )


def _references() -> Iterator[Damage]:
    for table, column in (
        ("trajectories", "dataset_id"),
        ("frames", "trajectory_id"),
        ("runs", "dataset_id"),
        ("checkpoints", "run_id"),
        ("projections", "checkpoint_id"),
        ("evaluations", "checkpoint_id"),
    ):
        yield _sql(
            f"{table}.{column}: of nothing",
            f"UPDATE {table} SET {column} = 999999 WHERE id = (SELECT min(id) FROM {table})",
        )
    yield _sql("latents of frames that are gone", "UPDATE latents SET frame_id = frame_id + 99999")


def _schema() -> Iterator[Damage]:
    yield _sql(
        "schema: a number of the future",
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES ('morph', 'm999_future', '2099')",
    )
    yield _sql("schema: a step forgotten", "DELETE FROM _sqlite_migrations WHERE name LIKE 'm013%'")
    yield _sql("schema: all steps forgotten", "DELETE FROM _sqlite_migrations")
    yield _sql("schema: a table dropped", "DROP TABLE scatter")
    yield _sql("schema: an index dropped", "DROP INDEX latents_frame")
    yield _sql("schema: a column renamed", "ALTER TABLE frames RENAME COLUMN uniform TO plain")

    def drop_triggers(store: Path) -> None:
        connection = sqlite3.connect(store)
        for event in ("insert", "update", "delete"):
            connection.execute(f"DROP TRIGGER row_checksum_frames_{event}")
        connection.commit()
        connection.close()

    yield Damage("schema: triggers dropped", drop_triggers)


def _bytes(name: str, change: Callable[[bytearray], bytearray | None]) -> Damage:
    def inflict(store: Path) -> None:
        content = bytearray(store.read_bytes())
        store.write_bytes(change(content) or content)

    return Damage(f"database file: {name}", inflict)


def _xor(at: float) -> Callable[[bytearray], None]:
    def change(content: bytearray) -> None:
        place = int(at * len(content))
        while not content[place]:  # what is not used harms nobody
            place += 1
        content[place] ^= 0xFF

    return change


def _zeros(at: float) -> Callable[[bytearray], None]:
    def change(content: bytearray) -> None:
        begin = int(at * len(content)) // 4096 * 4096
        content[begin : begin + 4096] = bytes(4096)

    return change


def _database_file(store: Path) -> Iterator[Damage]:
    del store
    yield _bytes("its first byte", _xor(0.0))
    yield _bytes("a byte of its header", lambda content: content.__setitem__(16, 0x77))
    yield _bytes("cut to half", lambda content: content[: len(content) // 2])
    yield _bytes("cut by its last page", lambda content: content[:-4096])
    yield _bytes("empty", lambda _: bytearray(b"\n"))
    for at in (0.0, 0.3, 0.6, 0.9):
        yield _bytes(f"a page of zeros at {at:.0%}", _zeros(at))
    for number in range(1, 11):
        yield _bytes(f"a byte at {number / 11:.0%}", _xor(number / 11))
    yield Damage("database file: gone", lambda path: path.unlink())


_WRITE = """
import os, sys; from pathlib import Path; from store import jobs; from store.db import open_store
store = Path(sys.argv[1])
with open_store(store) as db:
    for _ in range(40):
        job = jobs.enqueue(db, "train", {"seed": _})
        db.execute("UPDATE jobs SET state = 'done' WHERE id = ?", [job.id])
    folder = store.with_name(store.stem + "-logs"); folder.mkdir(exist_ok=True)
    (folder / f"job-{job.id}.log").write_text("trained")
    os._exit(0)  # as when killed: nothing is written back
"""


def _log() -> Iterator[Damage]:
    def write(store: Path) -> Path:
        subprocess.run([sys.executable, "-c", _WRITE, str(store)], check=True)
        return store.with_name(store.name + "-wal")

    def truncate(store: Path) -> None:
        wal = write(store)
        os.truncate(wal, wal.stat().st_size // 2)

    yield Damage("log: gone after a kill", lambda store: write(store).unlink())
    yield Damage("log: cut to half after a kill", truncate)
    yield Damage("log: empty after a kill", lambda store: os.truncate(write(store), 0))


def _checkpoints() -> Iterator[Damage]:
    def files(store: Path) -> list[Path]:
        connection = sqlite3.connect(store)
        rows = connection.execute("SELECT file FROM checkpoints ORDER BY id DESC").fetchall()
        connection.close()
        return [checkpoints_folder(store) / name for (name,) in rows]

    def flip(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    def swap(store: Path) -> None:
        first, second, *_ = files(store)
        content = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(content)

    def cut(path: Path) -> None:
        os.truncate(path, path.stat().st_size // 2)

    def one(at: int, harm: Callable[[Path], object]) -> Harm:
        return lambda store: harm(files(store)[at])

    for which, at in (("the newest", 0), ("the first", -1)):
        yield Damage(f"checkpoint: a bit of {which}", one(at, flip))
        yield Damage(f"checkpoint: {which} cut", one(at, cut))
        yield Damage(f"checkpoint: {which} gone", one(at, Path.unlink))
    yield Damage("checkpoint: the newest empty", lambda store: files(store)[0].write_bytes(b""))
    yield Damage("checkpoint: two swapped", swap)
    yield Damage(
        "checkpoint: the folder gone",
        lambda store: checkpoints_folder(store).rename(store.with_name("elsewhere")),
    )


def _leftovers() -> Iterator[Damage]:
    def old(path: Path, *, folder: bool = False) -> None:
        path.parent.mkdir(exist_ok=True)
        if folder:
            path.mkdir()
        else:
            path.write_bytes(b"x" * 1000)
        os.utime(path, (_OLD, _OLD))

    def orphan(store: Path, name: str) -> None:
        old(checkpoints_folder(store) / name)
        connection = sqlite3.connect(store)  # made before
        connection.execute("UPDATE _sqlite_migrations SET applied_at = '2020-01-01'")
        connection.commit()
        connection.close()

    yield Damage(
        "leftover: a model that no run names", lambda store: orphan(store, "run-1-epoch-99.pt")
    )
    yield Damage("leftover: a .tmp", lambda store: orphan(store, "a.pt.tmp"))
    yield Damage(
        "leftover: a model of a later run", lambda store: orphan(store, "run-99-epoch-1.pt")
    )
    yield Damage(
        "leftover: a model older than the store",
        lambda store: old(checkpoints_folder(store) / "run-1-epoch-99.pt"),
    )
    yield Damage(
        "leftover: a temporary folder",
        lambda store: old(store.parent / ".morph-abcdefgh", folder=True),
    )
    yield Damage(
        "leftover: one beside the models",
        lambda store: old(checkpoints_folder(store) / ".morph-abcdefgh", folder=True),
    )

    def empty_dataset(store: Path) -> None:
        from store import datasets
        from store.db import open_store

        with open_store(store) as db:
            datasets.create(db, "empty", "imported", {})

    def unmeasured(store: Path) -> None:
        from store.db import open_store

        with open_store(store) as db:
            db.execute("DELETE FROM descriptors WHERE frame_id = (SELECT min(id) FROM frames)")

    def dead_job(store: Path) -> None:
        from store import jobs
        from store.db import open_store

        with open_store(store) as db:
            job = jobs.enqueue(db, "train", {"seed": 9})
            jobs.claim(db, job.id)
            db.execute("UPDATE jobs SET heartbeat = 1 WHERE id = ?", [job.id])

    yield Damage("leftover: an empty data set", empty_dataset)
    yield Damage("leftover: a frame without descriptors", unmeasured)
    yield Damage("leftover: a job whose process is gone", dead_job)
