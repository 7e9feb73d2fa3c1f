"""What is measured of a model by itself, at the end of the demo."""

from pathlib import Path

import numpy as np

from morphcore.errors import JobError
from morphcore.evaluation import retrieval
from store import evaluations, latents, runs, trajectories
from store.db import open_store


def same_params(store: Path, run_id: int) -> dict[str, float]:
    """`same_params@1` and its chance for a run's newest checkpoint, kept with it.

    Raises:
        NotIndexed: if the run has no latents yet.
        JobError: if no cell of (phi, chi) has two trajectories.
    """
    with open_store(store) as db:
        run = runs.indexed(db, run_id)
        stored = latents.of_checkpoint(db, run.index.checkpoint_id)
        table = trajectories.frame_table(db, run.dataset_id)
        cell_of = {
            each.id: (each.phi, each.chi) for each in trajectories.trajectories(db, run.dataset_id)
        }
        cells = sorted({cell for cell in cell_of.values() if None not in cell})
        number = {cell: place for place, cell in enumerate(cells)}
        rows = {frame_id: row for row, frame_id in enumerate(table.frame_ids.tolist())}
        order = np.array([rows[frame_id] for frame_id in stored.frame_ids.tolist()])
        trajectory_ids = table.trajectory_ids[order]
        cell_ids = np.array([number.get(cell_of[each], -1) for each in trajectory_ids.tolist()])
        judged = ~table.unseparated[order] & (cell_ids >= 0)
        try:
            found = retrieval.same_params(
                stored.mean[judged],
                trajectory_ids=trajectory_ids[judged],
                cell_ids=cell_ids[judged],
            )
        except retrieval.NothingToRetrieve as err:
            raise JobError(str(err)) from err
        metrics = {"same_params@1": found.share, "same_params@1_chance": found.chance}
        evaluations.add(db, run.index.checkpoint_id, metrics)
    return metrics
