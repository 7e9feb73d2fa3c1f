"""Temporary folders whose names say which process they belong to, so that leftovers are known."""

import hashlib
import os
import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"\.?morph-(?:(?P<host>[0-9a-f]{6})-(?P<pid>\d+)-)?[a-z0-9_]{8}")


@dataclass(frozen=True)
class Owner:
    """The process that made a temporary folder."""

    host: str
    pid: int


@contextmanager
def temporary_folder(beside: Path | None = None) -> Iterator[Path]:
    """Yield a folder that is deleted afterwards: hidden in `beside`, or among the system's own.

    Raises:
        OSError: if it cannot be made.
    """
    dot = "" if beside is None else "."
    prefix = f"{dot}morph-{this_host()}-{os.getpid()}-"
    with tempfile.TemporaryDirectory(dir=beside, prefix=prefix) as folder:
        yield Path(folder)


def owner_of(folder: Path) -> Owner | None:
    """The process that made a folder of that name; None of an older version's.

    Raises:
        ValueError: if the name is not that of a temporary folder of Morph.
    """
    found = _NAME.fullmatch(folder.name)
    if found is None:
        raise ValueError(f"{folder.name} is no temporary folder of Morph.")
    if found["pid"] is None:
        return None
    return Owner(found["host"], int(found["pid"]))


def this_host() -> str:
    """What tells this machine, or container, from others that see the same folders."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]
