"""Properties of frames predicted from their neighbours in an embedding: R2 over groups left out.

A property is a number that is known of frames and that no embedding was made from, such as the
short-circuit current of a cell of this morphology. An embedding that carries it puts frames of like
property near each other, so that a frame's neighbours predict it. Neighbours of the frame's own
group (its cell, its trajectory) would predict it without knowing anything of morphology, so only
frames of *other* groups count.

Source: T. Hastie, R. Tibshirani and J. Friedman, The Elements of Statistical Learning, 2009,
chapters 7.10 and 13.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from morphcore.errors import MorphError
from morphcore.evaluation.retrieval import knn_regress
from morphcore.progress import Progress, ignore
from morphcore.statistics import bootstrap
from morphcore.statistics.bootstrap import Figure
from morphcore.statistics.nearest import Chosen, Groups, Neighbours, Rows, nearest

NEIGHBOURS = 10
LEAST_FRAMES = 30  # with a value, of a property that is judged
LEAST_GROUPS = 3  # with one left out, two are left to predict from
UNGROUPED = -1  # of a frame whose group is not known: it is left out


class TooFewValues(MorphError):
    """A property is known of too few frames, or in too few groups, to be judged."""


@dataclass(frozen=True)
class Judged:
    """The frames by which a property is judged: those of which it and their group are known."""

    rows: Int64[np.ndarray, " judged"]  # of the embedding
    values: Float64[np.ndarray, " judged"]
    groups: Int64[np.ndarray, " judged"]

    @property
    def group_count(self) -> int:
        return len(np.unique(self.groups))


def judged(values: Float64[np.ndarray, " frames"], groups: Int64[np.ndarray, " frames"]) -> Judged:
    """Choose the frames of which the property, finite, and the group are known.

    Raises:
        TooFewValues: if they are fewer than 30, in fewer than 3 groups, or all of one value.
    """
    known: Bool[np.ndarray, " frames"] = np.isfinite(values) & (groups != UNGROUPED)
    rows = np.flatnonzero(known)
    chosen = Judged(rows, values[rows], groups[rows])
    if len(rows) < LEAST_FRAMES or chosen.group_count < LEAST_GROUPS:
        raise TooFewValues(
            f"It is known of {len(rows):,} frames in {chosen.group_count:,} groups; accepted are"
            f" {LEAST_FRAMES} frames in {LEAST_GROUPS} groups, or more."
        )
    if np.ptp(chosen.values) <= 1e-12 * np.abs(chosen.values).max():
        raise TooFewValues("It is the same for all frames, so there is nothing to predict.")
    return chosen


def r_squared(
    embedding: Rows, chosen: Judged, *, seed: int = 0, progress: Progress = ignore
) -> Figure:
    """R2 of a property by the 10 nearest frames of other groups, with a bootstrap over groups.

    Neighbours are weighted by inverse distance. 1 at best; 0 is what the mean of all frames would
    have, and less is worse than that.
    """
    points = Chosen(embedding, chosen.rows)
    neighbours = nearest(
        points,
        points,
        NEIGHBOURS,
        groups=Groups(chosen.groups, chosen.groups),
        progress=progress,
    )
    return bootstrap.r_squared(
        chosen.values, predict(neighbours, chosen.values), chosen.groups, seed=seed
    )


def r_squared_of_all(
    embeddings: Mapping[str, Rows], chosen: Judged, *, seed: int = 0, progress: Progress = ignore
) -> dict[str, Figure]:
    """R2 of a property in several embeddings of the same frames, by their names."""
    figures = {}
    for order, (name, embedding) in enumerate(embeddings.items()):
        progress(order / len(embeddings))
        figures[name] = r_squared(embedding, chosen, seed=seed)
    return figures


def predict(
    neighbours: Neighbours, values: Float64[np.ndarray, " gallery"]
) -> Float64[np.ndarray, " queries"]:
    """Predict a number of each query from its neighbours' numbers, weighted by inverse distance.

    A neighbour at distance 0 alone counts; one that is missing (row -1) does not.
    """
    predicted: np.ndarray = knn_regress(neighbours, values[:, None])[:, 0]
    return predicted
