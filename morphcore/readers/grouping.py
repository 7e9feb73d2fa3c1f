"""Group files into trajectories before any of them is decoded.

Files of one frame each, in one folder and of one kind, are a trajectory where their names differ by
a number alone (`name_series`), which is their time; what else differs names other trajectories.
Every other file that can hold a trajectory is one by itself.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np
from jaxtyping import Float64

from morphcore.progress import Progress, ignore
from morphcore.readers.files.listing import File, opened
from morphcore.readers.limits import ReadLimits
from morphcore.readers.names.filenames import Kind, kind_of, parameters
from morphcore.readers.names.name_pattern import NamePattern
from morphcore.readers.names.name_series import NameSeries, series_of
from morphcore.readers.options import DEFAULT_OPTIONS, ImportOptions
from morphcore.readers.results import ACCEPTED, Skipped, UnreadableFrame
from morphcore.readers.stacks import has_one_frame
from morphcore.readers.tables import parameters_csv
from morphcore.readers.texts import any_text, coordinate_table
from morphcore.types import Rejection, TimeUnit


@dataclass(frozen=True)
class Unit:
    """Files to be read together: the frames of one trajectory, or a file of one or more."""

    kind: Kind
    together: bool  # one frame a file
    name: str  # of the trajectory
    files: tuple[File, ...]  # in time order
    # Of its files, where there is one frame a file; "frame": they are only counted.
    times: Float64[np.ndarray, " files"] | None = None
    time_unit: TimeUnit = "frame"

    @property
    def folder(self) -> str:
        """The folder of its files, relative to the root of the import."""
        return self.files[0].folder

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
    tables: Mapping[str, File]  # trajectories.csv, by folder
    frame_tables: Mapping[str, File]  # frames.csv, by folder
    rejections: tuple[Rejection, ...]
    skipped: tuple[Skipped, ...]


def plan(
    files: Iterable[File],
    root_name: str,
    *,
    nested: bool,
    limits: ReadLimits,
    asked_for: bool = False,
    options: ImportOptions = DEFAULT_OPTIONS,
    progress: Progress = ignore,
) -> GroupingPlan:
    """Group files into units.

    `root_name` names the trajectory of files that lie in no folder. `nested`: these are the
    contents of an archive, so that one among them is one too deep. A file that was `asked_for`
    by its name is never skipped. `options.names` says which part of a name is what.

    Raises:
        OptionError: if `options.names` is no regular expression with one of its two groups.
    """
    pattern = NamePattern.of(options.names)
    tables: dict[str, dict[str, File]] = {name: {} for name in parameters_csv.FILE_NAMES}
    groups: dict[tuple[Kind, str], list[File]] = {}
    units: list[Unit] = []
    rejections: list[Rejection] = []
    skipped: list[Skipped] = []
    for file in files:
        progress(0.0)
        kind = _kind(file, asked_for)
        if file.base.lower() in tables and not asked_for:
            tables[file.base.lower()][file.folder] = file
        elif kind is None and not asked_for:
            skipped.append(Skipped(file.name))
        elif kind is None or kind == "foreign":
            rejections.append(
                Rejection(file.name, f"It is of a kind that is not read; accepted are {ACCEPTED}.")
            )
        elif kind == "archive" and nested:
            reason = "It is an archive in an archive; unpack the outer one and import the folder."
            rejections.append(Rejection(file.name, reason))
        elif kind != "archive" and has_one_frame(kind, file, limits, options):
            alike: Kind = "picture" if kind == "pages" else kind
            groups.setdefault((alike, file.folder), []).append(file)
        else:
            name = trajectory_name(str(PurePosixPath(file.name).with_suffix("")))
            units.append(Unit(kind, False, name, (file,)))
    by_folder = _times_as_folders(groups) if pattern is None else {}
    for (kind, parent), members in groups.items():
        series, unmatched = _series(members, pattern)
        rejections += unmatched
        by_folder.setdefault(parent, []).extend(
            _Group(kind, *each, named=pattern is not None) for each in series
        )
    for parent, found in by_folder.items():
        units += _units(parent, found, root_name)
    return GroupingPlan(
        _named_apart(units),
        tables[parameters_csv.TRAJECTORIES],
        tables[parameters_csv.FRAMES],
        tuple(rejections),
        tuple(skipped),
    )


@dataclass(frozen=True)
class _Group:
    """Files of one kind that are one trajectory, in time order."""

    kind: Kind
    series: NameSeries
    files: tuple[File, ...]
    named: bool = False  # the series' name is meant to be a name


def _times_as_folders(groups: dict[tuple[Kind, str], list[File]]) -> dict[str, list[_Group]]:
    """Take out files in folders called by a time: t=0.1/phi.npy, t=0.2/phi.npy.

    By the folder around them. The folders' names must say that they are times, since 0.1 may be a
    phi. Bare numbers from 0 on do, if they do not count and the folders hold the same fields: 0/c,
    0/mu, 0.5/c, ...
    """
    alike: dict[tuple[Kind, str, tuple[str, ...]], list[list[File]]] = {}
    for (kind, parent), members in groups.items():
        around, _, own = parent.rpartition("/")
        bases = tuple(sorted(file.base for file in members))
        fields = len(members) > 1 and not any(re.search(r"\d", base) for base in bases)
        says_so = bool(own) and series_of([own])[0].unit != "frame"
        if (says_so and len(members) == 1) or (fields and (says_so or _is_number(own))):
            ordered = sorted(members, key=lambda file: file.base)
            alike.setdefault((kind, around, bases), []).append(ordered)
    found: dict[str, list[_Group]] = {}
    for (kind, around, bases), folders in alike.items():
        for series in series_of([members[0].folder.rpartition("/")[2] for members in folders]):
            bare = _is_number(series.members[0])
            if len(series.rows) < 2 or (bare and (series.unit == "frame" or series.times[0] != 0)):
                continue
            for field in range(len(bases)):
                joined = tuple(folders[row][field] for row in series.rows)
                name = series.name if len(bases) == 1 else f"{series.name}/{joined[0].stem}"
                group = _Group(kind, replace(series, name=name.strip("/")), joined, named=True)
                found.setdefault(around, []).append(group)
            for row in series.rows:
                del groups[kind, folders[row][0].folder]
    return found


def _series(
    files: Sequence[File], pattern: NamePattern | None
) -> tuple[list[tuple[NameSeries, tuple[File, ...]]], list[Rejection]]:
    """Divide files of one kind and folder into series; a name is never twice in one group."""
    groups: dict[str, list[File]] = {"": [*files]}
    if len({file.stem for file in files}) < len(files):
        groups = {}  # the same pictures as PNG and as JPEG
        for file in files:
            groups.setdefault(PurePosixPath(file.base).suffix.lower(), []).append(file)
    found = []
    rejections: list[Rejection] = []
    for members in groups.values():
        stems = [file.stem for file in members]
        if pattern is None:
            series = series_of(stems)
        else:
            series, others = pattern.series_of(stems)
            reason = f"Its name does not match {pattern.text!r}, which says what names mean."
            rejections += [Rejection(members[row].name, reason) for row in others]
        found += [(each, tuple(members[row] for row in each.rows)) for each in series]
    return found, rejections


def _units(parent: str, found: Sequence[_Group], root_name: str) -> list[Unit]:
    """Name the trajectories of a folder: one alone is called as the folder, if it has no name."""
    units = []
    for group in found:
        is_named = group.named or bool(parameters(group.series.name))
        own = group.series.name or group.files[0].stem
        if len(found) == 1:
            own = group.series.name if is_named else ""
        name = trajectory_name("/".join(filter(None, (parent, own)))) or root_name
        times, unit = group.series.times, group.series.unit
        units.append(Unit(group.kind, True, name, group.files, times, unit))
    return units


def _named_apart(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Give trajectories of one name the ending of their files, and then a number."""
    count: dict[str, int] = {}
    for unit in units:
        count[unit.name] = count.get(unit.name, 0) + 1
    taken = {name for name, times in count.items() if times == 1}
    named = []
    for unit in units:
        name, number = unit.name, 1
        if count[unit.name] > 1:
            ending = PurePosixPath(unit.files[0].base).suffix.lstrip(".").lower()
            name = f"{unit.name} ({ending})" if ending else unit.name
            while name in taken:
                number += 1
                name = f"{unit.name} ({number})"
            taken.add(name)
        named.append(replace(unit, name=name))
    return tuple(named)


def trajectory_name(path: str) -> str:
    """Turn a path into a trajectory's name: an archive on the way reads like a folder.

    >>> trajectory_name("set.tar.gz/run1")
    'set/run1'
    """
    endings = r"\.(?:zip|tgz|tbz2?|txz|tar(?:\.(?:gz|bz2|xz))?)(?=/|$)"
    return re.sub(endings, "", path, flags=re.IGNORECASE)


def _kind(file: File, asked_for: bool) -> Kind | None:
    """Find the kind of a file by its name; a text must look, or be named, like a frame."""
    kind = kind_of(file.name)
    if asked_for and kind is None:
        kind = kind_of(file.name, _head(file))
    if kind == "text" and not asked_for and not parameters(file.stem):
        head = _head(file)
        readable = any_text.looks_like(head) or coordinate_table.names_coordinates(head)
        return kind if readable or _looks_like_numbers(head) else None
    return kind


def _looks_like_numbers(head: bytes) -> bool:
    """Whether the first line of a text that is no comment holds several numbers and nothing else.

    >>> _looks_like_numbers(b"# phi at t = 1\\n0.5;1e-3;nan"), _looks_like_numbers(b"name,phi")
    (True, False)
    """
    lines = (line.strip() for line in head.decode("latin-1").lstrip("\ufeffï»¿").splitlines())
    first = next((line for line in lines if line and line[0] not in "#%!"), "")
    cells = re.split(r"[\s,;]+", first.strip(" ,;"))
    return len(cells) > 1 and all(map(_is_number, cells))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _head(file: File) -> bytes:
    try:
        with opened(file) as stream:
            return stream.read(any_text.HEAD_BYTES)
    except UnreadableFrame:
        return b""
