"""Gray frames that memory need not hold as a whole: they lie in a temporary file without a name.

The operating system removes it with the process, however that ends.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from jaxtyping import Int64, UInt8

from morphcore.errors import MorphError

CHUNK_BYTES = 2 * 2**20  # of gray frames that are worked on at once
_MOST_FRAMES = 32  # of a chunk
_SPARE_BYTES = 64 * 2**20  # of the disk that are left free


class NoRoom(MorphError):
    """The disk has no room for frames while they are read; the message says how much is needed."""


class FrameFile:
    """Gray frames of one size in a file, [time, height, width]; a part is read when asked for.

    `start` is the first frame's place in the file, in bytes; `rows` are the places of the frames
    in their order, where they are not one after the other.
    """

    def __init__(
        self,
        file: IO[bytes],
        shape: tuple[int, int, int],
        start: int = 0,
        rows: Int64[np.ndarray, " time"] | None = None,
    ) -> None:
        self._file, self.shape, self._start, self._rows = file, shape, start, rows

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, which: Any) -> np.ndarray:
        """Some of the frames, by a slice, an index or their rows, as an array in memory."""
        _, height, width = self.shape
        wanted = np.arange(len(self))[which]
        rows = np.atleast_1d(wanted if self._rows is None else self._rows[wanted])
        out = np.empty((len(rows), height, width), dtype=np.uint8)
        for place, row in enumerate(rows.tolist()):
            self._file.seek(self._start + row * height * width)
            if self._file.readinto(out[place].reshape(-1)) != height * width:  # type: ignore[attr-defined]
                raise NoRoom("The temporary file of the frames was cut off while they were read.")
        return out if np.ndim(wanted) else out[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or np.uint8, copy=False)

    def put(self, row: int, gray: UInt8[np.ndarray, "h w"]) -> None:
        """Write a frame at its place.

        Raises:
            NoRoom: if the disk is full.
        """
        try:
            self._file.seek(self._start + row * gray.size)
            self._file.write(np.ascontiguousarray(gray).data)
        except OSError as err:
            raise NoRoom(f"The frames could not be written to a temporary file: {err}.") from err

    def of_rows(self, rows: Int64[np.ndarray, " rows"]) -> "FrameFile":
        """Some of the frames, of the same file."""
        own = rows if self._rows is None else self._rows[rows]
        return FrameFile(self._file, (len(rows), *self.shape[1:]), self._start, own)


GrayFrames = UInt8[np.ndarray, "time h w"] | FrameFile


def several(
    count: int, shape: tuple[int, int, int], *, folder: Path | None, held_bytes: int
) -> list[GrayFrames]:
    """Room for `count` trajectories of one shape: in memory up to `held_bytes`, else in a file.

    The file lies in `folder`, by default where the system has its temporary files.

    Raises:
        NoRoom: if the disk has no room for them.
    """
    each = shape[0] * shape[1] * shape[2]
    if count * each <= held_bytes:
        return [np.empty(shape, dtype=np.uint8) for _ in range(count)]
    where = Path(tempfile.gettempdir()) if folder is None else folder
    try:
        free = shutil.disk_usage(where).free
        file = tempfile.TemporaryFile(prefix="morph-", dir=where)  # noqa: SIM115
    except OSError as err:
        raise NoRoom(f"No temporary file can be written in {where}: {err}.") from err
    if free < count * each + _SPARE_BYTES:
        file.close()
        raise NoRoom(
            f"Its frames need {count * each / 2**20:,.0f} MB in {where} while they are read, and"
            f" the disk has {free / 2**20:,.0f} MB left; free some space and try again."
        )
    return [FrameFile(file, shape, number * each) for number in range(count)]


def put(frames: GrayFrames, row: int, gray: UInt8[np.ndarray, "h w"]) -> None:
    """Set one of the frames.

    Raises:
        NoRoom: if they lie in a file, and the disk is full.
    """
    if isinstance(frames, FrameFile):
        frames.put(row, gray)
    else:
        frames[row] = gray


def of_rows(frames: GrayFrames, rows: Int64[np.ndarray, " rows"]) -> GrayFrames:
    """Some of the frames, in that order."""
    return frames.of_rows(rows) if isinstance(frames, FrameFile) else frames[rows]


def chunks(frames: GrayFrames) -> Iterator[tuple[int, UInt8[np.ndarray, "chunk h w"]]]:
    """Go over frames, some at a time: the first one's row, and these.

    >>> [(row, len(part)) for row, part in chunks(np.zeros((70, 8, 8), dtype=np.uint8))]
    [(0, 32), (32, 32), (64, 6)]
    """
    step = chunk_length((frames.shape[1], frames.shape[2]))
    for start in range(0, len(frames), step):
        yield start, frames[start : start + step]


def chunk_length(shape: tuple[int, int]) -> int:
    """How many frames of a size, (height, width), are worked on at once."""
    return max(1, min(_MOST_FRAMES, CHUNK_BYTES // (shape[0] * shape[1])))
