"""Frame queries, stored or new: their descriptors and their posterior."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.latent_space import LatentSpace, encode
from morphcore import frames
from morphcore.descriptors import contrast as contrast_of
from morphcore.errors import MorphError
from morphcore.frames import PackedFrames, SizedFrames
from morphcore.types import BinaryFrame, Descriptors, GrayFrame, Latents
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
    gray: GrayFrame | None = None  # None: it has no other levels than black and white
    contrast: float = 1.0  # of its gray levels, 0 to 1
    pixel_size: float | None = None  # side of a pixel in `length_unit`; None: not known
    length_unit: str = "px"

    @property
    def unseparated(self) -> bool:
        """Whether nothing in it has separated yet: by its contrast, or as it has one colour."""
        separated = contrast_of.is_separated(np.array([self.contrast], dtype=np.float32))[0]
        return not separated or bool(frames.is_unseparated(self.bits))

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

    return measure(
        np.array([0], dtype=np.int64),
        query.bits[None],
        periodic=query.periodic,
        periodic_y=query.periodic_y,
        contrast=None if query.gray is None else np.array([query.contrast], dtype=np.float32),
    )


def of_picture(gray: GrayFrame, bits: BinaryFrame) -> FrameQuery:
    """A frame from a picture that is not stored: with walls, and of any gain."""
    contrast = float(contrast_of.measure(gray[None])[0])
    return FrameQuery(bits, None, periodic=False, gray=gray, contrast=contrast)


def unseparated_words(query: FrameQuery) -> str:
    """A sentence on a frame in which nothing has separated yet."""
    one_colour = bool(frames.is_unseparated(query.bits))
    why = (
        "it is one colour everywhere"
        if one_colour
        else f"its contrast is {query.contrast:.2f} of 1"
    )
    return f"Nothing in this frame has separated yet: {why}, so there is nothing to compare."


def stored_frame(store: Path, frame_id: int) -> FrameQuery:
    """A stored frame as a query.

    Raises:
        UnknownFrame: if the store has no such frame.
    """
    with open_store(store) as db:
        packed = trajectories.packed(db, np.array([frame_id], dtype=np.int64)).one_size
        info = trajectories.frame_info(db, frame_id).trajectory
        gray = trajectories.frame(db, frame_id)
        measured = descriptors.of_frame(db, frame_id)
    contrast = float("nan") if measured is None else measured.contrast
    if np.isnan(contrast):
        contrast = float(contrast_of.measure(gray[None], info.composition_chi)[0])
    return FrameQuery(
        packed.bits()[0],
        frame_id,
        info.periodic,
        periodic_y=info.periodic_y,
        gray=gray,
        contrast=contrast,
        pixel_size=info.pixel_size,
        length_unit=info.length_unit,
    )


def parse_target(store: Path, target: str) -> FrameQuery:
    """A frame that is named by a file's path, or by `frame:ID` where it is stored.

    Raises:
        MorphError: if it names no frame, cannot be read, or nothing in it has separated yet.
        UnknownFrame: if the store has no frame of that number.
    """
    query = _stored(store, target) if target.startswith(STORED) else _from_file(target)
    if query.unseparated:
        words = unseparated_words(query)
        raise MorphError(f"{target}: {words[0].lower()}{words[1:]}")
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
        gray = frame_file(file, file.name)
    except ImportPathError as err:
        raise MorphError(f"{err} Accepted is a file, or a stored frame as frame:17.") from err
    except UnreadableFrame as err:
        raise MorphError(f"{target} cannot be read. {err}") from err
    return of_picture(gray, frames.binarise(gray))
