"""Archives as lists of files: zip, and tar as it is or compressed by gzip, bzip2 or xz."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from morphcore.progress import Progress, ignore
from morphcore.readers.files import tar_archive, zip_archive
from morphcore.readers.files.archive_members import listing
from morphcore.readers.files.listing import File, Listing
from morphcore.readers.limits import ReadLimits
from morphcore.readers.results import UnreadableFrame

_TAR = re.compile(r"\.(?:tar(?:\.\w+)?|tgz|tbz2?|txz)$", re.IGNORECASE)


@contextmanager
def unpacked(file: File, limits: ReadLimits, progress: Progress = ignore) -> Iterator[Listing]:
    """Open an archive and list its members, valid while it is open. Bad ones are rejected.

    Raises:
        UnreadableFrame: if it is no archive, or unpacks to more than is accepted.
    """
    if file.size == 0:
        raise UnreadableFrame("It is empty (0 bytes).")
    is_zip = not _TAR.search(file.name)  # an npz is a zip
    with (
        zip_archive.opened_zip(file, limits)
        if is_zip
        else tar_archive.opened_tar(file, limits, progress)
    ) as members:
        yield listing(members, file.name, "zip" if is_zip else "tar")
