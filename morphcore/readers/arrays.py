"""NumPy files: npy as one trajectory; npz as one for each array, or as Morph's own export.

Arrays are read frame by frame from the file or from inside a zip. Pickled objects are refused by
the header, before anything is opened.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedIOBase
from tokenize import TokenError

import numpy as np
from jaxtyping import Int64, UInt8
from numpy.lib import format as npy_format

from morphcore.progress import Progress, part
from morphcore.readers import grayscale
from morphcore.readers.archive import unzipped
from morphcore.readers.files import File, opened
from morphcore.readers.limits import ReadLimits
from morphcore.readers.results import Stack, UnreadableFrame
from morphcore.types import Rejection, TimeUnit

_COLUMN_BYTES = 256 * 2**20  # of one of the arrays beside `frames`
_WHOLE_BYTES = 2 * 2**30  # of an array in Fortran order, which cannot be read frame by frame


@dataclass(frozen=True)
class _Header:
    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype
    bytes: int  # of the header itself


def npy(file: File, progress: Progress, limits: ReadLimits) -> Stack:
    """Read an npy array as one trajectory.

    Raises:
        UnreadableFrame: if it is no npy file, or its array is not one of frames.
    """
    return Stack(grayscale.grays(_values(file), progress, limits))


def npz(file: File, progress: Progress, limits: ReadLimits) -> Iterator[Stack | Rejection]:
    """Read the trajectories of an npz: those of Morph's export, or one for each array of frames.

    The export has `frames` [N, height, width] and `trajectory` [N], and may have `index`, `time`,
    `phi`, `chi`, `periodic` (each [N]); they are divided by `trajectory` again.

    Raises:
        UnreadableFrame: if it is no npz file, or holds no frames.
    """
    with unzipped(file, limits) as listing:
        for rejection in listing.rejections:
            whole = rejection.file == file.name
            rejected = file.name if whole else f"{file.name}/{rejection.file}"
            yield Rejection(rejected, rejection.reason)
        members = {member.name.removesuffix(".npy"): member for member in listing.files}
        if {"frames", "trajectory"} <= members.keys():
            yield from _export(members, progress, limits)
            return
        stacks: list[File] = []
        faults = 0
        for name, member in members.items():
            try:
                if grayscale.is_image_like(_read_header(member).shape):
                    stacks.append(member)  # the others are columns of numbers beside the frames
            except UnreadableFrame as err:
                faults += 1
                yield Rejection(f"{file.name}/{name}", str(err))
        if not stacks and not faults and not listing.rejections:
            raise UnreadableFrame(
                "It holds no array of frames; accepted are [height, width] and"
                " [time, height, width]."
            )
        for number, member in enumerate(stacks):
            within = part(progress, number / len(stacks), (number + 1) / len(stacks))
            name = member.name.removesuffix(".npy")
            try:
                frames = grayscale.grays(_values(member), within, limits)
                yield Stack(frames, part=name if len(stacks) > 1 else "")
            except UnreadableFrame as err:
                yield Rejection(f"{file.name}/{name}", str(err))


def single(file: File, limits: ReadLimits) -> UInt8[np.ndarray, "h w"]:
    """Read the only frame of an npy file, as gray of its own size.

    Raises:
        UnreadableFrame: if it holds several frames or none.
    """
    values = _values(file)
    if len(values.shape) == 3 and values.shape[0] != 1:
        raise UnreadableFrame(
            f"Its array has the shape {list(values.shape)}; a single frame, [height, width],"
            " is needed."
        )
    grayscale.check_shape(values.shape, limits)
    grayscale.check_dtype(values.dtype)
    return grayscale.gray(next(values.frames()), limits)


def is_one_frame(file: File) -> bool:
    """Whether an npy file holds a single frame by its header; a broken one fails later."""
    try:
        return len(_read_header(file).shape) == 2
    except UnreadableFrame:
        return False


def _export(members: Mapping[str, File], progress: Progress, limits: ReadLimits) -> Iterator[Stack]:
    """Read Morph's own npz. A trajectory is yielded when its last frame was read."""
    columns = {
        name: _column(members[name])
        for name in ("trajectory", "index", "time", "phi", "chi", "periodic")
        if name in members
    }
    values = _values(members["frames"])
    grayscale.check_shape(values.shape, limits)
    count = values.shape[0] if len(values.shape) == 3 else 0
    for name, column in columns.items():
        if column.shape != (count,):
            raise UnreadableFrame(
                f"Its array {name!r} has the shape {list(column.shape)}, but there are"
                f" {count} frames."
            )
    owners = columns["trajectory"]
    last = {str(owner): row for row, owner in enumerate(owners)}
    scale = grayscale.GrayScale.from_values(values, part(progress, 0.0, 0.4), limits)
    waiting: dict[str, list[tuple[int, UInt8[np.ndarray, "100 400"]]]] = {}
    for row, frame in enumerate(values.frames()):
        progress(0.4 + 0.6 * row / count)
        owner = str(owners[row])
        waiting.setdefault(owner, []).append((row, scale.frame(frame)))
        if row == last[owner]:
            yield _trajectory(owner, waiting.pop(owner), columns)


def _trajectory(
    owner: str,
    members: list[tuple[int, UInt8[np.ndarray, "100 400"]]],
    columns: Mapping[str, np.ndarray],
) -> Stack:
    """Make the trajectory of some rows of an export, in the order of `index`, else of `time`."""
    rows = np.array([row for row, _ in members])
    frames = np.stack([frame for _, frame in members])
    key = columns.get("index", columns.get("time"))
    order = np.arange(len(rows)) if key is None else np.argsort(key[rows], kind="stable")
    rows, frames = rows[order], frames[order]
    steps: Int64[np.ndarray, " time"] = np.arange(len(rows), dtype=np.int64)
    unit: TimeUnit = "frame"
    if "time" in columns and columns["time"].dtype.kind in "iu":
        given = columns["time"][rows].astype(np.int64)
        if (np.diff(given) > 0).all() and not np.array_equal(given, steps):
            steps, unit = given, "step"
    params = {
        name: float(columns[name][rows[0]])
        for name in ("phi", "chi")
        if name in columns and np.isfinite(columns[name][rows[0]])
    }
    periodic = "periodic" in columns and bool(columns["periodic"][rows[0]])
    name = owner if columns["trajectory"].dtype.kind == "U" else None
    return Stack(frames, owner, name, steps, unit, params, periodic)


def _column(file: File) -> np.ndarray:
    header = _read_header(file)
    if header.dtype.kind not in "buifU" or file.size > _COLUMN_BYTES:
        name = file.name.removesuffix(".npy")
        raise UnreadableFrame(
            f"Its array {name!r} is of the type {header.dtype} or too long; accepted are numbers"
            " and texts, one for each frame."
        )
    with opened(file) as stream:
        stream.read(header.bytes)
        flat = np.frombuffer(stream.read(), dtype=header.dtype)
    return flat.reshape(header.shape)


def _values(file: File) -> grayscale.Values3D:
    header = _read_header(file)
    return grayscale.Values3D(header.shape, header.dtype, lambda: _frames(file, header))


def _read_header(file: File) -> _Header:
    with opened(file) as stream:
        header = _parse_header(stream)
    if header.dtype.hasobject:
        grayscale.check_dtype(header.dtype)
    if 0 in header.shape:
        raise UnreadableFrame(f"Its array is empty: its shape is {list(header.shape)}.")
    promised = math.prod(header.shape) * header.dtype.itemsize
    if promised != file.size - header.bytes:
        raise UnreadableFrame(
            f"Its header says {promised:,} bytes of values, but there are"
            f" {file.size - header.bytes:,}: it is cut off or damaged."
        )
    return header


def _parse_header(stream: BufferedIOBase) -> _Header:
    try:
        version = npy_format.read_magic(stream)
        if version == (1, 0):
            shape, fortran, dtype = npy_format.read_array_header_1_0(stream)
        elif version == (2, 0):
            shape, fortran, dtype = npy_format.read_array_header_2_0(stream)
        else:
            raise UnreadableFrame(
                "It is an npy file of a kind for tables with names; accepted are arrays of numbers."
            )
        return _Header(shape, fortran, dtype, stream.tell())
    except (ValueError, TypeError, SyntaxError, RecursionError, TokenError) as err:
        raise UnreadableFrame("It is not an npy file, or its header is damaged.") from err


def _frames(file: File, header: _Header) -> Iterator[grayscale.Values]:
    height, width = header.shape[-2:]
    with opened(file) as stream:
        stream.read(header.bytes)
        if header.fortran:
            if file.size > _WHOLE_BYTES:
                raise UnreadableFrame(
                    "It is stored in Fortran order and above 2 GB; save it in C order"
                    " (numpy.ascontiguousarray)."
                )
            whole = np.frombuffer(stream.read(), dtype=header.dtype)
            yield from whole.reshape(header.shape, order="F").reshape(-1, height, width)
            return
        for _ in range(math.prod(header.shape[:-2])):
            data = stream.read(height * width * header.dtype.itemsize)
            yield np.frombuffer(data, dtype=header.dtype).reshape(height, width)
