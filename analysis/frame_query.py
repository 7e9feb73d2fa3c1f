"""Frame queries, stored or new: their descriptors and their posterior."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.latent_space import UNSEPARATED, LatentSpace, encode
from morphcore import frames
from morphcore.errors import MorphError
from morphcore.frames import PackedFrames, SizedFrames
from morphcore.types import BinaryFrame, Descriptors, Latents
from store import descriptors, trajectories
from store.checkpoints import Checkpoint
from store.db import open_store

STORED = "frame:"  # the prefix of a target that is no file

# The posterior of a frame by a checkpoint's model: `latent_space.encode`, or one that keeps models.
Encoder = Callable[[Path, Checkpoint, SizedFrames], Latents]


@dataclass(frozen=True)
class FrameQuery:
    """A frame to search for or to compare; `frame_id` where it is a stored one, unchanged."""

    bits: BinaryFrame
    frame_id: int | None
    periodic: bool  # the left edge continues at the right one
    periodic_y: bool = False  # the top edge continues at the bottom one

    def packed(self) -> SizedFrames:
        """The frame, packed, as a model takes it."""
        edges = {"periodic": self.periodic, "periodic_y": self.periodic_y}
        return SizedFrames.of(PackedFrames.of(self.bits[None], **edges))


def embed(
    store: Path,
    space: LatentSpace,
    query: FrameQuery,
    encoder: Encoder = encode,
) -> Latents:
    """The posterior of a frame: from the store where it is there, else from the model.

    Raises:
        MorphError: if the model is needed and missing, or the frame is one colour everywhere.
    """
    stored = None if query.frame_id is None else space.posterior_of(query.frame_id)
    return encoder(store, space.checkpoint, query.packed()) if stored is None else stored


def describe(store: Path, query: FrameQuery) -> Descriptors:
    """The descriptors of a frame, in one row: from the store if they are there, else measured."""
    if query.frame_id is not None:
        with open_store(store) as db:
            stored = descriptors.of_frame(db, query.frame_id)
        if stored is not None and np.isfinite(stored.euler):
            columns = {name: np.array([value], np.float32) for name, value in vars(stored).items()}
            return Descriptors(np.array([query.frame_id], dtype=np.int64), **columns)
    return measure_descriptors(query)


def measure_descriptors(query: FrameQuery) -> Descriptors:
    """Measure the descriptors of a frame, in one row.

    The domain length of an imported or uploaded frame leaves out the seam.
    """
    from morphcore.descriptors.measure import measure  # with scipy: not before it is needed

    return measure(np.array([0], dtype=np.int64), query.bits[None], periodic=query.periodic)


def stored_frame(store: Path, frame_id: int) -> FrameQuery:
    """A stored frame as a query.

    Raises:
        UnknownFrame: if the store has no such frame.
    """
    with open_store(store) as db:
        packed = trajectories.packed(db, np.array([frame_id], dtype=np.int64)).one_size
    return FrameQuery(
        packed.bits()[0], frame_id, bool(packed.periodic[0]), periodic_y=bool(packed.periodic_y[0])
    )


def parse_target(store: Path, target: str) -> FrameQuery:
    """A frame that is named by a file's path, or by `frame:ID` where it is stored.

    Raises:
        MorphError: if it names no frame, cannot be read, or is one colour everywhere.
        UnknownFrame: if the store has no frame of that number.
    """
    query = _stored(store, target) if target.startswith(STORED) else _from_file(target)
    if frames.is_unseparated(query.bits):
        raise MorphError(f"{target}: {UNSEPARATED[0].lower()}{UNSEPARATED[1:]}")
    return query


def _stored(store: Path, target: str) -> FrameQuery:
    number = target.removeprefix(STORED)
    if not number.isdecimal():
        raise MorphError(f"{target!r} names no frame; accepted is frame:17 or the like, or a file.")
    return stored_frame(store, int(number))


def _from_file(target: str) -> FrameQuery:
    from morphcore.readers.results import ImportPathError, UnreadableFrame
    from morphcore.readers.single_frame import frame_file

    file = Path(target)
    try:
        return FrameQuery(frames.binarise(frame_file(file, file.name)), None, periodic=False)
    except ImportPathError as err:
        raise MorphError(f"{err} Accepted is a file, or a stored frame as frame:17.") from err
    except UnreadableFrame as err:
        raise MorphError(f"{target} cannot be read. {err}") from err
