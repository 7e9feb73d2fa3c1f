"""Index a run: latents of every frame with its newest model, descriptors where missing, and maps.

Latents and descriptors are stored a chunk at a time and never computed twice, so an index that was
stopped, or whose data set has grown, does only what is left.
"""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Int64

from jobs import measuring, project_map, usual
from jobs.cluster.executor import chosen
from jobs.context import Context
from jobs.executors.base import InThisProcess
from jobs.index import attached, discriminants, split_half
from jobs.index.chunk import Chunk, ModelFile, encode_chunk
from jobs.specs import IndexJob, MapJob
from morphcore.embedding import encoding
from morphcore.models.geometry import SIMULATED, Geometry, batch_frames
from morphcore.training import devices
from store import (
    checkpoint_files,
    current_run,
    datasets,
    descriptors,
    latents,
    runs,
    scatter,
    trajectories,
)
from store.db import open_store
from store.runs import Run

# Frames at once, of 100 x 400; of larger ones fewer:
CHUNK = 1024
BATCHES_APART = 4  # that a worker of a cluster encodes at once: 256 frames of 100 x 400
MAPPED_EVERY = (25, 1)  # a map of every 25th frame of each trajectory, and one of all
FEW = 1000  # frames; of fewer, every 25th would be a handful of points, and all are soon mapped
MAPS_BEGIN = (0.0, 0.1)  # as shares of drawing them: that of all frames takes longest


def run(context: Context, spec: IndexJob) -> dict[str, Any]:
    """Encode and measure the frames that are missing; the number encoded, and the speed."""
    begun = time.monotonic()
    devices.leave_room_for_the_page()
    run = _good(context, spec.run)
    if spec.dataset is not None and spec.dataset != run.dataset:
        return _look_at(context, spec.run, spec.dataset, spec.scale)
    with open_store(context.store) as db:
        undescribed = descriptors.missing(db, run.dataset_id)
        table = trajectories.frame_table(db, run.dataset_id)
    frames = len(table.frame_ids)
    context.plan(
        usual.indexing(run.config.preset, frames, undescribed=len(undescribed), maps=spec.maps)
    )
    run = discriminants.ensure(context, run)
    assert run.checkpoint_id is not None
    with open_store(context.store) as db:
        todo = latents.missing(db, run.checkpoint_id, run.dataset_id)
    encoding_stage = context.stage("encode")
    taken = _encode(encoding_stage, run, todo, spec.cluster)
    if len(undescribed):
        measure(context.stage("describe"), undescribed)
    for dataset_id in attached.follow(encoding_stage.part(1.0, 1.0), run.id):
        _measure_missing(encoding_stage.part(1.0, 1.0), dataset_id)
    if spec.maps:
        drawing, strides = context.stage("maps"), mapped_every(frames)
        begins = MAPS_BEGIN[: len(strides)]
        for every, begin, end in zip(strides, begins, (*begins[1:], 1.0), strict=True):
            project_map.run(drawing.part(begin, end), MapJob(run=spec.run, every=every))
    if spec.current:
        with open_store(context.store) as db:
            current_run.choose(db, spec.run)
    return {
        "run": spec.run,
        "frames": len(todo),
        "seconds": round(time.monotonic() - begun, 2),
        "frames_per_second": round(len(todo) / taken, 1) if len(todo) else None,
    }


def mapped_every(frames: int) -> tuple[int, ...]:
    """Which frames of each trajectory the maps of a data set are of: every n-th, a map each.

    >>> mapped_every(14_535), mapped_every(200)
    ((25, 1), (1,))
    """
    return MAPPED_EVERY if frames >= FEW else (1,)


def _good(context: Context, run_id: int) -> Run:
    """The run, whose newest checkpoint is the newest good one; what is damaged is said."""
    checkpoint_files.newest_good(context.store, run_id)
    with open_store(context.store) as db:
        run = runs.run(db, run_id)
    if words := checkpoint_files.damage(context.store, replace(run, index=None)):
        context.progress(0.0, words, note=words)
    return run


def _look_at(context: Context, run_id: int, dataset: str, scale: str | None) -> dict[str, Any]:
    """Encode and measure the frames of another data set."""
    with open_store(context.store) as db:
        other = datasets.dataset(db, dataset)
        preset = runs.run(db, run_id).config.preset
        undescribed = descriptors.missing(db, other.id)
    context.plan(usual.indexing(preset, other.frames, undescribed=len(undescribed), maps=False))
    done = attached.index(context.stage("encode"), run_id, dataset, scale)
    if len(undescribed):
        measure(context.stage("describe"), undescribed)
    return done


def _measure_missing(context: Context, dataset_id: int) -> None:
    with open_store(context.store) as db:
        unmeasured = descriptors.missing(db, dataset_id)
    if len(unmeasured):
        measure(context, unmeasured)


def _encode(
    context: Context, run: Run, todo: Int64[np.ndarray, " frames"], cluster: str | None
) -> float:
    """Encode the frames and store their latents and the scatter; the seconds taken.

    The seconds are those of the latents alone.
    """
    assert run.checkpoint_id is not None
    with open_store(context.store) as db:
        measured = len(scatter.of_checkpoint(db, run.checkpoint_id).frame_ids)
    if measured and not len(todo):
        return 0.0
    begun = time.monotonic()
    device = devices.best_device().type if cluster is None else "cpu"
    file = discriminants.file_of(context.store, run.checkpoint_id, device=device)
    share = 1.0 if measured else len(todo) / (len(todo) + split_half.encoded(len(todo)))
    if len(todo):
        _encode_frames(context.part(0.0, share), run, todo, file, cluster)
    taken = time.monotonic() - begun
    split_half.ensure(context.part(share, 1.0), run, run.checkpoint_id, file.model())
    return taken


def _encode_frames(
    context: Context,
    run: Run,
    todo: Int64[np.ndarray, " frames"],
    file: ModelFile,
    cluster: str | None,
) -> None:
    assert run.checkpoint_id is not None
    sizes: list[int] = []

    def report(shares: list[float], note: str | None = None) -> None:
        done = round(sum(size * share for size, share in zip(sizes, shares, strict=False)))
        stage = f"frame {done:,} of {len(todo):,}"
        context.progress(done / len(todo), stage, note=note)

    with chosen(cluster, InThisProcess()) as executor:
        chunks = _chunks(context, run, todo, sizes, apart=cluster is not None)
        encoded = executor.map(encode_chunk, chunks, shared=file, report=report)
        with closing(encoded):
            for each in encoded:
                with open_store(context.store) as db:
                    latents.add(db, run.checkpoint_id, each)


def _chunks(
    context: Context, run: Run, todo: Int64[np.ndarray, " frames"], sizes: list[int], *, apart: bool
) -> Iterator[Chunk]:
    """Read frames to encode, and add the size of each chunk to `sizes`.

    `apart`: as smaller chunks, of the same batches, so that many workers have some.
    """
    size = batch_frames(CHUNK, _largest(context, run.dataset_id))
    for start in range(0, len(todo), size):
        ids = todo[start : start + size]
        with open_store(context.store) as db:
            packed = trajectories.packed(db, ids)
        every = encoding.whole_batches(packed, BATCHES_APART) if apart else [np.arange(len(ids))]
        for rows in every:
            sizes.append(len(rows))
            yield Chunk(ids[rows], packed[rows])


def measure(context: Context, todo: Int64[np.ndarray, " frames"]) -> None:
    """Measure frames and store their descriptors."""
    with open_store(context.store) as db:
        for done in measuring.measure(db, todo):
            context.progress(done / len(todo), f"measuring frame {done:,} of {len(todo):,}")


def _largest(context: Context, dataset_id: int) -> Geometry:
    """The largest frames of a data set."""
    with open_store(context.store) as db:
        infos = trajectories.trajectories(db, dataset_id)
    sizes = [Geometry(info.height, info.width) for info in infos]
    return max(sizes, key=lambda size: size.pixels, default=SIMULATED)
