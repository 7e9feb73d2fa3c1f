"""The nearest rows of one embedding to each row of another, found exactly, in little memory."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float64, Int64

from morphcore.progress import Progress, ignore, part

QUERIES = 256  # rows of distances held at once: 256 x 14,535 of 8 bytes are 30 MB
NUMBERS = 4_000_000  # of the gallery at once: 100 rows of pixels, more rows of fewer dimensions
CENTRED_BY = 100  # rows


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

    of: Rows
    rows: Int64[np.ndarray, " n"]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, which: slice | Int64[np.ndarray, " m"], /) -> Float[np.ndarray, "m dims"]:
        return self.of[self.rows[which]]


@dataclass(frozen=True)
class Neighbours:
    """The rows of the gallery nearest to each query, the nearest first, and how far they are."""

    rows: Int64[np.ndarray, "queries k"]
    distances: Float64[np.ndarray, "queries k"]


def nearest(
    queries: Rows,
    gallery: Rows,
    k: int,
    *,
    left_out: Int64[np.ndarray, " queries"] | None = None,
    progress: Progress = ignore,
) -> Neighbours:
    """The `k` nearest by Euclidean distance, equally near ones by row.

    Where the last place is shared by several equally near rows, any of them may have it.
    `left_out` names one row of the gallery for each query that is not looked at. Fewer than `k`
    come back where the gallery is smaller.
    """
    k = min(k, len(gallery) - (left_out is not None))
    rows = np.empty((len(queries), k), dtype=np.int64)
    distances = np.empty((len(queries), k))
    centre = gallery[slice(0, CENTRED_BY)].mean(axis=0)  # near zero, squares lose the fewest digits
    for begin in range(0, len(queries), QUERIES):
        here = slice(begin, begin + QUERIES)
        asked = queries[here] - centre
        end = min(begin + QUERIES, len(queries))
        within = part(progress, begin / len(queries), end / len(queries))
        squares = _squares(asked, gallery, centre, within)
        if left_out is not None:
            squares[np.arange(len(asked)), left_out[here]] = np.inf
        near = np.sort(np.argpartition(squares, k - 1, axis=1)[:, :k], axis=1)
        for row, (one, among) in enumerate(zip(asked, near, strict=True)):
            # Their differences themselves: squares cannot tell 0 from a millionth.
            apart = np.linalg.norm((gallery[among] - centre) - one, axis=1).astype(np.float64)
            order = apart.argsort(kind="stable")
            rows[begin + row], distances[begin + row] = among[order], apart[order]
    return Neighbours(rows, distances)


def paired(first: Rows, second: Rows, rows: Int64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """The distance of each row of `first` from the named row of `second`."""
    out = np.empty(len(first))
    for begin in range(0, len(first), QUERIES):
        here = slice(begin, begin + QUERIES)
        out[here] = np.linalg.norm(first[here] - second[rows[here]], axis=1)
    return out


def _squares(
    asked: Float[np.ndarray, "queries dims"],
    gallery: Rows,
    centre: Float[np.ndarray, " dims"],
    progress: Progress,
) -> Float[np.ndarray, "queries gallery"]:
    """Squared distances, but for each query's own square, which changes no order."""
    out = np.empty((len(asked), len(gallery)), dtype=asked.dtype)
    rows = max(1, NUMBERS // asked.shape[1])
    for start in range(0, len(gallery), rows):
        progress(start / len(gallery))
        part = gallery[slice(start, start + rows)] - centre
        lengths = np.einsum("ij,ij->i", part, part)
        out[:, start : start + rows] = lengths - 2 * (asked @ part.T)
    return out
