"""Pairs of a query and a frame of the gallery whose answer is known: the same process, or another.

same       of the same cell, |delta ln t| < `SAME_WITHIN`
different  of another cell, |delta ln t| < `NEAR_IN_TIME`, so that it is not time that tells them
           apart; at any time: all but those of the query's cell within that

Frames of an unknown cell are in no pair: whether it is another one cannot be said.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

UNKNOWN = -1  # a cell that is not known
NEAR_IN_TIME = 0.35  # |delta ln t|: L, growing as t^(1/3), is then within 12 %
SAME_WITHIN = 0.125  # |delta ln t|: half of a bin of .25 of the classes of realisations
MOST_SAME, MOST_DIFFERENT = 5, 20  # pairs of a query


@dataclass(frozen=True)
class Pairs:
    """Rows of queries and of the gallery, pair by pair."""

    query: Int64[np.ndarray, " pairs"]
    gallery: Int64[np.ndarray, " pairs"]

    def __len__(self) -> int:
        return len(self.query)

    def among(self, queries: Bool[np.ndarray, " queries"]) -> "Pairs":
        """Those of some queries, by a mask: of unseen cells, of seen ones."""
        kept = queries[self.query]
        return Pairs(self.query[kept], self.gallery[kept])


@dataclass(frozen=True)
class VerificationPairs:
    """Pairs of either answer."""

    same: Pairs
    different: Pairs

    def among(self, queries: Bool[np.ndarray, " queries"]) -> "VerificationPairs":
        """Those of some queries, by a mask."""
        return VerificationPairs(self.same.among(queries), self.different.among(queries))


def verification_pairs(
    cells: Int64[np.ndarray, " queries"],
    log_times: Float64[np.ndarray, " queries"],
    gallery_cells: Int64[np.ndarray, " gallery"],
    gallery_log_times: Float64[np.ndarray, " gallery"],
    *,
    rng: np.random.Generator,
    same_time: bool = True,
    realisations: Int64[np.ndarray, " queries"] | None = None,
    gallery_realisations: Int64[np.ndarray, " gallery"] | None = None,
    most_same: int = MOST_SAME,
    most_different: int = MOST_DIFFERENT,
) -> VerificationPairs:
    """Draw at most so many pairs of each query, at random.

    Frames of one realisation are nearly copies: where realisations are given, they are in no pair.
    """
    known = gallery_cells != UNKNOWN
    same, different = [], []
    for query in np.flatnonzero(cells != UNKNOWN):
        apart = np.abs(gallery_log_times - log_times[query])
        own, near = gallery_cells == cells[query], apart < NEAR_IN_TIME
        other = ~own & near if same_time else ~(own & near)
        pairable = known
        if realisations is not None and gallery_realisations is not None:
            pairable = known & (gallery_realisations != realisations[query])
        same.append(_drawn(query, pairable & own & (apart < SAME_WITHIN), most_same, rng))
        different.append(_drawn(query, pairable & other, most_different, rng))
    return VerificationPairs(_joined(same), _joined(different))


def _drawn(
    query: int | np.integer,
    right: Bool[np.ndarray, " gallery"],
    most: int,
    rng: np.random.Generator,
) -> Pairs:
    rows = np.flatnonzero(right)
    if len(rows) > most:
        rows = np.sort(rng.choice(rows, most, replace=False))
    return Pairs(np.full(len(rows), query, dtype=np.int64), rows.astype(np.int64))


def _joined(pairs: list[Pairs]) -> Pairs:
    none = np.zeros(0, dtype=np.int64)
    return Pairs(
        np.concatenate([none, *(one.query for one in pairs)]),
        np.concatenate([none, *(one.gallery for one in pairs)]),
    )
