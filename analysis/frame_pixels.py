"""Pixels of a run's frames, by which nats per frame become nats per pixel."""

import numpy as np
from sqlite_utils import Database

from morphcore.frames import rows_of
from morphcore.models.geometry import evaluated_step
from store import runs, trajectories
from store.runs import Run


def held_out_pixels(db: Database, run: Run) -> float:
    """The mean number of pixels of the held-out frames that a training is measured on.

    So nats per frame over it are the sum of nats over the sum of pixels.
    """
    infos = trajectories.trajectories(db, run.dataset_id)
    pixels = {info.id: info.height * info.width for info in infos}
    sizes = set(pixels.values())
    if len(sizes) <= 1:
        return float(run.config.height * run.config.width)
    table = trajectories.frame_table(db, run.dataset_id)
    held_out = runs.split(db, run.id).measured
    owners = table.trajectory_ids[rows_of(table.frame_ids, held_out)].tolist()
    each = np.array([pixels[owner] for owner in owners], dtype=np.float64)
    return float(each[:: evaluated_step(len(each), float(each.mean()))].mean())
