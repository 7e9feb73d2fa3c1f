"""Damage to the rows and the schema of a store, inflicted as a disk or another program does it.

Damage to its files is in `damage_files`.

Columns that say how a job at work is getting on are left out: they are of no lasting worth.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks import damage_files
from benchmarks.damage_files import Damage, Harm

_PASSING = {"state", "request", "stage", "progress", "seconds_left", "pid", "pid_started"}
_PASSING |= {"heartbeat", "started", "finished", "owner", "claims"}
_SKIPPED = {"_sqlite_migrations", "sqlite_sequence", "row_checksums"}


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
        *damage_files.of_files(),
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
