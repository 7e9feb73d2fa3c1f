"""The tables of an import (`trajectories.csv`, `frames.csv`) and which of their rows are used."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from morphcore.readers.files.listing import File, content
from morphcore.readers.grouping import GroupingPlan, Unit, trajectory_name
from morphcore.readers.limits import ReadLimits
from morphcore.readers.results import UnreadableFrame
from morphcore.readers.tables import parameters_csv
from morphcore.readers.tables.parameters_csv import (
    FrameRow,
    FrameRows,
    TrajectoryRow,
    TrajectoryTable,
)
from morphcore.types import Rejection


@dataclass(frozen=True)
class Tables:
    """The tables around the files of an import, each by its folder."""

    root_name: str
    trajectories: Mapping[str, TrajectoryTable] = field(default_factory=dict)
    frames: Mapping[str, FrameRows] = field(default_factory=dict)
    files: Mapping[tuple[str, str], File] = field(default_factory=dict)  # by kind and folder
    used: set[tuple[str, str]] = field(default_factory=set)  # rows that some trajectory took
    used_lines: set[tuple[str, int]] = field(default_factory=set)  # that some frame took

    def row(self, unit: Unit, name: str) -> TrajectoryRow | None:
        """Find the row of a trajectory in its folder or one around it, the nearest."""
        for parent in _folders(unit.folder):
            relative = name.removeprefix(trajectory_name(parent) + "/")
            keys = [relative, name, PurePosixPath(name).name]
            if len(unit.files) == 1:
                keys += [unit.files[0].base, PurePosixPath(unit.files[0].base).stem]
            table = self.trajectories.get(parent)
            for key in keys if table else ():
                if table and key in table.rows:
                    self.used.add((parent, key))
                    return table.rows[key]
        return None

    def frame_rows(
        self, unit: Unit, name: str, files: Sequence[str], times: Sequence[float]
    ) -> tuple[FrameRow | None, ...]:
        """Find the rows of a trajectory's frames; empty where no table says anything of them.

        `files` are those of its frames, empty where one file holds it whole.
        """
        for parent in _folders(unit.folder):
            table = self.frames.get(parent)
            if table is None:
                continue
            rows = tuple(
                (table.of_file(files[index]) if files else None)
                or table.of_trajectory(name, index, time)
                for index, time in enumerate(times)
            )
            if any(rows):
                self.used_lines.update((parent, row.line) for row in rows if row is not None)
                return rows
        return ()

    def unused(self) -> Iterator[Rejection]:
        """Name the rows that nothing was found for."""
        for parent, table in self.trajectories.items():
            rest = {
                key: row.line for key, row in table.rows.items() if (parent, key) not in self.used
            }
            if rest:
                first = ", ".join(f"{key!r} (line {line})" for key, line in [*rest.items()][:3])
                more = f" and {len(rest) - 3} more" if len(rest) > 3 else ""
                reason = f"It names {first}{more}, but no trajectory beside it is called that."
                file = self.files[parameters_csv.TRAJECTORIES, parent]
                yield Rejection(file.name, reason)
        for parent, of_frames in self.frames.items():
            lines = [
                row.line for row in of_frames.rows if (parent, row.line) not in self.used_lines
            ]
            if lines:
                first = ", ".join(str(line) for line in lines[:3])
                more = f" and {len(lines) - 3} more" if len(lines) > 3 else ""
                reason = f"No frame beside it is the one of line {first}{more}."
                yield Rejection(self.files[parameters_csv.FRAMES, parent].name, reason)


def read_tables(
    planned: GroupingPlan, root_name: str, limits: ReadLimits
) -> tuple[Tables, list[Rejection]]:
    """Read the tables of an import; what cannot be taken of one is named, the rest is used."""
    rejections: list[Rejection] = []
    trajectories: dict[str, TrajectoryTable] = {}
    frames: dict[str, FrameRows] = {}
    files: dict[tuple[str, str], File] = {}
    for parent, file in planned.tables.items():
        files[parameters_csv.TRAJECTORIES, parent] = file
        try:
            trajectories[parent] = parameters_csv.parse_trajectories(content(file, limits))
            rejections += [Rejection(file.name, said) for said in trajectories[parent].faults]
        except UnreadableFrame as err:
            rejections.append(Rejection(file.name, str(err)))
    for parent, file in planned.frame_tables.items():
        files[parameters_csv.FRAMES, parent] = file
        try:
            frames[parent] = parameters_csv.parse_frames(content(file, limits))
            rejections += [Rejection(file.name, said) for said in frames[parent].faults]
        except UnreadableFrame as err:
            rejections.append(Rejection(file.name, str(err)))
    return Tables(root_name, trajectories, frames, files), rejections


def _folders(folder: str) -> Iterator[str]:
    """A folder and those around it, the innermost first."""
    path = PurePosixPath(folder)
    for ancestor in (path, *path.parents):
        yield "" if str(ancestor) == "." else str(ancestor)
