"""What is new of a trajectory that was read: compared with those stored, and written unseen.

`store.growth` publishes it.
"""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float64, Int64
from sqlite_utils import Database

from morphcore import frames as framing
from morphcore.descriptors import contrast
from morphcore.frame_file import chunk_length, chunks, of_rows
from morphcore.progress import Progress, ignore, part
from morphcore.types import Descriptors, Source, TimeUnit, Trajectory
from store import recognition, trajectories, unfinished
from store.frame_matching import GrayLevels, Matching, StoredFrames, levels_of, merged_times
from store.unfinished import Mapped, Measure, in_turn


def _none() -> Int64[np.ndarray, " frames"]:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Insertion:
    """Frames that belong into a stored trajectory: where they wait, and their places by time."""

    written: int  # the trajectory that they are written as
    stored_times: Float64[np.ndarray, " stored"]
    new_times: Float64[np.ndarray, " new"]
    time_unit: TimeUnit


@dataclass(frozen=True)
class Staged:
    """A trajectory that was read, compared with those stored, its new frames written unseen."""

    read: Trajectory
    source: Source
    taken: frozenset[int]
    edges: tuple[bool, bool] | None
    new: int | None = None  # the trajectory, as it is written, where it is a new one
    same: StoredFrames | None = None  # else the stored one that it is
    matching: Matching | None = None
    insertion: Insertion | None = None
    apart: int | None = None  # what could not be inserted, as it is written
    apart_rows: Int64[np.ndarray, " rows"] = field(default_factory=_none)
    measured_again: tuple[Descriptors, ...] = ()  # stored frames, whose edges are others now


@contextmanager
def staged(
    db: Database,
    dataset_id: int | None,
    read: Trajectory,
    source: Source,
    *,
    job_id: int,
    measure: Measure | None = None,
    edges: tuple[bool, bool] | None = None,
    taken: Collection[int] = (),
    progress: Progress = ignore,
    mapped: Mapped = in_turn,
) -> Iterator[Staged]:
    """Write what is new of a trajectory where nobody sees it; what is not published is dropped.

    `dataset_id` is None where the data set is still to be made. `taken` are the trajectories that
    this import has stored or recognised before: two of one import are two, even where all their
    frames are alike. `edges` are what a table says of x and y; a stored trajectory with others is
    measured again. No transaction is open while frames are read, encoded and measured.

    `read.sources` has the hash of each frame's contents; where it is empty, the hashes of its
    pictures are taken. `mapped` encodes and measures chunks of frames, here by default.

    Raises:
        Dropped: if another job dropped meanwhile what this one has written.
    """
    if not read.sources:
        read = replace(read, sources=_picture_sources(read, source, part(progress, 0.0, 0.1)))
        progress = part(progress, 0.1, 1.0)
    found = None if dataset_id is None else recognition.find(db, dataset_id, read, source, taken)
    written: list[int] = []

    def write(
        trajectory: Trajectory, origin: Source | None, levels: GrayLevels | None, chi: float | None
    ) -> int:
        written.append(
            unfinished.write(
                db,
                trajectory,
                origin,
                job_id=job_id,
                measure=measure,
                levels=levels,
                composition_chi=chi,
                progress=progress,
                mapped=mapped,
            )
        )
        return written[-1]

    plain = Staged(read, source, frozenset(taken), edges)
    try:
        if found is None:
            yield replace(plain, new=write(read, source, None, read.composition_chi))
            return
        same, matching = found
        info = trajectories.by_id(db, same.trajectory_id)
        periodic, periodic_y = edges or (info.periodic, info.periodic_y)
        chi = read.params.get("chi", info.chi) if info.family else None
        insertion, apart = None, matching.changed
        fit = _fit(db, same, read, matching) if len(matching.new) else None
        if fit is not None:
            (stored_times, new_times, unit), levels = fit
            new = replace(
                subset(read, matching.new),
                times=new_times,
                threshold=info.threshold,
                periodic=periodic,
                periodic_y=periodic_y,
            )
            number = write(new, None, levels, chi)
            insertion = Insertion(number, stored_times, new_times, unit)
        elif len(matching.new):  # it is read in another way than it was
            apart = np.sort(np.concatenate([matching.new, apart]))
        rest = subset(read, apart)
        again: tuple[Descriptors, ...] = ()
        if measure is not None and (periodic, periodic_y) != (info.periodic, info.periodic_y):
            changed = replace(info, periodic=periodic, periodic_y=periodic_y)
            again = tuple(_measured_again(db, changed, chi, same.frame_ids, measure, progress))
        yield replace(
            plain,
            same=same,
            matching=matching,
            insertion=insertion,
            apart=write(rest, _source_of(rest), None, rest.composition_chi) if len(apart) else None,
            apart_rows=apart,
            measured_again=again,
        )
    finally:
        for number in written:
            unfinished.forget(db, number)


def subset(read: Trajectory, rows: Int64[np.ndarray, " rows"]) -> Trajectory:
    """Some of the frames of a trajectory."""
    sources = tuple(read.sources[row] for row in rows) if read.sources else ()
    return replace(read, frames=of_rows(read.frames, rows), times=read.times[rows], sources=sources)


def _fit(
    db: Database, same: StoredFrames, read: Trajectory, matching: Matching
) -> (
    tuple[tuple[Float64[np.ndarray, " stored"], Float64[np.ndarray, " new"], TimeUnit], GrayLevels]
    | None
):
    """The times of stored and new frames in one unit, and the gray levels; None if they differ."""
    times = merged_times(same, read, matching)
    if times is None or read.frames.shape[1:] != same.shape:
        return None
    known = recognition.compared(matching)
    levels = levels_of(
        recognition.gray(db, same, known), np.asarray(read.frames[matching.stored[known]])
    )
    return None if levels is None else (times, levels)


def _measured_again(
    db: Database,
    info: trajectories.TrajectoryInfo,
    chi: float | None,
    frame_ids: Int64[np.ndarray, " frames"],
    measure: Measure,
    progress: Progress,
) -> Iterator[Descriptors]:
    """Measure stored frames with other edges."""
    step = chunk_length(info.shape)
    for start in range(0, len(frame_ids), step):
        progress(start / len(frame_ids))
        ids = frame_ids[start : start + step]
        gray = np.stack([trajectories.frame(db, frame_id) for frame_id in ids.tolist()])
        yield measure(
            ids,
            framing.binarise(gray, info.threshold),
            periodic=info.periodic,
            periodic_y=info.periodic_y,
            contrast=contrast.measure(gray, chi),
        )


def _picture_sources(read: Trajectory, source: Source, progress: Progress) -> tuple[Source, ...]:
    # Two files of the same pictures may have other times: by their name they are two trajectories.
    own = repr((read.name, read.frames.shape[1:])).encode()
    found = []
    for start, gray in chunks(read.frames):
        progress(start / len(read.frames))
        found += [hashlib.sha256(own + frame.tobytes()).hexdigest() for frame in gray]
    return tuple(replace(source, sha256=digest) for digest in found)


def _source_of(read: Trajectory) -> Source:
    """The source of a trajectory by those of its frames."""
    if len(read.sources) == 1:
        return read.sources[0]
    digest = hashlib.sha256("\n".join(each.sha256 for each in read.sources).encode())
    size = sum(each.size for each in read.sources)
    return Source(read.sources[0].file, size, digest.hexdigest())
