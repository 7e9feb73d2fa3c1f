"""Folders of this machine that a page may import: any on loopback, else those the owner names."""

import os
from pathlib import Path

from ui.access import way

VARIABLE = "MORPH_IMPORT_FOLDERS"


def named() -> tuple[Path, ...]:
    """The folders that a path must lie in, links resolved; empty where any path will do, or none.

    They are those of `MORPH_IMPORT_FOLDERS`, written as PATH is; on loopback none need be named.
    """
    if way.current() == "open":
        return ()
    written = os.environ.get(VARIABLE, "").split(os.pathsep)
    # A relative one would depend on where the server was started.
    return tuple(_real(Path(each)) for each in written if os.path.isabs(each))


def some() -> bool:
    """Whether any path of this machine may be imported."""
    return way.current() == "open" or bool(named())


def may_be_imported(path: Path) -> bool:
    """Whether a path, once its links are resolved, is one that may be imported by a page."""
    if way.current() == "open":
        return True
    try:
        real = _real(path)
    except ValueError:  # a null character
        return False
    return any(real.is_relative_to(folder) for folder in named())


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
