"""Rows that are not as Morph wrote them, of all tables."""

from sqlite_utils import Database

from store.row_checksums import Mismatch, mismatches, tables


def changed(db: Database) -> list[Mismatch]:
    """The rows of all tables that are not as Morph wrote them."""
    return [each for name in tables(db) for each in mismatches(db, name)]
