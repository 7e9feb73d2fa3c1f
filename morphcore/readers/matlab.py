"""MATLAB files: version 7.3, which is HDF5, and version 5 and before, read by SciPy."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from morphcore.progress import Progress
from morphcore.readers import hdf5
from morphcore.readers.array_stacks import stacks_of
from morphcore.readers.fields import Facts, Field
from morphcore.readers.files import File, opened
from morphcore.readers.limits import ReadLimits
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import Stack, UnreadableFrame
from morphcore.types import Rejection

_MOST_BYTES = 4 * 2**30  # of a file, which is read as a whole
_HDF5_FROM = 512  # bytes of MATLAB's own header in a file of version 7.3


def read(
    file: File, progress: Progress, limits: ReadLimits, options: ImportOptions
) -> Iterator[Stack | Rejection]:
    """Read the trajectories of a file: of its arrays, and of those in its structs.

    An array of three axes has time as its last, as MATLAB's users keep it, unless the length of
    `t` says otherwise; of a version before 7.3 the arrays are in memory as a whole.

    Raises:
        UnreadableFrame: if it is no MATLAB file, or holds no array of frames.
    """
    with opened(file) as stream:
        head = stream.read(_HDF5_FROM + 4)
    if head[:4] == b"\x89HDF" or head[_HDF5_FROM:] == b"\x89HDF":
        yield from hdf5.read(file, progress, limits, options)
        return
    if file.size > _MOST_BYTES:
        raise UnreadableFrame("It is above 4 GB; save it with -v7.3, which is read frame by frame.")
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    with hdf5.source(file, limits) as opened_source:
        where = opened_source if hasattr(opened_source, "read") else str(opened_source)
        try:
            variables = loadmat(where, squeeze_me=False, struct_as_record=True)
        except (MatReadError, ValueError, TypeError, OSError, NotImplementedError) as err:
            raise UnreadableFrame(
                "It is not a MATLAB file, or it is cut off or damaged; accepted are MATLAB 5 to"
                " 7.3."
            ) from err
        except Exception as err:  # SciPy's parser lets zlib's and struct's errors through
            raise UnreadableFrame("The MATLAB file is damaged or cut off.") from err
    named = {name: value for name, value in variables.items() if not name.startswith("__")}
    del variables
    fields = [field for name, value in named.items() for field in _fields(name, value)]
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
