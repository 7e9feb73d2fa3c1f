"""The unit of a run's distances: how far apart its model puts the halves of training frames."""

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from jobs.context import Context
from jobs.question import Question
from morphcore import encoding, frames, scatter
from morphcore.models.base import Model
from morphcore.protocol import Embedding, evenly
from morphcore.scatter import Halves
from morphcore.types import Scatter
from store import runs, trajectories
from store import scatter as scatter_table
from store.db import open_store
from store.runs import Run

CHUNK = 64  # frames at once, between two words on progress
SAME_SHARE = 0.95  # of true twins are within what counts as "could be the same process"


def ensure(context: Context, of: Run, checkpoint_id: int, model: Model) -> None:
    """Measure and store it for a checkpoint, where that was not done; seconds on a CPU."""
    with open_store(context.store) as db:
        if len(scatter_table.of_checkpoint(db, checkpoint_id).frame_ids):
            return
    keep(context.store, checkpoint_id, halves(context, of, model))


def keep(store: Path, checkpoint_id: int, known: Halves) -> None:
    """Store how far apart a checkpoint puts the halves of frames."""
    if not len(known.frame_ids):
        return
    distance = np.linalg.norm(scatter.apart(known), axis=1).astype(np.float32)
    with open_store(store) as db:
        scatter_table.add(db, checkpoint_id, Scatter(known.frame_ids, distance))


def halves(context: Context, of: Run, model: Model) -> Halves:
    """Where a model puts both halves of separated training frames, evenly spaced over all."""
    with open_store(context.store) as db:
        table = trajectories.frame_table(db, of.dataset_id)
        training = runs.split(db, of.id).training
        ids = table.frame_ids[~table.uniform & np.isin(table.frame_ids, training)]
        ids = ids[evenly(len(ids), scatter.MOST_SAMPLED)]
        packed = trajectories.packed_bits(db, ids)
    left = np.empty((len(ids), model.latent), dtype=np.float32)
    right, fraction_apart = np.empty_like(left), np.empty(len(ids))
    for start in range(0, len(ids), CHUNK):
        context.progress(start / len(ids), "measuring the scatter between halves of frames")
        some = slice(start, start + CHUNK)
        bits = scatter.halves(frames.unpack(packed[some]))
        for half, places in zip(bits, (left, right), strict=True):
            places[some] = encoding.encode_frames(model, ids[some], frames.pack(half)).mean
        white = [half.mean(axis=(1, 2)) for half in bits]
        fraction_apart[some] = white[0] - white[1]
    return Halves(ids, left, right, fraction_apart)


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
