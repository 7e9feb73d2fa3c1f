"""What a run is to be asked: its frames, twins, moved and real frames, put together."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Int64
from sqlite_utils import Database

from jobs.evaluate import frame_sets
from morphcore.descriptors.measure import DESCRIPTOR_NAMES, TOPOLOGICAL
from morphcore.errors import JobError
from morphcore.evaluation import baselines
from morphcore.evaluation.protocol import UNKNOWN, FrameSet, Protocol, evenly
from morphcore.statistics import split_half
from morphcore.types import Latents
from store import datasets, latents, runs
from store.datasets import Dataset
from store.db import open_store
from store.runs import IndexedRun, Run

# An evaluation of 57 x 255 frames shall take five minutes at most on two cores.
MOST_TWINS = 2000
MOST_HELD_OUT = 3000
MOST_MOVED = 400
GALLERY_EVERY = 2  # frames of the data set: neighbours in time are nearly the same picture
LEAST_FRAMES = 10  # to learn from: that many neighbours are looked at


@dataclass(frozen=True)
class EvaluationTask:
    """A run and all that it is to be judged on."""

    run: IndexedRun
    protocol: Protocol
    held_out: Int64[np.ndarray, " held"]  # frame ids, those not yet separated among them
    stored: Latents  # of the protocol's frames, row by row
    notes: tuple[str, ...]  # what was left out, and why


def twin_sets(db: Database, of: Run) -> list[Dataset]:
    """The data sets that hold twins of a run's."""
    every = datasets.all_datasets(db)
    return [each for each in every if each.twin_of == of.dataset_id and each.frames]


def build_task(
    store: Path, of: IndexedRun, real: Path | None, seed: int, tick: Callable[[], None]
) -> EvaluationTask:
    """Read everything; `real` is a folder or file of frames that people have.

    Raises:
        JobError: if too few frames are separated and indexed, or the real ones cannot be read.
    """
    numbers, notes = frame_sets.Numbers(), []
    with open_store(store) as db:
        division = runs.split(db, of.id)
        stored = latents.of_checkpoint(db, of.index.checkpoint_id)
        everything, place_in_time = frame_sets.of_datasets(db, [of.dataset_id], numbers)
        sets = twin_sets(db, of)
        twins = frame_sets.of_datasets(db, [each.id for each in sets], numbers)[0] if sets else None
    encoded = np.isin(everything.frame_ids, stored.frame_ids)
    if not encoded.all():
        notes.append(f"{(~encoded).sum():,} frames are not indexed and are left out.")
        everything, place_in_time = frame_sets.chosen(everything, encoded), place_in_time[encoded]
    training = np.flatnonzero(np.isin(everything.frame_ids, division.training))
    held_out = np.flatnonzero(np.isin(everything.frame_ids, division.held_out))
    if len(training) < LEAST_FRAMES or not len(held_out):
        raise JobError(
            f"{of.name} has {len(training)} training and {len(held_out)} held-out frames that are"
            f" separated and indexed; an evaluation needs {LEAST_FRAMES} and 1."
        )
    judged = held_out[evenly(len(held_out), MOST_HELD_OUT)]
    if len(judged) < len(held_out):
        notes.append(f"{len(judged):,} of {len(held_out):,} held-out frames are queries.")
    gallery = np.flatnonzero(place_in_time % GALLERY_EVERY == 0)
    if twins is not None:
        shared = np.isin(twins.cells, everything.cells[gallery])
        known = np.flatnonzero(shared & (twins.cells != UNKNOWN))
        twins = frame_sets.chosen(twins, known[evenly(len(known), MOST_TWINS)])
        if len(twins) < len(known):
            notes.append(f"{len(twins):,} of {len(known):,} frames of twins are queries.")
    if twins is None or not len(twins):
        twins = None
        notes.append(
            "There are no twins of this data set, so how often they are found is not told;"
            f' make them with: python -m jobs simulate --twins "{of.dataset}"'
        )
    along = np.flatnonzero(everything.periodic)
    along = along[evenly(len(along), MOST_MOVED)]
    across = evenly(len(everything), MOST_MOVED)
    notes.append(
        f"{len(along):,} rolled and {len(across):,} mirrored frames are queries; the baseline"
        f" pixels has at most {baselines.PIXEL_QUERIES} queries of each kind."
    )
    separated = training[evenly(len(training), split_half.sampled(len(training)))]
    found = None
    if real is not None:
        found, unread = frame_sets.from_files(real, tick)
        if unread:
            notes.append(f"Not read as frames: {', '.join(unread)}.")
    return EvaluationTask(
        run=of,
        protocol=Protocol(
            frames=everything,
            training=training,
            queries=judged,
            twin_gallery=gallery,
            twins=twins,
            unseen=_unseen(twins, everything, training),
            rolled=frame_sets.rolled(frame_sets.chosen(everything, along), seed)
            if len(along)
            else None,
            rolled_from=along,
            mirrored=frame_sets.mirrored(frame_sets.chosen(everything, across)),
            mirrored_from=across,
            real=found,
            topological=tuple(DESCRIPTOR_NAMES.index(name) for name in TOPOLOGICAL),
            seed=seed,
            halves=frame_sets.halved(frame_sets.chosen(everything, separated), tick),
        ),
        held_out=division.held_out,
        stored=_in_order(stored, everything.frame_ids),
        notes=tuple(notes),
    )


def _unseen(
    twins: FrameSet | None, everything: FrameSet, training: Int64[np.ndarray, " training"]
) -> Bool[np.ndarray, " twins"]:
    """Which twins are of a cell that the model has learnt nothing from."""
    if twins is None:
        return np.zeros(0, dtype=np.bool_)
    seen = np.append(np.unique(everything.cells[training]), UNKNOWN)
    unseen: np.ndarray = ~np.isin(twins.cells, seen)
    return unseen


def _in_order(stored: Latents, frame_ids: Int64[np.ndarray, " frames"]) -> Latents:
    """The latents of these frames in their order."""
    place = {frame_id: row for row, frame_id in enumerate(stored.frame_ids.tolist())}
    rows = [place[frame_id] for frame_id in frame_ids.tolist()]
    return Latents(frame_ids, stored.mean[rows], stored.logvar[rows])
