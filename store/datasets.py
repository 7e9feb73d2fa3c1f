"""Data sets: names, settings of simulation or import, rejected files."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlite_utils import Database

from morphcore.errors import MorphError
from morphcore.simulation.fit import FIRST_SCHEME, Scheme
from morphcore.types import Rejection
from store.db import InvalidName, NameTaken, insert, writing

Kind = Literal["simulated", "imported"]
GIVEN_BACK = 0.1


class UnknownDataset(MorphError):
    """No data set of that name or id; of a name, the message lists those that there are."""


@dataclass(frozen=True)
class Dataset:
    """One row of the list of data sets, with what it holds."""

    id: int
    name: str
    kind: Kind
    config: Mapping[str, Any]
    created: float
    trajectories: int
    frames: int
    runs: int
    twin_of: int | None = None  # whose twins these are: to judge by, never trained on
    replicates_of: int | None = None  # whose replicates these are: to learn what chance is

    @property
    def serves(self) -> int | None:
        """The data set that this one, its twins or replicates, is there for; else None."""
        return self.replicates_of if self.twin_of is None else self.twin_of

    @property
    def scheme(self) -> Scheme | None:
        """The scheme that simulated it; None where it was imported."""
        if self.kind != "simulated":
            return None
        scheme: Scheme = self.config.get("scheme", FIRST_SCHEME)
        return scheme


def create(
    db: Database,
    name: str,
    kind: Kind,
    config: Mapping[str, Any],
    twin_of: int | None = None,
    replicates_of: int | None = None,
) -> int:
    """Create an empty data set; with `twin_of` or `replicates_of`, one that serves that one.

    Raises:
        NameTaken: if the name is in use.
        InvalidName: if it is empty or above 100 characters.
    """
    name = _checked_name(name)
    with writing(db):
        if list(db.query("SELECT id FROM datasets WHERE name = ?", [name])):
            raise NameTaken(f"A data set named {name!r} exists already; choose another name.")
        row = {
            "name": name,
            "kind": kind,
            "config": json.dumps(config),
            "created": time.time(),
            "twin_of": twin_of,
            "replicates_of": replicates_of,
        }
        return insert(db, "datasets", row)


def all_datasets(db: Database) -> list[Dataset]:
    """All data sets, the oldest first."""
    return _select(db, "true", [])


def by_id(db: Database, dataset_id: int) -> Dataset:
    """The data set of that id.

    Raises:
        UnknownDataset: if there is none.
    """
    rows = _select(db, "d.id = ?", [dataset_id])
    if not rows:
        raise UnknownDataset(f"There is no data set with the id {dataset_id}.")
    return rows[0]


def twins_of(db: Database, dataset_id: int) -> list[Dataset]:
    """The data sets that hold twins of that one, the oldest first; also those without frames."""
    return _select(db, "d.twin_of = ?", [dataset_id])


def replicates_of(db: Database, dataset_id: int) -> list[Dataset]:
    """The data sets that hold replicates of that one, as `twins_of` lists twins."""
    return _select(db, "d.replicates_of = ?", [dataset_id])


def dataset(db: Database, name: str) -> Dataset:
    """The data set of that name.

    Raises:
        UnknownDataset: if there is none.
    """
    stored = all_datasets(db)
    for candidate in stored:
        if candidate.name == name:
            return candidate
    names = ", ".join(candidate.name for candidate in stored) or "none yet"
    raise UnknownDataset(f"There is no data set named {name!r}; there are: {names}.")


def rename(db: Database, dataset_id: int, name: str) -> None:
    """Give a data set another name.

    Raises:
        NameTaken: if another one has it.
        InvalidName: if it is empty or above 100 characters.
    """
    name = _checked_name(name)
    with writing(db):
        taken = db.query("SELECT 1 FROM datasets WHERE name = ? AND id <> ?", [name, dataset_id])
        if list(taken):
            raise NameTaken(f"A data set named {name!r} exists already; choose another name.")
        db.execute("UPDATE datasets SET name = ? WHERE id = ?", [name, dataset_id])


def set_config(db: Database, dataset_id: int, config: Mapping[str, Any]) -> None:
    """Replace a data set's settings of simulation or import."""
    with writing(db):
        row = [json.dumps(config), dataset_id]
        db.execute("UPDATE datasets SET config = ? WHERE id = ?", row)


def delete(db: Database, dataset_id: int) -> list[str]:
    """Remove a data set and all that hangs on it; the checkpoint files to be deleted are returned.

    Its twins and replicates are removed, too: they serve only what was trained on it.

    Free space of `GIVEN_BACK` of the store or more goes back to the disk, which writes all that is
    left anew; less than that is where the store puts what comes next.
    """
    rows = db.query(
        """SELECT c.file FROM checkpoints c JOIN runs r ON r.id = c.run_id
           JOIN datasets d ON d.id = r.dataset_id
           WHERE ? IN (d.id, d.twin_of, d.replicates_of)""",
        [dataset_id],
    )
    files = [row["file"] for row in rows]
    db.execute("DELETE FROM datasets WHERE id = ?", [dataset_id])
    (free,) = db.conn.execute("PRAGMA freelist_count").fetchone()
    (pages,) = db.conn.execute("PRAGMA page_count").fetchone()
    if free >= GIVEN_BACK * pages:
        db.vacuum()
    return files


def add_rejections(db: Database, dataset_id: int, rejections: Sequence[Rejection]) -> None:
    """Store the files that could not be read; the same file's earlier reason is replaced."""
    with db.atomic():
        for rejection in rejections:
            db.execute(
                "INSERT OR REPLACE INTO rejections (dataset_id, file, reason) VALUES (?, ?, ?)",
                [dataset_id, rejection.file, rejection.reason],
            )


def rejections(db: Database, dataset_id: int) -> list[Rejection]:
    """The files that could not be read into a data set, with their reasons, by file."""
    sql = "SELECT file, reason FROM rejections WHERE dataset_id = ? ORDER BY file"
    return [Rejection(**row) for row in db.query(sql, [dataset_id])]


def _select(db: Database, condition: str, params: Sequence[int]) -> list[Dataset]:
    sql = f"""SELECT d.id, d.name, d.kind, d.config, d.created, d.twin_of, d.replicates_of,
                (SELECT count(*) FROM trajectories t WHERE t.dataset_id = d.id) AS trajectories,
                (SELECT coalesce(sum(t.frame_count), 0) FROM trajectories t
                  WHERE t.dataset_id = d.id) AS frames,
                (SELECT count(*) FROM runs r WHERE r.dataset_id = d.id) AS runs
              FROM datasets d WHERE d.unfinished_job IS NULL AND {condition} ORDER BY d.id"""
    rows = db.query(sql, params)
    return [Dataset(**{**row, "config": json.loads(row["config"])}) for row in rows]


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 100:
        raise InvalidName("A data set's name has 1 to 100 characters.")
    return name
