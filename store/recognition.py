"""Recognise a trajectory that was read among those of a data set."""

import json
from collections.abc import Collection
from dataclasses import replace

import numpy as np
from jaxtyping import Int64, UInt8
from sqlite_utils import Database

from morphcore import frames as framing
from morphcore.types import Source, Trajectory
from store import trajectories
from store.db import writing
from store.frame_matching import (
    Matching,
    StoredFrames,
    in_one_file,
    is_same,
    levels_of,
    match,
    match_by_time,
)

_COMPARED = 8  # frames whose gray levels are compared


def find(
    db: Database,
    dataset_id: int,
    read: Trajectory,
    source: Source,
    taken: Collection[int] = (),
) -> tuple[StoredFrames, Matching] | None:
    """The stored trajectory that was read, and which of its frames are stored.

    None of those that are `taken`: they are other trajectories of the same import, however alike.
    Of several with equal contents it is the one of the same name.
    """
    rows = db.conn.execute(
        """SELECT id FROM trajectories WHERE dataset_id = ? AND source_sha256 = ?
           ORDER BY name <> ?, id""",
        [dataset_id, source.sha256, read.name],
    ).fetchall()
    known = [row[0] for row in rows if row[0] not in taken]
    if known:
        return _whole(db, _stored(db, known[0]), read)
    hashes = {each.sha256 for each in read.sources}
    best: tuple[StoredFrames, Matching] | None = None
    for trajectory_id in holders(db, dataset_id, hashes, read.name):
        if trajectory_id in taken:
            continue
        stored = _stored(db, trajectory_id)
        matching = match(stored, read)
        if is_same(stored, read, matching) and (best is None or _more(matching, best[1])):
            best = stored, matching
    if best is None:
        return _by_pictures(db, dataset_id, read, source)
    stored, matching = best
    elsewhere = frames_elsewhere(db, dataset_id, read, stored.trajectory_id)
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


def compared(matching: Matching) -> Int64[np.ndarray, " compared"]:
    """Some of the stored frames that were read again, evenly spaced."""
    known = np.flatnonzero(matching.stored >= 0)
    chosen: np.ndarray = known[framing.evenly(len(known), _COMPARED, ends=True)]
    return chosen


def gray(
    db: Database, stored: StoredFrames, rows: Int64[np.ndarray, " rows"]
) -> UInt8[np.ndarray, "rows h w"]:
    """The pictures of some stored frames."""
    return np.stack([trajectories.frame(db, int(each)) for each in stored.frame_ids[rows]])


def _by_pictures(
    db: Database, dataset_id: int, read: Trajectory, source: Source
) -> tuple[StoredFrames, Matching] | None:
    """Recognise a trajectory that one file holds whole, where its gray levels are others now.

    They are if its range has grown with it, and so are the hashes of its pictures. Frames of the
    same times have to be in proportion.
    """
    known = db.conn.execute(
        "SELECT id FROM trajectories WHERE dataset_id = ? AND name = ? AND source_file = ?",
        [dataset_id, read.name, source.file],
    ).fetchone()
    if known is None or any(each.file != source.file for each in read.sources):
        return None
    stored = _stored(db, known[0])
    matching = match_by_time(stored, read)
    if matching is None or len(stored.frame_ids) < 2 or stored.shape != read.frames.shape[1:]:
        return None
    rows = compared(matching)
    again = np.asarray(read.frames[matching.stored[rows]])
    alike = levels_of(gray(db, stored, rows), again)
    return None if alike is None else (stored, matching)


def _whole(db: Database, stored: StoredFrames, read: Trajectory) -> tuple[StoredFrames, Matching]:
    """Match a trajectory whose files are known, so that nothing of it is new.

    The frames of an older store, which had none, get their files and hashes.
    """
    nothing = np.empty(0, dtype=np.int64)
    if not any(stored.hashes) and len(stored.frame_ids) == len(read.sources):
        with writing(db):
            db.conn.executemany(
                "UPDATE frames SET source_file = ?, source_sha256 = ? WHERE id = ?",
                [
                    (each.file, each.sha256, frame_id)
                    for frame_id, each in zip(stored.frame_ids.tolist(), read.sources, strict=True)
                ],
            )
        return stored, Matching(np.arange(len(read.sources)), nothing, nothing)
    matching = match(stored, read)
    if in_one_file(read.sources) and not matching.whole:  # other gray levels than when stored
        matching = match_by_time(stored, read) or matching
    return stored, replace(matching, new=nothing, changed=nothing)


def with_source(db: Database, dataset_id: int, source: Source) -> set[int]:
    """The trajectories of a data set that were read from these contents."""
    sql = "SELECT id FROM trajectories WHERE dataset_id = ? AND source_sha256 = ?"
    return {row[0] for row in db.conn.execute(sql, [dataset_id, source.sha256])}


def _more(one: Matching, other: Matching) -> bool:
    return int((one.stored >= 0).sum()) > int((other.stored >= 0).sum())


def holders(db: Database, dataset_id: int, hashes: set[str], name: str) -> list[int]:
    """The trajectories that hold frames of these hashes: that of the name, then the oldest."""
    rows = db.conn.execute(
        """SELECT DISTINCT t.id, t.name FROM frames f
           JOIN trajectories t ON t.id = f.trajectory_id
           WHERE t.dataset_id = ? AND f.source_sha256 IN (SELECT value FROM json_each(?))
           ORDER BY t.name <> ?, t.id""",
        [dataset_id, json.dumps(sorted(hashes)), name],
    ).fetchall()
    return [row[0] for row in rows]


def frames_elsewhere(
    db: Database, dataset_id: int, read: Trajectory, trajectory_id: int
) -> dict[tuple[str, str], int]:
    """Ids of frames in the data set's other trajectories, by file and hash of contents.

    Where one file holds all frames, only in those that hold changed ones of it: the frames of
    another part of the file may look alike.
    """
    rows = db.conn.execute(
        """SELECT t.name, f.source_file, f.source_sha256, f.id FROM frames f
           JOIN trajectories t ON t.id = f.trajectory_id
           WHERE t.dataset_id = ? AND t.id <> ?
             AND f.source_sha256 IN (SELECT value FROM json_each(?))""",
        [dataset_id, trajectory_id, json.dumps(sorted({each.sha256 for each in read.sources}))],
    ).fetchall()
    apart = f"{read.name} ("
    together = in_one_file(read.sources)
    return {
        (file, digest): frame_id
        for name, file, digest, frame_id in rows
        if not together or name.startswith(apart)
    }


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
