"""Files that an export writes: new ones, whole or not at all, failures in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from morphcore.atomic_file import atomic_write
from morphcore.errors import MorphError


def require_new(out: Path) -> None:
    """Make sure that a file can be new.

    Raises:
        MorphError: if it is there, or its folder is not.
    """
    if out.exists():
        raise MorphError(f"{out} exists already; choose another name.")
    if not out.parent.is_dir():
        raise MorphError(f"The folder {out.parent} does not exist.")


@contextmanager
def written(out: Path) -> Iterator[Path]:
    """`atomic_write`, its failures in a sentence.

    Raises:
        MorphError: if it cannot be written.
    """
    try:
        with atomic_write(out) as part:
            yield part
    except OSError as err:
        raise MorphError(f"{out} cannot be written: {err.strerror or err}.") from err
