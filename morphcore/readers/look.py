"""Values of a look before an import: what would be stored, and what has to be decided first."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from morphcore.readers.options import ImportOptions
from morphcore.types import Rejection


@dataclass(frozen=True)
class Question:
    """Something that has to be decided before the import; `option` is the one that decides it."""

    option: str  # a field of ImportOptions
    message: str  # what was found, and what to choose from, in one or two sentences


@dataclass(frozen=True)
class TrajectoryLook:
    """One trajectory as it would be stored."""

    name: str
    files: tuple[str, ...]  # in time order; one for a file that holds it whole
    frames: int
    source_shape: tuple[int, int]  # height, width in the file
    shape: tuple[int, int]  # height, width as stored
    times: tuple[float, ...]  # of its frames
    time_unit: str
    value_range: tuple[float, float]  # of the files' own values
    threshold: float  # in the files' own values
    gray_threshold: float  # the same as a share of 255, as `Trajectory.threshold`
    white: str  # which phase is white, such as "values of at least 127.5"
    fraction: tuple[float, float]  # white share of its first and last frame
    pixel_size: float | None
    length_unit: str
    periodic: tuple[bool, bool]  # along x, along y
    params: Mapping[str, float]
    labels: Mapping[str, str]
    strip: UInt8[np.ndarray, "pictures h w"]  # up to 5 of its frames, gray, small
    strip_indices: tuple[int, ...]  # which ones: evenly spaced, the first and the last among them
    done: tuple[str, ...]  # what was done unasked and changes nothing of the meaning, in sentences
    warnings: tuple[str, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class ImportLook:
    """What an import would store; nothing of it is stored yet."""

    options: ImportOptions
    trajectories: tuple[TrajectoryLook, ...]
    rejections: tuple[Rejection, ...]
    skipped: tuple[str, ...]
    questions: tuple[Question, ...]  # of the whole import and of its trajectories, each once

    @property
    def ready(self) -> bool:
        """Whether it can be imported as it is."""
        return bool(self.trajectories) and not self.questions
