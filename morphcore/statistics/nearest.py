"""Nearest neighbours by Euclidean distance, found exactly, in little memory.

Candidates for many queries come from scikit-learn, which is threaded and holds no matrix of
distances. A matrix product in NumPy takes less time for few queries (importing scikit-learn takes
longer than finding them), for rows that are made when they are asked for, such as 40,000 pixels
(scikit-learn turns them into float64 again and again), and where a query must not find its own
trajectory, which scikit-learn would find first. Either way the candidates are measured by their
differences, and ordered by distance and then by row.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float64, Int64

from morphcore.progress import Progress, ignore, part

QUERIES = 256  # rows of distances held at once, at most: 256 x 14,535 of 8 bytes are 30 MB
HELD = 8_000_000  # distances held at once, where the gallery is large
QUERIES_WITHOUT = 4096  # queries at once where no distances are held
NUMBERS = 4_000_000  # of the gallery at once: 100 rows of pixels, more rows of fewer dimensions
MEASURED = 400_000  # numbers of candidates at once, which fit a CPU's cache
CENTRED_BY = 100  # rows
MANY = 1500  # queries that pay for the import of scikit-learn: about 0.9 s


@runtime_checkable
class Rows(Protocol):
    """An embedding: an array [frames dims], or what makes its rows when they are asked for."""

    def __len__(self) -> int: ...

    def __getitem__(
        self, which: slice | Int64[np.ndarray, " n"], /
    ) -> Float[np.ndarray, "n dims"]: ...


@dataclass(frozen=True)
class Chosen:
    """Some rows of an embedding, in an order of their own; nothing is copied."""

    source: Rows
    rows: Int64[np.ndarray, " n"]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, which: slice | Int64[np.ndarray, " m"], /) -> Float[np.ndarray, "m dims"]:
        return self.source[self.rows[which]]


@dataclass(frozen=True)
class Neighbours:
    """The rows of the gallery nearest to each query, the nearest first, and how far they are."""

    rows: Int64[np.ndarray, "queries k"]  # -1 where a query has no more of them
    distances: Float64[np.ndarray, "queries k"]  # infinity there


class Groups(NamedTuple):
    """A number for each query and for each row of the gallery, such as its trajectory."""

    queries: Int64[np.ndarray, " queries"]
    gallery: Int64[np.ndarray, " gallery"]


class Ranking(NamedTuple):
    """All rows of a gallery, the nearest first."""

    rows: Int64[np.ndarray, " gallery"]
    distances: Float[np.ndarray, " gallery"]  # of these, in the gallery's own precision


def rank(query: Float[np.ndarray, " dims"], gallery: Float[np.ndarray, "gallery dims"]) -> Ranking:
    """Rank a gallery by its distance from one query; equally near rows by row."""
    differences = gallery - query
    distances = np.sqrt(np.einsum("ij,ij->i", differences, differences))
    rows = np.argsort(distances, kind="stable").astype(np.int64)
    return Ranking(rows, distances[rows])


def nearest(
    queries: Rows,
    gallery: Rows,
    k: int,
    *,
    groups: Groups | None = None,
    progress: Progress = ignore,
) -> Neighbours:
    """Find the `k` nearest rows of the gallery to each query, equally near ones by row.

    Where the last place is shared by several equally near rows, any of them may have it. With
    `groups`, no query finds rows of its own group. Columns are fewer than `k` where the gallery is
    smaller.
    """
    k = min(k, len(gallery))
    rows = np.full((len(queries), k), -1, dtype=np.int64)
    distances = np.full((len(queries), k), np.inf)
    if not k or not len(queries):
        return Neighbours(rows, distances)
    centre = gallery[slice(0, CENTRED_BY)].mean(axis=0)  # near zero, squares lose the fewest digits
    points = _array(gallery) if len(queries) >= MANY and _distinct(groups) else None
    centred: Rows = _Centred(gallery, centre) if points is None else points - centre
    fitted = None if points is None else _fit(centred, k + (groups is not None))
    held = max(1, min(QUERIES, HELD // len(gallery)))
    at_once = held if fitted is None else QUERIES_WITHOUT
    for begin in range(0, len(queries), at_once):
        chunk = slice(begin, begin + at_once)
        centred_queries = queries[chunk] - centre
        start, end = begin / len(queries), (begin + len(centred_queries)) / len(queries)
        if fitted is None:
            squares = _squares(centred_queries, centred, part(progress, start, end))
            if groups is not None:
                squares[groups.queries[chunk, None] == groups.gallery] = np.inf
            candidates = _smallest(squares, k)
        else:
            progress(start)
            candidates = fitted.kneighbors(centred_queries, return_distance=False)
        candidates.sort(axis=1)
        apart = _measure(centred_queries, centred, candidates)
        if groups is not None:
            apart[groups.queries[chunk, None] == groups.gallery[candidates]] = np.inf
        order = apart.argsort(axis=1, kind="stable")[:, :k]
        distances[chunk] = np.take_along_axis(apart, order, axis=1)
        rows[chunk] = np.take_along_axis(candidates, order, axis=1)
    rows[np.isinf(distances)] = -1
    return Neighbours(rows, distances)


def nearest_others(
    points: Float[np.ndarray, "points dims"], k: int
) -> Int64[np.ndarray, "points k"]:
    """Find the rows of the `k` nearest other points to each, by a k-d tree; in no order.

    On a map, in two dimensions, it takes half the time of `nearest` and no import of scikit-learn;
    where points fill 16 dimensions evenly, ten times as long. All others where they are fewer;
    where more than `k` lie in the very same place, any of them are taken.
    """
    from scipy.spatial import KDTree

    k = min(k, len(points) - 1)
    if k < 1:
        return np.empty((len(points), 0), dtype=np.int64)
    near = KDTree(points).query(points, k + 1)[1].astype(np.int64)
    own = near == np.arange(len(points))[:, None]
    own[~own.any(axis=1), -1] = True  # crowded out by points in its own place: the last goes
    rows: np.ndarray = near[~own].reshape(len(points), k)
    return rows


def paired(first: Rows, second: Rows, rows: Int64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """The distance of each row of `first` from the named row of `second`."""
    out = np.empty(len(first))
    for begin in range(0, len(first), QUERIES):
        chunk = slice(begin, begin + QUERIES)
        out[chunk] = np.linalg.norm(first[chunk] - second[rows[chunk]], axis=1)
    return out


@dataclass(frozen=True)
class _Centred:
    """Rows less the same point."""

    source: Rows
    centre: Float[np.ndarray, " dims"]

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, which: slice | Int64[np.ndarray, " m"], /) -> Float[np.ndarray, "m dims"]:
        out: np.ndarray = self.source[which] - self.centre
        return out


def _array(rows: Rows) -> Float[np.ndarray, "n dims"] | None:
    """Rows that are an array, or chosen from one; None where they are made when asked for."""
    if isinstance(rows, Chosen):
        return rows[slice(None)] if isinstance(rows.source, np.ndarray) else None
    return rows if isinstance(rows, np.ndarray) else None


def _distinct(groups: Groups | None) -> bool:
    """Whether a query's group is one row of the gallery at most."""
    return groups is None or len(np.unique(groups.gallery)) == len(groups.gallery)


def _fit(points: Rows, k: int) -> Any:
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=min(k, len(points))).fit(points)  # a tree up to 15 dims


def _squares(
    queries: Float[np.ndarray, "queries dims"], gallery: Rows, progress: Progress
) -> Float[np.ndarray, "queries gallery"]:
    """Squared distances, but for each query's own square, which changes no order."""
    squares = np.empty((len(queries), len(gallery)), dtype=queries.dtype)
    rows = max(1, NUMBERS // max(1, queries.shape[1]))
    doubled = -2 * queries
    for start in range(0, len(gallery), rows):
        progress(start / len(gallery))
        block = gallery[slice(start, start + rows)]
        products = doubled @ block.T
        products += np.einsum("ij,ij->i", block, block)
        squares[:, start : start + rows] = products
    return squares


def _smallest(
    squares: Float[np.ndarray, "queries gallery"], k: int
) -> Int64[np.ndarray, "queries k"]:
    candidates: np.ndarray = (
        squares.argmin(axis=1, keepdims=True)  # a tenth of the time
        if k == 1
        else np.argpartition(squares, k - 1, axis=1)[:, :k]
    )
    return candidates


def _measure(
    queries: Float[np.ndarray, "queries dims"],
    gallery: Rows,
    candidates: Int64[np.ndarray, "queries n"],
) -> Float64[np.ndarray, "queries n"]:
    """Distances by the differences themselves: squares do not separate 0 from a millionth."""
    out = np.empty(candidates.shape)
    step = max(1, MEASURED // max(1, candidates.shape[1] * queries.shape[1]))
    for begin in range(0, len(queries), step):
        chunk = slice(begin, begin + step)
        rows = gallery[candidates[chunk].ravel()].reshape(*candidates[chunk].shape, -1)
        out[chunk] = np.linalg.norm(rows - queries[chunk, None], axis=2)
    return out
