"""Calibrate distances on twins: the share of same and of other processes within each."""

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from jobs.evaluate.setup import EvaluationTask
from morphcore.evaluation.protocol import Embedding
from morphcore.statistics import split_half
from store import scatter as scatter_table
from store.db import open_store

SAME_SHARE = 0.95  # of true twins are within what counts as "could be the same process"


def calibration(store: Path, asked: EvaluationTask, embedding: Embedding) -> dict[str, Any]:
    """How often a true twin is within so many units, and how often a frame that is none.

    Of what is none, the hardest: frames of other cells at the same time. Empty without twins, or
    where no scatter is known.
    """
    of = asked.protocol
    with open_store(store) as db:
        halves = scatter_table.of_checkpoint(db, asked.run.index.checkpoint_id)
    scale = split_half.scale(asked.stored.frame_ids, asked.stored.mean, halves)
    if scale is None or of.twins is None or embedding.twins is None:
        return {}
    gallery = of.twin_gallery
    chosen = split_half.partners(
        of.twins.cells,
        of.twins.log_time,
        of.frames.cells[gallery],
        of.frames.log_time[gallery],
        rng=np.random.default_rng(of.seed),
    )
    twins, frames = np.asarray(embedding.twins), np.asarray(embedding.frames)[gallery]
    units_of_twins, units_of_frames = split_half.unit(scale, twins), split_half.unit(scale, frames)

    def apart(rows: Int64[np.ndarray, " rows"]) -> Float64[np.ndarray, " rows"]:
        some = slice(0, len(rows))
        distance = np.linalg.norm(twins[some] - frames[rows], axis=1)
        return split_half.in_units(distance, units_of_twins[some], units_of_frames[rows])

    same, other = apart(chosen.same), apart(chosen.other)
    out: dict[str, Any] = {
        "units": split_half.STEPS.tolist(),
        "twins": split_half.calibration(same).tolist(),
        "median_twin": float(np.median(same)),
        "same_within": float(np.quantile(same, SAME_SHARE)),
    }
    if len(other):
        out["others"] = split_half.calibration(other).tolist()
        out["others_within"] = float((other <= out["same_within"]).mean())
    return out
