"""Pixels of a run's frames, by which nats per frame become nats per pixel."""

import numpy as np
from sqlite_utils import Database

from morphcore.config import MOST_EVALUATED
from morphcore.frames import rows_of
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
    held_out = runs.split(db, run.id).held_out
    measured = held_out[:: max(1, -(-len(held_out) // MOST_EVALUATED))]
    owners = table.trajectory_ids[rows_of(table.frame_ids, measured)].tolist()
    return float(np.mean([pixels[owner] for owner in owners]))
