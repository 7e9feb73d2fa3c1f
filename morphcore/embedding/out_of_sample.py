"""Between a map and the latent space it was drawn of: places for frames, latents for places.

A map by t-SNE is no function of the latents, so neither way is exact. A frame is placed by the
frames nearest to it in latent space: at the weighted median of their places, which unlike a mean
does not fall between two groups. A place is given the latents of the points nearest to it: their
weighted mean. In a map by PCA a place has latents of its own, in the plane that is shown.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64

from morphcore.statistics.nearest import rank
from morphcore.types import Latents, Projection

NEIGHBOURS = 10
_NEAREST = 1e-6  # of the distance of the farthest neighbour: what is nearer counts as that near


@dataclass(frozen=True)
class MapPlacement:
    """Where a frame falls on a map, in the map's own unit."""

    x: float
    y: float
    spread: float  # half of its neighbours are within so far of it
    frame_ids: Int64[np.ndarray, " neighbours"]  # the nearest first


def place_on_map(
    mean: Float32[np.ndarray, " latent"],
    latents: Latents,
    projection: Projection,
    *,
    k: int = NEIGHBOURS,
) -> MapPlacement:
    """The weighted median of the places of the `k` points nearest to `mean` in latent space.

    Weights are 1 / distance. Rows of both are of the same frames, in the same order.
    """
    ranking = rank(mean, latents.mean.astype(np.float64))
    near, weights = ranking.rows[:k], _weights(ranking.distances[:k])
    places = projection.coords[near].astype(np.float64)
    x, y = (weighted_median(places[:, axis], weights) for axis in (0, 1))
    spread = float(np.median(np.hypot(places[:, 0] - x, places[:, 1] - y)))
    return MapPlacement(x, y, spread, projection.frame_ids[near])


def latents_at(
    place: tuple[float, float], latents: Latents, projection: Projection, *, k: int = NEIGHBOURS
) -> Float32[np.ndarray, " latent"]:
    """The weighted mean of the latents of the `k` points nearest to a place; 1 / distance."""
    ranking = rank(np.asarray(place, dtype=np.float64), projection.coords.astype(np.float64))
    near, weights = ranking.rows[:k], _weights(ranking.distances[:k])
    mean: np.ndarray = weights @ latents.mean[near].astype(np.float64) / weights.sum()
    return mean.astype(np.float32)


def latents_in_plane(
    place: tuple[float, float], latents: Latents, projection: Projection
) -> Float32[np.ndarray, " latent"]:
    """The latents of a place of a map by PCA: the mean of all, plus its way along both axes.

    Its directions are found again from the map and the latents it was drawn of, exactly.
    """
    mean = latents.mean.astype(np.float64)
    centre = mean.mean(axis=0)
    directions = np.linalg.lstsq(mean - centre, projection.coords.astype(np.float64), rcond=None)[0]
    out: np.ndarray = centre + directions @ np.asarray(place)
    return out.astype(np.float32)


def weighted_median(values: Float64[np.ndarray, " n"], weights: Float64[np.ndarray, " n"]) -> float:
    """The value at which half of the weight is below or at it; the mean of both middle ones."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    half = below[-1] / 2
    place = int(np.searchsorted(below, half * (1 - 1e-12)))
    if np.isclose(below[place], half, rtol=1e-12) and place + 1 < len(order):
        return float((values[order[place]] + values[order[place + 1]]) / 2)
    return float(values[order[place]])


def _weights(apart: Float[np.ndarray, " neighbours"]) -> Float64[np.ndarray, " neighbours"]:
    """1 / distance; a point that is met exactly has all but all of the weight."""
    farthest = float(apart.max())
    if farthest == 0:
        return np.ones(len(apart))
    out: np.ndarray = 1 / np.maximum(apart, _NEAREST * farthest)
    return out
