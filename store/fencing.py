"""A fence around the writes of a job: they happen only while the job is still its process's own.

Every claim of a job puts a fresh token into the job's row (`store.jobs.claim`). While a process
holds a claim, every connection that it opens to that store carries the token: whatever writes gets
the write lock first and looks for the token in the same transaction. A process that was suspended,
and whose job was meanwhile given up or taken over, therefore writes nothing more. A job cannot
forget it, since `store.db.open_store` is the only way to a connection.

A job waits as long as it takes for a lock that another process holds: that ends no healthy work.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

# How long SQLite itself waits for a lock; then signals are handled, and it waits again.
PATIENCE_SECONDS = 2.0
_NO_WRITES = {"SELECT", "WITH", "PRAGMA", "EXPLAIN"}
_ENDINGS = {"COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"}
_WRITE = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)


class NotOwner(Exception):
    """The job of this process is no longer its own: it was given up, or is another process's."""


@dataclass(frozen=True)
class Claim:
    """A job that a process works on, with the token by which it is known."""

    store: Path
    job_id: int
    owner: str


_held: Claim | None = None  # of this process, which does one job at a time


@contextmanager
def holding(claim: Claim) -> Iterator[None]:
    """Let every connection that this process opens to the store write as that claim alone."""
    global _held
    before, _held = _held, claim
    try:
        yield
    finally:
        _held = before


def held(store: Path) -> Claim | None:
    """The claim that this process holds on a job of the store, if there is one."""
    if _held is not None and _held.store.resolve() == store.resolve():
        return _held
    return None


def is_busy(error: sqlite3.Error) -> bool:
    """Whether an error says that another process holds a lock."""
    code = getattr(error, "sqlite_errorcode", None)  # some errors are Python's own
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class FencedConnection(sqlite3.Connection):
    """A connection that writes only while its claim holds; `claim` is set as soon as it is open."""

    claim: Claim

    def cursor(self, _factory: Any = None) -> Any:
        """A cursor that looks for the token before it writes, whatever was asked for."""
        return super().cursor(_FencedCursor)

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        """Execute a statement through such a cursor, as `executemany` and `executescript` do.

        Some versions of Python make a cursor of their own here.
        """
        cursor: sqlite3.Cursor = self.cursor().execute(sql, parameters)
        return cursor

    def executemany(self, sql: str, parameters: Iterable[Any]) -> sqlite3.Cursor:
        cursor: sqlite3.Cursor = self.cursor().executemany(sql, parameters)
        return cursor

    def executescript(self, sql_script: str) -> sqlite3.Cursor:
        cursor: sqlite3.Cursor = self.cursor().executescript(sql_script)
        return cursor

    def check(self) -> None:
        """Look for the token; without it, what the transaction has written is rolled back.

        Raises:
            NotOwner: if the job's row has another token, or none.
        """
        sql = "SELECT 1 FROM jobs WHERE id = ? AND owner = ?"
        try:
            plain = super().cursor(sqlite3.Cursor)
            found = plain.execute(sql, [self.claim.job_id, self.claim.owner]).fetchone()
        except sqlite3.OperationalError as err:
            if "no such table" not in str(err):
                raise
            found = None  # another store has taken the place of ours
        if found is None:
            self.rollback()
            raise NotOwner(f"Job {self.claim.job_id} is no longer this process's own.")


class _FencedCursor(sqlite3.Cursor):
    """Every statement of a fenced connection passes through here."""

    connection: FencedConnection

    def execute(self, sql: str, parameters: Any = ()) -> Self:
        word = sql.split(None, 1)[0].rstrip(";").upper()
        if word == "BEGIN":
            self._begin()
            return self
        if word in _NO_WRITES and not (word == "WITH" and _WRITE.search(sql)):
            if self.connection.in_transaction:
                return super().execute(sql, parameters)
            return self._patiently(sql, parameters)
        if word not in _ENDINGS:
            self._before_a_write()
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any]) -> Self:
        self._before_a_write()
        return super().executemany(sql, parameters)

    def executescript(self, _sql_script: str) -> Self:
        raise sqlite3.NotSupportedError("A script would write without a look for the token.")

    def _before_a_write(self) -> None:
        if self.connection.in_transaction:
            self.connection.check()
        else:
            self._begin()

    def _begin(self) -> None:
        """Begin a transaction with the write lock; none else changes the token before its end."""
        self._patiently("BEGIN IMMEDIATE", ())
        self.connection.check()

    def _patiently(self, sql: str, parameters: Any) -> Self:
        """Wait for a lock as long as it takes."""
        while True:
            try:
                return super().execute(sql, parameters)
            except sqlite3.OperationalError as err:
                if not is_busy(err):
                    raise
