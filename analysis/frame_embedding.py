"""Frames embedded in a space, with their facts, and the exact search for the nearest of them."""

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from morphcore.embedding import distances
from morphcore.frames import rows_of
from morphcore.types import Neighbour


@dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """The number of neighbours to find, and which frames may be among them."""

    k: int = 5
    same_trajectory: bool = False  # frames of the query's own trajectory, but never itself
    one_per_trajectory: bool = False
    unseparated: bool = False
    datasets: frozenset[int] | None = None  # that frames are of; None: all that the space holds


@dataclass(frozen=True, kw_only=True)
class FrameEmbedding:
    """Coordinates of frames in one space, with their facts, row by row.

    The frames are those of one data set, or of several that were joined.
    """

    frame_ids: Int64[np.ndarray, " frames"]
    coords: Float32[np.ndarray, "frames axes"]
    trajectory_ids: Int64[np.ndarray, " frames"]
    index: Int64[np.ndarray, " frames"]
    time: Float64[np.ndarray, " frames"]
    unseparated: Bool[np.ndarray, " frames"]
    trajectory_names: Mapping[int, str]  # by trajectory id
    random_pair_distances: Float32[np.ndarray, " pairs"]  # of separated frames, ascending
    dataset_ids: Int64[np.ndarray, " frames"]
    dataset_names: Mapping[int, str]
    # How frames were scaled for the model, by trajectory id; its own frames were not.
    scales: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frame_ids)

    @property
    def separated(self) -> Bool[np.ndarray, " frames"]:
        """Rows that distances are judged by: the separated frames, or all where there are none."""
        mask: np.ndarray = ~self.unseparated
        return mask if mask.any() else np.ones_like(mask)

    def row(self, frame_id: int) -> int | None:
        """The row of a frame; None where the space does not hold it."""
        rows = np.flatnonzero(self.frame_ids == frame_id)
        return int(rows[0]) if len(rows) else None

    def rows(self, frame_ids: Sequence[int]) -> Int64[np.ndarray, " rows"]:
        """The rows of frames that it holds, in their order."""
        return rows_of(self.frame_ids, np.array(frame_ids, dtype=np.int64))

    def with_coords(
        self, coords: Float32[np.ndarray, "rows axes"], rows: Int64[np.ndarray, " rows"]
    ) -> "FrameEmbedding":
        """The frames of these rows in another space, with the distances of that space."""
        unseparated = self.unseparated[rows]
        separated = ~unseparated if not unseparated.all() else np.ones_like(unseparated)
        return FrameEmbedding(
            frame_ids=self.frame_ids[rows],
            coords=coords,
            trajectory_ids=self.trajectory_ids[rows],
            index=self.index[rows],
            time=self.time[rows],
            unseparated=unseparated,
            trajectory_names=self.trajectory_names,
            random_pair_distances=distances.random_pair_distances(coords[separated]),
            dataset_ids=self.dataset_ids[rows],
            dataset_names=self.dataset_names,
            scales=self.scales,
        )

    def joined(self, others: Sequence["FrameEmbedding"]) -> "FrameEmbedding":
        """These frames and others in the same space; random pairs stay those of these."""
        if not others:
            return self
        every = [self, *others]

        def column(name: str) -> np.ndarray:
            return np.concatenate([getattr(each, name) for each in every])

        return FrameEmbedding(
            frame_ids=column("frame_ids"),
            coords=column("coords"),
            trajectory_ids=column("trajectory_ids"),
            index=column("index"),
            time=column("time"),
            unseparated=column("unseparated"),
            trajectory_names=dict(ChainMap(*(dict(each.trajectory_names) for each in every))),
            random_pair_distances=self.random_pair_distances,
            dataset_ids=column("dataset_ids"),
            dataset_names=dict(ChainMap(*(dict(each.dataset_names) for each in every))),
            scales=dict(ChainMap(*(dict(each.scales) for each in every))),
        )

    def nearest(
        self,
        coords: Float32[np.ndarray, " axes"],
        options: SearchOptions,
        *,
        query_id: int | None = None,
    ) -> list[Neighbour]:
        """Find the `options.k` frames nearest to some coordinates, the nearest first.

        `query_id` is the frame id of the query where it is a stored frame: it is never its own
        neighbour, and its whole trajectory is left out unless `options.same_trajectory`.
        """
        allowed = np.ones(len(self), np.bool_) if options.unseparated else ~self.unseparated
        if options.datasets is not None:
            allowed &= np.isin(self.dataset_ids, list(options.datasets))
        if query_id is not None:
            own = self.frame_ids == query_id
            if not options.same_trajectory:
                own = np.isin(self.trajectory_ids, self.trajectory_ids[own])
            allowed &= ~own
        return distances.nearest(
            coords,
            self.coords,
            self.frame_ids,
            options.k,
            random_pair_distances=self.random_pair_distances,
            allowed=allowed,
            trajectory_ids=self.trajectory_ids if options.one_per_trajectory else None,
        )
