"""Tunings: what settings are looked for, and the trials, each a run of the store."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlite_utils import Database

from morphcore.errors import MorphError
from morphcore.tuning import space as spaces
from morphcore.tuning.space import Parameter, Value
from morphcore.tuning.trials import Objective, Point, Trial, TrialState
from store.db import insert


class UnknownTuning(MorphError):
    """No tuning of that number; the message lists those that there are."""


@dataclass(frozen=True, kw_only=True)
class NewTuning:
    """What a tuning looks for: settings of a preset by which an objective is best."""

    dataset_id: int
    preset: str
    objective: Objective
    trials: int  # wanted
    seed: int
    pruning: bool
    settings: Mapping[str, Any]  # of `TrainConfig`, that all trials have and that were given
    space: tuple[Parameter, ...]


@dataclass(frozen=True, kw_only=True)
class Tuning(NewTuning):
    """A tuning of the store."""

    id: int
    dataset: str
    created: float

    @property
    def name(self) -> str:
        return f"tuning-{self.id}"


@dataclass(frozen=True, kw_only=True)
class StoredTrial(Trial):
    """A trial with its run; None where that was deleted for good."""

    run_id: int | None


def create(db: Database, new: NewTuning) -> int:
    """Store a tuning without trials; returns its id."""
    row = {
        **asdict(new),
        "settings": json.dumps(dict(new.settings)),
        "space": json.dumps(spaces.to_json(new.space)),
        "created": time.time(),
    }
    return insert(db, "tunings", row)


def by_id(db: Database, tuning_id: int) -> Tuning:
    """The tuning of that number.

    Raises:
        UnknownTuning: if there is none.
    """
    for row in db.query(_SELECT + " WHERE t.id = ?", [tuning_id]):
        return _tuning(row)
    ids = ", ".join(str(each.id) for each in all_tunings(db)) or "none yet"
    raise UnknownTuning(f"There is no tuning {tuning_id}; there are: {ids}.")


def all_tunings(db: Database) -> list[Tuning]:
    """All tunings, the oldest first."""
    return [_tuning(row) for row in db.query(_SELECT + " ORDER BY t.id")]


def want(db: Database, tuning_id: int, trials: int) -> None:
    """Store how many trials a tuning is to have."""
    db.execute("UPDATE tunings SET trials = ? WHERE id = ?", [trials, tuning_id])


def delete(db: Database, tuning_id: int) -> None:
    """Remove a tuning with its trials; their runs stay."""
    db.execute("DELETE FROM tunings WHERE id = ?", [tuning_id])


def add_trial(
    db: Database, tuning_id: int, number: int, settings: Mapping[str, Value], run_id: int
) -> None:
    """Store a trial that begins; one of that number, whose run is gone, begins anew."""
    db.execute(
        """INSERT OR REPLACE INTO tuning_trials (tuning_id, number, run_id, settings, state)
           VALUES (?, ?, ?, ?, 'running')""",
        [tuning_id, number, run_id, json.dumps(dict(settings))],
    )


def set_points(db: Database, tuning_id: int, number: int, points: Sequence[Point]) -> None:
    """Store where a trial is by now."""
    db.execute(
        "UPDATE tuning_trials SET points = ? WHERE tuning_id = ? AND number = ?",
        [json.dumps(list(points)), tuning_id, number],
    )


def end_trial(
    db: Database, tuning_id: int, number: int, state: TrialState, value: float | None = None
) -> None:
    """Store how a trial ended, with its value where it is complete."""
    db.execute(
        "UPDATE tuning_trials SET state = ?, value = ? WHERE tuning_id = ? AND number = ?",
        [state, value, tuning_id, number],
    )


def trials(db: Database, tuning_id: int) -> list[StoredTrial]:
    """The trials of a tuning in their order."""
    sql = "SELECT * FROM tuning_trials WHERE tuning_id = ? ORDER BY number"
    return [_trial(row) for row in db.query(sql, [tuning_id])]


def trial_of(db: Database, run_id: int) -> tuple[int, StoredTrial] | None:
    """The tuning and the trial that a run is; None of a training of its own."""
    for row in db.query("SELECT * FROM tuning_trials WHERE run_id = ?", [run_id]):
        return row["tuning_id"], _trial(row)
    return None


def trial_states(db: Database) -> dict[int, TrialState]:
    """The states of all trials, by the ids of their runs."""
    sql = "SELECT run_id, state FROM tuning_trials WHERE run_id IS NOT NULL"
    return {row["run_id"]: row["state"] for row in db.query(sql)}


_SELECT = "SELECT t.*, d.name AS dataset FROM tunings t JOIN datasets d ON d.id = t.dataset_id"


def _tuning(row: dict[str, Any]) -> Tuning:
    return Tuning(
        **{
            **row,
            "pruning": bool(row["pruning"]),
            "settings": json.loads(row["settings"]),
            "space": spaces.of_json(json.loads(row["space"])),
        }
    )


def _trial(row: dict[str, Any]) -> StoredTrial:
    return StoredTrial(
        number=row["number"],
        settings=json.loads(row["settings"]),
        state=row["state"],
        value=row["value"],
        points=tuple(Point(*pair) for pair in json.loads(row["points"])),
        run_id=row["run_id"],
    )
