"""Trajectories that are being written: chunk by chunk, in short transactions, seen by nobody.

They lie in a data set of their own, which no list shows, under the job that writes them. The last
transaction moves the rows to where they belong (`store.growth`); what a job that was killed has
left is dropped when the next one starts.
"""

import sqlite3
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
from jaxtyping import Bool, Float32, Int64, UInt8
from sqlite_utils import Database

from morphcore import frames as framing
from morphcore.descriptors import contrast
from morphcore.errors import MorphError
from morphcore.frame_file import chunk_length, chunks
from morphcore.progress import Progress, ignore
from morphcore.types import Descriptors, Source, Trajectory
from store import descriptors, frame_rows
from store.db import insert, writing
from store.frame_matching import GrayLevels
from store.frame_rows import EncodedFrame
from store.trajectory_facts import row_of

_DROPPED_AT_ONCE = 500  # frames, in a transaction


class Dropped(MorphError):
    """What this job has written so far is gone: it counted as ended, and another one started."""


class Measure(Protocol):
    """Measures frames of one size, by their ids."""

    def __call__(
        self,
        frame_ids: Int64[np.ndarray, " frames"],
        bits: Bool[np.ndarray, "frames h w"],
        *,
        periodic: bool,
        periodic_y: bool,
        contrast: Float32[np.ndarray, " frames"],
    ) -> Descriptors: ...


@dataclass(frozen=True)
class Chunk:
    """Some frames of a trajectory, in memory, that are to be prepared: a value that travels."""

    part: Trajectory
    levels: GrayLevels | None  # that the frames get before
    composition_chi: float | None

    def __str__(self) -> str:
        return f"{len(self.part.frames)} frames of {self.part.name}"


class Prepared(NamedTuple):
    """Frames as the store keeps them, and their descriptors, by their rows in the chunk."""

    rows: list[EncodedFrame]
    measured: Descriptors | None


class Mapped(Protocol):
    """Applies `prepare` to chunks, in their order, wherever that is done.

    `progress` hears how many chunks are done, and parts of them.
    """

    def __call__(
        self,
        function: Callable[[Measure | None, Chunk, Progress], Prepared],
        chunks: Iterator[Chunk],
        measure: Measure | None,
        progress: Progress,
    ) -> Generator[Prepared, None, None]: ...


def in_turn(
    function: Callable[[Measure | None, Chunk, Progress], Prepared],
    chunks: Iterator[Chunk],
    measure: Measure | None,
    progress: Progress,
) -> Generator[Prepared, None, None]:
    """Prepare one chunk after the other, here."""
    for done, chunk in enumerate(chunks):
        progress(done)
        yield function(measure, chunk, ignore)


def prepare(measure: Measure | None, chunk: Chunk, _: Progress) -> Prepared:
    """Encode and measure the frames of a chunk; touches no store."""
    part, gray = chunk.part, chunk.part.array
    if chunk.levels is not None:
        gray = chunk.levels.of(gray)
    bits = framing.binarise(gray, part.threshold)
    of_frames = contrast.measure(gray, chunk.composition_chi)
    rows = frame_rows.encoded(part, 0, gray, bits, of_frames)
    measured = None
    if measure is not None:
        measured = measure(
            np.arange(len(gray), dtype=np.int64),
            bits,
            periodic=part.periodic,
            periodic_y=part.periodic_y,
            contrast=of_frames,
        )
    return Prepared(rows, measured)


def write(
    db: Database,
    trajectory: Trajectory,
    source: Source | None,
    *,
    job_id: int,
    measure: Measure | None = None,
    levels: GrayLevels | None = None,
    composition_chi: float | None = None,
    progress: Progress = ignore,
    mapped: Mapped = in_turn,
) -> int:
    """Write a trajectory with its descriptors where nobody sees it yet; returns its id.

    `levels` are those that its frames get before. `mapped` prepares its chunks, maybe in other
    processes; this one alone writes. If it is stopped or fails, nothing is left.

    Raises:
        Dropped: if another job has dropped it meanwhile.
        ValueError: if there is not exactly one time a frame, or one source where there are any.
    """
    if len(trajectory.frames) != len(trajectory.times):
        raise ValueError("a trajectory has one time for each frame")
    trajectory_id = _begin(db, trajectory, source, job_id)
    count, step = len(trajectory.frames), chunk_length(trajectory.frames.shape[1:])
    parts = (
        Chunk(_part(trajectory, start, gray), levels, composition_chi)
        for start, gray in chunks(trajectory.frames)
    )
    try:
        start = 0
        with closing(
            mapped(prepare, parts, measure, lambda done: progress(min(1.0, done * step / count)))
        ) as every:
            for rows, measured in every:
                with writing(db):
                    check(db, trajectory_id)
                    ids = frame_rows.add(db, trajectory_id, rows, range(start, start + len(rows)))
                    if measured is not None:
                        descriptors.add(db, measured.with_ids(ids))
                start += len(rows)
    except BaseException:  # a stop, too
        forget(db, trajectory_id)
        raise
    return trajectory_id


def _part(trajectory: Trajectory, start: int, gray: UInt8[np.ndarray, "chunk h w"]) -> Trajectory:
    """Some of a trajectory's frames, from a row on."""
    rows = slice(start, start + len(gray))
    return replace(
        trajectory,
        frames=gray,
        times=trajectory.times[rows],
        sources=trajectory.sources[rows],
    )


def _begin(db: Database, trajectory: Trajectory, source: Source | None, job_id: int) -> int:
    with writing(db):
        row = {
            "name": f"unfinished {uuid.uuid4().hex}",
            "kind": "imported",
            "config": "{}",
            "created": 0.0,
            "unfinished_job": job_id,
        }
        holder = insert(db, "datasets", row)
        return insert(db, "trajectories", row_of(holder, trajectory, source))


def check(db: Database, trajectory_id: int) -> None:
    """Make sure that a trajectory being written is still there.

    Raises:
        Dropped: if another job has dropped it.
    """
    if _holder(db, trajectory_id) is None:
        raise Dropped(
            "This job counted as ended, and what it had written was dropped when another one"
            " started; run it again."
        )


def _holder(db: Database, trajectory_id: int) -> int | None:
    """The data set that a trajectory being written lies in; None if it was dropped."""
    sql = """SELECT d.id FROM datasets d JOIN trajectories t ON t.dataset_id = d.id
             WHERE t.id = ? AND d.unfinished_job IS NOT NULL"""
    row = db.conn.execute(sql, [trajectory_id]).fetchone()
    return None if row is None else int(row[0])


def publish(db: Database, trajectory_id: int, dataset_id: int, name: str) -> None:
    """Move a written trajectory to a data set, in one transaction.

    Raises:
        Dropped: if another job has dropped it meanwhile.
    """
    with writing(db):
        check(db, trajectory_id)
        holder = _holder(db, trajectory_id)
        db.conn.execute(
            "UPDATE trajectories SET dataset_id = ?, name = ? WHERE id = ?",
            [dataset_id, name, trajectory_id],
        )
        db.conn.execute("DELETE FROM datasets WHERE id = ?", [holder])


def forget(db: Database, trajectory_id: int) -> None:
    """Drop what was written of a trajectory; a no-op where it was published or dropped.

    What a full disk or a lock keeps from being dropped is left for the next job that starts.
    """
    with suppress(sqlite3.OperationalError):
        _drop(db, _holder(db, trajectory_id))


def drop_unfinished(db: Database, job_id: int | None = None) -> int:
    """Drop what jobs that no longer run have written and not published; the number of frames.

    A job that starts gives its own id: what an attempt of it before has left is dropped, too.
    Each transaction is short.
    """
    rows = db.conn.execute(f"SELECT id FROM datasets WHERE {_FORSAKEN}", [job_id]).fetchall()
    return sum(_drop(db, row[0]) for row in rows)


def left_over(db: Database, job_id: int | None = None) -> int | None:
    """The number of frames that `drop_unfinished` would drop; None where there is nothing."""
    sets, frames = db.conn.execute(
        f"""SELECT count(DISTINCT d.id), count(f.id) FROM datasets d
            LEFT JOIN trajectories t ON t.dataset_id = d.id
            LEFT JOIN frames f ON f.trajectory_id = t.id WHERE {_FORSAKEN}""",
        [job_id],
    ).fetchone()
    return int(frames) if sets else None


# Of a data set: its job no longer runs, or is the very one that asks.
_FORSAKEN = """unfinished_job IS NOT NULL AND (unfinished_job = ?
               OR unfinished_job NOT IN (SELECT id FROM jobs WHERE state = 'running'))"""


def _drop(db: Database, holder: int | None) -> int:
    dropped = 0
    while holder is not None:
        with writing(db):
            cursor = db.conn.execute(
                """DELETE FROM frames WHERE id IN (
                     SELECT f.id FROM frames f JOIN trajectories t ON t.id = f.trajectory_id
                     WHERE t.dataset_id = ? LIMIT ?)""",
                [holder, _DROPPED_AT_ONCE],
            )
            dropped += cursor.rowcount
            if cursor.rowcount < _DROPPED_AT_ONCE:
                db.conn.execute("DELETE FROM datasets WHERE id = ?", [holder])
                holder = None
    return dropped
