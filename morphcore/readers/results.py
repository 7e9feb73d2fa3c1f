"""What reading gives, what can go wrong, and how much is too much.

A file in an import ends as one of three: `Found`, `Rejection` (meant to be frames, but unreadable)
or `Skipped` (no frame at all, such as a README). Nothing is dropped in silence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int64, UInt8

from morphcore.types import Source, TimeUnit, Trajectory

ACCEPTED = (
    "a folder or zip of pictures (PNG, TIFF, JPEG, BMP) or of GraSPI texts, npy, npz, HDF5,"
    " multi-page TIFF, GIF and MP4"
)

# Limits, so that one file cannot take all memory or time. All are far above real data:
# the published trajectories have 255 frames of 401 x 101.
MAX_PIXELS = 50_000_000  # of one picture; decided from its header, before it is decoded
MIN_SIDE = 8  # pixels; a smaller array or picture is no morphology
MAX_FRAMES = 20_000  # of one trajectory: 800 MB as gray frames
MAX_VALUES = 20_000_000_000  # of one array
MAX_PICTURE_BYTES = 512 * 2**20  # of one picture or text file
MAX_FILES = 500_000  # of one folder, with all below it

# Called with the share of the import that is done, 0 to 1, and the file at hand; what it raises
# (a stop) goes through to the caller of `read`.
Progress = Callable[[float, str], None]
# The same within one file.
Tick = Callable[[float], None]


class ImportPathError(ValueError):
    """What is to be imported does not exist or cannot be looked into."""


class UnreadableFrame(ValueError):
    """A file that cannot be frames; its message is one sentence with what is accepted."""


@dataclass(frozen=True)
class ReadTrajectory:
    """A trajectory that was read, and what it was read from."""

    trajectory: Trajectory
    source: Source


@dataclass(frozen=True)
class Skipped:
    """A file that is no frame at all: a README, a log, a licence, a hidden file."""

    file: str


@dataclass(frozen=True)
class Stack:
    """The frames of one trajectory as a file holds them.

    `part` says which of several in the file it is. `name` is set where the file names the
    trajectory; `steps` where it knows them.
    """

    frames: UInt8[np.ndarray, "time 100 400"]
    part: str = ""
    name: str | None = None
    steps: Int64[np.ndarray, " time"] | None = None
    time_unit: TimeUnit = "step"
    params: Mapping[str, float] = field(default_factory=dict)
    periodic: bool = False


def check_size(width: int, height: int) -> None:
    """Refuse a picture by its size, before it is decoded.

    Raises:
        UnreadableFrame: if a side is too short or the picture has too many pixels.
    """
    if min(width, height) < MIN_SIDE:
        raise UnreadableFrame(
            f"It is {width} x {height} pixels; accepted are at least {MIN_SIDE} x {MIN_SIDE}."
        )
    if width * height > MAX_PIXELS:
        raise UnreadableFrame(
            f"It is {width:,} x {height:,} pixels, too many to open; accepted are up to"
            f" {MAX_PIXELS:,} pixels in a picture."
        )


def check_count(frames: int) -> None:
    """Refuse a trajectory by its number of frames.

    Raises:
        UnreadableFrame: if it has none or too many.
    """
    if frames < 1:
        raise UnreadableFrame("It has no frames.")
    if frames > MAX_FRAMES:
        raise UnreadableFrame(
            f"It has {frames:,} frames; accepted are up to {MAX_FRAMES:,} in a trajectory."
        )
