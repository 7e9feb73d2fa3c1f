"""Which frames of a trajectory that was read are stored already, and where the others belong."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from jaxtyping import Float64, Int64, UInt8

from morphcore.types import Source, TimeUnit, Trajectory

_MOST_DIFFERENCE = 2  # gray levels, by rounding twice


@dataclass(frozen=True)
class StoredFrames:
    """The frames of a stored trajectory in time order, with their files and hashes."""

    trajectory_id: int
    name: str
    frame_ids: Int64[np.ndarray, " stored"]
    times: Float64[np.ndarray, " stored"]
    time_unit: TimeUnit
    shape: tuple[int, int]
    files: tuple[str | None, ...]
    hashes: tuple[str | None, ...]


@dataclass(frozen=True)
class Matching:
    """Rows of the frames that were read: those stored, those to be inserted, those changed."""

    stored: Int64[np.ndarray, " stored"]  # for each stored frame the row read; -1: none
    new: Int64[np.ndarray, " new"]
    changed: Int64[np.ndarray, " changed"]  # a stored frame of that file has other contents

    @property
    def whole(self) -> bool:
        """Whether all that is stored was read as well."""
        return bool((self.stored >= 0).all())


def match(stored: StoredFrames, read: Trajectory) -> Matching:
    """Match frames by the hashes of their contents, equal ones in their order.

    A frame of the same file, or of the same time where one file holds all, is changed if its
    contents are others.
    """
    waiting: dict[str, list[int]] = defaultdict(list)
    for row, source in enumerate(read.sources):
        waiting[source.sha256].append(row)
    rows = np.full(len(stored.frame_ids), -1, dtype=np.int64)
    for index, digest in enumerate(stored.hashes):
        if digest is not None and waiting.get(digest):
            rows[index] = waiting[digest].pop(0)
    places = _places(read.sources, read.times)
    taken = {
        place for index, place in enumerate(_stored_places(stored, read.sources)) if rows[index] < 0
    }
    left = sorted(row for waiting_rows in waiting.values() for row in waiting_rows)
    changed = [row for row in left if places[row] in taken]
    new = [row for row in left if places[row] not in taken]
    return Matching(rows, np.array(new, dtype=np.int64), np.array(changed, dtype=np.int64))


def match_by_time(stored: StoredFrames, read: Trajectory) -> Matching | None:
    """Match frames by their times alone; None where a stored one has none among those read."""
    row_of = {float(time): row for row, time in enumerate(read.times)}
    rows = np.array([row_of.get(float(time), -1) for time in stored.times], dtype=np.int64)
    if (rows < 0).any() or stored.time_unit != read.time_unit:
        return None
    new = np.setdiff1d(np.arange(len(read.times)), rows)
    return Matching(rows, new, np.empty(0, dtype=np.int64))


def is_same(stored: StoredFrames, read: Trajectory, matching: Matching) -> bool:
    """Whether the stored trajectory is the one that was read, shorter, longer or mended.

    The first frames of many trajectories are alike, so that one common frame is not enough, unless
    it is the same file or the trajectory has the same name.
    """
    matched = matching.stored[matching.stored >= 0]
    if not len(matched):
        return False
    if stored.name == read.name:
        return True
    within = matching.whole or len(matched) == len(read.sources)
    several = len({read.sources[row].sha256 for row in matched}) > 1
    same_files = any(
        row >= 0 and stored.files[index] == read.sources[row].file
        for index, row in enumerate(matching.stored)
    )
    return within and (several or same_files)


def merged_times(
    stored: StoredFrames, read: Trajectory, matching: Matching
) -> tuple[Float64[np.ndarray, " stored"], Float64[np.ndarray, " new"], TimeUnit] | None:
    """Times of the stored and of the new frames in one unit; None where there is no such.

    If everything stored was read again, the times are as read. Else those read are shifted to
    agree with the stored ones: an index, or seconds since a first frame, that is not there now.
    """
    new = read.times[matching.new]
    if matching.whole:
        return read.times[matching.stored], new, read.time_unit
    if stored.time_unit != read.time_unit:
        return None
    known = matching.stored >= 0
    shift = np.median(stored.times[known] - read.times[matching.stored[known]])
    return stored.times, new + shift, stored.time_unit


@dataclass(frozen=True)
class GrayLevels:
    """Gray levels in proportion to those that were read: `slope` times these, and `offset`."""

    slope: float = 1.0
    offset: float = 0.0

    def of(self, frames: UInt8[np.ndarray, "frames h w"]) -> UInt8[np.ndarray, "frames h w"]:
        """Frames in these levels, from those that they were read in."""
        if (self.slope, self.offset) == (1.0, 0.0):
            return frames
        scaled: np.ndarray = np.clip(np.rint(self.slope * frames + self.offset), 0, 255)
        return scaled.astype(np.uint8)


def levels_of(
    stored: UInt8[np.ndarray, "known h w"], read: UInt8[np.ndarray, "known h w"]
) -> GrayLevels | None:
    """The gray levels that the stored frames have, by those read; None where they are unlike.

    `stored` and `read` are the same frames, as stored and as read now. A trajectory that has grown
    may have another range, and so other gray levels, for the same values; these are in proportion.

    >>> stored = np.array([[[10, 20], [30, 50]]], dtype=np.uint8)
    >>> levels_of(stored, stored * 2 + 5).of(stored * 2 + 5).tolist()
    [[[10, 20], [30, 50]]]
    """
    if stored.shape != read.shape:
        return None
    if (stored == read).all():
        return GrayLevels()
    inside = (stored > 0) & (stored < 255) & (read > 0) & (read < 255)
    x = (read[inside] if inside.any() else read.ravel()).astype(np.float64)
    y = (stored[inside] if inside.any() else stored.ravel()).astype(np.float64)
    if x.min() == x.max():
        return None
    slope, offset = np.polyfit(x, y, 1)
    if np.abs(slope * x + offset - y).max() > _MOST_DIFFERENCE * max(1.0, abs(slope)):
        return None
    return GrayLevels(float(slope), float(offset))


def in_one_file(sources: Sequence[Source]) -> bool:
    """Whether one file holds all frames of a trajectory."""
    return len(sources) > 1 and len({source.file for source in sources}) == 1


def _places(sources: Sequence[Source], times: Float64[np.ndarray, " frames"]) -> list[Hashable]:
    """Where each frame is from: its file's name, or its time in the file of all."""
    if in_one_file(sources):
        return [float(time) for time in times]
    return [PurePosixPath(source.file).name for source in sources]


def _stored_places(stored: StoredFrames, sources: Sequence[Source]) -> list[Hashable]:
    if in_one_file(sources):
        return [float(time) for time in stored.times]
    return [file and PurePosixPath(file).name for file in stored.files]
