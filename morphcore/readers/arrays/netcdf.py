"""NetCDF files: version 4, which is HDF5, and the classic one, read by SciPy."""

import math
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from morphcore.progress import Progress
from morphcore.readers import units
from morphcore.readers.arrays import coordinates, hdf5
from morphcore.readers.arrays.array_stacks import stacks_of
from morphcore.readers.arrays.fields import BLOCK_BYTES, Facts, Field, across, is_image_like
from morphcore.readers.files.listing import File, on_disk, opened
from morphcore.readers.limits import ReadLimits
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import Stack, UnreadableFrame
from morphcore.types import Rejection


def read(
    file: File, progress: Progress, limits: ReadLimits, options: ImportOptions
) -> Iterator[Stack | Rejection]:
    """Read the trajectories of a file, with the times and coordinates of their dimensions.

    Raises:
        UnreadableFrame: if it is no NetCDF file, or holds no variable of frames.
    """
    with opened(file) as stream:
        is_hdf5 = stream.read(4) == b"\x89HDF"
    if is_hdf5:
        yield from hdf5.read(file, progress, limits, options)
        return
    from scipy.io import netcdf_file

    with on_disk(file, progress) as path, warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # that arrays are still mapped: copies are
        try:
            with netcdf_file(str(path), "r", mmap=True) as opened_file:
                fields = [
                    _field(name, variable, opened_file, path)
                    for name, variable in opened_file.variables.items()
                ]
                yield from stacks_of(fields, file.name, limits, options, progress=progress)
                fields.clear()
        except UnreadableFrame:
            raise
        except (OSError, TypeError, ValueError, KeyError, IndexError, EOFError) as err:
            raise UnreadableFrame("It is not a NetCDF file, or it is cut off or damaged.") from err


def _field(name: str, variable: Any, opened_file: Any, path: Path) -> Field:
    shape = tuple(int(side) for side in variable.shape)
    attributes = {key: _plain(value) for key, value in variable._attributes.items()}
    scale = {key: attributes[key] for key in coordinates.SCALING if key in attributes}
    dtype = np.dtype(variable.data.dtype).newbyteorder("=")
    if scale and dtype.kind in "iuf":
        dtype = np.dtype(np.float64)
    around = {key: _plain(value) for key, value in opened_file._attributes.items()}
    facts = Facts(time_unit=units.time_unit(str(attributes.get("units", ""))))
    if is_image_like(shape):
        axes = tuple(
            _axis(dimension, side, opened_file)
            for dimension, side in zip(variable.dimensions, shape, strict=True)
        )
        facts = coordinates.with_axes(
            Facts(params=coordinates.parameters({**around, **attributes})), axes
        )
        if facts.pixel_size is None:
            facts = coordinates.with_spacing(facts, {**around, **attributes})
    return Field(name, shape, dtype, _slices(name, path, shape, dtype, scale), facts)


def _axis(dimension: str, length: int, opened_file: Any) -> coordinates.Axis:
    variable = opened_file.variables.get(dimension)
    if variable is None or len(variable.shape) != 1:
        return coordinates.Axis(dimension, None, "", length)
    unit = str(_plain(variable._attributes.get("units", "")))
    values = np.array(variable.data)
    return coordinates.Axis(dimension, values.astype(values.dtype.newbyteorder("=")), unit, length)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    array = np.asarray(value)
    return array.item() if array.size == 1 and array.dtype.kind in "iuf" else value


def _slices(
    name: str, path: Path, shape: tuple[int, ...], dtype: np.dtype, scale: dict[str, Any]
) -> Callable[[int | None], Iterator[np.ndarray]]:
    from scipy.io import netcdf_file

    def values(where: Any) -> np.ndarray:
        # Opened anew for each block: what is mapped counts as memory until it is closed.
        with netcdf_file(str(path), "r", mmap=True) as again:
            piece = again.variables[name].data[where]
            copied = coordinates.scaled(piece, scale) if scale else np.array(piece, dtype=dtype)
            del piece
        return copied

    def stream() -> Iterator[np.ndarray]:
        block = max(1, BLOCK_BYTES // max(1, math.prod(shape[1:]) * dtype.itemsize))
        for start in range(0, shape[0], block):
            yield from values(slice(start, start + block))

    def slices(axis: int | None) -> Iterator[np.ndarray]:
        if axis is None or not shape:
            yield values(...)
            return
        yield from across(stream, 0, axis, shape, dtype)

    return slices
