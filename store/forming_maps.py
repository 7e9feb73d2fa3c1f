"""The maps of a run while it trained: a fixed sample of frames, placed after some of its epochs."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64
from sqlite_utils import Database


@dataclass(frozen=True)
class FormingMap:
    """The places of some frames after an epoch."""

    epoch: int
    frame_ids: Int64[np.ndarray, " frames"]
    coords: Float32[np.ndarray, "frames 2"]


def add(db: Database, run_id: int, drawn: FormingMap) -> None:
    """Store the map of an epoch; one of the same epoch is replaced."""
    db.execute(
        "INSERT OR REPLACE INTO forming_maps (run_id, epoch, frame_ids, coords)"
        " VALUES (?, ?, ?, ?)",
        [
            run_id,
            drawn.epoch,
            drawn.frame_ids.astype("<i8").tobytes(),
            drawn.coords.astype("<f4").tobytes(),
        ],
    )


def newest(db: Database, run_id: int, epoch: int | None = None) -> FormingMap | None:
    """The newest map of a run, or the newest up to an epoch; None where there is none."""
    sql = """SELECT epoch, frame_ids, coords FROM forming_maps
             WHERE run_id = ? AND (? IS NULL OR epoch <= ?) ORDER BY epoch DESC LIMIT 1"""
    for row in db.query(sql, [run_id, epoch, epoch]):
        return FormingMap(
            row["epoch"],
            np.frombuffer(row["frame_ids"], dtype="<i8").astype(np.int64),
            np.frombuffer(row["coords"], dtype="<f4").astype(np.float32).reshape(-1, 2),
        )
    return None
