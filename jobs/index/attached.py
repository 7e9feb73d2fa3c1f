"""Encode the frames of another data set with a run's model, at the model's pixel size.

What was stopped, or whose data set has grown, is gone on with; at another scale all is done anew.
"""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis import attached as scales
from jobs.context import Context
from jobs.index import discriminants
from morphcore.embedding import encoding
from morphcore.embedding.rescaling import Rescaling, ScaleChoice, parse_choice
from morphcore.errors import MorphError
from morphcore.training import devices
from store import attached, checkpoint_files, datasets, runs, trajectories
from store.datasets import Dataset
from store.db import open_store
from store.runs import IndexedRun

CHUNK = 64  # frames at once


def index(context: Context, run_id: int, dataset: str, scale: str | None) -> dict[str, Any]:
    """Encode another data set's frames; the number encoded, and how they were scaled.

    Raises:
        NotIndexed: if the run has no latents yet.
        DamagedModel: if the file of the model that made them is missing or changed.
        UnknownDataset: if there is no such data set.
        ScaleUnknown: if a pixel size is not known and no scale is given.
        ScaleError: if the model does not take frames of the size that they would have.
    """
    begun = time.monotonic()
    choice = None if scale is None else parse_choice(scale)
    run = checkpoint_files.require_good_index(context.store, run_id)
    with open_store(context.store) as db:
        other = datasets.dataset(db, dataset)
        rescalings = scales.plan(db, run, other, choice)
    return {
        "run": run.id,
        "dataset": other.name,
        "frames": _encode(context, run, other, rescalings, choice),
        "seconds": round(time.monotonic() - begun, 2),
        "scale": scales.words(rescalings),
    }


def follow(context: Context, run_id: int) -> list[int]:
    """Encode what a newer model of a run, or their growth, left behind of its attached data sets.

    Returns their ids.
    """
    with open_store(context.store) as db:
        run = runs.run(db, run_id)
        newest = {each.dataset_id: each for each in attached.of_run(db, run_id)}
    if not isinstance(run, IndexedRun):
        return []
    followed = []
    for attachment in newest.values():
        choice = scales.choice_of(attachment)
        with open_store(context.store) as db:
            other = datasets.by_id(db, attachment.dataset_id)
            try:
                rescalings = scales.plan(db, run, other, choice)
            except MorphError:  # its trajectories are others by now: it stays as it was attached
                continue
        _encode(context, run, other, rescalings, choice)
        followed.append(other.id)
    return followed


def _encode(
    context: Context,
    run: IndexedRun,
    other: Dataset,
    rescalings: Mapping[int, Rescaling],
    choice: ScaleChoice | None,
) -> int:
    """Encode the frames that are missing; their number."""
    checkpoint_id = run.index.checkpoint_id
    how = next(iter(rescalings.values())).how
    with open_store(context.store) as db:
        factor = choice if isinstance(choice, float) else None
        attached.attach(db, checkpoint_id, other.id, how, factor)
        todo = attached.missing(db, checkpoint_id, other.id)
        infos = {info.id: info for info in trajectories.trajectories(db, other.id)}
        table = trajectories.frame_table(db, other.id)
    if not len(todo):
        return 0
    owner_of = dict(zip(table.frame_ids.tolist(), table.trajectory_ids.tolist(), strict=True))
    model = discriminants.of_checkpoint(context.store, checkpoint_id).model(devices.best_device())
    for begin in range(0, len(todo), CHUNK):
        chunk = todo[begin : begin + CHUNK]
        context.progress(begin / len(todo), f"{other.name}: frame {begin:,} of {len(todo):,}")
        owners = [infos[owner_of[frame_id]] for frame_id in chunk.tolist()]
        factors = np.array([rescalings[info.id].factor for info in owners], dtype=np.float64)
        with open_store(context.store) as db:
            packed = scales.scaled_frames(db, chunk, owners, factors)
        encoded = encoding.encode_frames(model, chunk, packed)
        with open_store(context.store) as db:
            attached.add(db, checkpoint_id, other.id, encoded, factors)
    return len(todo)
