"""Similarity of held-out frames to samples decoded from their z alone, to others and to twins."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Int64
from sqlite_utils import Database

from analysis.latent_space import LatentSpace
from store import datasets, runs, trajectories
from store.db import open_store
from store.trajectories import TrajectoryInfo

if TYPE_CHECKING:
    from morphcore.evaluation.sample_quality import SampleSimilarity
    from morphcore.models.base import Model

FRAMES = 48


class SampleComparison(NamedTuple):
    """Similarities of held-out frames to their samples, as medians over frames."""

    frames: int
    samples: "SampleSimilarity"  # decoded from its own z
    random: "SampleSimilarity"  # any other held-out frame
    # Another realisation of its cell, at about its time; None where there is none.
    twins: "SampleSimilarity | None"


def compare(
    store: Path, space: LatentSpace, model: "Model", *, seed: int, frames: int = FRAMES
) -> SampleComparison:
    """Compare separated held-out frames, drawn at random by `seed`, with samples of their z."""
    from morphcore.embedding import encoding
    from morphcore.evaluation.sample_quality import sample_similarity

    rng = np.random.default_rng(seed)
    with open_store(store) as db:
        held_out = runs.split(db, space.run.id).held_out
        usable = space.frames.frame_ids[
            np.isin(space.frames.frame_ids, held_out) & ~space.frames.unseparated
        ]
        ids = np.sort(rng.permutation(usable)[:frames])
        infos = trajectories.trajectories(db, space.run.dataset_id)
        twins = _twins(db, space, infos, ids)
        bits = trajectories.packed(db, ids).one_size.bits()
        others = None if twins is None else trajectories.packed(db, twins).one_size.bits()
    rows = np.searchsorted(space.frames.frame_ids, ids)
    z = space.z.mean[rows]
    samples = np.concatenate(
        [encoding.decode(model, z[row : row + 1], seed=seed + row) for row in range(len(z))]
    )
    # With walls at its ends, a frame has no statistics beyond them; nor may its samples.
    similarity = partial(sample_similarity, bits, periodic=all(info.periodic for info in infos))
    return SampleComparison(
        frames=len(ids),
        samples=similarity(samples > 0.5),
        random=similarity(bits[_deranged(len(bits), rng)]),
        twins=None if others is None else similarity(others),
    )


def _twins(
    db: Database,
    space: LatentSpace,
    infos: Sequence[TrajectoryInfo],
    ids: Int64[np.ndarray, " frames"],
) -> Int64[np.ndarray, " frames"] | None:
    """For each frame the one of its cell's twin that is nearest in time; None without twins."""
    sets = [twins for twins in datasets.twins_of(db, space.run.dataset_id) if twins.frames]
    if not sets:
        return None
    cells = {info.id: info.cell for info in infos}
    twins = trajectories.trajectories(db, sets[0].id)
    twin_of = {info.cell: info.id for info in twins if info.cell is not None}
    table = trajectories.frame_table(db, sets[0].id)
    out = []
    for row in np.searchsorted(space.frames.frame_ids, ids).tolist():
        cell = cells[int(space.frames.trajectory_ids[row])]
        twin = None if cell is None else twin_of.get(cell)
        if twin is None:
            return None
        theirs = np.flatnonzero(table.trajectory_ids == twin)
        apart = np.abs(np.log1p(table.time[theirs]) - np.log1p(space.frames.time[row]))
        out.append(int(table.frame_ids[theirs[apart.argmin()]]))
    return np.array(out, dtype=np.int64)


def _deranged(count: int, rng: np.random.Generator) -> Int64[np.ndarray, " count"]:
    """A derangement: a permutation without fixed points, as long as there are two elements."""
    order = rng.permutation(count)
    out = np.empty(count, dtype=np.int64)
    out[order] = np.roll(order, 1)
    return out
