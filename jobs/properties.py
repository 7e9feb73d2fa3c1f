"""Properties of a data set: listed, added from a table, deleted; at once, without a queued job."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analysis.property_match import PropertyMatch, match
from morphcore.errors import MorphError
from morphcore.readers.tables import property_table
from store import datasets, properties
from store.db import open_store, writing


class Conflicting(MorphError):
    """Values of a table differ from what is known; nothing was stored."""


def look(store: Path, dataset: str, file: Path, only: Sequence[str] | None = None) -> PropertyMatch:
    """Match a file's table with a data set, and store nothing.

    Raises:
        UnknownDataset: if there is no data set of that name.
        UnreadableTable: if it is no table of properties.
        MorphError: if it cannot be read, or nothing in it is of the data set.
    """
    with open_store(store) as db:
        dataset_id = datasets.dataset(db, dataset).id
    try:
        data = file.read_bytes()
    except OSError as err:
        raise MorphError(f"{file} cannot be read: {err.strerror}.") from err
    return match(store, dataset_id, property_table.parse(data), only=only)


def add(store: Path, found: PropertyMatch, *, replace: bool = False) -> int:
    """Store what a table was found to hold; the number of values. Whole, or not at all.

    Raises:
        Conflicting: if values differ from what is known, and they shall not be replaced.
    """
    if found.conflicts and not replace:
        first = found.conflicts[0]
        raise Conflicting(
            f"{len(found.conflicts):,} values differ from what is known, such as {first.property}"
            f" of {first.of}: {first.known} is known, {first.new} is new. Nothing was stored."
        )
    with open_store(store) as db, writing(db):
        for name, values in found.frames.items():
            properties.put(db, found.dataset_id, name, values)
        for trajectory_id, owned in found.trajectories.items():
            properties.put_of_trajectory(db, trajectory_id, owned)
    return sum(map(len, found.frames.values())) + sum(map(len, found.trajectories.values()))


def delete(store: Path, dataset: str, name: str) -> None:
    """Forget a property of a data set.

    Raises:
        UnknownDataset: if there is no data set of that name.
        MorphError: if it has no such property.
    """
    with open_store(store) as db:
        dataset_id = datasets.dataset(db, dataset).id
        known = [each.name for each in properties.of_dataset(db, dataset_id)]
        if name not in known:
            there = ", ".join(known) or "none yet"
            raise MorphError(f"{dataset} has no property {name!r}; there are: {there}.")
        properties.delete(db, dataset_id, name)


def listed(store: Path, dataset: str) -> list[dict[str, Any]]:
    """The properties of a data set as JSON values.

    Raises:
        UnknownDataset: if there is no data set of that name.
    """
    with open_store(store) as db:
        known = properties.of_dataset(db, datasets.dataset(db, dataset).id)
    return [asdict(each) for each in known]


def as_json(found: PropertyMatch) -> dict[str, Any]:
    """What a table was found to hold, as JSON values."""
    return {
        "frames": found.matched_frames,
        "trajectories": found.matched_trajectories,
        "columns": [asdict(column) for column in found.columns],
        "unmatched": [asdict(row) for row in found.unmatched],
        "conflicts": [asdict(conflict) for conflict in found.conflicts],
    }
