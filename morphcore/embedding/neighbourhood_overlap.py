"""How much of a frame's neighbourhood two spaces share: two models, two maps, a model and its map.

Of the sets A and B of a frame's k nearest in each, the Jaccard overlap is |A and B| / |A or B|:
1 where both are the same, 0 where they have nothing in common. Chance gives about k / 2n.
"""

import numpy as np
from jaxtyping import Float, Float32, Int64

NEAREST = 10


def nearest_others(
    places: Float[np.ndarray, "frames dims"], k: int = NEAREST
) -> Int64[np.ndarray, "frames k"]:
    """The rows of each frame's `k` nearest others, found exactly; all others where they are fewer.

    Where more than `k` lie in the very same place, any of them are taken.
    """
    from scipy.spatial import KDTree  # a tenth of the time of all distances, even in 16 dimensions

    k = min(k, len(places) - 1)
    if k < 1:
        return np.empty((len(places), 0), dtype=np.int64)
    near = KDTree(places).query(places, k + 1)[1].astype(np.int64)
    own = near == np.arange(len(places))[:, None]
    own[~own.any(axis=1), -1] = True  # crowded out by frames in its own place: the last goes
    rows: np.ndarray = near[~own].reshape(len(places), k)
    return rows


def jaccard(
    first: Int64[np.ndarray, "frames k"], second: Int64[np.ndarray, "frames k"]
) -> Float32[np.ndarray, " frames"]:
    """Each frame's overlap, 0 to 1; no row has the same neighbour twice."""
    both = np.sort(np.concatenate([first, second], axis=1), axis=1)
    shared = (both[:, 1:] == both[:, :-1]).sum(axis=1)
    out: np.ndarray = shared / np.maximum(both.shape[1] - shared, 1)
    return out.astype(np.float32)
