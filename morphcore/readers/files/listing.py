"""Files of an import, on disk or inside an archive: listed, opened, hashed."""

import hashlib
import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase, BytesIO
from pathlib import Path, PurePosixPath

from morphcore.progress import Progress, ignore
from morphcore.readers.limits import ReadLimits
from morphcore.readers.names.filenames import kind_of, natural
from morphcore.readers.results import ImportPathError, Skipped, UnreadableFrame
from morphcore.temporary import temporary_folder
from morphcore.types import Rejection

CHUNK = 1 << 20  # bytes
_LEADS_OUT = (
    "It is a link to a file outside of the imported folder, and is not followed; put the file"
    " itself there."
)
# Exceptions of zipfile and tarfile while they read a damaged member.
_ARCHIVE_FAULTS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    UnicodeDecodeError,
    NotImplementedError,
)


@dataclass(frozen=True)
class File:
    """One file of an import."""

    name: str  # with "/" between folders, relative to what is imported
    size: int  # bytes, unpacked
    open: Callable[[], BufferedIOBase]
    path: Path | None = None  # None inside an archive

    @property
    def base(self) -> str:
        """The name without its folders."""
        return self.name.rpartition("/")[2]  # PurePosixPath takes seconds for 100,000 of them

    @property
    def stem(self) -> str:
        """The name without its folders and its ending."""
        stem, _, ending = self.base.rpartition(".")
        return stem or ending

    @property
    def folder(self) -> str:
        """The folders of the name; empty where there is none."""
        return self.name.rpartition("/")[0]


@dataclass(frozen=True)
class Listing:
    """The files of a folder or archive in natural order, with those rejected and skipped."""

    files: tuple[File, ...]
    rejections: tuple[Rejection, ...]
    skipped: tuple[Skipped, ...]


def printable(name: str) -> str:
    """Make a name that every database and page can hold; bytes that are no UTF-8 show as �."""
    return os.fsencode(name).decode("utf-8", "replace")


def on_this_disk(path: Path, name: str) -> File:
    """Describe a file on disk."""
    return File(name, path.stat().st_size, lambda: path.open("rb"), path)


def in_memory(data: bytes, name: str) -> File:
    """Describe a file in memory."""
    return File(name, len(data), lambda: BytesIO(data))


def folder(root: Path, limits: ReadLimits, progress: Progress = ignore) -> Listing:
    """List all files below a folder, which is no link itself (`Path.resolve`).

    Hidden ones are skipped. Links to folders are not followed, nor links to files outside of
    `root`: whoever made the folder could otherwise have any file of this machine read.

    Raises:
        ImportPathError: if the folder cannot be looked into, or holds too many files.
    """
    files: list[File] = []
    rejections: list[Rejection] = []
    skipped: list[Skipped] = []

    def unreadable(err: OSError) -> None:
        path = Path(err.filename or root)
        if path == root:
            raise ImportPathError(f"The folder {root} cannot be opened: {words(err)}.") from err
        name = printable(path.relative_to(root).as_posix())
        rejections.append(Rejection(name, f"The folder cannot be opened: {words(err)}."))

    for parent, folders, names in os.walk(root, onerror=unreadable):
        progress(0.0)
        for folder_name in sorted(folders, key=natural):
            path = Path(parent, folder_name)
            name = printable(path.relative_to(root).as_posix())
            if _is_hidden(folder_name):
                skipped.append(Skipped(name + "/"))
            elif path.is_symlink():
                reason = "It is a link to another folder; import that folder itself."
                rejections.append(Rejection(name, reason))
        folders[:] = [folder_name for folder_name in folders if not _is_hidden(folder_name)]
        for file_name in names:
            path = Path(parent, file_name)
            name = printable(path.relative_to(root).as_posix())
            try:
                mode = path.lstat().st_mode
                if stat.S_ISLNK(mode) and not file_name.startswith("."):
                    path = path.resolve(strict=True)
                    mode = path.stat().st_mode
                    if not path.is_relative_to(root):
                        if kind_of(name) is None:
                            skipped.append(Skipped(name))
                        else:
                            rejections.append(Rejection(name, _LEADS_OUT))
                        continue
                if file_name.startswith(".") or not stat.S_ISREG(mode):
                    skipped.append(Skipped(name))
                else:
                    files.append(on_this_disk(path, name))
            except (OSError, RuntimeError) as err:  # RuntimeError: links that lead in a circle
                if kind_of(name) is None:
                    skipped.append(Skipped(name))
                else:
                    circle = "its links lead in a circle"
                    reason = words(err) if isinstance(err, OSError) else circle
                    rejections.append(Rejection(name, f"It cannot be opened: {reason}."))
        if len(files) > limits.files:
            raise ImportPathError(
                f"The folder {root} holds more than {limits.files:,} files; choose one inside it."
            )
    files.sort(key=lambda file: natural(file.name))
    return Listing(tuple(files), tuple(rejections), tuple(skipped))


def _is_hidden(folder_name: str) -> bool:
    return folder_name.startswith(".") or folder_name == "__MACOSX"


def words(err: OSError) -> str:
    """Format the system's message of a failure as the end of a sentence."""
    return (err.strerror or str(err)).lower()


@contextmanager
def opened(file: File) -> Iterator[BufferedIOBase]:
    """Open a file for reading.

    Raises:
        UnreadableFrame: if it is empty, or cannot be opened or read to its end.
    """
    if file.size == 0:
        raise UnreadableFrame("It is empty (0 bytes).")
    try:
        with file.open() as stream:
            yield stream
    except OSError as err:
        raise UnreadableFrame(f"It cannot be read: {words(err)}.") from err
    except _ARCHIVE_FAULTS as err:
        raise UnreadableFrame("Its part of the archive is damaged or cut off.") from err


def content(file: File, limits: ReadLimits) -> bytes:
    """Read a picture or text file as a whole.

    Raises:
        UnreadableFrame: if it is empty, too large or cannot be read.
    """
    if file.size > limits.picture_bytes:
        raise UnreadableFrame(
            f"It has {file.size / 2**20:,.0f} MB; accepted are up to"
            f" {limits.picture_bytes // 2**20:,} MB in a picture or text file."
        )
    with opened(file) as stream:
        data = stream.read(limits.picture_bytes + 1)  # never more, whatever its header claims
    if len(data) != file.size:
        raise UnreadableFrame("Its length is not what its folder or archive says; it was cut off.")
    return data


@contextmanager
def on_disk(file: File, progress: Progress = ignore) -> Iterator[Path]:
    """Yield a path to the file: its own, or that of a temporary unpacked copy.

    Raises:
        UnreadableFrame: if it is empty or cannot be read.
    """
    if file.path is not None:
        with opened(file):
            pass
        yield file.path
        return
    with temporary_folder() as folder:
        # Only the ending comes from the archive: libraries look at it.
        path = folder / f"member{PurePosixPath(file.name).suffix}"
        with opened(file) as stream, path.open("wb") as copy:
            while piece := stream.read(CHUNK):
                progress(0.0)
                copy.write(piece)
        yield path


def sha256(file: File, progress: Progress = ignore) -> str:
    """Hash a file's bytes, read piece by piece.

    Raises:
        UnreadableFrame: if it is empty or cannot be read.
    """
    digest = hashlib.sha256()
    with opened(file) as stream:
        while piece := stream.read(CHUNK):
            progress(0.0)
            digest.update(piece)
    return digest.hexdigest()


def sha256_of_all(names: Sequence[str], hashes: Sequence[str]) -> str:
    """Hash files in their order, by each one's name and its own hash."""
    lines = (f"{name}\n{digest}\n" for name, digest in zip(names, hashes, strict=True))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
