"""Rows of frames: a trajectory's facts and pictures, encoded and put at their indices."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64, UInt8
from PIL import Image
from sqlite_utils import Database

from morphcore import frames
from morphcore.descriptors import contrast
from morphcore.types import TimeUnit, Trajectory
from store.db import writing


@dataclass(frozen=True)
class EncodedFrame:
    """A frame as the store keeps it."""

    time: float
    unseparated: bool
    source_file: str | None
    source_sha256: str | None
    bits: bytes
    png: bytes


def encoded(
    trajectory: Trajectory,
    start: int,
    gray: UInt8[np.ndarray, "chunk h w"],
    bits: Bool[np.ndarray, "chunk h w"],
    of_frames: Float32[np.ndarray, " chunk"],
) -> list[EncodedFrame]:
    """Encode some frames of a trajectory from its row `start` on, with their contrast `of_frames`.

    Raises:
        ValueError: if there is not exactly one time a frame, or one source where there are any.
    """
    if len(trajectory.frames) != len(trajectory.times):
        raise ValueError("a trajectory has one time for each frame")
    rows = slice(start, start + len(gray))
    unseparated = frames.is_unseparated(bits) | ~contrast.is_separated(of_frames)
    columns = zip(
        trajectory.times[rows].tolist(),
        unseparated.tolist(),
        trajectory.sources[rows] or [None] * len(bits),
        frames.pack(bits),
        gray,
        strict=True,
    )
    return [
        EncodedFrame(
            time,
            mixed,
            source.file if source else None,
            source.sha256 if source else None,
            packed.tobytes(),
            _png(picture),
        )
        for time, mixed, source, packed, picture in columns
    ]


def add(
    db: Database, trajectory_id: int, new: Sequence[EncodedFrame], index: Iterable[int]
) -> Int64[np.ndarray, " new"]:
    """Add frames under their indices; returns their ids."""
    ids = []
    for frame, at in zip(new, index, strict=True):
        cursor = db.conn.execute(
            """INSERT INTO frames (trajectory_id, idx, time, uniform, source_file, source_sha256)
               VALUES (?, ?, ?, ?, ?, ?)""",
            [
                trajectory_id,
                at,
                frame.time,
                int(frame.unseparated),
                frame.source_file,
                frame.source_sha256,
            ],
        )
        db.conn.execute(
            "INSERT INTO pictures (frame_id, bits, png) VALUES (?, ?, ?)",
            [cursor.lastrowid, frame.bits, frame.png],
        )
        ids.append(cursor.lastrowid)
    return np.array(ids, dtype=np.int64)


def join(
    db: Database,
    trajectory_id: int,
    other: int,
    new_times: Float64[np.ndarray, " new"],
    stored_times: Float64[np.ndarray, " stored"],
    time_unit: TimeUnit,
) -> Int64[np.ndarray, " new"]:
    """Insert the frames of the trajectory `other` into a trajectory at their places by time.

    Returns the ids of the new frames in time order; the stored ones keep theirs, and from now on
    have `stored_times`, in `time_unit` as `new_times`. No picture is moved.
    """
    with writing(db):
        stored, new = (
            [
                row[0]
                for row in db.conn.execute(
                    "SELECT id FROM frames WHERE trajectory_id = ? ORDER BY idx", [owner]
                )
            ]
            for owner in (trajectory_id, other)
        )
        times = np.concatenate([stored_times, new_times])
        index = np.empty(len(times), dtype=np.int64)
        index[np.argsort(times, kind="stable")] = np.arange(len(times))
        # Aside first: at no moment have two frames of a trajectory one index.
        db.conn.execute("UPDATE frames SET idx = -1 - idx WHERE trajectory_id = ?", [trajectory_id])
        db.conn.executemany(
            "UPDATE frames SET trajectory_id = ?, idx = ?, time = ? WHERE id = ?",
            [
                (trajectory_id, at, time, frame_id)
                for at, time, frame_id in zip(
                    index.tolist(), times.tolist(), [*stored, *new], strict=True
                )
            ],
        )
        db.conn.execute(
            "UPDATE trajectories SET frame_count = ?, time_unit = ? WHERE id = ?",
            [len(times), time_unit, trajectory_id],
        )
    ids = np.array(new, dtype=np.int64)
    return ids[np.argsort(index[len(stored) :])]


def _png(gray: UInt8[np.ndarray, "h w"]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(gray).save(out, format="PNG", compress_level=6)
    return out.getvalue()
