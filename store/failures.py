"""What SQLite's errors mean for the one who works with the store, in a sentence."""

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

_OF_THE_DISK = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
_LEAST_SPACE = 2**17  # bytes, with which SQLite can still work
_PRIMARY = 0xFF  # of an extended code, the bits that hold the kind


@dataclass(frozen=True)
class Failure:
    """A failure in words; `reads`: what is stored can still be read, only writing fails."""

    words: str
    reads: bool = False


def describe(err: sqlite3.Error, path: Path) -> Failure | None:
    """Describe an error that comes from the file or its disk; None for a mistake of our own.

    >>> err = sqlite3.OperationalError("disk full")
    >>> err.sqlite_errorcode = sqlite3.SQLITE_FULL
    >>> print(describe(err, Path("a.sqlite")).words)
    The disk that holds a.sqlite is full; free some space and try again. Nothing stored before is \
lost.
    """
    code = getattr(err, "sqlite_errorcode", sqlite3.SQLITE_OK)
    kind = code & _PRIMARY
    if kind in _OF_THE_DISK and _is_full(path):
        kind = sqlite3.SQLITE_FULL
    match kind:
        case sqlite3.SQLITE_FULL:
            return Failure(
                f"The disk that holds {path} is full; free some space and try again."
                " Nothing stored before is lost.",
                reads=True,
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return Failure(
                f"The store {path} can be read, but not written: its file, its folder or its disk"
                " is read-only. Nothing was changed.",
                reads=True,
            )
        case sqlite3.SQLITE_IOERR:
            return Failure(
                f"The disk that holds {path} does not answer ({_name(err)}); see to it and try"
                " again. Nothing stored before was changed."
            )
        case sqlite3.SQLITE_CORRUPT:
            return Failure(
                f"The store {path} is damaged ({err}): a part of it was cut off or overwritten from"
                " outside. Put a backup in its place."
            )
        case sqlite3.SQLITE_NOTADB:
            return Failure(
                f"{path} is not an SQLite file, so it is no Morph store; move it away,"
                " or choose another file with --store or MORPH_STORE."
            )
        case sqlite3.SQLITE_CANTOPEN:
            return Failure(_cannot_open(path))
    return None


def refuses_writing(err: sqlite3.Error) -> bool:
    """Whether a write failed for want of space, or of a file that may be written."""
    code = getattr(err, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & _PRIMARY in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY)


def has_log(path: Path) -> bool:
    """Whether something was written to a store that is not in its file yet, but in its log."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def _is_full(path: Path) -> bool:
    """Whether a disk has no space for what SQLite writes beside a store."""
    try:
        return shutil.disk_usage(path.resolve().parent).free < _LEAST_SPACE
    except OSError:
        return False


def _cannot_open(path: Path) -> str:
    if has_log(path):
        return (
            f"The store {path} was not closed: what was written last is in {path.name}-wal beside"
            " it, which can be read only where the folder can be written. Make it writable once,"
            " or copy both files to where it is."
        )
    return f"The store {path} cannot be opened or created: its folder or its file is out of reach."


def _name(err: sqlite3.Error) -> str:
    return str(getattr(err, "sqlite_errorname", err))
