"""Measure the unit of a run's distances: the scatter between halves of training frames."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Float64, Int64

from jobs.context import Context
from morphcore import frames
from morphcore.embedding import encoding
from morphcore.frames import PackedFrames, SizedFrames, evenly, rows_of
from morphcore.models.base import FeatureModel, Model
from morphcore.models.geometry import Geometry, batch_frames
from morphcore.progress import Progress, part
from morphcore.statistics import split_half
from morphcore.statistics.discriminants import Nuisances
from morphcore.statistics.realisations import Realisations
from morphcore.statistics.split_half import Halves
from morphcore.types import BinaryFrame
from store import runs, trajectories
from store import scatter as scatter_table
from store.db import open_store
from store.runs import Run

CHANGED = 200  # halves that are rolled, and as many whose pixels are flipped
MOST_ROLL = 16  # px, exclusive: a larger stride than any of a network
FLIPPED = 0.01  # of the pixels: a picture's noise that a threshold leaves
UNPACKED = 1024  # frames of 100 x 400 that are unpacked at once; of larger ones fewer


def ensure(context: Context, run: Run, checkpoint_id: int, model: Model) -> None:
    """Measure and store the scatter of a checkpoint where it has none; seconds on a CPU."""
    with open_store(context.store) as db:
        if len(scatter_table.of_checkpoint(db, checkpoint_id).frame_ids):
            return
    bits, fraction_apart, ids = _halves(context.store, run)
    left, right = (
        encoding.encode_frames(model, ids, half, progress=progress).mean
        for half, progress in zip(bits, _progress_of_halves(context), strict=True)
    )
    keep(context.store, checkpoint_id, Halves(ids, left, right, fraction_apart))


def encoded(frames: int) -> int:
    """How many of these frames are encoded as halves: both halves of some, cut twice."""
    return 4 * split_half.sampled(frames)


def keep(store: Path, checkpoint_id: int, halves: Halves) -> None:
    """Store the distances between a checkpoint's latents of the halves of frames."""
    if not len(halves.frame_ids):
        return
    with open_store(store) as db:
        scatter_table.add(db, checkpoint_id, split_half.of_frames(halves))


class Read(NamedTuple):
    """A model's features of both halves of frames."""

    features: Halves
    nuisances: Nuisances
    sides: Realisations  # each half as a realisation of its trajectory's process


def read(context: Context, run: Run, model: FeatureModel) -> Read | None:
    """Read both halves of separated training frames; None where there are none."""
    bits, fraction_apart, ids = _halves(context.store, run)
    if not len(ids):
        return None
    left, right = (
        encoding.readings(model, half, scattering=True, progress=progress)
        for half, progress in zip(bits, _progress_of_halves(context), strict=True)
    )
    halves = Halves(ids, left.features, right.features, fraction_apart)
    nuisances = _nuisances(model, bits[0], left.features)
    return Read(halves, nuisances, _sides(context.store, run, halves))


def _nuisances(
    model: FeatureModel, halves: SizedFrames, features: Float32[np.ndarray, "halves features"]
) -> Nuisances:
    """By how much features of halves change where these are rolled, or pixels of them flipped."""
    rng = np.random.default_rng(0)
    rows = evenly(len(halves), CHANGED)
    rolls = rng.integers(1, MOST_ROLL, len(rows))

    def roll(half: BinaryFrame, row: int) -> BinaryFrame:
        return frames.roll(half, int(rolls[row]))

    def flip(half: BinaryFrame, row: int) -> BinaryFrame:  # noqa: ARG001
        return half ^ (rng.random(half.shape) < FLIPPED)

    def change(how: Callable[[BinaryFrame, int], BinaryFrame]) -> Float32[np.ndarray, "n f"]:
        changed = encoding.readings(model, _changed(halves[rows], how), scattering=True).features
        by: np.ndarray = changed - features[rows]
        return by

    return Nuisances(rolled=change(roll), noisy=change(flip))


def _sides(store: Path, run: Run, halves: Halves) -> Realisations:
    """Both halves of every frame, the first cut of each, as realisations of its trajectory."""
    with open_store(store) as db:
        table = trajectories.frame_table(db, run.dataset_id)
    ids, cuts = np.unique(halves.frame_ids, return_index=True)
    rows = rows_of(table.frame_ids, ids)
    owners = table.trajectory_ids[rows]
    return Realisations(
        np.concatenate([halves.left[cuts], halves.right[cuts]]),
        np.tile(owners, 2),
        np.tile(np.log(np.maximum(table.time[rows], 1.0)), 2),
        np.concatenate([2 * owners, 2 * owners + 1]),
    )


def _halves(
    store: Path, run: Run
) -> tuple[
    tuple[SizedFrames, SizedFrames],
    Float64[np.ndarray, " frames"],
    Int64[np.ndarray, " frames"],
]:
    """Both halves of evenly spaced separated training frames, and their difference in f."""
    with open_store(store) as db:
        table = trajectories.frame_table(db, run.dataset_id)
        training = runs.split(db, run.id).training
        ids = table.frame_ids[~table.unseparated & np.isin(table.frame_ids, training)]
        ids = ids[evenly(len(ids), split_half.sampled(len(ids)))]
        whole = trajectories.packed(db, ids)
    lefts: list[SizedFrames] = []
    rights: list[SizedFrames] = []
    apart, cut = [np.empty(0)], [np.empty(0, dtype=np.int64)]
    for places, packed in _chunks(whole):
        rows, left, right = split_half.cuts(packed.bits(), packed.periodic)
        for halves, bits in ((lefts, left), (rights, right)):
            # A half and its mirror image go around.
            periodic_y = packed.periodic_y[rows]
            halves.append(SizedFrames.of(replace(PackedFrames.of(bits), periodic_y=periodic_y)))
        apart.append(left.mean(axis=(1, 2)) - right.mean(axis=(1, 2)))
        cut.append(ids[places[rows]])
    joined = SizedFrames.joined(lefts), SizedFrames.joined(rights)
    return joined, np.concatenate(apart), np.concatenate(cut)


def _chunks(
    frames: SizedFrames,
) -> Iterator[tuple[Int64[np.ndarray, " frames"], PackedFrames]]:
    """Frames of one size with their rows, no more at once than are good to unpack."""
    for rows, packed in frames.parts:
        size = batch_frames(UNPACKED, Geometry(*packed.shape))
        for start in range(0, len(rows), size):
            chunk = slice(start, start + size)
            yield rows[chunk], packed[chunk]


def _changed(halves: SizedFrames, how: Callable[[BinaryFrame, int], BinaryFrame]) -> SizedFrames:
    """Frames changed one by one; `how` is given a frame and its row."""
    parts = []
    for rows, packed in halves.parts:
        changed = [how(half, row) for half, row in zip(packed.bits(), rows.tolist(), strict=True)]
        parts.append((rows, replace(packed, packed=frames.pack(np.stack(changed)))))
    return SizedFrames(tuple(parts))


def _progress_of_halves(context: Context) -> tuple[Progress, Progress]:
    """The progress of the left halves, then of the right ones."""

    def whole(share: float) -> None:
        context.progress(share, "measuring the scatter between halves of frames")

    return part(whole, 0.0, 0.5), part(whole, 0.5, 1.0)
