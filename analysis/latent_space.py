"""A run's latent space with its frames: places in it, and the frames that are near a place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool, Float32, Int64

from morphcore import frames
from morphcore.embedding import distances
from morphcore.errors import JobError
from morphcore.statistics import split_half
from morphcore.statistics.split_half import Scale
from morphcore.types import BinaryFrame, Latents, Neighbour
from store import latents, runs, trajectories
from store import scatter as scatter_table
from store.db import checkpoints_folder, open_store
from store.runs import Checkpoint, IndexedRun
from store.trajectories import FrameTable

if TYPE_CHECKING:
    from morphcore.models.base import Model

UNSEPARATED = (
    "This frame is one colour everywhere: nothing in it has separated yet,"
    " so there is nothing to compare."
)


@dataclass(frozen=True)
class LatentSpace:
    """A run's latents with the facts of their frames, row by row, and distances to judge by."""

    run: IndexedRun
    checkpoint: Checkpoint
    latents: Latents
    trajectory_ids: Int64[np.ndarray, " frames"]
    index: Int64[np.ndarray, " frames"]
    time: Int64[np.ndarray, " frames"]
    unseparated: Bool[np.ndarray, " frames"]
    names: Mapping[int, str]  # of the trajectories, by id
    # Distances between separated frames, each sorted: of random pairs, of one frame and the next of
    # its trajectory, of a frame and the nearest of another trajectory.
    random_pair_distances: Float32[np.ndarray, " random_pair_distances"]
    consecutive_distances: Float32[np.ndarray, " consecutive_distances"]
    other_trajectory_distances: Float32[np.ndarray, " other_trajectory_distances"]
    scale: Scale | None  # None for a run that was indexed by an older version


def load_latent_space(store: Path, run_id: int) -> LatentSpace:
    """What queries of a run are answered from; worth keeping for as long as the run's latents.

    Raises:
        UnknownRun: if there is no such run.
        NotIndexed: if it has no latents yet.
    """
    with open_store(store) as db:
        run = runs.indexed(db, run_id)
        checkpoint = runs.checkpoint(db, run.index.checkpoint_id)
        stored = latents.of_checkpoint(db, checkpoint.id)
        table = trajectories.frame_table(db, run.dataset_id)
        infos = trajectories.trajectories(db, run.dataset_id)
        halves = scatter_table.of_checkpoint(db, checkpoint.id)
    found, rows = _rows(stored, table)
    unseparated = table.unseparated[rows]
    judged, owners = found, table.trajectory_ids[rows]
    if not unseparated.all():
        judged, owners = _subset(found, ~unseparated), owners[~unseparated]
    return LatentSpace(
        run=run,
        checkpoint=checkpoint,
        latents=found,
        trajectory_ids=table.trajectory_ids[rows],
        index=table.index[rows],
        time=table.time[rows],
        unseparated=unseparated,
        names={each.id: each.name for each in infos},
        random_pair_distances=distances.random_pair_distances(judged),
        consecutive_distances=distances.consecutive_distances(judged, owners),
        other_trajectory_distances=distances.other_trajectory_distances(judged, owners),
        scale=split_half.scale(found.frame_ids, found.mean, halves),
    )


def posterior_of(space: LatentSpace, frame_id: int) -> Latents | None:
    """A stored frame's posterior in the run's latent space, in one row; None if not indexed."""
    here = space.latents.frame_ids == frame_id
    return _subset(space.latents, here) if here.any() else None


def stored_mean(space: LatentSpace, frame_id: int) -> Float32[np.ndarray, " latent"] | None:
    """A stored frame's place in the run's latent space; None where it is not indexed."""
    found = posterior_of(space, frame_id)
    return None if found is None else found.mean[0]


def checkpoint_file(store: Path, checkpoint: Checkpoint) -> Path:
    """Where a checkpoint lies."""
    return checkpoints_folder(store) / checkpoint.file


def load_model(file: Path, sha256: str) -> "Model":
    """The model of a checkpoint file that must have this hash. Imports torch: seconds at first.

    It stays on the CPU: one frame takes milliseconds there, and a GPU may be training.

    Raises:
        JobError: if the file is missing, was changed, or cannot be read.
    """
    import torch

    from morphcore.training import checkpoint

    try:
        return checkpoint.load_model(file, sha256, torch.device("cpu"))
    except checkpoint.CheckpointError as err:
        raise JobError(str(err)) from err


def posterior(model: "Model", bits: BinaryFrame) -> Latents:
    """What a model makes of a frame, in one row; its frame id is 0.

    Raises:
        JobError: if the frame is one colour everywhere.
    """
    from morphcore.embedding import encoding

    if frames.is_unseparated(bits):
        raise JobError(UNSEPARATED)
    packed = frames.pack(bits)[None]
    return encoding.encode_frames(model, np.zeros(1, dtype=np.int64), packed)


def encode(model: "Model", bits: BinaryFrame) -> Float32[np.ndarray, " latent"]:
    """Where a model places a frame: its latent.

    Raises:
        JobError: if the frame is one colour everywhere.
    """
    mean: np.ndarray = posterior(model, bits).mean[0]
    return mean


def table(space: LatentSpace, found: Sequence[Neighbour]) -> list[dict[str, Any]]:
    """Neighbours with the facts of their frames, for JSON or a CSV file."""
    rows = {frame_id: row for row, frame_id in enumerate(space.latents.frame_ids.tolist())}
    return [
        {
            "frame_id": each.frame_id,
            "trajectory": space.names[int(space.trajectory_ids[rows[each.frame_id]])],
            "index": int(space.index[rows[each.frame_id]]),
            "time": int(space.time[rows[each.frame_id]]),
            "distance": each.distance,
            "percentile": each.percentile,
        }
        for each in found
    ]


def _rows(stored: Latents, table: FrameTable) -> tuple[Latents, Int64[np.ndarray, " frames"]]:
    """The latents of a data set's frames, and the row of each in the data set's table."""
    row_of = {frame_id: row for row, frame_id in enumerate(table.frame_ids.tolist())}
    kept = _subset(stored, np.isin(stored.frame_ids, table.frame_ids))
    rows = np.array([row_of[frame_id] for frame_id in kept.frame_ids.tolist()], dtype=np.int64)
    return kept, rows


def _subset(latents: Latents, which: Bool[np.ndarray, " frames"]) -> Latents:
    return Latents(latents.frame_ids[which], latents.mean[which], latents.logvar[which])
