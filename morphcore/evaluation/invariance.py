"""Invariance of an embedding under rolls and mirroring.

A frame rolled along the film, or mirrored, is the same morphology: it should find its own original
first, and lie on top of it.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from morphcore.progress import Progress, ignore
from morphcore.statistics.nearest import Groups, Rows, nearest, paired

TIE = 1e-6  # of the median distance of random pairs: what rounding makes of equal distances


@dataclass(frozen=True)
class Moved:
    """Retrieval of the originals by their moved frames, query by query."""

    retrieved: Bool[np.ndarray, " queries"]  # no other frame is nearer than its own original
    ratio: Float64[np.ndarray, " queries"]  # distance from it, random pairs' median = 1


def moved(
    queries: Rows,
    originals: Int64[np.ndarray, " queries"],
    gallery: Rows,
    *,
    typical: float,
    progress: Progress = ignore,
) -> Moved:
    """Search a gallery by moved frames for their originals (rows of it).

    `typical` is the median distance of random pairs. An embedding that puts all frames at one
    point separates nothing: nothing is retrieved, and no ratio is defined.
    """
    own = paired(queries, gallery, originals)
    if not typical > 0:
        return Moved(np.zeros(len(own), dtype=np.bool_), np.full(len(own), np.nan))
    groups = Groups(originals, np.arange(len(gallery), dtype=np.int64))
    others = nearest(queries, gallery, 1, groups=groups, progress=progress).distances[:, 0]
    return Moved(own <= others + TIE * typical, own / typical)


def typical_distance(rows: Rows, *, seed: int, pairs: int = 2000) -> float:
    """The median distance of random pairs of two different rows; 0 for fewer than two rows."""
    count = len(rows)
    if count < 2:
        return 0.0
    rng = np.random.default_rng(seed)
    first = rng.integers(0, count, pairs)
    second = (first + rng.integers(1, count, pairs)) % count  # any but the first
    apart = [
        np.linalg.norm(rows[first[at : at + 128]] - rows[second[at : at + 128]], axis=1)
        for at in range(0, pairs, 128)
    ]
    return float(np.median(np.concatenate(apart)))
