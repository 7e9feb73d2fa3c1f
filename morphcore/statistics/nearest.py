"""Nearest neighbours by Euclidean distance, found exactly, in little memory.

Candidates come from scikit-learn, which is threaded and holds no matrix of distances. Two cases are
left to a matrix product in NumPy: rows that are made when they are asked for, such as 40,000 pixels
(scikit-learn turns them into float64 again and again and takes four to ten times as long), and so
few queries that importing scikit-learn takes longer than finding them. Either way the candidates
are measured by their differences, and ordered by distance and then by row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float64, Int64

from morphcore.progress import Progress, ignore, part

QUERIES = 256  # rows of distances held at once: 256 x 14,535 of 8 bytes are 30 MB
NUMBERS = 4_000_000  # of the gallery at once: 100 rows of pixels, more rows of fewer dimensions
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
    in_memory = _array(gallery) if len(queries) >= MANY else None
    centred: Rows = _Centred(gallery, centre) if in_memory is None else in_memory - centre
    prepare = _by_matrix_product if in_memory is None else _by_scikit_learn
    search = prepare(centred, k, groups)
    for begin in range(0, len(queries), search.at_once):
        chunk = slice(begin, begin + search.at_once)
        centred_queries = queries[chunk] - centre
        end = min(begin + search.at_once, len(queries))
        within = part(progress, begin / len(queries), end / len(queries))
        candidates = np.sort(search.find(centred_queries, chunk, within), axis=1)
        apart = _measure(centred_queries, centred, candidates)
        if groups is not None:
            apart[groups.queries[chunk, None] == groups.gallery[candidates]] = np.inf
        order = apart.argsort(axis=1, kind="stable")[:, :k]
        distances[chunk] = np.take_along_axis(apart, order, axis=1)
        rows[chunk] = np.take_along_axis(candidates, order, axis=1)
    rows[np.isinf(distances)] = -1
    return Neighbours(rows, distances)


def nearest_others(
    points: Float[np.ndarray, "points dims"], k: int, *, progress: Progress = ignore
) -> Neighbours:
    """Find the `k` nearest other points to each; all others where they are fewer."""
    own = np.arange(len(points), dtype=np.int64)
    k = max(0, min(k, len(points) - 1))
    return nearest(points, points, k, groups=Groups(own, own), progress=progress)


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


class _Search(NamedTuple):
    # Candidates of some queries, and which of all queries these are.
    find: Callable[
        [Float[np.ndarray, "queries dims"], slice, Progress], Int64[np.ndarray, "queries n"]
    ]
    at_once: int  # queries


def _array(rows: Rows) -> Float[np.ndarray, "n dims"] | None:
    """Rows that are an array, or chosen from one; None where they are made when asked for."""
    if isinstance(rows, Chosen):
        return rows[slice(None)] if isinstance(rows.source, np.ndarray) else None
    return rows if isinstance(rows, np.ndarray) else None


def _by_scikit_learn(gallery: Rows, k: int, groups: Groups | None) -> _Search:
    from sklearn.neighbors import NearestNeighbors

    # It knows no groups: enough more that a query's whole group may be among them.
    own = 0 if groups is None else int(np.unique(groups.gallery, return_counts=True)[1].max())
    most = min(k + own, len(gallery))
    fitted = NearestNeighbors(n_neighbors=most).fit(gallery)  # a tree in up to 15 dimensions

    def find(
        queries: Float[np.ndarray, "queries dims"], _chunk: slice, progress: Progress
    ) -> np.ndarray:
        progress(0.0)
        candidates: np.ndarray = fitted.kneighbors(queries, return_distance=False)
        return candidates

    return _Search(find, at_once=max(QUERIES, min(4096, NUMBERS // most)))


def _by_matrix_product(gallery: Rows, k: int, groups: Groups | None) -> _Search:
    def find(
        queries: Float[np.ndarray, "queries dims"], chunk: slice, progress: Progress
    ) -> np.ndarray:
        # Squared distances, but for each query's own square, which changes no order.
        squares = np.empty((len(queries), len(gallery)), dtype=queries.dtype)
        rows = max(1, NUMBERS // max(1, queries.shape[1]))
        for start in range(0, len(gallery), rows):
            progress(start / len(gallery))
            block = gallery[slice(start, start + rows)]
            lengths = np.einsum("ij,ij->i", block, block)
            squares[:, start : start + rows] = lengths - 2 * (queries @ block.T)
        if groups is not None:
            squares[groups.queries[chunk, None] == groups.gallery] = np.inf
        candidates: np.ndarray = (
            squares.argmin(axis=1)[:, None]  # a tenth of the time
            if k == 1
            else np.argpartition(squares, k - 1, axis=1)[:, :k]
        )
        return candidates

    return _Search(find, at_once=QUERIES)


def _measure(
    queries: Float[np.ndarray, "queries dims"],
    gallery: Rows,
    candidates: Int64[np.ndarray, "queries n"],
) -> Float64[np.ndarray, "queries n"]:
    """Distances by the differences themselves: squares do not separate 0 from a millionth."""
    out = np.empty(candidates.shape)
    step = max(1, NUMBERS // max(1, candidates.shape[1] * queries.shape[1]))
    for begin in range(0, len(queries), step):
        chunk = slice(begin, begin + step)
        rows = gallery[candidates[chunk].ravel()].reshape(*candidates[chunk].shape, -1)
        out[chunk] = np.linalg.norm(rows - queries[chunk, None], axis=2)
    return out
