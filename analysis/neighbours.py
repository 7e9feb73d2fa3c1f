"""The stored frames nearest to a frame in a latent space, as values and as CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32

from analysis.latent_space import LatentSpace
from morphcore.embedding import distances as similarity
from morphcore.statistics import split_half
from morphcore.types import Neighbour


def neighbours(
    space: LatentSpace,
    query: Float32[np.ndarray, " latent"],
    k: int,
    *,
    frame_id: int | None = None,
    same_trajectory: bool = False,
    one_per_trajectory: bool = False,
    unseparated: bool = False,
) -> list[Neighbour]:
    """The `k` stored frames nearest to a place in latent space.

    `frame_id` is that of the query where it is a stored frame: it is never its own neighbour, and
    its whole trajectory is left out unless `same_trajectory`. Frames that are one colour are left
    out unless `unseparated`.
    """
    allowed = np.ones(len(space.unseparated), dtype=np.bool_) if unseparated else ~space.unseparated
    if frame_id is not None:
        own = space.latents.frame_ids == frame_id
        if not same_trajectory:
            own = np.isin(space.trajectory_ids, space.trajectory_ids[own])
        allowed &= ~own
    return similarity.nearest(
        query,
        space.latents,
        k,
        pairs=space.random_pair_distances,
        allowed=allowed,
        trajectory_ids=space.trajectory_ids if one_per_trajectory else None,
    )


def units(
    space: LatentSpace, query: Float32[np.ndarray, " latent"], found: Sequence[Neighbour]
) -> list[float | None]:
    """How far each neighbour is in units of the scatter; None where that is not known."""
    if space.scale is None or not found:
        return [None] * len(found)
    rows = {frame_id: row for row, frame_id in enumerate(space.latents.frame_ids.tolist())}
    theirs = split_half.unit(
        space.scale, space.latents.mean[[rows[each.frame_id] for each in found]]
    )
    own = split_half.unit(space.scale, query[None])
    distances = np.array([each.distance for each in found])
    out: list[float | None] = split_half.in_units(distances, own, theirs).tolist()
    return out


def as_csv(by: str, dataset: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of `table` as comma-separated text with a head line.

    Rank, what was searched by (a run's name) and the data set come first.
    """
    out = io.StringIO()
    names = ("frame_id", "trajectory", "index", "time", "distance", "percentile")
    writer = csv.DictWriter(out, ["rank", "model", "dataset", *names], lineterminator="\n")
    writer.writeheader()
    for rank, row in enumerate(rows, start=1):
        writer.writerow({"rank": rank, "model": by, "dataset": dataset, **row})
    return out.getvalue()
