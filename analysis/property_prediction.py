"""What a frame's nearest frames predict of its properties."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32

from analysis.frame_embedding import FrameEmbedding
from analysis.frame_query import FrameQuery
from morphcore.embedding import distances
from morphcore.evaluation import properties as judging
from morphcore.evaluation.property_result import PropertyFigures
from morphcore.evaluation.result import Evaluation
from morphcore.frames import rows_of
from morphcore.statistics.nearest import Neighbours
from store import evaluations, properties
from store.db import open_store
from store.properties import FrameProperty, Value
from store.runs import IndexedRun

OF_MODEL = "model"  # the embedding; others have the names of baselines


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """A property as the nearest frames of other trajectories have it.

    A number is their mean, weighted by inverse distance; a word is the most frequent one.
    """

    name: str
    value: Value
    neighbours: int  # 10, or fewer where fewer have the property
    low: float | None = None  # of their numbers
    high: float | None = None
    votes: int | None = None  # of them that have the word
    own: Value | None = None  # what is known of the frame itself
    r2: float | None = None  # of the last evaluation, in the same embedding; None: not evaluated
    group: str | None = None  # what that evaluation left out


def predict_properties(
    store: Path,
    run: IndexedRun,
    embedding: FrameEmbedding,
    query: FrameQuery,
    coords: Float32[np.ndarray, " axes"],
    *,
    of: str = OF_MODEL,
) -> list[Prediction]:
    """Predict every property of the embedded frames for one at some coordinates, best R2 first.

    The frames are those of the run's data set and of others that its model looks at. `of` is the
    embedding, by which R2 is looked up.
    """
    datasets = np.unique(embedding.dataset_ids).tolist()
    with open_store(store) as db:
        known = properties.joined([properties.all_values(db, each) for each in datasets])
        own = {} if query.frame_id is None else properties.of_frame(db, query.frame_id)
        stored = evaluations.newest_whole(db, run.index.checkpoint_id) if known else None
    allowed: Bool[np.ndarray, " frames"] = ~embedding.unseparated
    if query.frame_id is not None:
        mine = embedding.trajectory_ids[embedding.frame_ids == query.frame_id]
        allowed = allowed & ~np.isin(embedding.trajectory_ids, mine)
    predictions = []
    for name, column in known.items():
        figures = None if stored is None else _figures(stored.evaluation, name, run, embedding)
        made = _predict(embedding, coords, allowed, column, own.get(name), figures, of)
        if made is not None:
            predictions.append(made)
    return sorted(predictions, key=lambda made: (made.r2 is None, -(made.r2 or 0.0)))


def _figures(
    evaluation: Evaluation, name: str, run: IndexedRun, embedding: FrameEmbedding
) -> PropertyFigures | None:
    """The figures of a property: in the run's own data set, else in another that has it."""
    others = [each for each in embedding.dataset_names.values() if each != run.dataset]
    judged = (evaluation.of_property(name, dataset) for dataset in (run.dataset, *others))
    return next((each for each in judged if each is not None), None)


def _predict(
    embedding: FrameEmbedding,
    coords: Float32[np.ndarray, " axes"],
    allowed: Bool[np.ndarray, " frames"],
    column: FrameProperty,
    own: Value | None,
    figures: PropertyFigures | None,
    of: str,
) -> Prediction | None:
    values = np.append(column.values, np.nan)[rows_of(column.frame_ids, embedding.frame_ids)]
    near = distances.nearest(
        coords,
        embedding.coords,
        embedding.frame_ids,
        judging.NEIGHBOURS,
        random_pair_distances=embedding.random_pair_distances,
        allowed=allowed & np.isfinite(values),
    )
    if not near:
        return None
    rows = embedding.rows([neighbour.frame_id for neighbour in near])
    theirs = values[rows]
    if not column.is_number:
        code, votes = Counter(theirs.astype(np.int64).tolist()).most_common(1)[0]
        return Prediction(
            name=column.name,
            value=column.classes[code],
            neighbours=len(near),
            votes=votes,
            own=own,
        )
    apart = np.array([[neighbour.distance for neighbour in near]], dtype=np.float64)
    found = Neighbours(np.arange(len(near))[None], apart)
    r2 = None
    if figures is not None:
        figure = figures.model if of == OF_MODEL else figures.baselines.get(of)
        r2 = None if figure is None else figure.value
    return Prediction(
        name=column.name,
        value=float(judging.predict(found, theirs)[0]),
        neighbours=len(near),
        low=float(theirs.min()),
        high=float(theirs.max()),
        own=own,
        r2=r2,
        group=None if figures is None or r2 is None else figures.group,
    )
