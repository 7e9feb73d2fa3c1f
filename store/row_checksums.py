"""A checksum of every row, kept by triggers: what was changed or lost behind Morph's back is seen.

SQLite finds a torn page, not a flipped bit within a picture, nor a row that is gone. Beside the
tables lies `row_checksums`, an XXH3 hash a row by (table, key); triggers write it in the same
transaction as the row, so no statement can forget it. They call `row_checksum`, a function that
`store.db` gives every connection: another program can read a store, but not change it unnoticed.

The columns of a table are those that it had when its triggers were made. `install` makes them anew
after a migration that changed a table; a migration that drops or renames a column drops them first.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xxhash
from sqlite_utils import Database

_OWN = "row_checksums"
# What changes every second, or marks what was seen, is of no lasting worth.
_PASSING = {
    "asked_frames": {"used"},
    "checkpoints": {"damaged"},
    "jobs": {
        *("state", "request", "stage", "progress", "seconds_left", "stages"),
        *("pid", "pid_started", "heartbeat", "started", "finished", "owner", "claims"),
    },
}
_EXACT = 2.0**53  # whole floats below it are the same numbers as integers


@dataclass(frozen=True)
class Mismatch:
    """A row that is not as Morph wrote it."""

    table: str
    key: int | str  # of several columns: their values with commas between them
    fault: str  # "changed", "gone" or "foreign": not written by Morph


@dataclass(frozen=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    key_columns: tuple[str, ...]

    def key(self, row: str = "") -> str:
        """SQL of the key of a row: `NEW.`, `OLD.`, or of the table itself."""
        # The + takes the column's affinity away, with which the index of keys would not be used.
        return "+" + " || ',' || ".join(row + name for name in self.key_columns)

    def checksum(self, row: str = "") -> str:
        """SQL of the checksum of a row."""
        return f"row_checksum({', '.join(row + name for name in self.columns)})"

    def triggers(self) -> dict[str, str]:
        """The SQL of the triggers by their names."""
        forget = f"DELETE FROM {_OWN} WHERE tbl = '{self.name}' AND key = {self.key('OLD.')};"
        keep = f"INSERT INTO {_OWN} VALUES ('{self.name}', {self.key('NEW.')},"
        keep += f" {self.checksum('NEW.')});"
        # An OR IGNORE of the statement would become that of `keep`: what was there goes first.
        again = forget.replace("OLD.", "NEW.")
        events = {
            "insert": ("INSERT", again + keep),
            "update": (f"UPDATE OF {', '.join(self.columns)}", forget + again + keep),
            "delete": ("DELETE", forget),
        }
        return {
            (name := f"row_checksum_{self.name}_{event}"): (
                f"CREATE TRIGGER {name} AFTER {when} ON {self.name} BEGIN {body} END"
            )
            for event, (when, body) in events.items()
        }


def register(connection: sqlite3.Connection) -> None:
    """Give a connection the function that the triggers call; without it, it cannot write."""
    connection.create_function("row_checksum", -1, row_checksum, deterministic=True)
    # Else a row that OR REPLACE removes would keep its checksum.
    connection.execute("PRAGMA recursive_triggers = ON")


def row_checksum(*values: int | float | str | bytes | None) -> int:
    """The hash of a row's values, a signed integer of 64 bits. It is stored: never change it."""
    digest = xxhash.xxh3_64()
    for value in values:
        if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
            value = int(value)  # SQLite keeps a whole number of a REAL column as an integer
        content = value if isinstance(value, bytes) else repr(value).encode()
        digest.update(f"{type(value).__name__[0]}{len(content)} ".encode())
        digest.update(content)
    return int.from_bytes(digest.digest(), "big", signed=True)


def install(db: Database) -> None:
    """Make the triggers that are missing or of other columns, and the checksums of those tables."""
    with_sql = dict(db.conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    for table in _tables(db):
        wanted = table.triggers()
        if all(with_sql.get(name) == sql for name, sql in wanted.items()):
            continue
        for name, sql in wanted.items():
            db.conn.execute(f"DROP TRIGGER IF EXISTS {name}")
            db.conn.execute(sql)
        _accept(db, table)


def mismatches(db: Database, name: str) -> Iterator[Mismatch]:
    """The rows of one table that are not as Morph wrote them.

    Raises:
        sqlite3.DatabaseError: if a page cannot be read.
    """
    table = _table(db, name)
    rows = db.conn.execute(
        f"""SELECT {table.key("t.")}, c.checksum IS NULL FROM {name} t
            LEFT JOIN {_OWN} c ON c.tbl = '{name}' AND c.key = {table.key("t.")}
            WHERE c.checksum IS NOT {table.checksum("t.")}"""
    )
    for key, foreign in rows:
        yield Mismatch(name, key, "foreign" if foreign else "changed")
    gone = db.conn.execute(
        f"""SELECT key FROM {_OWN} WHERE tbl = '{name}'
            AND key NOT IN (SELECT {table.key()} FROM {name})"""
    )
    for (key,) in gone:
        yield Mismatch(name, key, "gone")


def tables(db: Database) -> Sequence[str]:
    """The tables whose rows have checksums."""
    return [table.name for table in _tables(db)]


def accept(db: Database, name: str) -> None:
    """Take the rows of a table as they are now: their checksums are made anew."""
    _accept(db, _table(db, name))


def row_of(db: Database, name: str, key: int | str) -> dict[str, Any] | None:
    """The columns of a row that its checksum is of; None where it is gone."""
    table = _table(db, name)
    sql = f"SELECT {', '.join(table.columns)} FROM {name} WHERE {table.key()} = ?"
    row = db.conn.execute(sql, [key]).fetchone()
    return None if row is None else dict(zip(table.columns, row, strict=True))


def matches(db: Database, name: str, key: int | str, row: Mapping[str, Any]) -> bool:
    """Whether a row with these columns is the one that Morph wrote."""
    sql = f"SELECT checksum FROM {_OWN} WHERE tbl = ? AND key = ?"
    stored = db.conn.execute(sql, [name, key]).fetchone()
    return stored is not None and stored[0] == row_checksum(*row.values())


def delete(db: Database, name: str, key: int | str) -> None:
    """Delete a row with its checksum, or the checksum alone of a row that is gone."""
    db.conn.execute(f"DELETE FROM {name} WHERE {_table(db, name).key()} = ?", [key])
    db.conn.execute(f"DELETE FROM {_OWN} WHERE tbl = ? AND key = ?", [name, key])


def _accept(db: Database, table: _Table) -> None:
    db.conn.execute(f"DELETE FROM {_OWN} WHERE tbl = ?", [table.name])
    db.conn.execute(
        f"""INSERT INTO {_OWN} SELECT '{table.name}', {table.key()}, {table.checksum()}
            FROM {table.name}"""
    )


def _tables(db: Database) -> list[_Table]:
    names = db.conn.execute(
        r"""SELECT name FROM sqlite_master WHERE type = 'table' AND name <> ?
            AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE '\_%' ESCAPE '\'
            ORDER BY name""",
        [_OWN],
    ).fetchall()
    return [_table(db, name) for (name,) in names]


def _table(db: Database, name: str) -> _Table:
    rows = db.conn.execute(f"PRAGMA table_info({name})").fetchall()
    columns = tuple(row[1] for row in rows if row[1] not in _PASSING.get(name, ()))
    key = tuple(row[1] for row in sorted(rows, key=lambda row: row[5]) if row[5])
    return _Table(name, columns, key)
