"""Properties of the frames of a store, for tests."""

import numpy as np

from store import descriptors, properties, trajectories
from store.db import open_store
from tests.factory import Made


def add_properties(made: Made) -> dict[int, float]:
    """A `current` that follows L, known of separated frames, by frame id; and a word, `batch`."""
    with open_store(made.path) as db:
        table = trajectories.frame_table(db, made.dataset_id)
        measured = descriptors.of_dataset(db, made.dataset_id)
        length = dict(zip(measured.frame_ids.tolist(), measured.length.tolist(), strict=True))
        current = {
            frame: -10 * float(np.log(length[frame]))
            for frame in table.frame_ids[~table.unseparated].tolist()
        }
        properties.put(db, made.dataset_id, "current", current)
        halves = zip(table.frame_ids.tolist(), table.trajectory_ids.tolist(), strict=True)
        batch = {frame: "annealed" if owner % 2 else "as cast" for frame, owner in halves}
        properties.put(db, made.dataset_id, "batch", batch)
    return current
