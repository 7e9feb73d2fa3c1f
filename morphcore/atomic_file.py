"""Atomic writing of files: whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from morphcore.temporary import temporary_folder


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary file to write, which becomes `path` when the block ends without an error.

    It has the name of `path`, in a folder of its own beside it: a writer may go by the
    ending. It is synced before it is renamed, so that a crash leaves either file, never a part.
    After an error an older file stays as it was, and nothing is left beside it.

    Raises:
        OSError: if it cannot be written, as on a full disk.
    """
    with temporary_folder(path.parent) as folder:
        temporary = folder / path.name
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
