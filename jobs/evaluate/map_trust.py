"""The trustworthiness of a run's stored map."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from jobs.evaluate.setup import EvaluationTask
from morphcore.embedding import latent_usage
from morphcore.evaluation.result import MapTrust
from morphcore.frames import rows_of
from store import projections
from store.db import open_store
from store.projections import Map

EVERY = 25  # the map that is preferred shows every 25th frame
MOST_POINTS = 3000  # an exact trustworthiness holds n x n distances


def map_trust(store: Path, task: EvaluationTask) -> MapTrust | None:
    """The trustworthiness of the run's map, of every 25th frame where there is one.

    None where the run has no map that is small enough, or none with separated frames.
    """
    with open_store(store) as db:
        chosen = _choose(projections.of_checkpoint(db, task.run.index.checkpoint_id))
        if chosen is None:
            return None
        projection = projections.points(db, chosen.id)
    frames = task.protocol.frames
    rows = rows_of(frames.frame_ids, projection.frame_ids)
    separated = rows >= 0
    rows = rows[separated]
    if not len(rows):
        return None
    points, coords = task.stored.mean[rows], projection.coords[separated]
    trajectory_ids = frames.trajectory_ids[rows]
    return MapTrust(
        map=chosen.id,
        method=chosen.config.method,
        every=chosen.config.every,
        frames=len(rows),
        neighbours=latent_usage.NEIGHBOURS,
        trustworthiness=_finite(latent_usage.trustworthiness(points, coords)),
        trustworthiness_apart=_finite(
            latent_usage.trustworthiness(points, coords, apart=trajectory_ids)
        ),
    )


def _choose(maps: Sequence[Map]) -> Map | None:
    """The newest map of every 25th frame, rather by t-SNE, that is small enough."""
    return max(
        (stored for stored in maps if stored.points <= MOST_POINTS),
        key=lambda stored: (
            stored.config.every == EVERY,
            stored.config.method == "tsne",
            stored.id,
        ),
        default=None,
    )


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
