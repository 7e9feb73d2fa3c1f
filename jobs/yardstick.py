"""The unit of a run's distances: how far apart its model puts the halves of some frames."""

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from jobs.context import Context
from jobs.question import Question
from morphcore import encoding, frames, scatter
from morphcore.models.base import Model
from morphcore.protocol import Embedding, evenly
from morphcore.types import Scatter
from store import scatter as scatter_table
from store import trajectories
from store.db import open_store
from store.runs import Run

CHUNK = 64  # frames at once, between two words on progress
SAME_SHARE = 0.95  # of true twins are within what counts as "could be the same process"


def ensure(context: Context, of: Run, checkpoint_id: int, model: Model) -> None:
    """Measure and store it for a checkpoint, where that was not done; seconds on a CPU."""
    with open_store(context.store) as db:
        if len(scatter_table.of_checkpoint(db, checkpoint_id).frame_ids):
            return
        table = trajectories.frame_table(db, of.dataset_id)
        ids = table.frame_ids[~table.uniform]
        ids = ids[evenly(len(ids), scatter.MOST_SAMPLED)]
        packed = trajectories.packed_bits(db, ids)
    if not len(ids):
        return
    distance = np.empty(len(ids), dtype=np.float32)
    for start in range(0, len(ids), CHUNK):
        context.progress(start / len(ids), "measuring the scatter between halves of frames")
        some = slice(start, start + CHUNK)
        means = [
            encoding.encode_frames(model, ids[some], frames.pack(half)).mean
            for half in scatter.halves(frames.unpack(packed[some]))
        ]
        distance[some] = np.linalg.norm(means[0] - means[1], axis=1)
    with open_store(context.store) as db:
        scatter_table.add(db, checkpoint_id, Scatter(ids, distance))


def calibration(store: Path, asked: Question, embedding: Embedding) -> dict[str, Any]:
    """How often a true twin is within so many units, and how often a frame that is none.

    Of what is none, the hardest: frames of other cells at the same time. Empty without twins, or
    where no scatter is known.
    """
    of = asked.protocol
    assert asked.run.indexed_id is not None
    with open_store(store) as db:
        halves = scatter_table.of_checkpoint(db, asked.run.indexed_id)
    scale = scatter.scale(asked.stored.frame_ids, asked.stored.mean, halves)
    if scale is None or of.twins is None or embedding.twins is None:
        return {}
    gallery = of.twin_gallery
    chosen = scatter.partners(
        of.twins.cells,
        of.twins.log_time,
        of.frames.cells[gallery],
        of.frames.log_time[gallery],
        rng=np.random.default_rng(of.seed),
    )
    twins, frames = np.asarray(embedding.twins), np.asarray(embedding.frames)[gallery]
    units_of_twins, units_of_frames = scatter.unit(scale, twins), scatter.unit(scale, frames)

    def apart(rows: Int64[np.ndarray, " rows"]) -> Float64[np.ndarray, " rows"]:
        some = slice(0, len(rows))
        distance = np.linalg.norm(twins[some] - frames[rows], axis=1)
        return scatter.in_units(distance, units_of_twins[some], units_of_frames[rows])

    same, other = apart(chosen.same), apart(chosen.other)
    out: dict[str, Any] = {
        "units": scatter.STEPS.tolist(),
        "twins": scatter.calibration(same).tolist(),
        "median_twin": float(np.median(same)),
        "same_within": float(np.quantile(same, SAME_SHARE)),
    }
    if len(other):
        out["others"] = scatter.calibration(other).tolist()
        out["others_within"] = float((other <= out["same_within"]).mean())
    return out
