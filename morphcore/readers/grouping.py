"""Group files into trajectories before any of them is decoded.

The pictures of a folder are one trajectory, in natural order of their names; so are its GraSPI
texts, and its npy files of one frame each. Files named after a trajectory
(`data_0.514_2.4_000220`) are grouped by that name instead. Every other file that can hold a
trajectory is one by itself.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from morphcore.readers import arrays, graspi, images
from morphcore.readers.filenames import Kind, kind_of, trajectory_of
from morphcore.readers.files import File, opened
from morphcore.readers.limits import ReadLimits
from morphcore.readers.parameters_csv import FILE_NAME
from morphcore.readers.results import ACCEPTED, Skipped, UnreadableFrame
from morphcore.types import Rejection


@dataclass(frozen=True)
class Unit:
    """Files to be read together: the frames of one trajectory, or a file of one or more."""

    kind: Kind
    together: bool  # one frame a file
    name: str  # of the trajectory
    files: tuple[File, ...]

    @property
    def folder(self) -> str:
        """The folder of its files, relative to the root of the import."""
        return _parent(self.files[0])

    @property
    def shown(self) -> str:
        """Its name among the files: the file, or the folder (and trajectory) of many."""
        return self.files[0].name if len(self.files) == 1 else self.name

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class GroupingPlan:
    """Plan of an import: units to read, tables, and files rejected or skipped."""

    units: tuple[Unit, ...]
    tables: Mapping[str, File]  # by folder
    rejections: tuple[Rejection, ...]
    skipped: tuple[Skipped, ...]


def plan(
    files: Iterable[File],
    root_name: str,
    *,
    nested: bool,
    limits: ReadLimits,
    asked_for: bool = False,
) -> GroupingPlan:
    """Group files into units.

    `root_name` names the trajectory of files that lie in no folder. `nested`: these are the
    contents of a zip, so that a zip among them is one too deep. A file that was `asked_for`
    by its name is never skipped.
    """
    tables: dict[str, File] = {}
    groups: dict[tuple[Kind, str, str], list[File]] = {}
    units: list[Unit] = []
    rejections: list[Rejection] = []
    skipped: list[Skipped] = []
    for file in files:
        kind = _kind(file, asked_for)
        if file.base.lower() == FILE_NAME and not asked_for:
            tables[_parent(file)] = file
        elif kind is None and not asked_for:
            skipped.append(Skipped(file.name))
        elif kind is None or kind == "foreign":
            rejections.append(
                Rejection(file.name, f"It is of a kind that is not read; accepted are {ACCEPTED}.")
            )
        elif kind == "zip" and nested:
            reason = "It is a zip inside a zip; unzip the outer one and import the folder."
            rejections.append(Rejection(file.name, reason))
        elif _one_frame(kind, file, limits):
            alike: Kind = "picture" if kind == "pages" else kind
            prefix = trajectory_of(PurePosixPath(file.name).stem) or ""
            groups.setdefault((alike, _parent(file), prefix), []).append(file)
        else:
            name = trajectory_name(str(PurePosixPath(file.name).with_suffix("")))
            units.append(Unit(kind, False, name, (file,)))
    for (kind, parent, prefix), members in groups.items():
        name = trajectory_name("/".join(filter(None, (parent, prefix)))) or root_name
        units.append(Unit(kind, True, name, tuple(members)))
    return GroupingPlan(tuple(units), tables, tuple(rejections), tuple(skipped))


def trajectory_name(path: str) -> str:
    """Turn a path into a trajectory's name: a zip on the way reads like a folder."""
    return re.sub(r"\.zip(?=/|$)", "", path, flags=re.IGNORECASE)


def _parent(file: File) -> str:
    parent = str(PurePosixPath(file.name).parent)
    return "" if parent == "." else parent


def _kind(file: File, asked_for: bool) -> Kind | None:
    """Find the kind of a file by its name; a text must look, or be named, like a frame."""
    kind = kind_of(file.name)
    if asked_for and kind is None:
        kind = kind_of(file.name, _head(file))
    if kind == "text" and not asked_for and not trajectory_of(PurePosixPath(file.name).stem):
        return kind if graspi.looks_like(_head(file)) else None
    return kind


def _one_frame(kind: Kind, file: File, limits: ReadLimits) -> bool:
    match kind:
        case "picture" | "text":
            return True
        case "pages":
            return not images.has_pages(file, limits)
        case "npy":
            return arrays.is_one_frame(file)
        case _:
            return False


def _head(file: File) -> bytes:
    try:
        with opened(file) as stream:
            return stream.read(graspi.HEAD_BYTES)
    except UnreadableFrame:
        return b""
