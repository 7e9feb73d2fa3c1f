"""Keeping of drawings and uploads, so that an address can name them, where the store allows it."""

from collections.abc import Callable
from pathlib import Path

from sqlite_utils import Database

from store.db import NotWritable, StoreBusy, open_store

_WAIT_SECONDS = 1.0  # for others who write: nobody waits for a link


def keep(store: Path, add: Callable[[Database], str | None]) -> str | None:
    """Add something to the store -> its key; None where it is busy or cannot be written now."""
    try:
        with open_store(store, busy_seconds=_WAIT_SECONDS) as db:
            return add(db)
    except (NotWritable, StoreBusy):
        return None
