"""Retrieval metrics: the same physics found again in another realisation, regression by neighbours.

A frame's neighbours are right where they are of the same physics at about the same time in another
realisation (twins), and useful where they predict its parameters, its time and its descriptors.
The metrics by their ids: docs/metrics.md.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from morphcore.errors import MorphError
from morphcore.statistics.nearest import Groups, Neighbours, nearest
from morphcore.statistics.pairs import NEAR_IN_TIME


class NothingToRetrieve(MorphError):
    """No query has a right answer among the frames given."""


@dataclass(frozen=True)
class SameParams:
    """The share of queries whose nearest frame of another trajectory has their (phi, chi)."""

    share: float  # 0 to 1, of the queries
    chance: float  # the same for a neighbour drawn at random
    queries: int


def same_params(
    embedding: Float32[np.ndarray, "frames dims"],
    *,
    trajectory_ids: Int64[np.ndarray, " frames"],
    cell_ids: Int64[np.ndarray, " frames"],
) -> SameParams:
    """Find every frame's nearest by Euclidean distance among all *other* trajectories.

    A hit is a neighbour of the same cell, so of another realisation of the same parameters.
    Frames whose cell has one trajectory only are candidates, but no queries.

    Raises:
        NothingToRetrieve: if no cell has two trajectories.
    """
    pairs = {
        (cell, trajectory_id)
        for cell, trajectory_id in zip(cell_ids.tolist(), trajectory_ids.tolist(), strict=True)
    }
    trajectories = np.bincount(
        [cell for cell, _ in pairs], minlength=int(cell_ids.max(initial=0)) + 1
    )
    queries = np.flatnonzero(trajectories[cell_ids] > 1)
    if not len(queries):
        raise NothingToRetrieve("No (phi, chi) has two trajectories, so there is nothing to find.")
    points, groups = embedding.astype(np.float64), Groups(trajectory_ids[queries], trajectory_ids)
    neighbours = nearest(points[queries], points, 1, groups=groups).rows[:, 0]
    hits = cell_ids[neighbours] == cell_ids[queries]
    _, trajectory, own = np.unique(trajectory_ids, return_inverse=True, return_counts=True)
    own = own[trajectory][queries]  # frames of the query's own trajectory
    same = np.bincount(cell_ids)[cell_ids[queries]] - own
    chance = same / (len(points) - own)
    return SameParams(float(hits.mean()), float(chance.mean()), len(queries))


def twin_hits(
    neighbours: Int64[np.ndarray, "queries k"],
    *,
    cells: Int64[np.ndarray, " queries"],
    log_times: Float64[np.ndarray, " queries"],
    gallery_cells: Int64[np.ndarray, " gallery"],
    gallery_log_times: Float64[np.ndarray, " gallery"],
) -> Bool[np.ndarray, "queries k"]:
    """Hits: neighbours (rows of the gallery) of the query's cell at nearly the query's time."""
    same: np.ndarray = gallery_cells[neighbours] == cells[:, None]
    near: np.ndarray = np.abs(gallery_log_times[neighbours] - log_times[:, None]) < NEAR_IN_TIME
    hits: np.ndarray = same & near
    return hits


def twin_chance(
    k: int,
    *,
    cells: Int64[np.ndarray, " queries"],
    log_times: Float64[np.ndarray, " queries"],
    gallery_cells: Int64[np.ndarray, " gallery"],
    gallery_log_times: Float64[np.ndarray, " gallery"],
) -> float:
    """The probability that one of `k` frames drawn at random from the gallery is a hit."""
    total = len(gallery_cells)
    wrong = np.empty(len(cells))
    for row, (cell, time) in enumerate(zip(cells, log_times, strict=True)):
        near = np.abs(gallery_log_times - time) < NEAR_IN_TIME
        hits = int(((gallery_cells == cell) & near).sum())
        # Without replacement: each draw leaves one wrong frame fewer.
        wrong[row] = np.prod([max(0, total - hits - n) / (total - n) for n in range(k)])
    return float(1 - wrong.mean())


def knn_regress(
    neighbours: Neighbours, values: Float64[np.ndarray, "gallery quantities"]
) -> Float64[np.ndarray, "queries quantities"]:
    """Predict quantities from neighbours: their values, weighted by inverse distance.

    A neighbour at distance 0 alone counts (with others at 0, all of them alike).
    """
    apart = neighbours.distances
    exact = apart == 0
    with np.errstate(divide="ignore"):
        weights = np.where(exact.any(axis=1, keepdims=True), exact, 1 / apart)
    weights = weights / weights.sum(axis=1, keepdims=True)
    out: np.ndarray = np.einsum("qk,qkv->qv", weights, values[neighbours.rows])
    return out


def mean_distance(
    neighbours: Int64[np.ndarray, "queries k"],
    queries: Float64[np.ndarray, "queries d"],
    gallery: Float64[np.ndarray, "gallery d"],
) -> Float64[np.ndarray, " queries"]:
    """The mean descriptor distance of each query from its neighbours."""
    apart: np.ndarray = np.linalg.norm(gallery[neighbours] - queries[:, None], axis=2).mean(axis=1)
    return apart


def mean_distance_of_all(
    queries: Float64[np.ndarray, "queries d"],
    gallery: Float64[np.ndarray, "gallery d"],
    chunk: int = 64,
) -> Float64[np.ndarray, " queries"]:
    """The mean descriptor distance of each query from the whole gallery: what chance gives."""
    squares = (gallery**2).sum(axis=1)
    out = np.empty(len(queries))
    for begin in range(0, len(queries), chunk):
        part = queries[begin : begin + chunk]
        apart = (part**2).sum(axis=1)[:, None] + squares - 2 * part @ gallery.T
        out[begin : begin + chunk] = np.sqrt(np.maximum(apart, 0)).mean(axis=1)
    return out


@dataclass(frozen=True)
class Hubs:
    """Rows of the gallery that are among the neighbours of the most queries, the largest first.

    In many dimensions some rows are near to everything and crowd out better answers (hubness:
    M. Radovanovic, A. Nanopoulos and M. Ivanovic, J. Mach. Learn. Res. 11, 2487, 2010).
    """

    rows: Int64[np.ndarray, " hubs"]
    shares: Float64[np.ndarray, " hubs"]  # of the queries, 0 to 1


def hubs(neighbours: Int64[np.ndarray, "queries k"], gallery: int, *, most: int = 10) -> Hubs:
    """The `most` largest hubs among the rows of a gallery, `gallery` in number."""
    counts = np.bincount(neighbours.ravel(), minlength=gallery)
    rows = np.argsort(-counts, kind="stable")[:most]
    rows = rows[counts[rows] > 0]
    return Hubs(rows.astype(np.int64), counts[rows] / len(neighbours))
