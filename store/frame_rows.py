"""Rows of frames: a trajectory's facts and pictures, encoded and put at their indices."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64, UInt8
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


def encoded(trajectory: Trajectory) -> list[EncodedFrame]:
    """Encode the frames of a trajectory.

    Raises:
        ValueError: if there is not exactly one time a frame, or one source where there are any.
    """
    bits = frames.binarise(trajectory.frames, trajectory.threshold)
    of_frames = contrast.measure(trajectory.frames, trajectory.composition_chi)
    unseparated = frames.is_unseparated(bits) | ~contrast.is_separated(of_frames)
    rows = zip(
        trajectory.times.tolist(),
        unseparated.tolist(),
        trajectory.sources or [None] * len(bits),
        frames.pack(bits),
        trajectory.frames,
        strict=True,
    )
    return [
        EncodedFrame(
            time,
            mixed,
            source.file if source else None,
            source.sha256 if source else None,
            packed.tobytes(),
            _png(gray),
        )
        for time, mixed, source, packed, gray in rows
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


def insert(
    db: Database,
    trajectory_id: int,
    new: Sequence[EncodedFrame],
    stored_times: Float64[np.ndarray, " stored"],
    time_unit: TimeUnit,
) -> Int64[np.ndarray, " new"]:
    """Insert frames into a trajectory at their places by time, whole or not at all.

    Returns the ids of the new frames in time order; the stored ones keep theirs, and from now on
    have `stored_times`, in `time_unit` as the times of the new ones.
    """
    with writing(db):
        stored = db.conn.execute(
            "SELECT id FROM frames WHERE trajectory_id = ? ORDER BY idx", [trajectory_id]
        ).fetchall()
        times = np.concatenate([stored_times, [frame.time for frame in new]])
        index = np.empty(len(times), dtype=np.int64)
        index[np.argsort(times, kind="stable")] = np.arange(len(times))
        # Aside first: at no moment have two frames of a trajectory one index.
        db.conn.execute("UPDATE frames SET idx = -1 - idx WHERE trajectory_id = ?", [trajectory_id])
        db.conn.executemany(
            "UPDATE frames SET idx = ?, time = ? WHERE id = ?",
            [
                (at, time, frame_id)
                for at, time, (frame_id,) in zip(
                    index[: len(stored)].tolist(), stored_times.tolist(), stored, strict=True
                )
            ],
        )
        ids = add(db, trajectory_id, new, index[len(stored) :].tolist())
        db.conn.execute(
            "UPDATE trajectories SET frame_count = ?, time_unit = ? WHERE id = ?",
            [len(times), time_unit, trajectory_id],
        )
    return ids[np.argsort(index[len(stored) :])]


def _png(gray: UInt8[np.ndarray, "h w"]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(gray).save(out, format="PNG", compress_level=6)
    return out.getvalue()
