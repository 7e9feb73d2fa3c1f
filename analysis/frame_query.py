"""A frame that is asked about, stored or new: its descriptors and its place for a model."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.latent_space import (
    UNSEPARATED,
    LatentSpace,
    checkpoint_file,
    load_model,
    posterior,
    posterior_of,
)
from morphcore import frames
from morphcore.errors import JobError
from morphcore.types import BinaryFrame, Descriptors, Latents
from store import descriptors, trajectories
from store.db import open_store


@dataclass(frozen=True)
class FrameQuery:
    """A frame that is asked about; `frame_id` where it is a stored one, unchanged."""

    bits: BinaryFrame
    frame_id: int | None
    periodic: bool


def embed(store: Path, space: LatentSpace, asked: FrameQuery) -> Latents:
    """A frame's posterior: from the store where it is there, else from the model.

    Raises:
        JobError: if the model is needed and missing, or the frame is one colour everywhere.
    """
    known = None if asked.frame_id is None else posterior_of(space, asked.frame_id)
    if known is not None:
        return known
    file = checkpoint_file(store, space.checkpoint)
    return posterior(load_model(file, space.checkpoint.sha256), asked.bits)


def describe(store: Path, asked: FrameQuery) -> Descriptors:
    """A frame's descriptors, in one row: from the store where they are there, else measured."""
    if asked.frame_id is not None:
        with open_store(store) as db:
            known = descriptors.of_frame(db, asked.frame_id)
        if known is not None and np.isfinite(known.euler):
            columns = {name: np.array([value], np.float32) for name, value in vars(known).items()}
            return Descriptors(np.array([asked.frame_id], dtype=np.int64), **columns)
    return measure_descriptors(asked)


def measure_descriptors(asked: FrameQuery) -> Descriptors:
    """A frame's descriptors; an imported or uploaded one's domain length leaves out the seam."""
    from morphcore.descriptors.measure import measure  # with scipy: not before it is needed

    return measure(np.array([0], dtype=np.int64), asked.bits[None], periodic=asked.periodic)


STORED = "frame:"  # what a target begins with that is no file


def parse_target(store: Path, target: str) -> FrameQuery:
    if target.startswith(STORED):
        number = target.removeprefix(STORED)
        if not number.isdecimal():
            raise JobError(
                f"{target!r} names no frame; accepted is frame:17 or the like, or a file."
            )
        with open_store(store) as db:
            packed = trajectories.packed_bits(db, np.array([int(number)], dtype=np.int64))
            periodic = trajectories.frame_info(db, int(number)).trajectory.periodic
        asked = FrameQuery(frames.unpack(packed[0]), int(number), periodic)
    else:
        from morphcore.readers.read import frame_file
        from morphcore.readers.results import ImportPathError, UnreadableFrame

        file = Path(target)
        try:
            asked = FrameQuery(frames.binarise(frame_file(file, file.name)), None, periodic=False)
        except ImportPathError as err:
            raise JobError(f"{err} Accepted is a file, or a stored frame as frame:17.") from err
        except UnreadableFrame as err:
            raise JobError(f"{target} cannot be read. {err}") from err
    if frames.is_unseparated(asked.bits):
        raise JobError(f"{target}: {UNSEPARATED[0].lower()}{UNSEPARATED[1:]}")
    return asked
