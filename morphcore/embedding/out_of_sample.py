"""Out-of-sample placement: map positions for new frames, and frames for map positions.

A map by t-SNE is no function of the embedding, so neither way is exact. A frame is placed by the
frames nearest to it in the embedding: at the weighted median of their positions, which unlike a
mean does not fall between two groups. A position is that of the frames nearest to it on the map:
the weighted means of their embeddings, and of their z, from which it is decoded.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64

from morphcore.statistics.nearest import nearest, rank
from morphcore.types import Latents, Projection

NEIGHBOURS = 10
_TINY = 1e-300
_NEAREST = 1e-6  # of the distance of the farthest neighbour: what is nearer counts as that near


@dataclass(frozen=True)
class MapPlacement:
    """Position of a frame that is placed on a map, in the map's own unit."""

    x: float
    y: float
    spread: float  # half of its neighbours are at most this far from it
    frame_ids: Int64[np.ndarray, " neighbours"]  # the nearest first


@dataclass(frozen=True)
class MapNeighbours:
    """The frames nearest to a position on a map, the nearest first, and weights that sum to 1."""

    frame_ids: Int64[np.ndarray, " neighbours"]
    weights: Float64[np.ndarray, " neighbours"]

    def mean(self, values: Float32[np.ndarray, "neighbours n"]) -> Float32[np.ndarray, " n"]:
        """The weighted mean of their embeddings, of their z, or of any other vectors."""
        out: np.ndarray = (self.weights @ values.astype(np.float64)).astype(np.float32)
        return out


def place_on_map(
    mean: Float32[np.ndarray, " latent"],
    latents: Latents,
    projection: Projection,
    *,
    k: int = NEIGHBOURS,
) -> MapPlacement:
    """Place a frame at the weighted median of the `k` points nearest to `mean` in the embedding.

    Weights are 1 / distance. Rows of both are of the same frames, in the same order.
    """
    ranking = rank(mean, latents.mean.astype(np.float64))
    near, weights = ranking.rows[:k], _weights(ranking.distances[:k])
    coords = projection.coords[near].astype(np.float64)
    x, y = (weighted_median(coords[:, axis], weights) for axis in (0, 1))
    spread = float(np.median(np.hypot(coords[:, 0] - x, coords[:, 1] - y)))
    return MapPlacement(x, y, spread, projection.frame_ids[near])


def place_all(
    means: Float32[np.ndarray, "frames latent"],
    latents: Latents,
    projection: Projection,
    *,
    k: int = NEIGHBOURS,
) -> Float32[np.ndarray, "frames 2"]:
    """The positions that `place_on_map` gives to many frames; rows of both as there."""
    near = nearest(means.astype(np.float64), latents.mean.astype(np.float64), k)
    farthest = near.distances.max(axis=1, keepdims=True)
    weights = np.where(
        farthest == 0, 1.0, 1 / np.maximum(near.distances, np.maximum(_NEAREST * farthest, _TINY))
    )
    coords = projection.coords.astype(np.float64)[near.rows]
    axes = [_weighted_medians(coords[..., axis], weights) for axis in (0, 1)]
    return np.stack(axes, axis=1).astype(np.float32)


def _weighted_medians(
    values: Float64[np.ndarray, "rows n"], weights: Float64[np.ndarray, "rows n"]
) -> Float64[np.ndarray, " rows"]:
    """`weighted_median` of every row."""
    order = np.argsort(values, axis=1, kind="stable")
    rising = np.take_along_axis(values, order, axis=1)
    below = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
    half = below[:, -1:] / 2
    middle = (below < half * (1 - 1e-12)).sum(axis=1, keepdims=True)
    after = np.minimum(middle + 1, values.shape[1] - 1)
    at, following = (np.take_along_axis(rising, row, axis=1) for row in (middle, after))
    split = np.isclose(np.take_along_axis(below, middle, axis=1), half, rtol=1e-12)
    out: np.ndarray = np.where(split, (at + following) / 2, at)[:, 0]
    return out


def map_neighbours(
    position: tuple[float, float], projection: Projection, *, k: int = NEIGHBOURS
) -> MapNeighbours:
    """The `k` points of a map nearest to a position, weighted by 1 / distance on the map."""
    ranking = rank(np.asarray(position, dtype=np.float64), projection.coords.astype(np.float64))
    weights = _weights(ranking.distances[:k])
    return MapNeighbours(projection.frame_ids[ranking.rows[:k]], weights / weights.sum())


def weighted_median(values: Float64[np.ndarray, " n"], weights: Float64[np.ndarray, " n"]) -> float:
    """The value at which half of the weight is below or at it; the mean of both middle ones."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    half = below[-1] / 2
    middle = int(np.searchsorted(below, half * (1 - 1e-12)))
    if np.isclose(below[middle], half, rtol=1e-12) and middle + 1 < len(order):
        return float((values[order[middle]] + values[order[middle + 1]]) / 2)
    return float(values[order[middle]])


def _weights(apart: Float[np.ndarray, " neighbours"]) -> Float64[np.ndarray, " neighbours"]:
    """1 / distance; a point that is met exactly has all but all of the weight."""
    farthest = float(apart.max())
    if farthest == 0:
        return np.ones(len(apart))
    out: np.ndarray = 1 / np.maximum(apart, _NEAREST * farthest)
    return out
