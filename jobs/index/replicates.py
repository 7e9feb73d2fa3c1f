"""Read a model's features of replicates and training frames: what chance is learnt from.

Only cells that a run has trained on take part, so that unseen processes stay unseen.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64
from sqlite_utils import Database

from jobs.context import Context
from morphcore.embedding import encoding
from morphcore.frames import SizedFrames, evenly
from morphcore.models.base import FeatureModel
from morphcore.statistics.realisations import Realisations
from store import datasets, runs, trajectories
from store.db import open_store
from store.runs import Run

FRAMES = 48  # of a trajectory at most, as many as a replicate has by default


class Frames(NamedTuple):
    """Frames of several realisations of the training cells."""

    packed: SizedFrames
    known: Realisations  # without features as yet

    @property
    def realisations(self) -> int:
        """How many trajectories they are of."""
        return self.known.realisations


def read(context: Context, frames: Frames, model: FeatureModel) -> Realisations:
    """Read a model's features of frames."""
    stage = f"reading {len(frames.packed):,} frames of replicates"
    readings = encoding.readings(
        model,
        frames.packed,
        scattering=True,
        progress=lambda share: context.progress(share, stage),
    )
    return frames.known.of(readings.features)


def of_run(store: Path, run: Run) -> Frames | None:
    """The separated frames of replicates, and of the training trajectories of the same cells.

    None without replicates.
    """
    with open_store(store) as db:
        replicas = [each.id for each in datasets.replicates_of(db, run.dataset_id) if each.frames]
        if not replicas:
            return None
        training = runs.split(db, run.id).training
        cells = _training_cells(db, run.dataset_id, training)
        parts = [_of_dataset(db, run.dataset_id, cells, training)]
        parts += [_of_dataset(db, dataset_id, cells) for dataset_id in replicas]
    return Frames(
        SizedFrames.joined([part.packed for part in parts]),
        Realisations.joined([part.known for part in parts]),
    )


def count(store: Path, dataset_id: int) -> int:
    """Estimate how many frames `of_run` gives: all of the replicates, and some of the data set."""
    with open_store(store) as db:
        replicas = [each for each in datasets.replicates_of(db, dataset_id) if each.frames]
        own = datasets.by_id(db, dataset_id)
    if not replicas:
        return 0
    return sum(each.frames for each in replicas) + min(own.frames, FRAMES * own.trajectories)


def _training_cells(
    db: Database, dataset_id: int, training: Int64[np.ndarray, " frames"]
) -> dict[str, int]:
    """A number for each cell that a run has trained on."""
    table = trajectories.frame_table(db, dataset_id)
    owners = set(table.trajectory_ids[np.isin(table.frame_ids, training)].tolist())
    infos = trajectories.trajectories(db, dataset_id)
    names = {info.cell for info in infos if info.id in owners and info.cell is not None}
    return {name: number for number, name in enumerate(sorted(names))}


def _of_dataset(
    db: Database,
    dataset_id: int,
    cells: dict[str, int],
    among: Int64[np.ndarray, " frames"] | None = None,
) -> Frames:
    """Evenly spaced separated frames of each trajectory of some cells; all, or `among` some."""
    table = trajectories.frame_table(db, dataset_id)
    usable = ~table.unseparated
    if among is not None:
        usable &= np.isin(table.frame_ids, among)
    chosen, numbers = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for info in trajectories.trajectories(db, dataset_id):
        if info.cell not in cells:
            continue
        rows = np.flatnonzero(usable & (table.trajectory_ids == info.id))
        rows = rows[evenly(len(rows), FRAMES)]
        chosen.append(rows)
        numbers.append(np.full(len(rows), cells[info.cell], dtype=np.int64))
    rows = np.concatenate(chosen)
    return Frames(
        trajectories.packed(db, table.frame_ids[rows]),
        Realisations(
            np.empty((len(rows), 0), dtype=np.float32),
            np.concatenate(numbers),
            np.log(np.maximum(table.time[rows], 1.0)),
            table.trajectory_ids[rows],
        ),
    )
