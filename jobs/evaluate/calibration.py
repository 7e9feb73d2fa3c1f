"""Calibrate distances on twins: the share of same and of other processes within each."""

from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64

from jobs.evaluate.setup import EvaluationTask
from morphcore.evaluation.protocol import Embedding
from morphcore.evaluation.result import NoiseCalibration
from morphcore.statistics import split_half
from store import scatter as scatter_table
from store.db import open_store

SAME_SHARE = 0.95  # of true twins are within what counts as "could be the same process"


def calibrate(store: Path, task: EvaluationTask, embedding: Embedding) -> NoiseCalibration | None:
    """Calibrate distances: the shares of true twins, and of frames that are none, within each.

    Of what is no twin, the hardest: frames of other cells at the same time. None without twins, or
    where no scatter is stored.
    """
    protocol = task.protocol
    with open_store(store) as db:
        halves = scatter_table.of_checkpoint(db, task.run.index.checkpoint_id)
    scale = split_half.scale(task.stored.frame_ids, task.stored.mean, halves)
    if scale is None or protocol.twins is None or embedding.twins is None:
        return None
    gallery = protocol.twin_gallery
    partners = split_half.partners(
        protocol.twins.cells,
        protocol.twins.log_time,
        protocol.frames.cells[gallery],
        protocol.frames.log_time[gallery],
        rng=np.random.default_rng(protocol.seed),
    )
    twins, frames = np.asarray(embedding.twins), np.asarray(embedding.frames)[gallery]
    units_of_twins, units_of_frames = split_half.unit(scale, twins), split_half.unit(scale, frames)

    def in_units(rows: Int64[np.ndarray, " rows"]) -> Float64[np.ndarray, " rows"]:
        queries = slice(0, len(rows))
        distance = np.linalg.norm(twins[queries] - frames[rows], axis=1)
        return split_half.in_units(distance, units_of_twins[queries], units_of_frames[rows])

    same, others = in_units(partners.same), in_units(partners.other)
    same_within = float(np.quantile(same, SAME_SHARE))
    return NoiseCalibration(
        units=tuple(split_half.STEPS.tolist()),
        twins=tuple(split_half.calibration(same).tolist()),
        median_twin=float(np.median(same)),
        same_within=same_within,
        others=tuple(split_half.calibration(others).tolist()) if len(others) else None,
        others_within=float((others <= same_within).mean()) if len(others) else None,
    )
