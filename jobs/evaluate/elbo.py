"""-ELBO of held-out frames: its means with their intervals, and by domain size."""

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float64

from jobs.context import Context
from jobs.evaluate.setup import EvaluationTask
from morphcore.embedding import encoding
from morphcore.evaluation.result import LengthBin
from morphcore.frames import evenly, rows_of
from morphcore.models.base import Model
from morphcore.statistics import bootstrap
from morphcore.statistics.bootstrap import Figure
from store import trajectories
from store.db import open_store

MOST_FRAMES = 1500  # held-out ones: a model of several levels takes some 20 ms for each
LENGTHS = (0.0, 8.0, 12.0, 20.0, 30.0, 45.0, float("inf"))  # px, the ends of the bins of L

_PerFrame = Float[np.ndarray, " frames"]


class HeldOutElbo(NamedTuple):
    """-ELBO and its parts on held-out frames, nats per frame, and -ELBO per pixel, too."""

    metrics: dict[str, Figure]  # by metric id
    by_length: tuple[LengthBin, ...]
    note: str  # of how many frames it is


def held_out(context: Context, task: EvaluationTask, model: Model, seed: int) -> HeldOutElbo:
    """Measure -ELBO of the held-out frames that are separated, and its mean over all of them."""
    ids = task.held_out[evenly(len(task.held_out), MOST_FRAMES)]
    with open_store(context.store) as db:
        packed = trajectories.packed(db, ids)

    def measuring(share: float) -> None:
        done = round(share * len(ids))
        context.progress(share, f"-ELBO of held-out frame {done:,} of {len(ids):,}")

    elbo = encoding.frame_elbo(model, packed, seed=seed, progress=measuring)
    frames = task.protocol.frames
    rows = rows_of(frames.frame_ids, ids)
    separated = rows >= 0
    rows = rows[separated]
    neg_elbo = elbo.recon + elbo.kl
    nats = {
        "neg_elbo_nats": neg_elbo[separated],
        "recon_nats": elbo.recon[separated],
        "kl_nats": elbo.kl[separated],
    }
    metrics: dict[str, Figure] = {}
    if len(rows):
        groups, ones = frames.trajectory_ids[rows], np.ones(len(rows))
        metrics = {
            name: bootstrap.ratio(values, ones, groups, seed=seed) for name, values in nats.items()
        }
        pixels = np.empty(len(ids))
        for places, own in packed.parts:
            pixels[places] = own.pixels
        metrics["neg_elbo_nats_per_pixel"] = bootstrap.ratio(
            neg_elbo[separated], pixels[separated], groups, seed=seed
        )
    metrics["neg_elbo_nats_unseparated_too"] = Figure(float(neg_elbo.mean()))
    note = f"-ELBO is of {len(rows):,} separated held-out frames of {len(task.held_out):,} in all."
    return HeldOutElbo(metrics, by_length(nats, np.exp(frames.log_length[rows])), note)


def by_length(
    nats: Mapping[str, _PerFrame], length: Float64[np.ndarray, " frames"]
) -> tuple[LengthBin, ...]:
    """Average over the frames of every bin of L in px; a bin without frames is left out."""
    bins = []
    for low, high in pairwise(LENGTHS):
        mask = (length >= low) & (length < high)
        if mask.any():
            means = {name: float(values[mask].mean()) for name, values in nats.items()}
            bins.append(
                LengthBin(
                    low=low,
                    high=high if np.isfinite(high) else None,
                    frames=int(mask.sum()),
                    **means,
                )
            )
    return tuple(bins)
