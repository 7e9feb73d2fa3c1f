"""MATLAB files: version 7.3, which is HDF5, and version 5 and before, read by SciPy."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from morphcore.progress import Progress
from morphcore.readers import hdf5
from morphcore.readers.array_stacks import stacks_of
from morphcore.readers.fields import Facts, Field, across
from morphcore.readers.files import File, on_disk, opened
from morphcore.readers.limits import ReadLimits
from morphcore.readers.matlab_5 import LargeArray, large_arrays
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import Stack, UnreadableFrame
from morphcore.types import Rejection

_LARGE_BYTES = 64 * 2**20  # of a variable, from here on read piece by piece
_HDF5_FROM = 512  # bytes of MATLAB's own header in a file of version 7.3


def read(
    file: File, progress: Progress, limits: ReadLimits, options: ImportOptions
) -> Iterator[Stack | Rejection]:
    """Read the trajectories of a file: of its arrays, and of those in its structs.

    An array of three axes has time as its last, as MATLAB's users keep it, unless the length of
    `t` says otherwise.

    Raises:
        UnreadableFrame: if it is no MATLAB file, or holds no array of frames.
    """
    with opened(file) as stream:
        head = stream.read(_HDF5_FROM + 4)
    if head[:4] == b"\x89HDF" or head[_HDF5_FROM:] == b"\x89HDF":
        yield from hdf5.read(file, progress, limits, options)
        return
    # SciPy reads a variable as a whole: large ones are read piece by piece instead.
    with on_disk(file) as path:
        large = large_arrays(path, _LARGE_BYTES)
        fields = [*map(_large_field, large)]
        for name, value in _variables(path, {array.name for array in large}).items():
            fields += _fields(name, value)
        yield from _stacks(fields, file, progress, limits, options)


def _variables(path: Path, without: set[str]) -> dict[str, Any]:
    """The variables of a file, without some, by SciPy."""
    from scipy.io import loadmat, whosmat
    from scipy.io.matlab import MatReadError

    try:
        names = [name for name, _, _ in whosmat(str(path)) if name not in without]
        if not names:
            return {}
        found = loadmat(str(path), variable_names=names)
    except (MatReadError, ValueError, TypeError, OSError, NotImplementedError) as err:
        raise UnreadableFrame(
            "It is not a MATLAB file, or it is cut off or damaged; accepted are MATLAB 5 to 7.3."
        ) from err
    except Exception as err:  # SciPy's parser lets zlib's and struct's errors through
        raise UnreadableFrame("The MATLAB file is damaged or cut off.") from err
    return {name: value for name, value in found.items() if not name.startswith("__")}


def _large_field(array: LargeArray) -> Field:
    last = len(array.shape) - 1
    return Field(
        array.name,
        array.shape,
        array.dtype,
        lambda axis: across(array.pieces, last, axis, array.shape, array.dtype),
        Facts(axes="yx"),
    )


def _stacks(
    fields: list[Field],
    file: File,
    progress: Progress,
    limits: ReadLimits,
    options: ImportOptions,
) -> Iterator[Stack | Rejection]:
    params = {
        field.last_name: float(field.whole().reshape(-1)[0])
        for field in fields
        if "/" not in field.name and field.shape == (1, 1) and field.dtype.kind in "iuf"
    }
    wanted = ("phi", "chi")  # other numbers in a workspace may be anything
    known = {name: value for name, value in params.items() if name in wanted}
    fields = [replace(field, facts=replace(field.facts, params=known)) for field in fields]
    yield from stacks_of(fields, file.name, limits, options, time_last=True, progress=progress)


def _fields(name: str, value: Any, depth: int = 0) -> Iterator[Field]:
    """The arrays of a variable; of a struct, those of its fields, one level inside."""
    if not isinstance(value, np.ndarray):
        return
    if value.dtype.names:
        if value.size == 1 and not depth:
            record = value.reshape(-1)[0]
            for inner in value.dtype.names:
                yield from _fields(f"{name}/{inner}", record[inner], depth + 1)
        return
    fault = None
    if value.dtype == np.dtype(object):
        fault = "It is a cell array; accepted are arrays of numbers."

    def slices(axis: int | None) -> Iterator[np.ndarray]:
        return iter((value,) if axis is None else np.moveaxis(value, axis, 0))

    yield Field(name, value.shape, value.dtype, slices, Facts(axes="yx"), fault)
