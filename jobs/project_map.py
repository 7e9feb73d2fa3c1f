"""Draw a map of a run: a projection of its latents to a plane, stored for good."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64
from sqlite_utils import Database

from jobs.context import Context
from jobs.specs import MapJob
from morphcore.config import ProjectionConfig
from morphcore.embedding import projection
from morphcore.errors import MorphError
from morphcore.types import Latents
from store import latents, projections, runs, trajectories
from store.db import open_store

WORDS = {"tsne": "t-SNE", "pca": "PCA"}


def run(context: Context, spec: MapJob) -> dict[str, Any]:
    """Project every n-th frame of each trajectory to a plane; a stored map is not redrawn.

    Too few frames for t-SNE are drawn by PCA instead, so that a training of a handful of frames
    still ends with a map; "method" and "note" of the result record it.

    Raises:
        NotIndexed: if the run has no latents yet.
        ConfigError: if a setting is out of range.
        Stopped, Paused: if asked for.
    """
    begun = time.monotonic()
    requested = ProjectionConfig(
        method=spec.method, every=spec.every, perplexity=spec.perplexity, seed=spec.seed
    )
    context.progress(0.0, "reading latents")
    with open_store(context.store) as db:
        checkpoint_id, chosen = _chosen(db, spec.run, spec.every)
    config, note = _applied(requested, len(chosen.frame_ids))
    with open_store(context.store) as db:
        stored = [m for m in projections.of_checkpoint(db, checkpoint_id) if m.config == config]
    map_id = stored[0].id if stored else _draw(context, checkpoint_id, chosen, config)
    result: dict[str, Any] = {
        "run": spec.run,
        "map": map_id,
        "points": stored[0].points if stored else len(chosen.frame_ids),
        "method": config.method,
        "every": spec.every,
        "perplexity": config.perplexity,
        "seed": config.seed,
        "seconds": round(time.monotonic() - begun, 2),
    }
    return {**result, "note": note} if note else result


def _draw(context: Context, checkpoint_id: int, chosen: Latents, config: ProjectionConfig) -> int:
    """Fit and store a map; its id."""
    frames = f"{len(chosen.frame_ids):,} frame{'' if len(chosen.frame_ids) == 1 else 's'}"
    stage = f"placing {frames} by {WORDS[config.method]}"
    made = projection.fit(chosen, config, lambda share: context.progress(share, stage))
    with open_store(context.store) as db:
        return projections.add(db, checkpoint_id, config, made)


def _chosen(db: Database, run_id: int, every: int) -> tuple[int, Latents]:
    """The checkpoint that is indexed, and its latents of every n-th frame of each trajectory."""
    run = runs.indexed(db, run_id)
    stored = latents.of_checkpoint(db, run.index.checkpoint_id)
    table = trajectories.frame_table(db, run.dataset_id)
    wanted: Int64[np.ndarray, " frames"] = table.frame_ids[table.index % every == 0]
    mask: Bool[np.ndarray, " frames"] = np.isin(stored.frame_ids, wanted)
    if not mask.any():
        raise MorphError(f"None of the frames that a map of every {every} takes is indexed.")
    return run.index.checkpoint_id, stored.subset(np.flatnonzero(mask))


def _applied(requested: ProjectionConfig, frames: int) -> tuple[ProjectionConfig, str]:
    """The settings that a map of `frames` frames is drawn with, and a note where they changed."""
    try:
        return projection.applied(requested, frames), ""
    except projection.TooFewFrames as err:
        note = f"{err} It was drawn by PCA."
        return projection.applied(replace(requested, method="pca"), frames), note
