"""MATLAB files: version 7.3, which is HDF5, and version 5."""

from collections.abc import Iterator
from dataclasses import replace

from morphcore.progress import Progress
from morphcore.readers.arrays import hdf5
from morphcore.readers.arrays.array_stacks import stacks_of
from morphcore.readers.arrays.fields import Facts, Field, across
from morphcore.readers.arrays.matlab_5 import MatlabArray, arrays
from morphcore.readers.files.listing import File, on_disk, opened
from morphcore.readers.limits import ReadLimits
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import Stack
from morphcore.types import Rejection

_HDF5_FROM = 512  # bytes of MATLAB's own header in a file of version 7.3
_PARAMETERS = ("phi", "chi")  # other numbers in a workspace may be anything


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
    with on_disk(file, progress) as path:
        fields = [_field(array) for array in arrays(path)]
        params = {
            field.name: float(field.whole().reshape(-1)[0])
            for field in fields
            if field.name in _PARAMETERS and field.shape == (1, 1) and not field.fault
        }
        fields = [replace(field, facts=replace(field.facts, params=params)) for field in fields]
        yield from stacks_of(fields, file.name, limits, options, time_last=True, progress=progress)


def _field(array: MatlabArray) -> Field:
    last = len(array.shape) - 1
    return Field(
        array.name,
        array.shape,
        array.dtype,
        lambda axis: across(array.pieces, last, axis, array.shape, array.dtype),
        Facts(axes="yx"),
        array.fault,
    )
