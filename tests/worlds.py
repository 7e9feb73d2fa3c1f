"""A small world for the evaluation protocol: all facts of its frames are made up."""

from dataclasses import replace

import numpy as np

from morphcore.evaluation.protocol import Embedding, FrameSet, Protocol
from morphcore.frames import PackedFrames, SizedFrames

CELLS, FRAMES = 12, 16  # trajectories, one of each cell; frames of each
HELD_OUT = (2, 5, 8, 11)  # cells
DIMENSIONS = 6  # of the descriptors


def draw_frame_set(rng: np.random.Generator, frames: int = FRAMES) -> FrameSet:
    """One realisation of each cell; descriptors determine cell and time, but for some noise."""
    cells = np.repeat(np.arange(CELLS), frames)
    log_time = np.tile(np.linspace(1.4, 5.0, frames), CELLS)
    count = len(cells)
    phi = 0.5 + 0.01 * cells
    log_length = log_time / 3 + 0.02 * cells + 0.01 * rng.standard_normal(count)
    fraction = phi + 0.002 * rng.standard_normal(count)
    others = rng.standard_normal((count, DIMENSIONS - 2)) * 0.05 + np.sin(cells)[:, None]
    others[:, -1] = 20 * rng.standard_normal(count)  # a large unit without information
    return FrameSet(
        packed=packed(rng.integers(0, 256, (count, 5000), dtype=np.uint8)),
        frame_ids=np.arange(1, count + 1),
        trajectory_ids=cells + 100,
        cells=cells,
        families=cells % 3,
        phi=phi,
        log_time=log_time,
        fraction=fraction,
        log_length=log_length,
        descriptors=np.column_stack([fraction, log_length, others]),
    )


def packed(bits: np.ndarray) -> SizedFrames:
    """Packed bits of periodic frames of 100 x 400."""
    around = np.ones(len(bits), dtype=np.bool_)
    return SizedFrames.of(PackedFrames(bits, (100, 400), around, ~around))


def world(seed: int = 0) -> Protocol:
    """A data set, its twins, moved frames that lie on their originals, and no real ones."""
    rng = np.random.default_rng(seed)
    frames, twins = draw_frame_set(rng), draw_frame_set(rng, frames=10)
    held_out = np.isin(frames.cells, HELD_OUT)
    moved = np.arange(0, len(frames), 7)
    originals = frames[moved]
    return Protocol(
        frames=frames,
        training=np.flatnonzero(~held_out),
        queries=np.flatnonzero(held_out),
        twin_gallery=np.arange(0, len(frames), 2),
        twins=replace(twins, trajectory_ids=twins.cells + 200),
        unseen=np.isin(twins.cells, HELD_OUT),
        rolled=originals,
        rolled_from=moved,
        mirrored=originals,
        mirrored_from=moved,
        real=None,
        topological=(2, 3),
        seed=seed,
    )


def embedded(protocol: Protocol, embed) -> Embedding:
    """Embed every frame set of a protocol by one function."""
    return Embedding(
        frames=embed(protocol.frames),
        twins=embed(protocol.twins),
        rolled=embed(protocol.rolled),
        mirrored=embed(protocol.mirrored),
        real=None if protocol.real is None else embed(protocol.real),
    )
