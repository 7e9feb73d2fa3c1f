"""A store that grows, for `benchmarks.growth`: every row that real work leaves, without physics.

Rows are written by the store's own functions, triggers and all. What costs time outside the store
is done once: one trajectory is drawn and encoded, and all others are that one, its bits rolled
along the film and every picture with its own last bytes.
"""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from sqlite_utils import Database

from morphcore import frames as framing
from morphcore.config import ProjectionConfig, TrainConfig
from morphcore.types import Descriptors, Latents, Posteriors, Projection, Scatter, Split, Trajectory
from store import (
    checkpoints,
    datasets,
    descriptors,
    frame_rows,
    latents,
    projections,
    runs,
    scatter,
)
from store.db import insert, open_store, writing
from store.frame_rows import EncodedFrame
from store.trajectory_facts import row_of
from tests import factory

FRAMES = 250  # of a trajectory
AXES = 16
HALVES_UP_TO = 1000  # frames of which the distance between halves is stored, as an index does
HELD_OUT_EVERY = 5  # trajectories


def begin(path: Path) -> None:
    """Create a data set of one trajectory, with a run, latents and a map of all frames."""
    none = np.empty(0, dtype=np.int64)
    with open_store(path) as db:
        dataset_id = datasets.create(db, "films", "simulated", {})
        config = TrainConfig(preset="two-level", epochs=1, split="trajectory")
        run_id = runs.create(db, dataset_id, config, Split("trajectory", none, none))
        checkpoint_id = checkpoints.add(
            db, run_id, epoch=1, file="none.pt", size=0, sha256="", has_embedding=True
        )
        places = Projection(none, np.empty((0, 2), dtype=np.float32))
        projections.add(db, checkpoint_id, ProjectionConfig(method="pca", every=1), places)


def grow(path: Path, frames: int) -> float:
    """Add trajectories until there are so many frames; frames stored a second of the processor."""
    film = factory.trajectory("film", frames=FRAMES, seed=1)
    gray = film.frames[:]
    bits = framing.binarise(gray, 0.5)
    contrast = np.ones(FRAMES, dtype=np.float32)
    encoded = frame_rows.encoded(film, 0, gray, bits, contrast)
    took: list[float] = []
    with open_store(path) as db:
        (have,) = db.conn.execute(
            "SELECT count(*) FROM trajectories WHERE dataset_id = 1"
        ).fetchone()
        for number in range(have, frames // FRAMES):
            rng = np.random.default_rng(number)
            began = time.process_time()
            with writing(db):
                _add(db, film, encoded, number, rng)
            took.append(time.process_time() - began)
    return FRAMES / float(np.mean(took[-40:]))


def _add(
    db: Database,
    film: Trajectory,
    encoded: list[EncodedFrame],
    number: int,
    rng: np.random.Generator,
) -> None:
    phi, chi = 0.4 + 0.2 * rng.random(), 2.2 + 2.0 * rng.random()
    named = replace(film, name=f"film {number:05}", params={"phi": phi, "chi": chi})
    trajectory_id = insert(db, "trajectories", row_of(1, named, None))
    own = [_own(frame, number) for frame in encoded]
    ids = frame_rows.add(db, trajectory_id, own, range(FRAMES))
    columns = rng.random((len(descriptors.COLUMNS), FRAMES), dtype=np.float32)
    descriptors.add(db, Descriptors(ids, *columns))
    # A path from one place, the same for all, to another.
    path = np.linspace(0, 1, FRAMES)[:, None] * rng.standard_normal(AXES) * 3
    mean = (path + 0.1 * rng.standard_normal((FRAMES, AXES))).astype(np.float32)
    spread = np.full_like(mean, -2.0)
    latents.add(db, 1, Latents(ids, mean, spread, Posteriors(mean[:, ::-1].copy(), spread)))
    if int(ids[0]) <= HALVES_UP_TO:
        scatter.add(db, 1, Scatter(ids, 0.1 + 0.1 * rng.random(FRAMES, dtype=np.float32)))
    held_out = int(number % HELD_OUT_EVERY == 0)
    db.conn.executemany(  # as `runs.create` and `projections.add` write them, all at once
        "INSERT INTO run_frames (run_id, frame_id, held_out) VALUES (1, ?, ?)",
        [(frame_id, held_out) for frame_id in ids.tolist()],
    )
    db.conn.executemany(
        "INSERT INTO projection_points VALUES (1, ?, ?, ?)",
        [(row, x, y) for row, (x, y) in zip(ids.tolist(), mean[:, :2].tolist(), strict=True)],
    )


def _own(frame: EncodedFrame, number: int) -> EncodedFrame:
    """A frame's bits rolled by whole bytes, and its picture with a number after its end."""
    rows = np.frombuffer(frame.bits, dtype=np.uint8).reshape(100, 50)
    bits = np.roll(rows, number % 50, axis=1).tobytes()
    return replace(frame, bits=bits, png=frame.png + number.to_bytes(8, "big"))
