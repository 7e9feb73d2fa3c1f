"""How much of a frame's neighbourhood two spaces share: two models, two maps, a model and its map.

Of the sets A and B of a frame's k nearest in each, the Jaccard overlap is |A and B| / |A or B|:
1 where both are the same, 0 where they have nothing in common. Chance gives about k / 2n.
"""

import numpy as np
from jaxtyping import Float, Float32, Int64

from morphcore import neighbours
from morphcore.neighbours import Tick

NEAREST = 10


def nearest_others(
    places: Float[np.ndarray, "frames dims"], k: int = NEAREST, tick: Tick | None = None
) -> Int64[np.ndarray, "frames k"]:
    """The rows of each frame's `k` nearest others, found exactly."""
    own = np.arange(len(places), dtype=np.int64)
    return neighbours.nearest(places, places, k, left_out=own, tick=tick).rows


def jaccard(
    first: Int64[np.ndarray, "frames k"], second: Int64[np.ndarray, "frames k"]
) -> Float32[np.ndarray, " frames"]:
    """Each frame's overlap, 0 to 1; no row has the same neighbour twice."""
    both = np.sort(np.concatenate([first, second], axis=1), axis=1)
    shared = (both[:, 1:] == both[:, :-1]).sum(axis=1)
    out: np.ndarray = shared / np.maximum(both.shape[1] - shared, 1)
    return out.astype(np.float32)
