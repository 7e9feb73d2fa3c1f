"""A table of properties matched with a data set's frames: what would be stored, before it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from analysis.property_targets import Target, Targets
from morphcore.errors import MorphError
from morphcore.readers.tables.property_table import Column, PropertyTable
from store import properties
from store.db import open_store
from store.properties import PARAMETERS, Value
from store.trajectories import TrajectoryInfo

_REL = 1e-9  # numbers that differ by less are the same number, written otherwise


class NoMatch(MorphError):
    """No row of the table is of a frame or trajectory of the data set."""


@dataclass(frozen=True)
class Unmatched:
    """A row of the table that is of nothing in the data set, and why."""

    line: int
    name: str
    reason: str


@dataclass(frozen=True)
class Conflict:
    """A value that differs from what is known already, or from another row's."""

    property: str
    of: str  # the frame or trajectory
    known: Value
    new: Value


@dataclass(frozen=True)
class ColumnLook:
    """A column as it would be taken."""

    name: str
    is_number: bool
    known: int  # rows with a value, of those that are matched
    unknown: int  # matched rows without one: empty cells, infinities
    low: float | None  # of numbers
    high: float | None
    classes: tuple[str, ...]  # of words
    left_out: str = ""  # why it is not taken; empty: it is


@dataclass(frozen=True)
class PropertyMatch:
    """What a table would add to a data set."""

    dataset_id: int
    frames: Mapping[str, Mapping[int, Value]]  # by property, then frame id
    trajectories: Mapping[int, Mapping[str, Value]]  # by trajectory id, then property
    matched_frames: int
    matched_trajectories: int
    columns: tuple[ColumnLook, ...]
    unmatched: tuple[Unmatched, ...]
    conflicts: tuple[Conflict, ...]


def match(
    store: Path, dataset_id: int, table: PropertyTable, *, only: Sequence[str] | None = None
) -> PropertyMatch:
    """Match a table's rows with a data set's frames and trajectories; `only` some columns.

    Raises:
        NoMatch: if no row is of anything in the data set.
        MorphError: if a column that is asked for is not there, or there is none.
    """
    wanted = _wanted(table, only)
    with open_store(store) as db:
        targets = Targets(db, dataset_id)
        found = [targets.of(table, row) for row in range(len(table))]
        unmatched = tuple(
            Unmatched(table.lines[row], _name(table, row), target)
            for row, target in enumerate(found)
            if isinstance(target, str)
        )
        if len(unmatched) == len(table):
            raise NoMatch(
                f"None of the {len(table):,} rows is of a frame of this data set; the first is"
                f" {unmatched[0].name!r}: {unmatched[0].reason}."
            )
        rows = [row for row, target in enumerate(found) if not isinstance(target, str)]
        own = {info.id: info for info in targets.infos}
        looks = tuple(_look(column, rows, found, own) for column in wanted)
        taken = [
            column
            for column, look in zip(wanted, looks, strict=True)
            if not look.left_out and look.known
        ]
        return _matched(db, targets, found, rows, taken, looks, unmatched)


def _matched(
    db: Database,
    targets: Targets,
    found: Sequence[Target | str],
    rows: Sequence[int],
    taken: Sequence[Column],
    looks: tuple[ColumnLook, ...],
    unmatched: tuple[Unmatched, ...],
) -> PropertyMatch:
    known = _known(db, targets)
    new: dict[tuple[Target, str], Value] = {}
    conflicts: list[Conflict] = []
    for column in taken:
        for row in rows:
            target, value = found[row], column.value(row)
            if value is None or isinstance(target, str):
                continue
            before = new.get((target, column.name), known.get(target, {}).get(column.name))
            if before is not None and not _same(before, value):
                conflicts.append(Conflict(column.name, targets.label(target), before, value))
            new[target, column.name] = value
    frames: dict[str, dict[int, Value]] = {}
    owned: dict[int, dict[str, Value]] = {}
    for ((frame, owner), name), value in new.items():
        if frame is None:
            owned.setdefault(owner, {})[name] = value
        else:
            frames.setdefault(name, {})[frame] = value
    matched = {target for target in found if not isinstance(target, str)}
    return PropertyMatch(
        dataset_id=targets.dataset_id,
        frames=frames,
        trajectories=owned,
        matched_frames=sum(frame is not None for frame, _ in matched),
        matched_trajectories=sum(frame is None for frame, _ in matched),
        columns=looks,
        unmatched=unmatched,
        conflicts=tuple(conflicts),
    )


def _known(db: Database, targets: Targets) -> dict[Target, dict[str, Value]]:
    """What is stored already of single frames and of trajectories."""
    out: dict[Target, dict[str, Value]] = {
        (None, info.id): {**info.params, **info.labels} for info in targets.infos
    }
    for frame, name, value in properties.stored_of_frames(db, targets.dataset_id):
        out.setdefault((frame, targets.frames[frame]), {})[name] = value
    return out


def _wanted(table: PropertyTable, only: Sequence[str] | None) -> list[Column]:
    names = [column.name for column in table.columns]
    if only is not None and (missing := [name for name in only if name not in names]):
        raise MorphError(
            f"The table has no column {', '.join(missing)}; there are: {', '.join(names)}."
        )
    wanted = [column for column in table.columns if only is None or column.name in only]
    if not wanted:
        raise MorphError("The table has no column of values, only names; accepted is one or more.")
    return wanted


def _look(
    column: Column,
    rows: Sequence[int],
    found: Sequence[Target | str],
    infos: Mapping[int, TrajectoryInfo],
) -> ColumnLook:
    there = [value for row in rows if (value := column.value(row)) is not None]
    numbers = [value for value in there if not isinstance(value, str)]
    return ColumnLook(
        name=column.name,
        is_number=column.numbers is not None,
        known=len(there),
        unknown=len(rows) - len(there),
        low=min(numbers, default=None),
        high=max(numbers, default=None),
        classes=tuple(sorted({value for value in there if isinstance(value, str)})),
        left_out=_left_out(column, rows, found, infos),
    )


def _left_out(
    column: Column,
    rows: Sequence[int],
    found: Sequence[Target | str],
    infos: Mapping[int, TrajectoryInfo],
) -> str:
    """Why a column is not taken: phi and chi are parameters, and come with an import."""
    parameter = column.name.casefold()
    if parameter not in PARAMETERS:
        return ""
    differing = 0
    for row in rows:
        target, value = found[row], column.value(row)
        if value is not None and not isinstance(target, str):
            known = infos[target[1]].params.get(parameter)
            differing += known is None or not _same(known, value)
    if differing:
        return (
            f"it is a parameter of trajectories, and {differing:,} rows differ from what is"
            " known; a trajectories.csv beside the files sets it at an import"
        )
    return "it is known already, as a parameter"


def _name(table: PropertyTable, row: int) -> str:
    cells = [cells[row] for cells in table.keys.values() if cells[row]]
    return ", ".join(cells) or f"line {table.lines[row]}"


def _same(known: Value, new: Value) -> bool:
    if isinstance(known, str) or isinstance(new, str):
        return known == new
    return abs(known - new) <= _REL * max(abs(known), abs(new))
