"""The facts of every frame of a data set as the columns of a table, without pictures."""

from collections.abc import Mapping

import numpy as np
from sqlite_utils import Database

from exports.table_files import Columns
from morphcore import times
from morphcore.frames import rows_of
from store import descriptors, properties, trajectories
from store.descriptors import COLUMNS
from store.properties import FrameProperty

# Lengths are in pixels; their names carry the unit, since a file is read far from here.
_NAMES: Mapping[str, str] = {
    "length": "L_px",
    "chord_x": "chord_x_px",
    "chord_y": "chord_y_px",
    "first_zero": "first_zero_px",
}


def facts(db: Database, dataset_id: int) -> Columns:
    """Tabulate a data set's frames: origin, time, parameters, descriptors, properties.

    By trajectory and time. What is not known is NaN, or no word; a property whose name another
    column has is `property_NAME`. L of a frame of one colour, which has no interface, is infinite.
    Lengths are in pixels, whose size is given where it is known.
    """
    table = trajectories.frame_table(db, dataset_id)
    infos = {info.id: info for info in trajectories.trajectories(db, dataset_id)}
    owners = [infos[trajectory_id] for trajectory_id in table.trajectory_ids.tolist()]
    measured = descriptors.of_dataset(db, dataset_id)
    # -1, where nothing is measured, points at the NaN that is put after the last value.
    rows = rows_of(measured.frame_ids, table.frame_ids)
    columns = {
        "frame_id": table.frame_ids,
        "trajectory": np.array([owner.name for owner in owners], dtype=np.str_),
        "index": table.index,
        "time": times.column(table.time),
        "phi": np.array([owner.phi for owner in owners], dtype=np.float64),
        "chi": np.array([owner.chi for owner in owners], dtype=np.float64),
        "periodic": np.array([owner.periodic for owner in owners], dtype=np.bool_),
        "pixel_size": np.array([owner.pixel_size for owner in owners], dtype=np.float64),
        "length_unit": np.array([owner.length_unit for owner in owners], dtype=np.str_),
        "not_separated": table.unseparated,
    } | {
        _NAMES.get(name, name): np.append(getattr(measured, name), np.float32("nan"))[rows]
        for name in COLUMNS
    }
    for name, known in properties.all_values(db, dataset_id).items():
        values = known.values if known.is_number else words(known)
        columns[f"property_{name}" if name in columns else name] = values
    return columns


def words(known: FrameProperty) -> np.ndarray:
    """The word of each frame; empty where none is known."""
    codes = np.where(np.isfinite(known.values), known.values, len(known.classes)).astype(np.int64)
    return np.array([*known.classes, ""], dtype=np.str_)[codes]
