"""Results of reading, and its errors.

A file in an import ends as one of three: `ReadTrajectory`, `Rejection` (meant to be frames, but
unreadable) or `Skipped` (no frame at all, such as a README). Nothing is dropped in silence.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64, Num, UInt8

from morphcore.errors import MorphError
from morphcore.progress import Progress, ignore
from morphcore.readers.look import Question
from morphcore.types import Source, TimeUnit, Trajectory

ACCEPTED = (
    "a folder, zip or tar of pictures (PNG, TIFF, JPEG, BMP, GIF, WebP, PGM, PPM), GraSPI texts,"
    " text and CSV matrices, npy, npz, MATLAB, HDF5, NetCDF, legacy VTK, VTI and MP4"
)


class ImportPathError(MorphError):
    """A path to import that does not exist or cannot be looked into."""


class TooLong(MorphError):
    """An import that takes more time than is accepted."""


class UnreadableFrame(MorphError):
    """A file that cannot be frames; its message is one sentence with what is accepted."""


Values = Num[np.ndarray, "h w"] | Bool[np.ndarray, "h w"] | UInt8[np.ndarray, "h w 3"]


@dataclass(frozen=True)
class Values3D:
    """Pictures of one size and type, read one by one, as often as needed.

    `shape` is (time, rows, columns), or (time, rows, columns, 3) of colours (red, green, blue,
    uint8). One at a time is in memory.
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    frames: Callable[[], Iterator[Values]]


class EvenGray(UnreadableFrame):
    """All pixels of all frames have the same value."""


@dataclass(frozen=True)
class ReadTrajectory:
    """A trajectory that was read, and its source file.

    `frame_params` and `frame_labels` are numbers and words that a `frames.csv` says of each frame;
    empty where there is none. `edges`: which axes go around, x and y, where an option or a table
    says so. `storing` is to be called with the share of it that is stored, as a part of the whole.
    """

    trajectory: Trajectory
    source: Source
    edges: tuple[bool, bool] | None = None
    frame_params: tuple[Mapping[str, float], ...] = ()
    frame_labels: tuple[Mapping[str, str], ...] = ()
    storing: Progress = ignore


@dataclass(frozen=True)
class Skipped:
    """A file that is no frame at all: a README, a log, a licence, a hidden file."""

    file: str


@dataclass(frozen=True)
class Stack:
    """The frames of one trajectory as a file holds them: its own numbers, size and orientation.

    What is None the file does not say. `part` names it among several in the file; `name` is set
    where the file names the trajectory.
    """

    values: Values3D
    part: str = ""
    name: str | None = None
    # "yx": rows are y; "xy": rows are x, so that the picture lies on its side.
    axes: Literal["yx", "xy"] | None = None
    y_up: bool = False  # the first y is at the bottom
    times: Float64[np.ndarray, " time"] | None = None
    time_unit: TimeUnit | None = None
    params: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    periodic: tuple[bool, bool] | None = None  # along x, along y
    pixel_size: tuple[float, float] | None = None  # along x, along y, in `length_unit`
    length_unit: str | None = None
    done: tuple[str, ...] = ()  # what its reader chose, in sentences: "Channel 0 of 2 is taken."
    questions: tuple[Question, ...] = ()  # what its reader cannot choose
