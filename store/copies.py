"""Copies of a store's database: consistent, while others write."""

import sqlite3
from contextlib import closing
from pathlib import Path

from morphcore.atomic_file import atomic_write
from store.failures import has_log

_NO_SHARED_MEMORY = (
    sqlite3.SQLITE_READONLY_DIRECTORY,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
)


def to_read(store: Path) -> sqlite3.Connection:
    """A connection that only reads."""
    connection = sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)
    return alone_where_it_must_be(connection, store)


def alone_where_it_must_be(connection: sqlite3.Connection, store: Path) -> sqlite3.Connection:
    """The connection, or one that reads without regard to others, where no other can be had."""
    if not _lacks_shared_memory(connection) or has_log(store):
        return connection
    connection.close()
    return sqlite3.connect(f"{store.resolve().as_uri()}?immutable=1", uri=True)


def _lacks_shared_memory(connection: sqlite3.Connection) -> bool:
    """Whether a store cannot be read for want of the file by which processes read together.

    It cannot be made on a full disk, nor in a folder that is read-only.
    """
    try:
        connection.execute("PRAGMA schema_version")
    except sqlite3.Error as err:  # all others are met again where they are described
        return err.sqlite_errorcode in _NO_SHARED_MEMORY
    return False


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
                closing(to_read(store)) as source,
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
