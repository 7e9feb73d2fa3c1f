"""Rows that are not as Morph wrote them, of all tables."""

from sqlite_utils import Database

from store import row_checksums
from store.row_checksums import Mismatch


def changed(db: Database) -> list[Mismatch]:
    """The rows of all tables that are not as Morph wrote them."""
    return [
        each for name in row_checksums.tables(db) for each in row_checksums.mismatches(db, name)
    ]
