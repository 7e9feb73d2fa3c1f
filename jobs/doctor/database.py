"""The database itself: its pages, its tables and indexes, and what rows refer to."""

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial

from sqlite_utils import Database

from jobs.doctor.problem import ACCEPT_COMMAND, BACKUP, MEND, Problem, named
from store import row_checksums
from store.db import writing
from store.migrations import MIGRATIONS
from wording.numbers import amount

# Of rows whose owner is gone, those are dropped that can be made anew.
_DROPPED = (
    *("descriptors", "latents", "attached_latents", "recon_nats", "scatter"),
    *("projections", "projection_points", "evaluations", "current_run", "strips"),
    "forming_maps",
)


def pages(db: Database) -> Iterator[Problem]:
    """Whatever SQLite itself finds wrong with its file."""
    found = [
        line.strip()
        for row in db.conn.execute("PRAGMA integrity_check").fetchall()
        for line in row[0].splitlines()
        if "***" not in line
    ]
    if found == ["ok"]:
        return
    indexes = all("index" in line for line in found)
    yield Problem(
        f"SQLite finds the file damaged: {named(found)}.",
        "Rows may be missing from what pages list."
        if indexes
        else "Some rows cannot be read, or are wrong.",
        f"{MEND} (makes the indexes anew)" if indexes else BACKUP,
        (lambda: db.conn.execute("REINDEX")) if indexes else None,
    )


def schema(db: Database) -> Iterator[Problem]:
    """Tables, indexes and triggers that this version has and the store lacks."""
    fresh = _fresh()
    wanted, there = _objects(fresh), _objects(db)
    for (kind, name), (table, sql) in wanted.items():
        if (kind, name) not in there:
            can = table in _DROPPED if kind == "table" else ("table", table) in there
            mend = _maker(db, kind, sql) if can else None
            cost = {
                "table": "What it held is gone, and pages that read it fail.",
                "index": "Reading is slower.",
                "trigger": "What was written meanwhile has no checksums.",
            }[kind]
            to_do = MEND if mend else BACKUP
            yield Problem(f"The {kind} {name} of {table} is missing.", cost, to_do, mend)
    for table in {name for kind, name in wanted if kind == "table"} & {
        name for kind, name in there if kind == "table"
    }:
        columns = _columns(fresh, table) - _columns(db, table)
        if columns:
            what = f"The table {table} lacks {named(sorted(columns))}."
            yield Problem(what, "Pages that read it fail.", BACKUP)


def references(db: Database) -> Iterator[Problem]:
    """Rows that refer to a row which is gone."""
    found = db.conn.execute("PRAGMA foreign_key_check").fetchall()
    counts: dict[tuple[str, str, int], int] = {}
    for table, _, parent, number in found:
        counts[table, parent, number] = counts.get((table, parent, number), 0) + 1
    for (table, parent, number), count in counts.items():
        what = f"{table}: {amount(count, 'row')} referring to a row of {parent} that is gone."
        if table in _DROPPED:
            cost = "They say something of what is gone, and may disturb a list."
            drop = partial(_drop, db, table, parent, number)
            yield Problem(what, cost, f"{MEND} (drops them)", drop)
        else:
            cost = "What they hold is there, but no page finds it."
            yield Problem(what, cost, f"{BACKUP}; or give it up: {ACCEPT_COMMAND}")


def drop_orphans(db: Database) -> list[str]:
    """Delete all rows whose owner is gone, and what hangs on them; the tables they were in."""
    dropped: list[str] = []
    while found := db.conn.execute("PRAGMA foreign_key_check").fetchall():
        for table, parent, number in dict.fromkeys((row[0], row[2], row[3]) for row in found):
            _drop(db, table, parent, number)
            dropped.append(table)
    return dropped


def _fresh() -> Database:
    """An empty store of this version, in memory."""
    db = Database(memory=True)
    row_checksums.register(db.conn)
    MIGRATIONS.apply(db)
    row_checksums.install(db)
    return db


def _objects(db: Database) -> dict[tuple[str, str], tuple[str, str]]:
    rows = db.conn.execute(
        r"""SELECT type, name, tbl_name, sql FROM sqlite_master
            WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
            AND tbl_name NOT LIKE '\_%' ESCAPE '\'"""
    )
    return {(kind, name): (table, sql) for kind, name, table, sql in rows.fetchall()}


def _columns(db: Database, table: str) -> set[str]:
    return {row[1] for row in db.conn.execute(f"PRAGMA table_info({table})").fetchall()}


def _maker(db: Database, kind: str, sql: str) -> Callable[[], None]:
    def make() -> None:
        with writing(db):
            if kind == "trigger":
                row_checksums.install(db)
            else:
                db.conn.execute(sql)

    return make


def _drop(db: Database, table: str, parent: str, number: int) -> None:
    """Delete the rows of a table whose row of another table is gone, by a foreign key's number."""
    rows = db.conn.execute(f"PRAGMA foreign_key_list({table})").fetchall()
    pairs = [(row[3], row[4] or "id") for row in rows if row[0] == number]
    match = " AND ".join(f"p.{theirs} = t.{own}" for own, theirs in pairs)
    known = " AND ".join(f"t.{own} IS NOT NULL" for own, _ in pairs)
    with writing(db):
        db.conn.execute(
            f"DELETE FROM {table} AS t WHERE {known}"
            f" AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {match})"
        )


def unreadable(err: sqlite3.DatabaseError, what: str) -> Problem:
    """The problem that a check itself could not read the store."""
    return Problem(f"{what} cannot be read: {err}.", "What lies there is lost.", BACKUP)
