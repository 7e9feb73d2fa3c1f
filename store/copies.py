"""Copies of a store's database: consistent, while others write."""

import sqlite3
from contextlib import closing
from pathlib import Path

from morphcore.atomic_file import atomic_write


def copy_database(store: Path, target: Path) -> None:
    """Copy a database as it is at one moment, by SQLite's own backup; whole or not at all.

    Writers go on meanwhile. What lies in the write-ahead log is in the copy.

    Raises:
        sqlite3.DatabaseError: if it is no database, or a page cannot be read.
        OSError: if the copy cannot be written, as on a full disk.
    """
    with atomic_write(target) as part:
        try:
            with (
                closing(sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)) as source,
                closing(sqlite3.connect(part)) as copy,
            ):
                source.backup(copy)  # in one step: a writer in between would have it start anew
        except sqlite3.OperationalError as err:
            if "full" in str(err) or "disk I/O" in str(err):
                raise OSError(None, "the disk is full") from err
            raise


def name_free(path: Path) -> Path:
    """The path, or with a number where something lies there already.

    >>> name_free(Path("no-such-file.sqlite")).name
    'no-such-file.sqlite'
    """
    number = 2
    free = path
    while free.exists():
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return free
