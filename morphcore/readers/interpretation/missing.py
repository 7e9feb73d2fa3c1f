"""Missing values of a picture (NaN), filled from the pixels beside them."""

import numpy as np
from jaxtyping import Float


def filled(values: Float[np.ndarray, "h w"]) -> Float[np.ndarray, "h w"]:
    """Fill NaN with the mean of its neighbours above, below, left and right, from the edge inwards.

    A picture without NaN is returned as it is, and so is one that has nothing else.
    """
    missing = np.isnan(values)
    if not missing.any() or missing.all():
        return values
    out = values.astype(np.float64)
    while missing.any():
        known = np.pad(np.where(missing, 0.0, out), 1)
        there = np.pad(~missing, 1).astype(np.float64)
        total = known[:-2, 1:-1] + known[2:, 1:-1] + known[1:-1, :-2] + known[1:-1, 2:]
        count = there[:-2, 1:-1] + there[2:, 1:-1] + there[1:-1, :-2] + there[1:-1, 2:]
        fill = missing & (count > 0)
        out[fill] = total[fill] / count[fill]
        missing &= ~fill
    return out
