"""Results of reading, and its errors.

A file in an import ends as one of three: `ReadTrajectory`, `Rejection` (meant to be frames, but
unreadable) or `Skipped` (no frame at all, such as a README). Nothing is dropped in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int64, UInt8

from morphcore.errors import MorphError
from morphcore.types import Source, TimeUnit, Trajectory

ACCEPTED = (
    "a folder or zip of pictures (PNG, TIFF, JPEG, BMP) or of GraSPI texts, npy, npz, HDF5,"
    " multi-page TIFF, GIF and MP4"
)


class ImportPathError(MorphError):
    """A path to import that does not exist or cannot be looked into."""


class UnreadableFrame(MorphError):
    """A file that cannot be frames; its message is one sentence with what is accepted."""


@dataclass(frozen=True)
class ReadTrajectory:
    """A trajectory that was read, and its source file."""

    trajectory: Trajectory
    source: Source


@dataclass(frozen=True)
class Skipped:
    """A file that is no frame at all: a README, a log, a licence, a hidden file."""

    file: str


@dataclass(frozen=True)
class Stack:
    """The frames of one trajectory as a file holds them.

    `part` names it among several in the file. `name` is set where the file names the
    trajectory; `steps` where it has them.
    """

    frames: UInt8[np.ndarray, "time 100 400"]
    part: str = ""
    name: str | None = None
    steps: Int64[np.ndarray, " time"] | None = None
    time_unit: TimeUnit = "step"
    params: Mapping[str, float] = field(default_factory=dict)
    periodic: bool = False
