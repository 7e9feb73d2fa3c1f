"""Examples of retrieval: the nearest frames of the same queries under several embeddings."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int64

from morphcore.frames import rows_of
from morphcore.statistics.nearest import rank
from store import descriptors, latents, runs, trajectories
from store.db import open_store


class RetrievalExample(NamedTuple):
    """A held-out frame, and the frames of other trajectories nearest to it, by embedding."""

    query: int  # frame ids throughout
    neighbours: dict[str, list[int]]


def retrieval_examples(
    store: Path, run_id: int, *, seed: int, queries: int = 3, k: int = 3
) -> list[RetrievalExample]:
    """Find neighbours of random held-out frames by the model, by f and ln L, by descriptors.

    All axes but the model's are standardised. Frames that are not yet separated are left out, and
    so are those whose descriptors are not known.

    Raises:
        UnknownRun: if there is no such run.
        NotIndexed: if it has no latents yet.
    """
    from morphcore.descriptors.measure import standard_set

    with open_store(store) as db:
        run = runs.indexed(db, run_id)
        stored = latents.of_checkpoint(db, run.index.checkpoint_id)
        raw = descriptors.of_dataset(db, run.dataset_id)
        table = trajectories.frame_table(db, run.dataset_id)
        held_out = runs.split(db, run_id).held_out
    measured = standard_set(raw)
    usable = np.isin(stored.frame_ids, table.frame_ids[~table.unseparated])
    usable &= np.isin(stored.frame_ids, raw.frame_ids[np.isfinite(measured).all(axis=1)])
    ids = stored.frame_ids[usable]
    measured = measured[rows_of(raw.frame_ids, ids)]
    scaled = (measured - measured.mean(axis=0)) / np.maximum(measured.std(axis=0), 1e-9)
    owners = table.trajectory_ids[rows_of(table.frame_ids, ids)]
    embeddings = {
        "the model": stored.mean[usable].astype(np.float64),
        "area fraction and L": scaled[:, :2],
        "all descriptors": scaled,
    }
    held_out_rows = np.flatnonzero(np.isin(ids, held_out))
    chosen = np.random.default_rng(seed).permutation(held_out_rows)[:queries]
    return [
        RetrievalExample(
            int(ids[row]),
            {
                name: ids[_nearest(embedding, int(row), owners != owners[row], k)].tolist()
                for name, embedding in embeddings.items()
            },
        )
        for row in chosen.tolist()
    ]


def _nearest(
    embedding: Float[np.ndarray, "frames dims"],
    query: int,
    allowed: Bool[np.ndarray, " frames"],
    k: int,
) -> Int64[np.ndarray, " k"]:
    candidates = np.flatnonzero(allowed)
    nearest: np.ndarray = candidates[rank(embedding[query], embedding[candidates]).rows[:k]]
    return nearest
