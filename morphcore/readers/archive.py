"""Zip archives as lists of files, opened without trusting them.

Nothing is unpacked to a path that the zip names: members are read as streams, so `../` could not
write anywhere; such names are rejected all the same, as nobody makes them in good faith.
"""

import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedIOBase
from typing import cast

from morphcore.readers.filenames import natural
from morphcore.readers.files import File, Listing, words
from morphcore.readers.limits import ReadLimits
from morphcore.readers.results import Skipped, UnreadableFrame
from morphcore.types import Rejection

_METHODS = (
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
    zipfile.ZIP_BZIP2,
    zipfile.ZIP_LZMA,
)


@contextmanager
def unzipped(file: File, limits: ReadLimits) -> Iterator[Listing]:
    """Open a zip and list its members, valid while it is open. Bad ones are rejected one by one.

    Raises:
        UnreadableFrame: if it is no zip, or unpacks to more than is accepted, by its headers.
    """
    if file.size == 0:
        raise UnreadableFrame("It is empty (0 bytes).")
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(file.open())
            opened_zip = stack.enter_context(zipfile.ZipFile(stream))
        except OSError as err:
            raise UnreadableFrame(f"It cannot be read: {words(err)}.") from err
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as err:
            raise UnreadableFrame("It is not a zip file, or it is cut off or damaged.") from err
        _check(opened_zip, file.size, limits)
        yield _listing(opened_zip, file.name)


def _check(opened_zip: zipfile.ZipFile, packed: int, limits: ReadLimits) -> None:
    members = opened_zip.infolist()
    if len(members) > limits.zip_members:
        raise UnreadableFrame(
            f"It holds {len(members):,} files; accepted are up to {limits.zip_members:,} in a zip."
        )
    unpacked = sum(member.file_size for member in members)
    if unpacked > limits.zip_bytes:
        raise UnreadableFrame(
            f"It would unpack to {unpacked / 2**30:,.1f} GB; accepted are up to"
            f" {limits.zip_bytes // 2**30} GB."
        )
    if unpacked > limits.zip_ratio_from and unpacked > limits.zip_ratio * packed:
        raise UnreadableFrame(
            f"It would unpack to {unpacked / packed:,.0f} times its size, as only a zip bomb does;"
            f" accepted is up to {limits.zip_ratio} times."
        )


def _listing(opened_zip: zipfile.ZipFile, zip_name: str) -> Listing:
    files: list[File] = []
    rejections: list[Rejection] = []
    skipped: list[Skipped] = []
    names: set[str] = set()
    locked = 0
    members = [member for member in opened_zip.infolist() if not member.is_dir()]
    for member in members:
        name = member.filename.replace("\\", "/")
        parts = name.split("/")
        if reason := _fault(member, name, parts):
            rejections.append(Rejection(name, reason))
        elif any(part.startswith(".") or part == "__MACOSX" for part in parts):
            skipped.append(Skipped(name))
        elif member.flag_bits & 1:
            locked += 1
        elif name in names:
            reason = "The zip holds several files of this name; the first was taken."
            rejections.append(Rejection(name, reason))
        else:
            names.add(name)
            files.append(File(name, member.file_size, _opener(opened_zip, member)))
    if locked:
        all_of_it = locked == len(members)
        whole = "It is" if all_of_it else f"{locked:,} of its {len(members):,} files are"
        reason = f"{whole} encrypted; unzip it with its password and import the folder."
        rejections.append(Rejection(zip_name, reason))
    files.sort(key=lambda file: natural(file.name))
    return Listing(tuple(files), tuple(rejections), tuple(skipped))


def _fault(member: zipfile.ZipInfo, name: str, parts: list[str]) -> str | None:
    """Explain in one sentence why a member is not to be trusted or cannot be unpacked."""
    if name.startswith("/") or ".." in parts or (parts[0].endswith(":") and len(parts) > 1):
        return "Its path leads out of the zip; accepted are paths inside it."
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "It is a link or a device and not a file; only files are read from a zip."
    if member.compress_type not in _METHODS:
        return "It is packed in a way that is not read; accepted are deflate, bzip2 and LZMA."
    return None


def _opener(opened_zip: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], BufferedIOBase]:
    # zipfile never gives more than the size that `_check` has counted, and then compares the CRC.
    return lambda: cast(BufferedIOBase, opened_zip.open(member))
