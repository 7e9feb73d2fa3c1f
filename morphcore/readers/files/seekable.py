"""Files for libraries that jump around in them: a path, or the bytes of a small member of a zip."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from morphcore.progress import Progress, ignore
from morphcore.readers.files.listing import File, content, on_disk
from morphcore.readers.limits import ReadLimits

_IN_MEMORY = 64 * 2**20  # bytes of a file inside a zip that needs no copy on disk


@contextmanager
def seekable(
    file: File, limits: ReadLimits, progress: Progress = ignore
) -> Iterator[Path | BytesIO]:
    """A path to the file or to a temporary unpacked copy, or for a small one its bytes.

    Raises:
        UnreadableFrame: if it is empty or cannot be read.
    """
    if file.path is None and file.size <= min(_IN_MEMORY, limits.picture_bytes):
        yield BytesIO(content(file, limits))
        return
    with on_disk(file, progress) as path:
        yield path
