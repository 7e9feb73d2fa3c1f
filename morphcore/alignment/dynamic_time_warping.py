"""Dynamic time warping: the pairs of frames by which two trajectories are most alike.

    g(i, j) = min( g(i - 1, j) + d(i, j),  g(i - 1, j - 1) + 2 d(i, j),  g(i, j - 1) + d(i, j) )

d(i, j)  distance between frame i of A and frame j of B
g(i, j)  the least total distance of a path from both first frames to these, never back in time

The symmetric form with slope constraint P = 0; all weights together are the number of frames of
both, whatever the path. Source: H. Sakoe and S. Chiba, Dynamic programming algorithm optimization
for spoken word recognition, IEEE Trans. Acoust. Speech Signal Process. 26, 43, 1978.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int64


@dataclass(frozen=True)
class WarpingPath:
    """A path of pairs of frames, in time order in both trajectories."""

    a: Int64[np.ndarray, " pairs"]
    b: Int64[np.ndarray, " pairs"]
    distance: float  # the weighted mean of d along the path, >= 0


def align(distances: Float[np.ndarray, "a b"]) -> WarpingPath:
    """Align two trajectories by the path of least total distance between their frames.

    Among equal steps back the diagonal one is taken. Cells on one anti-diagonal depend on earlier
    ones only, so each is a single vector operation.

    Raises:
        ValueError: if one of the trajectories has no frame.
    """
    rows, columns = distances.shape
    if rows == 0 or columns == 0:
        raise ValueError("Both trajectories need at least one frame to be aligned.")
    total = np.full((rows + 1, columns + 1), np.inf)  # a margin above and to the left
    total[0, 0] = 0.0
    for diagonal in range(rows + columns - 1):
        i = np.arange(max(0, diagonal - columns + 1), min(rows - 1, diagonal) + 1)
        j = diagonal - i
        d = distances[i, j].astype(np.float64)
        straight = np.minimum(total[i, j + 1], total[i + 1, j]) + d
        total[i + 1, j + 1] = np.minimum(total[i, j] + 2 * d, straight)
    a, b = _back(total, distances)
    return WarpingPath(a, b, float(total[rows, columns] / (rows + columns)))


def _back(
    total: Float64[np.ndarray, "a1 b1"], distances: Float[np.ndarray, "a b"]
) -> tuple[Int64[np.ndarray, " pairs"], Int64[np.ndarray, " pairs"]]:
    """Trace the path back from its end; `total` has the margin that `align` gives it."""
    i, j = distances.shape
    path = [(i, j)]
    while (i, j) != (1, 1):
        d = float(distances[i - 1, j - 1])
        steps = ((i - 1, j - 1, 2 * d), (i - 1, j, d), (i, j - 1, d))
        i, j, _ = min(steps, key=lambda step: total[step[0], step[1]] + step[2])
        path.append((i, j))
    pairs = np.array(path[::-1], dtype=np.int64) - 1
    return pairs[:, 0], pairs[:, 1]
