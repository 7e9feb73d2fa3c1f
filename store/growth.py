"""Growing and mending: what was imported before is recognised, and only the rest is stored.

A trajectory that has grown is lengthened: new frames get their places by time, those that are there
keep their ids, and with them their latents and descriptors. A file whose contents have changed is
stored apart. Nothing is stored twice.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, count

import numpy as np
from jaxtyping import Int64
from sqlite_utils import Database

from morphcore.types import Source, Trajectory
from store import frame_rows, recognition, trajectories
from store.db import writing
from store.frame_matching import Matching, StoredFrames, merged_times, on_scale_of
from store.trajectory_facts import set_columns, update_facts


def _none() -> Int64[np.ndarray, " frames"]:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Stored:
    """What became of a trajectory that was read."""

    # By trajectory, in time order; the import measures them.
    new_frames: Mapping[int, Int64[np.ndarray, " frames"]]
    trajectory_id: int  # the one that it is, was lengthened, or is new
    name: str  # of that one; not the one wished for where another has it
    is_new: bool = False
    lengthened: int = 0  # frames
    apart: str | None = None  # the name of the trajectory that holds what could not be inserted
    updated: tuple[str, ...] = ()  # parameters, labels or edges that have other values now
    # Of each frame that was read; -1 where it is not known which it is.
    frame_ids: Int64[np.ndarray, " frames"] = field(default_factory=_none)

    @property
    def already(self) -> bool:
        """Whether every frame was there."""
        return not self.new_frames


def store(
    db: Database,
    dataset_id: int,
    read: Trajectory,
    source: Source,
    *,
    periodic: tuple[bool, bool] | None = None,
    taken: Collection[int] = (),
) -> Stored:
    """Store what is new of a trajectory, whole or not at all.

    `taken` are the trajectories that this import has stored or recognised before: two of one
    import are two, even where all their frames are alike.

    `read.sources` has the hash of each frame's contents; where it is empty, the hashes of its
    pictures are taken. Parameters and labels of a stored trajectory are brought up to what was
    read; so are its edges, where `periodic`, what a table says of x and y, is given.
    """
    read = read if read.sources else replace(read, sources=_picture_sources(read, source))
    found = recognition.find(db, dataset_id, read, source, taken)
    if found is None:
        name = _free_name(db, dataset_id, read.name)
        trajectory_id = trajectories.add(db, dataset_id, replace(read, name=name), source)
        ids = trajectories.frame_ids_of(db, trajectory_id)
        return Stored({trajectory_id: ids}, trajectory_id, name, is_new=True, frame_ids=ids)
    same, matching = found
    ids = np.full(len(read.frames), -1, dtype=np.int64)
    again = matching.stored >= 0
    ids[matching.stored[again]] = same.frame_ids[again]
    elsewhere = recognition.frames_elsewhere(db, dataset_id, read, same.trajectory_id)
    for row in np.flatnonzero(ids < 0).tolist():
        ids[row] = elsewhere.get((read.sources[row].file, read.sources[row].sha256), -1)
    with writing(db):
        updated = update_facts(db, same.trajectory_id, read, periodic)
        new = {}
        inserted = _insert(db, same, read, matching)
        if len(inserted):
            new[same.trajectory_id] = ids[matching.new] = inserted
        apart = matching.changed
        if len(inserted) < len(matching.new):  # it is read in another way than it was
            apart = np.sort(np.concatenate([matching.new, apart]))
        other = None
        if len(apart):
            rest = subset(read, apart)
            other = _free_name(db, dataset_id, read.name)
            added = trajectories.add(db, dataset_id, replace(rest, name=other), _source_of(rest))
            new[added] = ids[apart] = trajectories.frame_ids_of(db, added)
        # The next import finds it at once.
        set_columns(db, same.trajectory_id, _source_columns(source))
    return Stored(new, same.trajectory_id, same.name, False, len(inserted), other, updated, ids)


def is_known(db: Database, dataset_id: int, read: Trajectory, source: Source) -> bool:
    """Whether the data set holds any frame of a trajectory that was read, by hashes of files."""
    if trajectories.has_source(db, dataset_id, source.sha256):
        return True
    return bool(
        recognition.holders(db, dataset_id, {each.sha256 for each in read.sources}, read.name)
    )


def subset(read: Trajectory, rows: Int64[np.ndarray, " rows"]) -> Trajectory:
    """Some of the frames of a trajectory."""
    sources = tuple(read.sources[row] for row in rows) if read.sources else ()
    return replace(read, frames=read.frames[rows], times=read.times[rows], sources=sources)


def _insert(
    db: Database, same: StoredFrames, read: Trajectory, matching: Matching
) -> Int64[np.ndarray, " frames"]:
    """Insert the new frames at their places by time; their ids, none where they do not fit."""
    nothing = np.empty(0, dtype=np.int64)
    if not len(matching.new):
        return nothing
    times = merged_times(same, read, matching)
    if times is None or read.frames.shape[1:] != same.shape:
        return nothing
    known = recognition.compared(matching)
    gray = on_scale_of(
        read.frames[matching.new],
        recognition.gray(db, same, known),
        read.frames[matching.stored[known]],
    )
    if gray is None:
        return nothing
    stored_times, new_times, unit = times
    (threshold,) = db.conn.execute(
        "SELECT threshold FROM trajectories WHERE id = ?", [same.trajectory_id]
    ).fetchone()
    sources = tuple(read.sources[row] for row in matching.new)
    new = replace(read, frames=gray, times=new_times, sources=sources, threshold=threshold)
    return frame_rows.insert(db, same.trajectory_id, frame_rows.encoded(new), stored_times, unit)


def _picture_sources(read: Trajectory, source: Source) -> tuple[Source, ...]:
    # Two files of the same pictures may have other times: by their name they are two trajectories.
    own = repr((read.name, read.frames.shape[1:])).encode()
    return tuple(
        replace(source, sha256=hashlib.sha256(own + frame.tobytes()).hexdigest())
        for frame in read.frames
    )


def _source_of(read: Trajectory) -> Source:
    """The source of a trajectory by those of its frames."""
    if len(read.sources) == 1:
        return read.sources[0]
    digest = hashlib.sha256("\n".join(each.sha256 for each in read.sources).encode())
    size = sum(each.size for each in read.sources)
    return Source(read.sources[0].file, size, digest.hexdigest())


def _source_columns(source: Source) -> dict[str, object]:
    return {
        "source_file": source.file,
        "source_size": source.size,
        "source_sha256": source.sha256,
    }


def _free_name(db: Database, dataset_id: int, wish: str) -> str:
    names = chain([wish], (f"{wish} ({number})" for number in count(2)))
    return next(name for name in names if not trajectories.has_trajectory(db, dataset_id, name))
