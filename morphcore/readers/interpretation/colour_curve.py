"""Colour maps: the curve through the cube of red, green and blue that pictures were drawn along."""

import numpy as np
from jaxtyping import Float64

_POINTS = 32  # of a curve
NEAR = 28.0  # levels: a colour so far from the curve is still on it
LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R 601
_FALLING = 0.1  # the share of lightness's way that may go backwards where it is monotonic


def colour_curve(
    colours: Float64[np.ndarray, "nodes 3"], shares: Float64[np.ndarray, " nodes"]
) -> tuple[Float64[np.ndarray, "points 3"], float]:
    """Order colours along the longest way through their minimum spanning tree.

    Returns the points of the way, its redder end last, and the share of pixels near it. A colour
    map is such a way; the colours of a photograph fill a volume.
    """
    if len(colours) < 2:
        return np.repeat(colours[:1], 2, axis=0), 1.0
    distances = np.linalg.norm(colours[:, None] - colours[None], axis=-1)
    tree = _spanning_tree(distances)
    start = _farthest(tree, 0)[0]
    _, way = _farthest(tree, start)
    curve = _smooth(colours[way], colours, shares)
    near = position(colours, curve)[1] <= NEAR
    if (curve[0] @ [1, 0, -1]) > (curve[-1] @ [1, 0, -1]):
        curve = curve[::-1]
    return curve, float(shares[near].sum() / shares.sum())


def _smooth(
    curve: Float64[np.ndarray, "points 3"],
    colours: Float64[np.ndarray, "nodes 3"],
    shares: Float64[np.ndarray, " nodes"],
) -> Float64[np.ndarray, "fewer 3"]:
    """The means of the colours along a curve: the loss of JPEG and video makes it go zigzag."""
    place, gap = position(colours, curve)
    near = gap <= NEAR
    bins = np.minimum((place * _POINTS).astype(np.int64), _POINTS - 1)
    means = [
        np.average(colours[mask], axis=0, weights=shares[mask])
        for mask in (near & (bins == each) for each in range(_POINTS))
        if mask.any()
    ]
    return np.stack(means) if len(means) > 1 else curve


def _spanning_tree(distances: Float64[np.ndarray, "n n"]) -> list[list[tuple[int, float]]]:
    """Prim's minimum spanning tree, as the neighbours of each node with their distances."""
    count = len(distances)
    tree: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    best, parent = distances[0].copy(), np.zeros(count, dtype=np.int64)
    best[0] = np.inf
    inside = np.zeros(count, dtype=np.bool_)
    inside[0] = True
    for _ in range(count - 1):
        node = int(np.where(inside, np.inf, best).argmin())
        length = float(distances[node, parent[node]])
        tree[node].append((int(parent[node]), length))
        tree[parent[node]].append((node, length))
        inside[node] = True
        nearer = distances[node] < best
        best[nearer], parent[nearer] = distances[node][nearer], node
    return tree


def _farthest(tree: list[list[tuple[int, float]]], start: int) -> tuple[int, list[int]]:
    """The node that is farthest along the tree, and the way to it."""
    far = {start: 0.0}
    before: dict[int, int] = {}
    waiting = [start]
    while waiting:
        node = waiting.pop()
        for other, length in tree[node]:
            if other not in far:
                far[other], before[other] = far[node] + length, node
                waiting.append(other)
    end = max(far, key=lambda node: far[node])
    way = [end]
    while way[-1] != start:
        way.append(before[way[-1]])
    return end, way


def position(
    colours: Float64[np.ndarray, "colours 3"], curve: Float64[np.ndarray, "points 3"]
) -> tuple[Float64[np.ndarray, " colours"], Float64[np.ndarray, " colours"]]:
    """Where along the curve, from 0 to 1, each colour is nearest to it, and how far from it."""
    steps = np.diff(curve, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    starts = np.concatenate([[0.0], np.cumsum(lengths)])
    square = np.maximum(lengths**2, 1e-12)
    offset = colours[:, None] - curve[None, :-1]
    along = np.clip((offset * steps).sum(axis=-1) / square, 0, 1)
    gap = np.linalg.norm(offset - along[..., None] * steps, axis=-1)
    nearest = gap.argmin(axis=1)
    rows = np.arange(len(colours))
    place = starts[nearest] + along[rows, nearest] * lengths[nearest]
    return place / max(starts[-1], 1e-12), gap[rows, nearest]


def is_monotonic(light: Float64[np.ndarray, " points"]) -> bool:
    """Whether lightness rises, or falls, all along a curve, but for a little."""
    steps = np.diff(light)
    up, down = steps[steps > 0].sum(), -steps[steps < 0].sum()
    return bool(min(up, down) <= _FALLING * max(up, down))
