"""Neighbourhood overlap of two spaces: two models, two maps, a model and its map.

Of the sets A and B of a frame's k nearest in each, the Jaccard overlap is |A and B| / |A or B|:
1 where both are the same, 0 where they have nothing in common. Chance gives about k / 2n.
"""

import numpy as np
from jaxtyping import Float, Float32, Int64

from morphcore.statistics.nearest import nearest_others

NEAREST = 10


def overlap(
    first: Float[np.ndarray, "frames dims"],
    second: Float[np.ndarray, "frames others"],
    *,
    k: int = NEAREST,
) -> Float32[np.ndarray, " frames"]:
    """Each frame's Jaccard overlap of its `k` nearest others in two spaces, 0 to 1."""
    return jaccard(nearest_others(first, k), nearest_others(second, k))


def jaccard(
    first: Int64[np.ndarray, "frames k"], second: Int64[np.ndarray, "frames k"]
) -> Float32[np.ndarray, " frames"]:
    """Each frame's overlap, 0 to 1; no row has the same neighbour twice."""
    both = np.sort(np.concatenate([first, second], axis=1), axis=1)
    shared = (both[:, 1:] == both[:, :-1]).sum(axis=1)
    out: np.ndarray = shared / np.maximum(both.shape[1] - shared, 1)
    return out.astype(np.float32)
