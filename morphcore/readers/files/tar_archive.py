"""Members of a tar archive, as it is or compressed by gzip, bzip2 or xz."""

import bz2
import gzip
import lzma
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import BufferedIOBase
from typing import cast

from morphcore.progress import Progress, ignore
from morphcore.readers.files.archive_members import Member, check_size
from morphcore.readers.files.listing import CHUNK, File, words
from morphcore.readers.limits import ReadLimits
from morphcore.readers.results import UnreadableFrame

_Opener = Callable[[BufferedIOBase], BufferedIOBase]
_OPENERS: Mapping[bytes, _Opener] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": cast(_Opener, lzma.open),
}
_BAD = "It is not a tar file, or it is cut off or damaged."
_DAMAGED = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, ValueError)


@contextmanager
def opened_tar(
    file: File, limits: ReadLimits, progress: Progress = ignore
) -> Iterator[list[Member]]:
    """Open a tar; its members can be read while it is open.

    A compressed one is decompressed to a temporary file first, and given up as soon as that is
    larger than is accepted: members could be read from it in order only.

    Raises:
        UnreadableFrame: if it is no tar, or unpacks to more than is accepted.
    """
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(file.open())
            head = stream.read(6)
            stream.seek(0)
            opener = next(
                (each for magic, each in _OPENERS.items() if head.startswith(magic)), None
            )
            if opener is not None:
                packed = stack.enter_context(opener(stream))
                plain = stack.enter_context(tempfile.TemporaryFile(prefix="morph-"))
                stream = cast(BufferedIOBase, plain)
                _decompress(packed, stream, file.size, limits, progress)
            opened = stack.enter_context(tarfile.open(fileobj=stream, mode="r:"))
            members = _members(opened, file.size, limits, progress)
            stream.seek(opened.offset)  # tarfile ends in silence at what is no header
            if stream.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
                raise UnreadableFrame(_BAD)
        except _DAMAGED as err:
            raise UnreadableFrame(_BAD) from err
        except OSError as err:  # also of bzip2, for bytes that are none
            if err.errno is None:
                raise UnreadableFrame(_BAD) from err
            raise UnreadableFrame(f"It cannot be read: {words(err)}.") from err
        yield members


def _decompress(
    packed: BufferedIOBase,
    plain: BufferedIOBase,
    size: int,
    limits: ReadLimits,
    progress: Progress,
) -> None:
    written = 0
    while piece := packed.read(CHUNK):
        progress(0.0)
        written += len(piece)
        check_size(0, written, size, limits)
        plain.write(piece)
    plain.seek(0)


def _members(
    opened: tarfile.TarFile, size: int, limits: ReadLimits, progress: Progress
) -> list[Member]:
    members: list[Member] = []
    total = count = 0
    for info in opened:
        count += 1
        progress(0.0)
        total += info.size
        check_size(count, total, size, limits)
        if info.isdir():
            continue
        fault = None
        if not info.isfile():
            fault = "It is a link or a device and not a file; only files are read from a tar."
        elif info.issparse():
            fault = "It is packed in a way that is not read; pack it as a whole file."
        members.append(Member(info.name, info.size, _opener(opened, info), fault))
    return members


def _opener(opened: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], BufferedIOBase]:
    # A regular file always has a stream.
    return lambda: cast(BufferedIOBase, opened.extractfile(info))
