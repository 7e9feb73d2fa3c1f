"""`trajectories.csv` and `frames.csv`: what is known of trajectories and frames, one line each.

    name,phi,chi,solvent            file;JSC [A];age (d)
    run1,0.5,2.4,CB                 run1/f_000.png;-77,8;3

Every column of numbers is a parameter, every column of words a label. In `trajectories.csv` a
column `name` (or `trajectory`, `file`, `frame`, else the first) has the names of folders or files,
and `periodic` says yes or no. In `frames.csv` a line names the frame by its file, with or without
folder and ending, or by `trajectory` with `index` (from 0 on) or `time`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from morphcore.readers.results import UnreadableFrame
from morphcore.readers.tables import csv_columns
from morphcore.readers.tables.csv_columns import Columns, Values

TRAJECTORIES, FRAMES = "trajectories.csv", "frames.csv"
FILE_NAMES = (TRAJECTORIES, FRAMES)
_YES = {"yes", "true", "1", "y"}
_NO = {"no", "false", "0", "n"}
_TRAJECTORY_NAMES = ("name", "trajectory", "file", "frame")
_FILE_NAMES = ("file", "filename", "name", "frame", "image", "picture")
_INDEX_NAMES = ("index", "frame", "idx")
_TIME_NAMES = ("time", "t", "step")
_CANONICAL = ("phi", "chi")  # known by these names whatever their case


@dataclass(frozen=True)
class TrajectoryRow:
    """What a table says of one trajectory."""

    params: Mapping[str, float]
    labels: Mapping[str, str]
    periodic: bool | None  # whether the left edge continues at the right one
    line: int


@dataclass(frozen=True)
class TrajectoryTable:
    """Rows by the name of their trajectory, and sentences on what could not be taken."""

    rows: Mapping[str, TrajectoryRow]
    faults: tuple[str, ...]


@dataclass(frozen=True)
class FrameRow:
    """What a table says of one frame, named by its file, or by trajectory and index or time."""

    params: Mapping[str, float]
    labels: Mapping[str, str]
    line: int
    file: str | None = None
    trajectory: str | None = None
    index: int | None = None  # from 0 on
    time: float | None = None


@dataclass(frozen=True)
class FrameRows:
    """Rows of a `frames.csv`, and sentences on what could not be taken."""

    rows: tuple[FrameRow, ...]
    by_key: Mapping[tuple[str, int | float | None, str], FrameRow]
    faults: tuple[str, ...]

    def of_file(self, file: str) -> FrameRow | None:
        """The row of a frame by the path of its file: the longest part of it that is named.

        >>> table = parse_frames(b"file,age\\nrun1/f_0.png,3\\n")
        >>> table.of_file("set/run1/f_0.png").params, table.of_file("run2/f_0.png")
        ({'age': 3.0}, None)
        """
        parts = PurePosixPath(file).parts
        for start in range(len(parts)):
            path = "/".join(parts[start:])
            for key in (path, str(PurePosixPath(path).with_suffix(""))):
                if row := self.by_key.get((key, None, "file")):
                    return row
        return None

    def of_trajectory(self, trajectory: str, index: int, time: float) -> FrameRow | None:
        """The row of a frame by its trajectory, whole or its last part, and its index or time."""
        for name in (trajectory, PurePosixPath(trajectory).name):
            for key in ((name, index, "index"), (name, float(time), "time")):
                if row := self.by_key.get(key):
                    return row
        return None


def parse_trajectories(data: bytes) -> TrajectoryTable:
    """Parse a `trajectories.csv`. What cannot be taken is named in `faults`; the rest is there.

    Raises:
        UnreadableFrame: if it is no table with a line of names, or has nothing but names.
    """
    columns = csv_columns.parse(data)
    names = csv_columns.named(columns, _TRAJECTORY_NAMES)
    if names is None:
        csv_columns.check_names(columns)
        names = columns.names[0]
    periodic = csv_columns.named(columns, ("periodic",))
    params, labels, faults = _properties(columns, {names, periodic})
    said, more = _periodic(columns, periodic)
    faults += more
    rows: dict[str, TrajectoryRow] = {}
    for row, cell in enumerate(columns.column(names)):
        name, line = _path(cell).rstrip("/"), columns.lines[row]
        if not name:
            faults.append(f"Line {line} names no trajectory; it was left out.")
        elif name in rows:
            faults.append(
                f"Line {line} names {name!r} as line {rows[name].line} does; it was left out."
            )
        else:
            rows[name] = TrajectoryRow(params[row], labels[row], said.get(row), line)
    return TrajectoryTable(rows, (*columns.faults, *faults))


def parse_frames(data: bytes) -> FrameRows:
    """Parse a `frames.csv`. What cannot be taken is named in `faults`; the rest is there.

    Raises:
        UnreadableFrame: if it is no table with a line of names, or names no frames.
    """
    columns = csv_columns.parse(data)
    trajectory = csv_columns.named(columns, ("trajectory",))
    file = _file_column(columns, trajectory)
    index = csv_columns.named(columns, _INDEX_NAMES) if file is None else None
    time = csv_columns.named(columns, _TIME_NAMES) if file is None and index is None else None
    if file is None and index is None and time is None:
        raise UnreadableFrame(
            "The table does not say which frames its lines are of; accepted are a column `file`, or"
            " `trajectory` with `index` or `time`."
        )
    params, labels, faults = _properties(columns, {trajectory, file, index, time})
    place = index or time
    places = csv_columns.values(columns, place, numeric=True).numbers if place else {}
    owners = columns.column(trajectory) if trajectory else [""] * len(columns.lines)
    files = columns.column(file) if file else [""] * len(columns.lines)
    rows: list[FrameRow] = []
    by_key: dict[tuple[str, int | float | None, str], FrameRow] = {}
    for at, line in enumerate(columns.lines):
        owner, path, number = owners[at], _path(files[at]), places.get(at)
        row = FrameRow(
            params[at],
            labels[at],
            line,
            path or None,
            owner or None,
            int(number) if index and number is not None else None,
            number if time else None,
        )
        key: tuple[str, int | float | None, str] | None = None
        if path:
            key = (path, None, "file")
        elif owner and number is not None and not (index and number % 1):
            key = (owner, row.index if index else row.time, "index" if index else "time")
        if key is None:
            faults.append(f"Line {line} names no frame; it was left out.")
        elif key in by_key:
            faults.append(
                f"Line {line} names the frame of line {by_key[key].line}; it was left out."
            )
        else:
            by_key[key] = row
            rows.append(row)
    return FrameRows(tuple(rows), by_key, (*columns.faults, *faults))


def _file_column(columns: Columns, trajectory: str | None) -> str | None:
    """The column of files; a column `frame` of numbers is none, nor is `name` of trajectories."""
    for accepted in _FILE_NAMES:
        name = csv_columns.named(columns, (accepted,))
        if name is None:
            continue
        if accepted == "frame" and csv_columns.values(columns, name).numbers:
            continue
        return name
    return None if trajectory else columns.names[0]


def _path(cell: str) -> str:
    """A path of any system, as the paths of an import are; an absolute one by its file's name."""
    windows = PureWindowsPath(cell)
    if windows.drive or cell.startswith("/"):
        return windows.name
    return cell.replace("\\", "/").removeprefix("./")


def _properties(
    columns: Columns, taken: set[str | None]
) -> tuple[list[dict[str, float]], list[dict[str, str]], list[str]]:
    """Numbers and words of each row, but for the columns that are taken for something else."""
    params: list[dict[str, float]] = [{} for _ in columns.cells]
    labels: list[dict[str, str]] = [{} for _ in columns.cells]
    faults: list[str] = []
    for name in columns.names:
        if name in taken:
            continue
        canonical = name.lower() if name.lower() in _CANONICAL else name
        found: Values = csv_columns.values(columns, name, numeric=canonical in _CANONICAL)
        beyond = [row for row, each in found.numbers.items() if not 0 <= each <= 1]
        if canonical == "phi" and beyond:
            faults.append(
                f"phi is {found.numbers[beyond[0]]:g} in line {columns.lines[beyond[0]]}; accepted"
                " are volume fractions from 0 to 1, others count as unknown."
            )
        for row, number in found.numbers.items():
            if canonical != "phi" or row not in beyond:
                params[row][canonical] = number
        for row, word in found.words.items():
            labels[row][canonical] = word
        faults += found.faults
    return params, labels, faults


def _periodic(columns: Columns, name: str | None) -> tuple[dict[int, bool], list[str]]:
    said: dict[int, bool] = {}
    faults: list[str] = []
    for row, cell in enumerate(columns.column(name) if name else []):
        if cell.lower() in _YES | _NO:
            said[row] = cell.lower() in _YES
        elif cell:
            faults.append(
                f"periodic is {cell!r} in line {columns.lines[row]}; accepted are yes and no."
            )
    return said, faults
