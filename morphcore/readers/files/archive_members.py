"""Members of an archive of any sort, none of them trusted, as a list of files.

Nothing is unpacked to a path that an archive names: members are read as streams, so `../` could
not write anywhere; such names are rejected all the same, as nobody makes them in good faith.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BufferedIOBase

from morphcore.readers.files.listing import File, Listing, printable
from morphcore.readers.limits import ReadLimits
from morphcore.readers.names.filenames import natural
from morphcore.readers.results import Skipped, UnreadableFrame
from morphcore.types import Rejection


@dataclass(frozen=True)
class Member:
    """A file of an archive, and why it is not to be trusted or cannot be read, if so."""

    name: str
    size: int  # bytes, unpacked
    open: Callable[[], BufferedIOBase]
    fault: str | None = None
    encrypted: bool = False


def check_size(members: int, unpacked_bytes: int, packed: int, limits: ReadLimits) -> None:
    """Refuse an archive by what it would unpack to.

    Raises:
        UnreadableFrame: if there are too many files or bytes, or far more than it has itself.
    """
    if members > limits.zip_members:
        raise UnreadableFrame(
            f"It holds {members:,} files; accepted are up to {limits.zip_members:,} in an archive."
        )
    if unpacked_bytes > limits.zip_bytes:
        raise UnreadableFrame(
            f"It would unpack to {unpacked_bytes / 2**30:,.1f} GB; accepted are up to"
            f" {limits.zip_bytes // 2**30} GB."
        )
    if unpacked_bytes > limits.zip_ratio_from and unpacked_bytes > limits.zip_ratio * packed:
        raise UnreadableFrame(
            f"It would unpack to {unpacked_bytes / packed:,.0f} times its size, as only a zip bomb"
            f" does; accepted is up to {limits.zip_ratio} times."
        )


def listing(members: Iterable[Member], archive_name: str, kind: str) -> Listing:
    """List the members of an archive in natural order, with those rejected and skipped."""
    files: list[File] = []
    rejections: list[Rejection] = []
    skipped: list[Skipped] = []
    names: set[str] = set()
    count = locked = 0
    for member in members:
        count += 1
        name = printable(member.name.replace("\\", "/"))
        while name.startswith("./"):
            name = name[2:]
        parts = name.split("/")
        if reason := _path_fault(name, parts, kind) or member.fault:
            rejections.append(Rejection(name, reason))
        elif any(part.startswith(".") or part == "__MACOSX" for part in parts):
            skipped.append(Skipped(name))
        elif member.encrypted:
            locked += 1
        elif name in names:
            reason = f"The {kind} holds several files of this name; the first was taken."
            rejections.append(Rejection(name, reason))
        else:
            names.add(name)
            files.append(File(name, member.size, member.open))
    if locked:
        whole = "It is" if locked == count else f"{locked:,} of its {count:,} files are"
        reason = f"{whole} encrypted; unpack it with its password and import the folder."
        rejections.append(Rejection(archive_name, reason))
    files.sort(key=lambda file: natural(file.name))
    return Listing(tuple(files), tuple(rejections), tuple(skipped))


def _path_fault(name: str, parts: list[str], kind: str) -> str | None:
    if not name:
        return f"It has no name in the {kind}."
    if name.startswith("/") or ".." in parts or (parts[0].endswith(":") and len(parts) > 1):
        return f"Its path leads out of the {kind}; accepted are paths inside it."
    return None
