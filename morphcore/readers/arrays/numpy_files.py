"""NumPy files: npy as one trajectory; npz as one for each array of frames, or as Morph's export.

Arrays are read frame by frame from the file or from inside a zip. Pickled objects are refused by
the header, before anything is opened.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from tokenize import TokenError

import numpy as np
from jaxtyping import Int64
from numpy.lib import format as npy_format

from morphcore.progress import Progress
from morphcore.readers.arrays.array_stacks import stacks_of
from morphcore.readers.arrays.checks import check_dtype, check_frames
from morphcore.readers.arrays.fields import Field, across, is_image_like
from morphcore.readers.files.archive import unpacked
from morphcore.readers.files.listing import File, opened
from morphcore.readers.files.seekable import seekable
from morphcore.readers.limits import ReadLimits
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import Stack, UnreadableFrame, Values3D
from morphcore.types import Rejection

_PERIODIC = ("periodic", "periodic_y")
_COLUMN_BYTES = 256 * 2**20  # of one of the arrays beside `frames`


@dataclass(frozen=True)
class _Header:
    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype
    bytes: int  # of the header itself


def read(
    file: File, progress: Progress, limits: ReadLimits, options: ImportOptions
) -> Iterator[Stack | Rejection]:
    """Read the trajectory of an npy, or those of an npz: of each array, or of Morph's export.

    The export has `frames` [N, height, width] and `trajectory` [N], and may have `index`, `time`,
    `phi`, `chi`, `periodic` (each [N]); they are divided by `trajectory` again. In another npz, a
    column named t, time or step, as long as the frames, holds their times.

    Raises:
        UnreadableFrame: if it is no such file, or holds no frames.
    """
    if not _is_zip(file):
        field = _field("", file)
        if not is_image_like(field.shape):
            raise UnreadableFrame(
                f"Its array has the shape {list(field.shape)}; accepted are [height, width] and"
                " [time, height, width], with sides of at least 8."
            )
        yield from stacks_of([field], file.name, limits, options, progress=progress)
        return
    with unpacked(file, limits, progress) as listing:
        for rejection in listing.rejections:
            whole = rejection.file == file.name
            rejected = file.name if whole else f"{file.name}/{rejection.file}"
            yield Rejection(rejected, rejection.reason)
        members = {member.name.removesuffix(".npy"): member for member in listing.files}
        if {"frames", "trajectory"} <= members.keys():
            yield from _export(members, progress, limits)
            return
        fields: list[Field] = []
        faults = len(listing.rejections)
        for name, member in members.items():
            try:
                fields.append(_field(name, member))
            except UnreadableFrame as err:
                faults += 1
                yield Rejection(f"{file.name}/{name}", str(err))
        if faults and not any(is_image_like(field.shape) for field in fields):
            return
        yield from stacks_of(fields, file.name, limits, options, progress=progress)


def _is_zip(file: File) -> bool:
    with opened(file) as stream:
        return stream.read(2) == b"PK" or file.name.lower().endswith(".npz")


def _field(name: str, file: File) -> Field:
    header = _read_header(file)
    natural = max(0, len(header.shape) - 1) if header.fortran else 0
    return Field(
        name,
        header.shape,
        header.dtype,
        lambda axis: across(
            lambda: _pieces(file, header), natural, axis, header.shape, header.dtype
        ),
    )


def _export(members: Mapping[str, File], progress: Progress, limits: ReadLimits) -> Iterator[Stack]:
    """Read Morph's own npz, trajectory by trajectory, in the order of their last frames."""
    columns = {
        name: _column(members[name])
        for name in ("trajectory", "index", "time", "phi", "chi", *_PERIODIC)
        if name in members
    }
    header = _read_header(members["frames"])
    if len(header.shape) != 3 or header.fortran:
        raise UnreadableFrame(
            f"Its array 'frames' has the shape {list(header.shape)}; in an export it is"
            " [N, height, width] in C order."
        )
    check_dtype(header.dtype)
    check_frames(header.shape, limits)
    count = header.shape[0]
    for name, column in columns.items():
        if column.shape != (count,):
            raise UnreadableFrame(
                f"Its array {name!r} has the shape {list(column.shape)}, but there are"
                f" {count} frames."
            )
    owners = columns["trajectory"]
    rows_of: dict[str, list[int]] = {}
    for row, owner in enumerate(owners):
        rows_of.setdefault(str(owner), []).append(row)
    with (
        seekable(members["frames"], limits, progress) as where,
        where.open("rb") if isinstance(where, Path) else where as stream,
    ):
        for owner, rows in sorted(rows_of.items(), key=lambda entry: entry[1][-1]):
            progress(rows[-1] / count)
            yield _trajectory(owner, np.array(rows), columns, stream, header)


def _trajectory(
    owner: str,
    rows: Int64[np.ndarray, " rows"],
    columns: Mapping[str, np.ndarray],
    stream: BufferedIOBase,
    header: _Header,
) -> Stack:
    """Make the trajectory of some rows of an export, in the order of `index`, else of `time`."""
    key = columns.get("index", columns.get("time"))
    order = np.arange(len(rows)) if key is None else np.argsort(key[rows], kind="stable")
    rows = rows[order]
    times: np.ndarray | None = None
    unit: str | None = None
    if "time" in columns and columns["time"].dtype.kind in "iuf":
        given = columns["time"][rows].astype(np.float64)
        if (np.diff(given) > 0).all() and not np.array_equal(given, np.arange(len(given))):
            times, unit = given, "step" if columns["time"].dtype.kind in "iu" else None
    params = {
        name: float(columns[name][rows[0]])
        for name in ("phi", "chi")
        if name in columns and np.isfinite(columns[name][rows[0]])
    }
    dtype, shape = header.dtype.newbyteorder("="), header.shape[1:]
    size = math.prod(shape) * dtype.itemsize

    def frames() -> Iterator[np.ndarray]:
        for row in rows.tolist():
            stream.seek(header.bytes + row * size)
            frame = np.frombuffer(stream.read(size), dtype=header.dtype).reshape(shape)
            yield frame.astype(dtype, copy=False)

    along_x, along_y = (name in columns and bool(columns[name][rows[0]]) for name in _PERIODIC)
    return Stack(
        Values3D((len(rows), *shape), dtype, frames),
        part=owner,
        name=owner if columns["trajectory"].dtype.kind == "U" else None,
        axes="yx",
        times=times,
        time_unit=unit,
        params=params,
        periodic=(along_x, along_y),
    )


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


def _read_header(file: File) -> _Header:
    with opened(file) as stream:
        header = _parse_header(stream)
    if header.dtype.hasobject:
        check_dtype(header.dtype)
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


def _pieces(file: File, header: _Header) -> Iterator[np.ndarray]:
    """Read an array piece by piece along its slowest axis: the first, in Fortran order the last."""
    shape = header.shape or (1,)
    count, rest = (shape[-1], shape[:-1]) if header.fortran else (shape[0], shape[1:])
    with opened(file) as stream:
        stream.read(header.bytes)
        for _ in range(count):
            data = stream.read(math.prod(rest) * header.dtype.itemsize)
            piece = np.frombuffer(data, dtype=header.dtype)
            yield piece.reshape(rest, order="F" if header.fortran else "C")
