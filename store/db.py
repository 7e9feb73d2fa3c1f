"""Opening the store: one SQLite file in WAL mode, migrated, with foreign keys enforced.

A connection belongs to the thread that opened it (Streamlit reruns are threads), so nobody keeps
one: `with store.db.open_store(path) as db:` is cheap enough to do per call.
"""

import logging
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from morphcore.errors import MorphError
from store import failures, fencing, row_checksums
from store.copies import alone_where_it_must_be, copy_database, name_free
from store.migrations import MIGRATIONS, NAMES

DEFAULT_PATH = Path("data") / "morph.sqlite"
BUSY_SECONDS = 30.0
_SEEN: set[Path] = set()  # stores that this process has opened, and does not make anew
_LOG = logging.getLogger(__name__)
BEFORE_UPGRADE = "-before-"  # in the name of a copy, followed by the first migration that it lacks


class StoreError(MorphError):
    """The store cannot be opened or written."""


class StoreBusy(StoreError):
    """Another process has held the write lock for longer than was waited for it."""


class NotWritable(StoreError):
    """The store can be read but not written: a full disk, a read-only file, folder or disk."""


class StoreGone(StoreError):
    """The store was there when this process opened it, and is no more."""


class NameTaken(MorphError):
    """Another data set, or another trajectory of the data set, has that name already."""


class InvalidName(MorphError):
    """A name that is empty or too long; the message gives what is accepted."""


def default_path() -> Path:
    """The store's file: `MORPH_STORE` where set, else `data/morph.sqlite`."""
    return Path(os.environ.get("MORPH_STORE") or DEFAULT_PATH)


@contextmanager
def open_store(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Iterator[Database]:
    """An open store, made on first use and brought to the newest schema; closed at the end.

    Writes wait up to `busy_seconds` for another process's; a job's wait as long as it takes, and
    happen only while the job is still its own (`store.fencing`).

    Raises:
        StoreError: if the file is damaged or not SQLite, is from a newer version, or out of reach.
        NotWritable: if only writing fails.
        StoreGone: if this process had it open before, and it was deleted or moved since.
        StoreBusy: if another process writes for longer than that.
        NotOwner: if this process works on a job that is no longer its own.
    """
    connection = _connect(path, busy_seconds)
    try:
        db = Database(connection)
        _prepare(db, path)
        _SEEN.add(path)
        yield db
    except sqlite3.Error as err:
        if fencing.is_busy(err):
            raise StoreBusy(
                f"The store {path} is busy: another process is writing to it. Nothing was changed;"
                " try again in a moment."
            ) from err
        if failure := failures.describe(err, path):
            raise (NotWritable if failure.reads else StoreError)(failure.words) from err
        raise
    finally:
        connection.close()


def identity(path: Path) -> str:
    """What tells a store from another one that was put in its place: its file, and its birth."""
    with open_store(path) as db:
        born = db.conn.execute("SELECT min(applied_at) FROM _sqlite_migrations").fetchone()[0]
    return f"{path.stat().st_ino} {born}"


def _connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    if claim := fencing.held(path):
        return _connect_job(path, claim)
    if path in _SEEN and not path.exists():
        raise StoreGone(
            f"The store {path} is gone: it was deleted or moved while Morph ran. Put it back, or"
            " start Morph again to begin with an empty one."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=busy_seconds)
    except (OSError, sqlite3.Error) as err:
        raise StoreError(f"The store {path} cannot be opened or created: {err}.") from err
    connection = alone_where_it_must_be(connection, path)
    connection.execute("PRAGMA foreign_keys = ON")
    row_checksums.register(connection)
    return connection


def _connect_job(path: Path, claim: fencing.Claim) -> sqlite3.Connection:
    """A connection that carries the token of the job that this process works on."""
    if not path.exists():
        raise fencing.NotOwner(f"The store {path} is gone, and job {claim.job_id} with it.")
    try:
        connection = sqlite3.connect(
            path, timeout=fencing.PATIENCE_SECONDS, factory=fencing.FencedConnection
        )
    except sqlite3.Error as err:
        raise StoreError(f"The store {path} cannot be opened: {err}.") from err
    connection.claim = claim
    connection.execute("PRAGMA foreign_keys = ON")
    row_checksums.register(connection)
    return connection


def _prepare(db: Database, path: Path) -> None:
    """Set the journal mode and apply what is missing of the schema; a no-op on a current store."""
    db.execute("PRAGMA synchronous = NORMAL")  # in WAL mode a crash cannot tear the file
    applied = {migration.name for migration in MIGRATIONS.applied(db)}
    if applied == NAMES:
        return
    if not applied and db.table_names():
        raise StoreError(
            f"{path} is an SQLite file, but not a Morph store;"
            " choose another file with --store or MORPH_STORE."
        )
    if newer := applied - NAMES:
        raise StoreError(
            f"{path} was written by a newer version of Morph (it has {max(newer)});"
            " update Morph, or choose another store with --store or MORPH_STORE."
        )
    try:
        db.enable_wal()
        with writing(db):  # two processes may open a new store at once: the second waits here
            _upgrade(db, path)
    except sqlite3.DatabaseError as err:
        failure = failures.describe(err, path)
        if applied and failure and failure.reads:
            raise StoreError(
                f"The store {path} is of an older version of Morph and has to be brought up to"
                f" this one before it can be read. {failure.words}"
            ) from err
        raise


def _upgrade(db: Database, path: Path) -> None:
    """Apply what is missing of the schema; a copy of an older store is set aside first.

    Raises:
        StoreError: if that fails; the store is then as it was.
    """
    applied = {migration.name for migration in MIGRATIONS.applied(db)}
    if applied == NAMES:
        return
    copy = _set_copy_aside(path, min(NAMES - applied)) if applied else None
    try:
        MIGRATIONS.apply(db)
        row_checksums.install(db)
    except sqlite3.Error as err:
        if copy is not None:
            copy.unlink()
        if failures.describe(err, path) is not None or fencing.is_busy(err):
            raise
        raise StoreError(
            f"{path} cannot be brought up to this version of Morph ({err});"
            " see what python -m jobs doctor says, or restore a backup."
        ) from err
    if copy is not None:
        _LOG.warning(
            "%s was brought up to this version of Morph; as it was before, it is kept in %s.",
            path,
            copy,
        )


def _set_copy_aside(path: Path, migration: str) -> Path:
    """Keep a store as it is before a migration; where."""
    copy = name_free(path.with_name(f"{path.stem}{BEFORE_UPGRADE}{migration}{path.suffix}"))
    try:
        copy_database(path, copy)
    except OSError as err:
        raise StoreError(
            f"{path} is of an older version, and before it is brought up to this one a copy of it"
            f" is set aside, which needs {path.stat().st_size / 1e6:,.0f} MB in {path.parent}:"
            f" {err.strerror or err}."
        ) from err
    return copy


@contextmanager
def writing(db: Database) -> Iterator[None]:
    """Open a transaction that holds the write lock from its first statement; nested: a part.

    What reads first and writes after needs it: in a plain one SQLite answers "database is locked"
    at once, without waiting, if another process (a heartbeat) wrote between the two.
    """
    if db.conn.in_transaction:
        with db.atomic():
            yield
        return
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        db.conn.rollback()
        raise


@contextmanager
def if_writable() -> Iterator[None]:
    """Leave out a write, not worth a failure, that a full disk or a read-only store refuses."""
    try:
        yield
    except sqlite3.Error as err:
        if not failures.refuses_writing(err):
            raise


def insert(db: Database, table: str, row: Mapping[str, Any]) -> int:
    """Add a row; returns its id."""
    columns = ", ".join(row)
    placeholders = ", ".join("?" * len(row))
    cursor = db.execute(f"INSERT INTO {table} ({columns}) VALUES ({placeholders})", [*row.values()])
    return int(cursor.lastrowid or 0)


def size_bytes(path: Path) -> int:
    """The size of the store on disk, with its write-ahead log and its checkpoints, in bytes."""
    files = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")]
    files += checkpoints_folder(path).glob("*.pt")
    return sum(file.stat().st_size for file in files if file.exists())


def checkpoints_folder(path: Path) -> Path:
    """The folder of a store's models, beside its file."""
    return path.with_name(path.stem + "-checkpoints")
