"""Growing and mending: what was imported before is recognised, and only the rest is stored.

A trajectory that has grown is lengthened: new frames get their places by time, those that are there
keep their ids, and with them their latents and descriptors. A file whose contents have changed is
stored apart. Nothing is stored twice.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain, count

import numpy as np
from jaxtyping import Int64
from sqlite_utils import Database

from morphcore import frames as framing
from morphcore.types import Source, Trajectory
from store import frame_rows, trajectories
from store.db import writing
from store.frame_matching import (
    Matching,
    StoredFrames,
    is_same,
    match,
    merged_times,
    on_scale_of,
)
from store.trajectory_facts import set_columns, update_facts

_COMPARED = 8  # frames that are stored and were read again, whose gray levels are compared


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
) -> Stored:
    """Store what is new of a trajectory, whole or not at all.

    `read.sources` has the hash of each frame's contents; where it is empty, the hashes of its
    pictures are taken. Parameters and labels of a stored trajectory are brought up to what was
    read; so are its edges, where `periodic`, what a table says of x and y, is given.
    """
    read = read if read.sources else replace(read, sources=_picture_sources(read, source))
    found = _find(db, dataset_id, read, source)
    if found is None:
        name = _free_name(db, dataset_id, read.name)
        trajectory_id = trajectories.add(db, dataset_id, replace(read, name=name), source)
        new = {trajectory_id: trajectories.frame_ids_of(db, trajectory_id)}
        return Stored(new, trajectory_id, name, is_new=True)
    same, matching = found
    with writing(db):
        updated = update_facts(db, same.trajectory_id, read, periodic)
        new = {}
        inserted = _insert(db, same, read, matching)
        if len(inserted):
            new[same.trajectory_id] = inserted
        apart = matching.changed
        if len(inserted) < len(matching.new):  # it is read in another way than it was
            apart = np.sort(np.concatenate([matching.new, apart]))
        other = None
        if len(apart):
            rest = subset(read, apart)
            other = _free_name(db, dataset_id, read.name)
            added = trajectories.add(db, dataset_id, replace(rest, name=other), _source_of(rest))
            new[added] = trajectories.frame_ids_of(db, added)
        set_columns(
            db, same.trajectory_id, _source_columns(source)
        )  # the next import finds it at once
    return Stored(new, same.trajectory_id, same.name, False, len(inserted), other, updated)


def is_known(db: Database, dataset_id: int, read: Trajectory, source: Source) -> bool:
    """Whether the data set holds any frame of a trajectory that was read, by hashes of files."""
    if trajectories.has_source(db, dataset_id, source.sha256):
        return True
    return bool(_holders(db, dataset_id, {each.sha256 for each in read.sources}))


def subset(read: Trajectory, rows: Int64[np.ndarray, " rows"]) -> Trajectory:
    """Some of the frames of a trajectory."""
    sources = tuple(read.sources[row] for row in rows) if read.sources else ()
    return replace(read, frames=read.frames[rows], times=read.times[rows], sources=sources)


def _find(
    db: Database, dataset_id: int, read: Trajectory, source: Source
) -> tuple[StoredFrames, Matching] | None:
    """The stored trajectory that was read, and which of its frames are stored."""
    known = db.conn.execute(
        "SELECT id FROM trajectories WHERE dataset_id = ? AND source_sha256 = ?",
        [dataset_id, source.sha256],
    ).fetchone()
    if known:
        stored = _stored(db, known[0])
        _complete(db, stored, read)
        nothing = np.empty(0, dtype=np.int64)
        return stored, Matching(np.arange(len(stored.frame_ids)), nothing, nothing)
    hashes = {each.sha256 for each in read.sources}
    best: tuple[StoredFrames, Matching] | None = None
    for trajectory_id in _holders(db, dataset_id, hashes):
        stored = _stored(db, trajectory_id)
        matching = match(stored, read)
        if is_same(stored, read, matching) and (best is None or _more(matching, best[1])):
            best = stored, matching
    if best is None:
        return None
    stored, matching = best
    elsewhere = _files_stored(db, dataset_id, hashes, stored.trajectory_id)
    new, changed = (
        np.array(
            [
                row
                for row in rows.tolist()
                if (read.sources[row].file, read.sources[row].sha256) not in elsewhere
            ],
            dtype=np.int64,
        )
        for rows in (matching.new, matching.changed)
    )
    return stored, replace(matching, new=new, changed=changed)


def _complete(db: Database, stored: StoredFrames, read: Trajectory) -> None:
    """Give the frames of an older store, which had none, their files and hashes."""
    if any(stored.hashes) or len(stored.frame_ids) != len(read.sources):
        return
    for frame_id, source in zip(stored.frame_ids.tolist(), read.sources, strict=True):
        db.conn.execute(
            "UPDATE frames SET source_file = ?, source_sha256 = ? WHERE id = ?",
            [source.file, source.sha256, frame_id],
        )


def _insert(
    db: Database, same: StoredFrames, read: Trajectory, matching: Matching
) -> Int64[np.ndarray, " frames"]:
    """Insert the new frames at their places by time; their ids, none where they do not fit."""
    nothing = np.empty(0, dtype=np.int64)
    if not len(matching.new):
        return nothing
    times = merged_times(same, read, matching)
    known = np.flatnonzero(matching.stored >= 0)
    known = known[framing.evenly(len(known), _COMPARED, ends=True)]
    if times is None or read.frames.shape[1:] != same.shape:
        return nothing
    gray = on_scale_of(
        read.frames[matching.new],
        np.stack([trajectories.frame(db, frame_id) for frame_id in same.frame_ids[known]]),
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


def _more(one: Matching, other: Matching) -> bool:
    return int((one.stored >= 0).sum()) > int((other.stored >= 0).sum())


def _holders(db: Database, dataset_id: int, hashes: set[str]) -> list[int]:
    """The trajectories of a data set that hold frames of these hashes, the oldest first."""
    rows = db.conn.execute(
        """SELECT DISTINCT f.trajectory_id FROM frames f
           JOIN trajectories t ON t.id = f.trajectory_id
           WHERE t.dataset_id = ? AND f.source_sha256 IN (SELECT value FROM json_each(?))
           ORDER BY f.trajectory_id""",
        [dataset_id, json.dumps(sorted(hashes))],
    ).fetchall()
    return [row[0] for row in rows]


def _files_stored(
    db: Database, dataset_id: int, hashes: set[str], but: int
) -> set[tuple[str | None, str | None]]:
    """Files and hashes of frames in the data set's other trajectories."""
    rows = db.conn.execute(
        """SELECT f.source_file, f.source_sha256 FROM frames f
           JOIN trajectories t ON t.id = f.trajectory_id
           WHERE t.dataset_id = ? AND t.id <> ?
             AND f.source_sha256 IN (SELECT value FROM json_each(?))""",
        [dataset_id, but, json.dumps(sorted(hashes))],
    ).fetchall()
    return {(file, digest) for file, digest in rows}


def _stored(db: Database, trajectory_id: int) -> StoredFrames:
    name, unit, height, width = db.conn.execute(
        "SELECT name, time_unit, height, width FROM trajectories WHERE id = ?", [trajectory_id]
    ).fetchone()
    rows = db.conn.execute(
        """SELECT id, time, source_file, source_sha256 FROM frames WHERE trajectory_id = ?
           ORDER BY idx""",
        [trajectory_id],
    ).fetchall()
    return StoredFrames(
        trajectory_id,
        name,
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows], dtype=np.float64),
        unit,
        (height, width),
        tuple(row[2] for row in rows),
        tuple(row[3] for row in rows),
    )


def _picture_sources(read: Trajectory, source: Source) -> tuple[Source, ...]:
    shape = repr(read.frames.shape[1:]).encode()
    return tuple(
        replace(source, sha256=hashlib.sha256(shape + frame.tobytes()).hexdigest())
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
