"""Times of frames in the arrays beside them: by name, by length, or one number a step."""

import math
import re
from collections.abc import Sequence

import numpy as np

from morphcore.readers.arrays.fields import STEP_NAMES, TIME_NAMES, Field

_UNNAMED = re.compile(r"arr_\d+")  # as NumPy calls arrays that were saved without names
Times = tuple[np.ndarray | None, str | None, list[str]]  # times, their unit, and what is said


def time_column(one: Field, columns: Sequence[Field], length: int) -> Field | None:
    """Find the times of an array: in its own group, else in those around it."""
    named = [column for column in _named(one, columns) if math.prod(column.shape) == length]
    if named:
        return named[0]
    unnamed = [
        column
        for column in columns
        if _UNNAMED.fullmatch(column.name) and math.prod(column.shape) == length > 1
    ]
    return unnamed[0] if len(unnamed) == 1 and _increase(_values(unnamed[0])) else None


def time_lengths(one: Field, columns: Sequence[Field]) -> frozenset[int]:
    """The sides of an array that are as long as times beside it."""
    return frozenset(side for side in one.shape if side > 1 and time_column(one, columns, side))


def times_beside(one: Field, columns: Sequence[Field], count: int) -> Times:
    """The times of `count` frames by what lies beside them; none where these do not increase."""
    column = time_column(one, columns, count)
    if column is None:
        others = [other for other in _named(one, columns) if math.prod(other.shape) > 1]
        if not others or count < 2:
            return None, None, []
        length = math.prod(others[0].shape)
        said = f"Its times ({others[0].name}) are {length} for {count} frames, so that frames are"
        return None, None, [f"{said} counted."]
    times = _values(column)
    if not _increase(times):
        said = f"Its times ({column.name}) do not increase, so that frames are counted."
        return None, None, [said]
    return times, _unit(column, one), []


def times_of_steps(members: Sequence[Field], columns: Sequence[Field]) -> Times:
    """The times of frames in groups of their own, each beside one number: its time."""
    own: list[Field] = []
    for member in members:
        beside = [
            column
            for column in columns
            if member.group
            and column.group == member.group
            and column.last_name.lower() in TIME_NAMES
            and math.prod(column.shape) == 1
        ]
        if not beside:
            return None, None, []
        own.append(beside[0])
    times = np.concatenate([_values(column) for column in own])
    return (times, _unit(own[0], members[0]), []) if _increase(times) else (None, None, [])


def _named(one: Field, columns: Sequence[Field]) -> list[Field]:
    """The columns that are called as times, those of the nearest group first."""
    found: list[Field] = []
    group = one.group
    while True:
        found += [
            column
            for column in columns
            if column.group == group and column.last_name.lower() in TIME_NAMES
        ]
        if not group:
            return found
        group = group.rpartition("/")[0]


def _values(column: Field) -> np.ndarray:
    values = column.whole().reshape(-1)
    if values.dtype.kind in "mM":  # dates: seconds since the first; spans: seconds
        since = values - values[0] if values.dtype.kind == "M" else values
        return since / np.timedelta64(1, "s")
    return values.astype(np.float64)


def _unit(column: Field, one: Field) -> str | None:
    if column.dtype.kind in "mM":
        return "s"
    stepped = column.last_name.lower() in STEP_NAMES
    return "step" if stepped else column.facts.time_unit or one.facts.time_unit


def _increase(times: np.ndarray) -> bool:
    return bool(np.isfinite(times).all() and (np.diff(times) > 0).all())
