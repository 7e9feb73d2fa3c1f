"""Properties: numbers and words known of frames or of whole trajectories, by their names.

Those of a trajectory (its `params` and `labels`) hold for each of its frames; what is known of a
frame itself wins. The settings of a simulation are parameters, and none of these.
"""

import json
import zlib
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64
from sqlite_utils import Database

from store.db import writing

Level = Literal["frame", "trajectory", "both"]
Value = float | str
# They have columns and words of their own, or only tell simulations apart.
PARAMETERS = ("phi", "chi", "kappa", "realisation")


@dataclass(frozen=True)
class Property:
    """A property of a data set: where it is known, of how many frames, and its range or words."""

    name: str
    level: Level
    frames: int  # that have it, by themselves or by their trajectory
    low: float | None  # of numbers; None of words
    high: float | None
    classes: tuple[str, ...] = ()  # of words, in order; empty of numbers

    @property
    def is_number(self) -> bool:
        return not self.classes


@dataclass(frozen=True)
class FrameProperty:
    """A property of each frame, by trajectory, then time; of words, the number of the class."""

    name: str
    frame_ids: Int64[np.ndarray, " frames"]
    values: Float64[np.ndarray, " frames"]  # NaN: not known
    classes: tuple[str, ...] = ()  # empty: numbers

    @property
    def is_number(self) -> bool:
        return not self.classes


def of_dataset(db: Database, dataset_id: int) -> list[Property]:
    """All properties of a data set, by name."""
    known = _known(db, dataset_id)
    levels: dict[str, set[Level]] = {}
    for (name,) in db.conn.execute(
        """SELECT DISTINCT p.name FROM frame_properties p JOIN frames f ON f.id = p.frame_id
           JOIN trajectories t ON t.id = f.trajectory_id WHERE t.dataset_id = ?""",
        [dataset_id],
    ):
        levels.setdefault(name, set()).add("frame")
    for owned in _of_trajectories(db, dataset_id).values():
        for name in owned:
            levels.setdefault(name, set()).add("trajectory")
    out = []
    for name in sorted(known, key=str.casefold):
        column = known[name]
        there = column.values[np.isfinite(column.values)]
        level: Level = "both" if len(levels[name]) > 1 else next(iter(levels[name]))
        low = float(there.min()) if column.is_number else None
        high = float(there.max()) if column.is_number else None
        out.append(Property(name, level, len(there), low, high, column.classes))
    return out


def values(db: Database, dataset_id: int, name: str) -> FrameProperty | None:
    """A property of every frame of a data set; None where no frame has it."""
    return _known(db, dataset_id, name).get(name)


def all_values(db: Database, dataset_id: int) -> dict[str, FrameProperty]:
    """Every property of every frame of a data set, by name."""
    known = _known(db, dataset_id)
    return {name: known[name] for name in sorted(known, key=str.casefold)}


def joined(several: Sequence[Mapping[str, FrameProperty]]) -> dict[str, FrameProperty]:
    """The properties of several data sets, by name; numbers here and words there are words."""
    names = sorted({name for known in several for name in known}, key=str.casefold)
    out = {}
    for name in names:
        parts = [known[name] for known in several if name in known]
        if len(parts) > 1:
            values = [value for part in parts for value in _cells(part)]
            ids = np.concatenate([part.frame_ids for part in parts])
            there = {row: value for row, value in enumerate(values) if value is not None}
            out[name] = _column(name, ids, there)
        else:
            out[name] = parts[0]
    return out


def of_frame(db: Database, frame_id: int) -> dict[str, Value]:
    """The properties of one frame, those of its trajectory first."""
    out: dict[str, Value] = {}
    for params, labels in db.conn.execute(
        """SELECT t.params, t.labels FROM trajectories t JOIN frames f ON f.trajectory_id = t.id
           WHERE f.id = ?""",
        [int(frame_id)],
    ):
        out |= _own(params, labels)
    for name, number, label in db.conn.execute(
        "SELECT name, number, label FROM frame_properties WHERE frame_id = ? ORDER BY name",
        [int(frame_id)],
    ):
        out[name] = label if number is None else number
    return out


def stored_of_frames(
    db: Database, dataset_id: int, only: str | None = None
) -> Iterator[tuple[int, str, Value]]:
    """What is known of single frames of a data set: frame id, name and value; or one property."""
    for frame_id, name, number, label in db.conn.execute(
        """SELECT p.frame_id, p.name, p.number, p.label FROM frame_properties p
           JOIN frames f ON f.id = p.frame_id JOIN trajectories t ON t.id = f.trajectory_id
           WHERE t.dataset_id = ? AND (? IS NULL OR p.name = ?)""",
        [dataset_id, only, only],
    ):
        yield frame_id, name, label if number is None else number


def put(db: Database, dataset_id: int, name: str, values: Mapping[int, Value]) -> None:
    """Store a property of a data set's frames, by frame id; what they had of it is replaced."""
    with db.atomic():
        _count_change(db, dataset_id)
        db.conn.executemany(
            """INSERT OR REPLACE INTO frame_properties (frame_id, name, number, label)
               VALUES (?, ?, ?, ?)""",
            [
                (
                    int(frame_id),
                    name,
                    None if isinstance(value, str) else float(value),
                    value if isinstance(value, str) else None,
                )
                for frame_id, value in values.items()
            ],
        )


def put_of_trajectory(db: Database, trajectory_id: int, values: Mapping[str, Value]) -> None:
    """Add properties to a trajectory; those that it has of these names are replaced."""
    with writing(db):
        row = db.conn.execute(
            "SELECT params, labels FROM trajectories WHERE id = ?", [int(trajectory_id)]
        ).fetchone()
        params, labels = (_without(json.loads(each), values) for each in row)
        params |= {name: value for name, value in values.items() if not isinstance(value, str)}
        labels |= {name: value for name, value in values.items() if isinstance(value, str)}
        _write_trajectory(db, int(trajectory_id), params, labels)


def delete(db: Database, dataset_id: int, name: str) -> None:
    """Forget a property of a data set, that of its frames and that of its trajectories."""
    with writing(db):
        _count_change(db, dataset_id)
        db.execute(
            """DELETE FROM frame_properties WHERE name = ? AND frame_id IN (
                 SELECT f.id FROM frames f JOIN trajectories t ON t.id = f.trajectory_id
                 WHERE t.dataset_id = ?)""",
            [name, dataset_id],
        )
        rows = db.conn.execute(
            "SELECT id, params, labels FROM trajectories WHERE dataset_id = ?", [dataset_id]
        ).fetchall()
        for trajectory_id, params, labels in rows:
            before = json.loads(params), json.loads(labels)
            after = _without(before[0], {name}), _without(before[1], {name})
            if after != before:
                _write_trajectory(db, trajectory_id, *after)


def version(db: Database, dataset_id: int) -> tuple[int, int]:
    """What is another value when properties of a data set have changed: a cache's key."""
    (changes,) = db.conn.execute(
        "SELECT property_changes FROM datasets WHERE id = ?", [dataset_id]
    ).fetchone() or (0,)
    owned = db.conn.execute(
        """SELECT id, frame_count, params, labels FROM trajectories WHERE dataset_id = ?
           ORDER BY id""",
        [dataset_id],
    ).fetchall()
    return changes, zlib.crc32(repr(owned).encode())


def _count_change(db: Database, dataset_id: int) -> None:
    sql = "UPDATE datasets SET property_changes = property_changes + 1 WHERE id = ?"
    db.execute(sql, [dataset_id])


def _known(db: Database, dataset_id: int, only: str | None = None) -> dict[str, FrameProperty]:
    """All properties of every frame, or one; numbers and words mixed count as words."""
    rows = db.conn.execute(
        """SELECT f.id, f.trajectory_id FROM frames f JOIN trajectories t
           ON t.id = f.trajectory_id WHERE t.dataset_id = ? ORDER BY f.trajectory_id, f.idx""",
        [dataset_id],
    ).fetchall()
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    row_of = {frame_id: row for row, (frame_id, _) in enumerate(rows)}
    rows_of_trajectory: dict[int, list[int]] = {}
    for row, (_, owner) in enumerate(rows):
        rows_of_trajectory.setdefault(owner, []).append(row)
    columns: dict[str, dict[int, Value]] = {}
    for owner, owned in _of_trajectories(db, dataset_id).items():
        for name, value in owned.items():
            if only is None or name == only:
                columns.setdefault(name, {}).update(
                    dict.fromkeys(rows_of_trajectory.get(owner, ()), value)
                )
    for frame_id, name, value in stored_of_frames(db, dataset_id, only):
        columns.setdefault(name, {})[row_of[frame_id]] = value
    return {name: _column(name, ids, known) for name, known in columns.items() if known}


def _cells(known: FrameProperty) -> list[Value | None]:
    """The value of each frame; None where it is not known."""
    values = [None if value != value else value for value in known.values.tolist()]
    if known.is_number:
        return values
    return [None if code is None else known.classes[int(code)] for code in values]


def _column(
    name: str, ids: Int64[np.ndarray, " frames"], known: Mapping[int, Value]
) -> FrameProperty:
    column = np.full(len(ids), np.nan)
    rows = np.fromiter(known, dtype=np.int64, count=len(known))
    if not any(isinstance(value, str) for value in known.values()):
        column[rows] = np.array(list(known.values()), dtype=np.float64)
        return FrameProperty(name, ids, column)
    words = [value if isinstance(value, str) else f"{value:g}" for value in known.values()]
    classes, codes = np.unique(np.array(words, dtype=np.str_), return_inverse=True)
    column[rows] = codes
    return FrameProperty(name, ids, column, tuple(classes.tolist()))


def _of_trajectories(db: Database, dataset_id: int) -> dict[int, dict[str, Value]]:
    return {
        trajectory_id: _own(params, labels)
        for trajectory_id, params, labels in db.conn.execute(
            "SELECT id, params, labels FROM trajectories WHERE dataset_id = ?", [dataset_id]
        )
    }


def _own(params: str, labels: str) -> dict[str, Value]:
    """The properties of a trajectory: its numbers that are no parameters, and its words."""
    return {**_without(json.loads(params), PARAMETERS), **json.loads(labels)}


def _write_trajectory(
    db: Database, trajectory_id: int, params: Mapping[str, Value], labels: Mapping[str, Value]
) -> None:
    db.execute(
        "UPDATE trajectories SET params = ?, labels = ? WHERE id = ?",
        [json.dumps(params), json.dumps(labels), trajectory_id],
    )


def _without(values: Mapping[str, Value], names: Container[str]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name not in names}
