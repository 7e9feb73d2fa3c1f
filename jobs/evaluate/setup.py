"""Build an evaluation's task: the frames, twins, moved and real frames of a run."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Int64
from sqlite_utils import Database

from analysis import attached
from jobs.evaluate import frame_sets
from jobs.evaluate.frame_sets import RealFramesSource
from jobs.index.replicates import FRAMES as REPLICATE_FRAMES
from morphcore.descriptors.measure import DESCRIPTOR_NAMES, TOPOLOGICAL
from morphcore.errors import MorphError
from morphcore.evaluation import baselines
from morphcore.evaluation.protocol import UNKNOWN, FrameSet, Protocol
from morphcore.evaluation.result import SeparatedBy
from morphcore.frames import evenly, rows_of
from morphcore.progress import Progress
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


class TooFewSeparated(MorphError):
    """A run has too few frames that are separated and indexed to be evaluated."""


@dataclass(frozen=True)
class EvaluationTask:
    """A run and the frame sets that it is evaluated on."""

    run: IndexedRun
    protocol: Protocol
    held_out: Int64[np.ndarray, " held"]  # frame ids, those not yet separated among them
    stored: Latents  # of the protocol's frames, row by row
    notes: tuple[str, ...]  # what was left out, and why
    wetting: Bool[np.ndarray, " frames"]  # of the protocol's frames: films with a wall that draws


def twin_sets(db: Database, run: Run) -> list[Dataset]:
    """The data sets that hold twins of a run's."""
    return [twins for twins in datasets.twins_of(db, run.dataset_id) if twins.frames]


def build_task(
    store: Path,
    run: IndexedRun,
    real: RealFramesSource | None,
    seed: int,
    progress: Progress,
    separated: SeparatedBy = "contrast",
) -> EvaluationTask:
    """Read all frame sets of a run's evaluation; `real` are files of real frames.

    `separated`: by what frames count as separated, on which all figures are taken.

    Raises:
        TooFewSeparated: if fewer than 10 training frames or no held-out one can be used.
        MorphError: if the real frames cannot be read.
    """
    numbers, notes = frame_sets.Numbers(), []
    with open_store(store) as db:
        division = runs.split(db, run.id)
        stored = latents.of_checkpoint(db, run.index.checkpoint_id)
        everything, index_in_time = frame_sets.of_datasets(db, [run.dataset_id], numbers, separated)
        twin_ids = [dataset.id for dataset in twin_sets(db, run)]
        twins = frame_sets.of_datasets(db, twin_ids, numbers, separated)[0] if twin_ids else None
        replica_ids = [
            each.id for each in datasets.replicates_of(db, run.dataset_id) if each.frames
        ]
        replicas = (
            frame_sets.of_datasets(db, replica_ids, numbers, separated)[0] if replica_ids else None
        )
    encoded = np.isin(everything.frame_ids, stored.frame_ids)
    if not encoded.all():
        notes.append(f"{(~encoded).sum():,} frames are not indexed and are left out.")
        everything, index_in_time = everything[encoded], index_in_time[encoded]
    training = np.flatnonzero(np.isin(everything.frame_ids, division.training))
    held_out = np.flatnonzero(np.isin(everything.frame_ids, division.held_out))
    if len(training) < LEAST_FRAMES or not len(held_out):
        raise TooFewSeparated(
            f"{run.name} has {len(training)} training and {len(held_out)} held-out frames that are"
            f" separated and indexed; an evaluation needs {LEAST_FRAMES} and 1."
        )
    queries = held_out[evenly(len(held_out), MOST_HELD_OUT)]
    if len(queries) < len(held_out):
        notes.append(f"{len(queries):,} of {len(held_out):,} held-out frames are queries.")
    gallery = np.flatnonzero(index_in_time % GALLERY_EVERY == 0)
    if twins is not None:
        shared = np.isin(twins.cells, everything.cells[gallery])
        candidates = np.flatnonzero(shared & (twins.cells != UNKNOWN))
        twins = twins[candidates[evenly(len(candidates), MOST_TWINS)]]
        if len(twins) < len(candidates):
            notes.append(f"{len(twins):,} of {len(candidates):,} frames of twins are queries.")
    if twins is None or not len(twins):
        twins = None
        notes.append(
            "There are no twins of this data set, so how often they are found is not known;"
            f' make them with: python -m jobs simulate --twins "{run.dataset}"'
        )
    periodic = np.flatnonzero(everything.periodic)
    rolled_from = periodic[evenly(len(periodic), MOST_MOVED)]
    mirrored_from = evenly(len(everything), MOST_MOVED)
    notes.append(
        f"{len(rolled_from):,} rolled and {len(mirrored_from):,} mirrored frames are queries;"
        f" the baseline pixels has at most {baselines.PIXEL_QUERIES} queries of each kind."
    )
    if len(everything.packed.shapes) > 1:
        notes.append("Frames are of several sizes: the baselines of pixels are left out.")
    in_halves = training[evenly(len(training), split_half.sampled(len(training)))]
    replicated = None
    if replicas is not None:
        chosen = _thinned(everything, training)
        both = FrameSet.joined([everything[chosen], replicas])
        replicated = both[np.isin(both.cells, everything.cells[training]) & (both.cells != UNKNOWN)]
    else:
        notes.append(
            "There are no replicates of this data set, so chance is estimated from halves of"
            f' frames; make some with: python -m jobs simulate --replicates "{run.dataset}"'
        )
    real_frames = None
    if real is not None:
        with open_store(store) as db:
            model = attached.model_scale(db, run)
        real_frames, unread = frame_sets.from_files(real, model, progress, separated)
        if real_frames.packed.shapes != (everything.packed.shapes):
            notes.append(
                "Real frames have another size: the baselines of pixels say nothing of them."
            )
        if unread:
            notes.append(f"Not read as frames: {', '.join(unread)}.")
    return EvaluationTask(
        run=run,
        protocol=Protocol(
            frames=everything,
            training=training,
            queries=queries,
            twin_gallery=gallery,
            twins=twins,
            unseen=_unseen(twins, everything, training),
            rolled=frame_sets.rolled(everything[rolled_from], seed) if len(rolled_from) else None,
            rolled_from=rolled_from,
            mirrored=frame_sets.mirrored(everything[mirrored_from]),
            mirrored_from=mirrored_from,
            real=real_frames,
            topological=tuple(DESCRIPTOR_NAMES.index(name) for name in TOPOLOGICAL),
            seed=seed,
            halves=frame_sets.halved(everything[in_halves], progress),
            realisations=replicated,
        ),
        held_out=division.held_out,
        stored=_in_order(stored, everything.frame_ids),
        notes=tuple(notes),
        wetting=everything.families == numbers.of("wetting"),
    )


def _thinned(
    frames: FrameSet, training: Int64[np.ndarray, " training"]
) -> Int64[np.ndarray, " thinned"]:
    """As many training frames of each trajectory as a replicate has at most, evenly spaced."""
    owners = frames.trajectory_ids[training]
    parts = [training[owners == owner] for owner in np.unique(owners)]
    return np.concatenate([part[evenly(len(part), REPLICATE_FRAMES)] for part in parts])


def _unseen(
    twins: FrameSet | None, everything: FrameSet, training: Int64[np.ndarray, " training"]
) -> Bool[np.ndarray, " twins"]:
    """A mask of the twins whose cell has no training frame."""
    if twins is None:
        return np.zeros(0, dtype=np.bool_)
    seen = np.append(np.unique(everything.cells[training]), UNKNOWN)
    unseen: np.ndarray = ~np.isin(twins.cells, seen)
    return unseen


def _in_order(stored: Latents, frame_ids: Int64[np.ndarray, " frames"]) -> Latents:
    """The latents of these frames in their order."""
    return stored.subset(rows_of(stored.frame_ids, frame_ids))
