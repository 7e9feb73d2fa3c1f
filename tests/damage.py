"""Damage to a store as a disk or another program does it: no trigger of Morph runs."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def behind_morphs_back(store: Path) -> Iterator[sqlite3.Connection]:
    """A connection on which neither triggers nor foreign keys act; the triggers come back after."""
    connection = sqlite3.connect(store)
    try:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()
    finally:
        connection.close()
