"""Domain size L as a clock of coarsening: the frame of a trajectory with a given L.

L grows while a film coarsens, but not at every frame. Its records count as growth: the frames,
from the one of least L on, at which L is larger than at all of them before.
"""

import numpy as np
from jaxtyping import Float64, Int64


def growth(length: Float64[np.ndarray, " time"]) -> Int64[np.ndarray, " records"]:
    """Return the frames at which L sets a record since its least value, in time order.

    L there rises strictly. Values that are not finite (no interface, not measured) are passed over.
    """
    finite = np.flatnonzero(np.isfinite(length))
    if not len(finite):
        return finite
    since = finite[length[finite].argmin() :]
    highest = np.maximum.accumulate(length[since])
    record = np.concatenate([[True], length[since][1:] > highest[:-1]])
    out: np.ndarray = since[record]
    return out


def nearest(
    values: Float64[np.ndarray, " n"], wanted: Float64[np.ndarray, " m"]
) -> Int64[np.ndarray, " m"]:
    """Find the index of the nearest of the rising `values` to each of `wanted`.

    Of two that are equally near it is the first.
    """
    after = np.searchsorted(values, wanted).clip(1, max(1, len(values) - 1))
    if len(values) == 1:
        return np.zeros(len(wanted), dtype=np.int64)
    before = after - 1
    out: np.ndarray = np.where(
        wanted - values[before] <= values[after] - wanted, before, after
    ).astype(np.int64)
    return out
