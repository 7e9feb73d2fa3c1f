"""Frames as users have them, as what models and comparisons take: arrays, files, stored frames."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from analysis import attached, frame_query
from analysis.frame_query import STORED, FrameQuery
from morphcore import frames as framing
from morphcore.descriptors import contrast
from morphcore.embedding.rescaling import PixelScale
from morphcore.errors import MorphError
from morphcore.frames import FrameError, PackedFrames, SizedFrames
from morphcore.types import Trajectory
from store.db import open_store
from store.runs import IndexedRun

# A stack [n h w] or one frame [h w], booleans, 0 to 1 or 0 to 255; several of different sizes; or
# a trajectory, with the edges and the threshold that it has.
Frames = np.ndarray | Sequence[np.ndarray] | Trajectory
# A stored frame by its id, a file by its path, a picture [h w], or what `frame_of` makes.
Frame = int | str | Path | np.ndarray | FrameQuery
_HALF = 0.5  # of the whole gray range: white from there on


def packed(frames: Frames, *, periodic: bool = False, periodic_y: bool = False) -> SizedFrames:
    """Pack frames as a model takes them; a trajectory's edges are its own.

    Raises:
        FrameError: if an array has no frames, or values outside 0 to 1, or 0 to 255.
    """
    threshold = _HALF
    if isinstance(frames, Trajectory):
        periodic, periodic_y = frames.periodic, frames.periodic_y
        threshold, frames = frames.threshold, frames.array
    stacks = [frames] if isinstance(frames, np.ndarray) else list(frames)
    if not stacks:
        raise FrameError("There are no frames; accepted is one at least.")
    return SizedFrames.joined(
        [
            SizedFrames.of(
                PackedFrames.of(
                    framing.binarise(_gray(stack), threshold),
                    periodic=periodic,
                    periodic_y=periodic_y,
                )
            )
            for stack in stacks
        ]
    )


def frame_of(trajectory: Trajectory, index: int) -> FrameQuery:
    """Take one frame of a trajectory, with its edges, to compare it or to search by it.

    `index` counts from 0, or from -1 backwards.

    >>> from morph import simulate
    >>> last = frame_of(simulate(phi=0.5, chi=3.2, frames=3, last_step=40), -1)
    >>> last.bits.shape, last.periodic
    ((100, 400), True)

    Raises:
        FrameError: if it has no such frame.
    """
    count = len(trajectory.frames)
    if not -count <= index < count:
        raise FrameError(f"There is no frame {index}; accepted is {-count} to {count - 1}.")
    gray = np.asarray(trajectory.frames[index % count])
    return FrameQuery(
        framing.binarise(gray, trajectory.threshold),
        None,
        trajectory.periodic,
        trajectory.periodic_y,
        gray=gray,
        contrast=float(contrast.measure(gray[None], trajectory.composition_chi)[0]),
        pixel_size=trajectory.pixel_size,
        length_unit=trajectory.length_unit,
    )


def query(store: Path, run: IndexedRun, frame: Frame, *, early: bool = False) -> FrameQuery:
    """A frame as a run's model sees it; `early`: also one that has not separated yet.

    Raises:
        MorphError: if it is no frame, cannot be read, or nothing in it has separated yet.
        UnknownFrame: if the store has no frame of that id.
    """
    if isinstance(frame, bool) or not isinstance(
        frame, int | np.integer | str | Path | np.ndarray | FrameQuery
    ):
        raise FrameError(
            f"{type(frame).__name__} is no frame; accepted are the id of a stored frame, the path"
            " of a file, a picture as an array [h w], or what morph.frame_of makes."
        )
    if isinstance(frame, int | np.integer):
        return frame_query.parse_target(store, run, f"{STORED}{frame}", early=early)
    if isinstance(frame, str | Path):
        return frame_query.parse_target(store, run, str(frame), early=early)
    made = _of_array(store, run, frame) if isinstance(frame, np.ndarray) else frame
    if framing.is_unseparated(made.bits) or (made.unseparated and not early):
        raise MorphError(frame_query.unseparated_words(made))
    return made


def _of_array(store: Path, run: IndexedRun, picture: np.ndarray) -> FrameQuery:
    """A picture as of a file without a pixel size: a pixel is a pixel, and no edges join."""
    stack = _gray(picture)
    if len(stack) != 1:
        raise FrameError(f"These are {len(stack)} frames; accepted is one, [h w].")
    with open_store(store) as db:
        scale = attached.model_scale(db, run)
    decided = frame_query.decide_or_one(scale, PixelScale(stack.shape[1], None, "px"), None)
    return frame_query.of_picture(stack[0], _HALF, decided)


def _gray(stack: np.ndarray) -> UInt8[np.ndarray, "n h w"]:
    """Gray levels of a stack or of one frame; what 1 means is decided by all of its frames."""
    array = np.asarray(stack)
    array = array[None] if array.ndim == 2 else array
    if array.ndim != 3 or not array.size or array.dtype.kind not in "buif":
        raise FrameError(
            f"An array of shape {list(np.shape(stack))} and type {array.dtype} is no frames;"
            " accepted are numbers of shape [n h w], or [h w] for one."
        )
    flat = framing.to_gray(array.reshape(-1, array.shape[2]))
    return flat.reshape(array.shape)
