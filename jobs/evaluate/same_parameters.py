"""Measure same_params@1 of a run's model: the check at the end of the demo."""

from pathlib import Path

import numpy as np

from morphcore.evaluation import retrieval
from morphcore.frames import rows_of
from store import evaluations, latents, runs, trajectories
from store.db import open_store


def same_params(store: Path, run_id: int) -> dict[str, float]:
    """`same_params@1` and its chance for a run's newest checkpoint, kept with it.

    Raises:
        NotIndexed: if the run has no latents yet.
        NothingToRetrieve: if no cell of (phi, chi) has two trajectories.
    """
    with open_store(store) as db:
        run = runs.indexed(db, run_id)
        stored = latents.of_checkpoint(db, run.index.checkpoint_id)
        table = trajectories.frame_table(db, run.dataset_id)
        infos = trajectories.trajectories(db, run.dataset_id)
        cell_of = {info.id: (info.phi, info.chi) for info in infos}
        cells = sorted({cell for cell in cell_of.values() if None not in cell})
        number_of = {cell: number for number, cell in enumerate(cells)}
        order = rows_of(table.frame_ids, stored.frame_ids)
        trajectory_ids = table.trajectory_ids[order]
        cell_ids = np.array([number_of.get(cell_of[id], -1) for id in trajectory_ids.tolist()])
        mask = ~table.unseparated[order] & (cell_ids >= 0)
        measured = retrieval.same_params(
            stored.mean[mask],
            trajectory_ids=trajectory_ids[mask],
            cell_ids=cell_ids[mask],
        )
        figures = {"same_params@1": measured.share, "same_params@1_chance": measured.chance}
        evaluations.add_figures(db, run.index.checkpoint_id, figures)
    return figures
