"""What is known of a trajectory as a row, and brought up to what is read of it now."""

import json
from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from morphcore.types import Source, Trajectory


def row_of(dataset_id: int, trajectory: Trajectory, source: Source | None) -> dict[str, Any]:
    """The row of a trajectory, of all its frames."""
    return {
        "dataset_id": dataset_id,
        "name": trajectory.name,
        "phi": trajectory.params.get("phi"),
        "chi": trajectory.params.get("chi"),
        "params": json.dumps(dict(trajectory.params)),
        "time_unit": trajectory.time_unit,
        "periodic": int(trajectory.periodic),
        "frame_count": len(trajectory.frames),
        "source_file": source.file if source else None,
        "source_size": source.size if source else None,
        "source_sha256": source.sha256 if source else None,
        "family": trajectory.family,
        "cell": trajectory.cell,
        "labels": json.dumps(dict(trajectory.labels)),
        "height": trajectory.frames.shape[1],
        "width": trajectory.frames.shape[2],
        "periodic_y": int(trajectory.periodic_y),
        "pixel_size": trajectory.pixel_size,
        "length_unit": trajectory.length_unit,
        "threshold": trajectory.threshold,
    }


def update_facts(
    db: Database,
    trajectory_id: int,
    read: Trajectory,
    periodic: tuple[bool, bool] | None = None,
) -> tuple[str, ...]:
    """Bring parameters, labels and edges up to what was read; the names of those that changed.

    What was not read, such as a column that a table has no more, stays. Where "periodic" changed,
    the descriptors of the trajectory's frames have to be measured again.
    """
    (row,) = db.query(
        "SELECT params, labels, periodic, periodic_y FROM trajectories WHERE id = ?",
        [trajectory_id],
    )
    params, labels = json.loads(row["params"]), json.loads(row["labels"])
    changed = [name for name, value in read.params.items() if params.get(name) != value]
    changed += [name for name, word in read.labels.items() if labels.get(name) != word]
    values: dict[str, object] = {}
    if changed:
        # A column of numbers may have become one of words.
        params = {name: value for name, value in params.items() if name not in read.labels}
        labels = {name: word for name, word in labels.items() if name not in read.params}
        params.update(read.params)
        labels.update(read.labels)
        values = {
            "params": json.dumps(params),
            "labels": json.dumps(labels),
            "phi": params.get("phi"),
            "chi": params.get("chi"),
        }
    if periodic is not None and periodic != (bool(row["periodic"]), bool(row["periodic_y"])):
        changed.append("periodic")
        values |= {"periodic": int(periodic[0]), "periodic_y": int(periodic[1])}
    if values:
        set_columns(db, trajectory_id, values)
    return tuple(changed)


def set_columns(db: Database, trajectory_id: int, values: Mapping[str, object]) -> None:
    """Set columns of a trajectory's row."""
    columns = ", ".join(f"{name} = ?" for name in values)
    db.conn.execute(
        f"UPDATE trajectories SET {columns} WHERE id = ?", [*values.values(), trajectory_id]
    )
