"""A run's latent space: the embedding of its frames, their z, and reference distances."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, Int64

from analysis import attached
from analysis.attached import AttachedFrames
from analysis.frame_embedding import FrameEmbedding, SearchOptions
from morphcore import frames as framing
from morphcore.embedding import distances
from morphcore.errors import MorphError
from morphcore.frames import SizedFrames, rows_of
from morphcore.statistics import split_half
from morphcore.statistics.split_half import Scale
from morphcore.types import Latents, Posteriors
from store import checkpoint_files, checkpoints, latents, trajectories
from store import scatter as scatter_table
from store.checkpoints import Checkpoint
from store.db import open_store
from store.runs import IndexedRun, Run
from store.trajectories import FrameTable

if TYPE_CHECKING:
    from morphcore.models.base import Model

UNSEPARATED = (
    "This frame is one colour everywhere: nothing in it has separated yet,"
    " so there is nothing to compare."
)
OUTLIER_SHARE = 0.99  # of the set's own frames are nearer to another trajectory than an outlier


class MissingZ(MorphError):
    """Frames have no z, since an older version, which stored none, indexed their run."""

    def __init__(self, run: Run) -> None:
        super().__init__(
            f"{run.name} was indexed by an older version, which stored no z beside the embedding;"
            " index the run again."
        )
        self.run_id = run.id


@dataclass(frozen=True, kw_only=True)
class LatentSpace:
    """A run's frames embedded by its model, with their z and the unit of distances.

    Other data sets that the model looks at are `attached`; all that distances are judged by is of
    the run's own.
    """

    run: IndexedRun
    checkpoint: Checkpoint
    frames: FrameEmbedding  # coordinates: the embedding
    latents: Latents  # the same with log variances, and z, row by row
    # Distances between separated frames, each sorted: from one frame to the next of its trajectory,
    # and from a frame to the nearest of another trajectory.
    consecutive_distances: Float32[np.ndarray, " steps"]
    other_trajectory_distances: Float32[np.ndarray, " separated"]
    scale: Scale | None  # None for a run that was indexed by an older version
    attached: tuple[AttachedFrames, ...] = ()

    @property
    def z(self) -> Posteriors:
        """q(z|x) of the run's own frames, row by row.

        Raises:
            MissingZ: if an older version stored none.
        """
        return self.z_of(self.latents)

    def z_of(self, latents: Latents) -> Posteriors:
        """q(z|x) of frames that were embedded by this model.

        Raises:
            MissingZ: if an older version stored none.
        """
        z = latents.z
        if z is None:
            raise MissingZ(self.run)
        return z

    @cached_property
    def everything(self) -> FrameEmbedding:
        """The run's own frames, then those of the attached data sets."""
        return self.frames.joined([each.frames for each in self.attached])

    def gallery(self, options: SearchOptions) -> FrameEmbedding:
        """The frames that a search by these options may find: the run's own unless they say."""
        return self.frames if options.datasets is None else self.everything

    def attached_of(self, frame_id: int) -> AttachedFrames | None:
        """The attached data set that a frame is of; None where it is of none."""
        for each in self.attached:
            if each.frames.row(frame_id) is not None:
                return each
        return None

    @property
    def outlier_distance(self) -> float | None:
        """The distance to the nearest of another trajectory that 99 % of the frames are within.

        None where the set has one trajectory only, or none.
        """
        apart = self.other_trajectory_distances
        return float(np.quantile(apart, OUTLIER_SHARE)) if len(apart) else None

    def is_outlier(self, nearest: float) -> bool:
        """Whether a frame so far from its nearest one is farther out than 99 % of the set's own."""
        limit = self.outlier_distance
        return limit is not None and nearest > limit

    def is_outlier_at(
        self, coords: Float32[np.ndarray, " latent"], *, query_id: int | None = None
    ) -> bool:
        """Whether a frame embedded there is an outlier; `query_id` as in `frames.nearest`."""
        neighbours = self.frames.nearest(coords, SearchOptions(k=1), query_id=query_id)
        return bool(neighbours) and self.is_outlier(neighbours[0].distance)

    def posterior_of(self, frame_id: int) -> Latents | None:
        """The latents of a stored frame, in one row; None where it is not indexed."""
        row = self.frames.row(frame_id)
        if row is not None:
            return self.latents.subset(np.array([row]))
        other = self.attached_of(frame_id)
        if other is None:
            return None
        return other.latents.subset(other.frames.rows([frame_id]))

    def noise_units(
        self,
        distance: Float32[np.ndarray, " n"],
        a: Float32[np.ndarray, "n latent"],
        b: Float32[np.ndarray, "n latent"],
    ) -> list[float] | None:
        """Distances between `a` and `b` in units of the scatter there; None where not known."""
        if self.scale is None:
            return None
        units: list[float] = split_half.in_units(
            distance, split_half.unit(self.scale, a), split_half.unit(self.scale, b)
        ).tolist()
        return units


def load_latent_space(store: Path, run_id: int) -> LatentSpace:
    """Read a run's latent space; it stays good for as long as the run's latents do.

    Of a run whose newest indexed model is damaged, that of the last good one is read.

    Raises:
        UnknownRun: if there is no such run.
        NotIndexed: if it has no latents yet.
    """
    return latent_space_of(store, checkpoint_files.with_good_index(store, run_id))


def latent_space_of(store: Path, run: IndexedRun) -> LatentSpace:
    """Read the latent space of the very checkpoint that a run's index is of."""
    with open_store(store) as db:
        checkpoint = checkpoints.by_id(db, run.index.checkpoint_id)
        stored = latents.of_checkpoint(db, checkpoint.id)
        table = trajectories.frame_table(db, run.dataset_id)
        infos = trajectories.trajectories(db, run.dataset_id)
        halves = scatter_table.of_checkpoint(db, checkpoint.id)
        others = attached.load(db, checkpoint.id)
    posteriors, rows = _rows(stored, table)
    every = FrameEmbedding(
        frame_ids=table.frame_ids[rows],
        coords=posteriors.mean,
        trajectory_ids=table.trajectory_ids[rows],
        index=table.index[rows],
        time=table.time[rows],
        unseparated=table.unseparated[rows],
        trajectory_names={info.id: info.name for info in infos},
        random_pair_distances=np.empty(0, dtype=np.float32),
        dataset_ids=np.full(len(rows), run.dataset_id, dtype=np.int64),
        dataset_names={run.dataset_id: run.dataset},
    )
    embedding = every.with_coords(posteriors.mean, np.arange(len(every)))
    separated = embedding.separated
    coords, owners = embedding.coords[separated], embedding.trajectory_ids[separated]
    return LatentSpace(
        run=run,
        checkpoint=checkpoint,
        frames=embedding,
        latents=posteriors,
        consecutive_distances=distances.consecutive_distances(coords, owners),
        other_trajectory_distances=distances.other_trajectory_distances(coords, owners),
        scale=split_half.scale(posteriors.frame_ids, posteriors.mean, halves),
        attached=tuple(others),
    )


def load_model(file: Path, sha256: str) -> "Model":
    """The model of a checkpoint file that must have this hash. Imports torch: seconds at first.

    It stays on the CPU: one frame takes milliseconds there, and a GPU may be training.

    Raises:
        CheckpointError: if the file is missing, was changed, or cannot be read.
    """
    import torch

    from morphcore.training import checkpoint

    return checkpoint.load_model(file, sha256, torch.device("cpu"))


def posterior(model: "Model", frame: SizedFrames) -> Latents:
    """The latents of a frame by a model, in one row; its frame id is 0.

    Raises:
        MorphError: if the frame is one colour everywhere.
    """
    from morphcore.embedding import encoding

    if framing.is_unseparated(frame.one_size.bits()).any():
        raise MorphError(UNSEPARATED)
    return encoding.encode_frames(model, np.zeros(1, dtype=np.int64), frame)


def encode(store: Path, checkpoint: Checkpoint, frame: SizedFrames) -> Latents:
    """The latents of a frame by a checkpoint's model, in one row; loads the model each time.

    Raises:
        MorphError: if the model is missing, or the frame is one colour everywhere.
    """
    return posterior(
        load_model(checkpoint_files.path_of(store, checkpoint), checkpoint.sha256), frame
    )


def _rows(stored: Latents, table: FrameTable) -> tuple[Latents, Int64[np.ndarray, " frames"]]:
    """The latents of a data set's frames, and the row of each in the data set's table."""
    rows = rows_of(table.frame_ids, stored.frame_ids)
    kept = np.flatnonzero(rows >= 0)
    return stored.subset(kept), rows[kept]
