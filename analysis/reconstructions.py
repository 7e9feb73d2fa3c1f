"""Reconstructions of held-out frames: the best, the median and the worst of a sample."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from store import runs, trajectories
from store.db import open_store

if TYPE_CHECKING:
    from morphcore.models.base import Model

SAMPLE = 48  # held-out frames


class Reconstruction(NamedTuple):
    """A frame, its -ELBO and its reconstruction: gray is the probability of white."""

    which: str
    frame_id: int
    nats: float  # -ELBO of this frame
    png: bytes


def reconstructions(store: Path, run_id: int, model: "Model", *, seed: int) -> list[Reconstruction]:
    """Reconstruct the frames with the least, middle and most nats of random held-out ones.

    Frames that have not separated are left out.

    Raises:
        UnknownRun: if there is no such run.
    """
    from morphcore.embedding import encoding

    with open_store(store) as db:
        run = runs.run(db, run_id)
        table = trajectories.frame_table(db, run.dataset_id)
        held_out = np.isin(table.frame_ids, runs.split(db, run_id).held_out) & ~table.unseparated
        ids = np.random.default_rng(seed).permutation(table.frame_ids[held_out])[:SAMPLE]
        packed = trajectories.packed(db, ids)
    if not len(ids):
        return []
    nats = encoding.frame_elbo(model, packed, seed=seed)
    order = np.argsort(nats.recon + nats.kl, kind="stable")
    rows = {"Best": order[0], "Median": order[len(order) // 2], "Worst": order[-1]}
    pictures = encoding.reconstruct(model, packed[list(rows.values())])
    return [
        Reconstruction(which, int(ids[row]), float((nats.recon + nats.kl)[row]), _png(picture))
        for (which, row), picture in zip(rows.items(), pictures, strict=True)
    ]


def _png(picture: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.rint(255 * picture).astype(np.uint8)).save(out, format="PNG")
    return out.getvalue()
