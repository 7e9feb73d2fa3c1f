"""Is a latent space semantic? Judged by retrieval: the same physics, realised anew."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64


class NothingToRetrieve(ValueError):
    """No query has a right answer among the frames given."""


@dataclass(frozen=True)
class SameParams:
    """How often the nearest frame of another trajectory has the query's (phi, chi)."""

    share: float  # 0 to 1, of the queries
    chance: float  # the same for a neighbour drawn at random
    queries: int


def same_params(
    embedding: Float32[np.ndarray, "frames dims"],
    *,
    trajectory_ids: Int64[np.ndarray, " frames"],
    cell_ids: Int64[np.ndarray, " frames"],
    chunk: int = 512,
) -> SameParams:
    """The nearest frame by Euclidean distance among all *other* trajectories, for every frame.

    A hit is a neighbour of the same cell, so of another realisation of the same parameters.
    Frames whose cell has one trajectory only are candidates, but no queries.

    Raises:
        NothingToRetrieve: if no cell has two trajectories.
    """
    pairs = {
        (cell, run) for cell, run in zip(cell_ids.tolist(), trajectory_ids.tolist(), strict=True)
    }
    runs_of = np.bincount([cell for cell, _ in pairs], minlength=int(cell_ids.max(initial=0)) + 1)
    queries = np.flatnonzero(runs_of[cell_ids] > 1)
    if not len(queries):
        raise NothingToRetrieve("No (phi, chi) has two trajectories, so there is nothing to find.")
    squares = (embedding.astype(np.float64) ** 2).sum(axis=1)
    hits, chance = 0, 0.0
    for begin in range(0, len(queries), chunk):
        rows = queries[begin : begin + chunk]
        distance = squares[None, :] - 2.0 * embedding[rows].astype(np.float64) @ embedding.T
        own = trajectory_ids[rows][:, None] == trajectory_ids[None, :]
        distance[own] = np.inf
        same = (cell_ids[rows][:, None] == cell_ids[None, :]) & ~own
        hits += int(same[np.arange(len(rows)), distance.argmin(axis=1)].sum())
        chance += float((same.sum(axis=1) / (~own).sum(axis=1)).sum())
    return SameParams(hits / len(queries), chance / len(queries), len(queries))
