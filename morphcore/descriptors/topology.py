"""Topology of a binary frame: components, their connection to the walls, Euler number.

Pixels are connected over edges and corners (8 neighbours) in both phases, as in GraSPI (O. Wodo et
al., Org. Electron. 13 (2012) 1105). Where a frame is periodic in x or in y,
components continue over the seam at the other edge.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float64, Int32
from scipy import ndimage, sparse
from scipy.sparse.csgraph import connected_components

_EIGHT = np.ones((3, 3), dtype=np.int8)


class Phase(NamedTuple):
    """Connectivity of one phase of a frame."""

    components: int
    connected: float  # share of the phase that reaches from top to bottom, 0 to 1


def label(
    mask: Bool[np.ndarray, "h w"], *, periodic: bool, periodic_y: bool = False
) -> tuple[Int32[np.ndarray, "h w"], int]:
    """Label the connected components of a mask 1, 2, ..., 0 outside it; and count them.

    >>> label(np.array([[True, False, True]]), periodic=True)  # one component, across the seam
    (array([[1, 0, 1]], dtype=int32), 1)
    """
    labels, count = ndimage.label(mask, structure=_EIGHT)
    if count < 2:
        return labels, count
    pairs: list[tuple[np.ndarray, np.ndarray]] = []
    if periodic:
        pairs += _touching(labels[:, 0], labels[:, -1], around=periodic_y)
    if periodic_y:
        pairs += _touching(labels[0], labels[-1], around=periodic)
    if not pairs:
        return labels, count
    left = np.concatenate([a for a, _ in pairs])
    right = np.concatenate([b for _, b in pairs])
    touch = (left > 0) & (right > 0)
    links = sparse.coo_array(
        (np.ones(int(touch.sum())), (left[touch], right[touch])), shape=(count + 1, count + 1)
    )
    merged_count, merged = connected_components(links, directed=False)
    # Label 0, outside the mask, is linked to nothing and stays 0.
    return merged[labels].astype(np.int32), merged_count - 1


def _touching(
    first: Int32[np.ndarray, " n"], last: Int32[np.ndarray, " n"], *, around: bool
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The labels that meet at a seam; there, too, a corner is enough.

    `around`: the seam itself closes to a ring.
    """
    pairs = [(first, last), (first[1:], last[:-1]), (first[:-1], last[1:])]
    if around:
        pairs += [(first[:1], last[-1:]), (first[-1:], last[:1])]
    return pairs


def phase(mask: Bool[np.ndarray, "h w"], *, periodic: bool, periodic_y: bool = False) -> Phase:
    """Count the components of a phase, with the share of it connected from top to bottom.

    That share is within the frame, also where it continues at the bottom (`periodic_y`).

    >>> mask = np.array([[True, False, True], [False, False, True]])
    >>> phase(mask, periodic=False)
    Phase(components=2, connected=0.6666666666666666)
    """
    labels, count = label(mask, periodic=periodic)
    both = np.intersect1d(labels[0], labels[-1])
    if periodic_y:
        _, count = label(mask, periodic=periodic, periodic_y=True)
    return Phase(count, _share(labels, both, mask))


def reaching(mask: Bool[np.ndarray, "h w"], row: int, *, periodic: bool) -> float:
    """Compute the share of a phase that is connected to its pixels in a row, 0 to 1.

    >>> mask = np.array([[True, False, True], [False, False, True]])
    >>> reaching(mask, 0, periodic=False), round(reaching(mask, 1, periodic=False), 2)
    (1.0, 0.67)
    """
    labels, _ = label(mask, periodic=periodic)
    return _share(labels, np.unique(labels[row]), mask)


def euler(
    bits: Bool[np.ndarray, "frames h w"], *, periodic: bool = True, periodic_y: bool = False
) -> Float64[np.ndarray, " frames"]:
    """Compute the Euler number: white components less the holes in them.

    The mean of both ways to join corners. From the 2 x 2 quads: a quarter of those with one white
    pixel less those with three; so the inverted frame has the opposite number. Walls are mirrors: a
    droplet at a wall counts one half.
    S. B. Gray, Local properties of binary images in two dimensions, IEEE Trans. Comput. C-20
    (1971) 551.

    >>> ring = np.pad(np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=np.bool_), 2)
    >>> euler(np.stack([ring, ~ring]))  # one component with one hole
    array([0., 0.])
    """
    whole = bits.astype(np.int8)
    if periodic:
        whole = np.concatenate([whole, whole[:, :, :1]], axis=2)
    if periodic_y:
        whole = np.concatenate([whole, whole[:, :1]], axis=1)
    pairs = whole[:, :, :-1] + whole[:, :, 1:]
    quads = pairs[:, :-1] + pairs[:, 1:]
    ones, threes = (quads == 1).sum(axis=(1, 2)), (quads == 3).sum(axis=(1, 2))
    number: Float64[np.ndarray, " frames"] = (ones - threes) / 4
    return number


def _share(
    labels: Int32[np.ndarray, "h w"], chosen: Int32[np.ndarray, " chosen"], mask: np.ndarray
) -> float:
    total = int(mask.sum())
    if not total:
        return 0.0
    sizes = np.bincount(labels.ravel())
    return float(sizes[chosen[chosen > 0]].sum() / total)
