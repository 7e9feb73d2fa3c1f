"""Members of a zip archive."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedIOBase
from typing import cast

from morphcore.readers.files.archive_members import Member, check_size
from morphcore.readers.files.listing import File, words
from morphcore.readers.limits import ReadLimits
from morphcore.readers.results import UnreadableFrame

_METHODS = (
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
    zipfile.ZIP_BZIP2,
    zipfile.ZIP_LZMA,
)


# What zipfile lets through of a damaged directory, and of one in a damaged archive.
_FAULTS = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(ValueError, EOFError, IndexError, OverflowError, NotImplementedError),
)


@contextmanager
def opened_zip(file: File, limits: ReadLimits) -> Iterator[list[Member]]:
    """Open a zip; its members can be read while it is open.

    Raises:
        UnreadableFrame: if it is no zip, or unpacks to more than is accepted, by its headers.
    """
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(file.open())
            opened = stack.enter_context(zipfile.ZipFile(stream))
        except OSError as err:
            raise UnreadableFrame(f"It cannot be read: {words(err)}.") from err
        except _FAULTS as err:
            raise UnreadableFrame("It is not a zip file, or it is cut off or damaged.") from err
        members = opened.infolist()
        total = sum(member.file_size for member in members)
        check_size(len(members), total, file.size, limits)
        yield [
            Member(
                member.filename,
                member.file_size,
                _opener(opened, member),
                _fault(member),
                bool(member.flag_bits & 1),
            )
            for member in members
            if not member.filename.endswith("/")  # `is_dir` fails at an empty name
        ]


def _fault(member: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "It is a link or a device and not a file; only files are read from a zip."
    if member.compress_type not in _METHODS:
        return "It is packed in a way that is not read; accepted are deflate, bzip2 and LZMA."
    return None


def _opener(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], BufferedIOBase]:
    # zipfile never gives more than the size that was counted, and then compares the CRC.
    return lambda: cast(BufferedIOBase, opened.open(member))
