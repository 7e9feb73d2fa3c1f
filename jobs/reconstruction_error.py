"""Measure the reconstruction error of every frame, nats a frame, and keep it.

It is stored a chunk at a time, so that a job that was stopped goes on with what is left.
"""

import time
from typing import Any

import numpy as np

from jobs.context import Context
from jobs.specs import ReconstructionErrorJob
from morphcore.embedding import encoding
from morphcore.training import devices
from morphcore.training.checkpoint import load_model
from morphcore.types import ReconstructionError
from store import checkpoint_files, checkpoints, recon_nats, trajectories
from store.db import open_store

CHUNK = 256
SEED = 0  # of the one sample of each frame's latents


def run(context: Context, spec: ReconstructionErrorJob) -> dict[str, Any]:
    """Measure the frames that the run is indexed with, where that was not done.

    Raises:
        NotIndexed: if the run has no latents yet.
        DamagedModel: if its model's file is missing or changed.
        Stopped, Paused: if asked for.
    """
    begun = time.monotonic()
    devices.leave_room_for_the_page()
    indexed = checkpoint_files.require_good_index(context.store, spec.run)
    with open_store(context.store) as db:
        row = checkpoints.by_id(db, indexed.index.checkpoint_id)
        todo = recon_nats.missing(db, row.id)
    model = load_model(
        checkpoint_files.path_of(context.store, row), row.sha256, devices.best_device()
    )
    for start in range(0, len(todo), CHUNK):
        context.progress(start / len(todo), f"frame {start:,} of {len(todo):,}")
        chunk = todo[start : start + CHUNK]
        with open_store(context.store) as db:
            packed = trajectories.packed(db, chunk)
        nats = encoding.frame_elbo(model, packed, seed=SEED).recon.astype(np.float32)
        with open_store(context.store) as db:
            recon_nats.add(db, row.id, ReconstructionError(chunk, nats))
    return {"run": spec.run, "frames": len(todo), "seconds": round(time.monotonic() - begun, 2)}
