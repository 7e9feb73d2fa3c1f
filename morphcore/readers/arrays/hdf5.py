"""HDF5 files: plain ones, py-pde's, MATLAB's (7.3) and NetCDF4; a film a data set, or a step each.

What attributes and dimension scales say of axes, times, spacing and parameters is taken; MATLAB
stores an array with its axes in reverse, py-pde with x before y.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from morphcore.progress import Progress
from morphcore.readers import units
from morphcore.readers.arrays import coordinates, pypde_grid
from morphcore.readers.arrays.array_stacks import stacks_of
from morphcore.readers.arrays.fields import (
    BLOCK_BYTES,
    STEP_NAMES,
    TIME_NAMES,
    Facts,
    Field,
    is_image_like,
)
from morphcore.readers.files.listing import File
from morphcore.readers.files.seekable import seekable
from morphcore.readers.limits import ReadLimits
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import Stack, UnreadableFrame
from morphcore.types import Rejection

_MOST_ITEMS = 100_000
_CELLS = "It is a cell array or a list of texts; accepted are arrays of numbers."


def read(
    file: File, progress: Progress, limits: ReadLimits, options: ImportOptions
) -> Iterator[Stack | Rejection]:
    """Read the trajectories of a file.

    Raises:
        UnreadableFrame: if it is no HDF5 file, or holds no data set of frames.
    """
    import h5py

    with seekable(file, limits, progress) as where:
        try:
            with h5py.File(where, "r") as opened_file:
                fields = _fields(opened_file)
                outside = [
                    Rejection(f"{file.name}/{name}", why) for name, why in _links(opened_file)
                ]
                yield from outside
                if outside and not any(is_image_like(one.shape) for one in fields):
                    return
                # MATLAB's last axis is the first here, and so is its time.
                yield from stacks_of(fields, file.name, limits, options, progress=progress)
        except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError) as err:
            raise UnreadableFrame("It is not an HDF5 file, or it is cut off or damaged.") from err


def _fields(opened_file: Any) -> list[Field]:
    import h5py

    datasets: list[Any] = []

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith("#"):  # "#refs#" of MATLAB
            datasets.append(item)
            if len(datasets) > _MOST_ITEMS:
                raise UnreadableFrame(f"It holds more than {_MOST_ITEMS:,} data sets.")

    opened_file.visititems(visit)  # does not follow links out of the file
    root = _decoded(opened_file.attrs)
    grid = pypde_grid.find(root)
    fields = []
    for dataset in datasets:
        if dataset.shape is None:  # of no values
            continue
        if _is_elsewhere(dataset) and not is_image_like(dataset.shape):
            continue  # times or coordinates in a file that nobody chose
        name = dataset.name.strip("/")
        shape = tuple(int(side) for side in dataset.shape)
        if is_image_like(shape):
            fields.append(_field(name, shape, dataset, root, grid))
        elif math.prod(shape) <= 10**7:
            fields.append(
                Field(
                    name,
                    shape,
                    dataset.dtype,
                    _slices(dataset, shape, {}),
                    _column(dataset),
                    _CELLS if _is_cell(dataset) else None,
                )
            )
    has_times = any(one.name == "times" for one in fields)
    return [
        replace(one, facts=replace(one.facts, question="x first"))
        if one.name == "data" and has_times and one.facts.dims is None and len(one.shape) == 3
        else one
        for one in fields
    ]


def _links(opened_file: Any) -> list[tuple[str, str]]:
    """The links into other files, at the top and one group below, and why they are not followed."""
    import h5py

    found = []
    groups = [opened_file]
    for group in groups:
        for name in group:
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                where = f"{group.name}/{name}".strip("/")
                why = f"It is a link into another file, {link.filename}; import that file itself."
                found.append((where, why))
            elif (
                group is opened_file
                and isinstance(link, h5py.HardLink)
                and group.get(name, getclass=True) is h5py.Group
            ):
                groups.append(group[name])
    return found


def _field(
    name: str, shape: tuple[int, ...], dataset: Any, root: Mapping[str, Any], grid: Any
) -> Field:
    attributes = {**root, **_inherited(dataset)}
    fault = None
    if _is_elsewhere(dataset):
        fault = "Its values lie in other files; accepted are data sets with their values inside."
    elif _is_cell(dataset) or dataset.dtype == np.dtype(object):
        fault = _CELLS
    dtype = dataset.dtype
    if attributes.get("MATLAB_class") == "logical" and dtype.kind in "ui":
        dtype = np.dtype(np.bool_)
    scale = {key: attributes[key] for key in coordinates.SCALING if key in dataset.attrs}
    if scale and dtype.kind in "iuf":
        dtype = np.dtype(np.float64)
    facts = Facts(params=coordinates.parameters(attributes), **_times(dataset, attributes))
    named = _dimensions(dataset)
    if grid is not None and name.rpartition("/")[2] == "data":
        facts = pypde_grid.add(facts, grid, shape)
    elif named is not None:
        facts = coordinates.with_axes(facts, named)
    elif "MATLAB_class" in dataset.attrs:  # its axes in reverse: y, x, time becomes time, x, y
        facts = replace(facts, axes="xy")
    elif "element_size_um" in dataset.attrs:  # of Fiji, along z, y, x
        size = [float(side) for side in np.ravel(attributes["element_size_um"])][-2:]
        facts = replace(facts, pixel_size=(size[-1], size[0]), length_unit="µm")
    if facts.pixel_size is None:
        facts = coordinates.with_spacing(facts, attributes)
    trimmed = shape
    if grid is not None and isinstance(attributes.get("data_length"), int):
        trimmed = (min(shape[0], attributes["data_length"]), *shape[1:])
    return Field(
        name, trimmed, dtype, _slices(dataset, trimmed, scale, as_type=dtype), facts, fault
    )


def _is_elsewhere(dataset: Any) -> bool:
    return bool(dataset.external or dataset.is_virtual)


def _is_cell(dataset: Any) -> bool:
    return bool(dataset.attrs.get("MATLAB_class") == b"cell")


def _column(dataset: Any) -> Facts:
    unit = _decoded(dataset.attrs).get("units", "")
    return Facts(time_unit=units.time_unit(unit) if isinstance(unit, str) else None)


def _slices(
    dataset: Any,
    shape: tuple[int, ...],
    scale: Mapping[str, Any],
    as_type: np.dtype | None = None,
) -> Callable[[int | None], Iterator[np.ndarray]]:
    def values(where: Any) -> np.ndarray:
        read_values = np.asarray(dataset[where])
        if scale:
            read_values = coordinates.scaled(read_values, scale)
        return read_values if as_type is None else read_values.astype(as_type, copy=False)

    def slices(axis: int | None) -> Iterator[np.ndarray]:
        try:
            if axis is None or not shape:
                yield values(tuple(slice(0, side) for side in shape))
                return
            rest = math.prod(shape[:axis] + shape[axis + 1 :]) * max(8, dataset.dtype.itemsize)
            in_chunk = dataset.chunks[axis] if dataset.chunks else (1 if axis == 0 else 10**9)
            block = max(1, min(in_chunk, BLOCK_BYTES // max(1, rest)))
            for start in range(0, shape[axis], block):
                stop = min(shape[axis], start + block)
                before = tuple(slice(0, side) for side in shape[:axis])
                after = tuple(slice(0, side) for side in shape[axis + 1 :])
                yield from np.moveaxis(values((*before, slice(start, stop), *after)), axis, 0)
        except (OSError, RuntimeError, ValueError, OverflowError) as err:
            raise UnreadableFrame("Its values are damaged or cut off.") from err

    return slices


def _decoded(attrs: Any) -> dict[str, Any]:
    """The attributes of an item as plain values: texts, numbers, lists of numbers."""
    found: dict[str, Any] = {}
    for key in attrs:
        try:
            value = attrs[key]
        except (OSError, RuntimeError, TypeError):
            continue  # of a type that h5py does not know
        if isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "OS":
            value = value.reshape(-1)[0]
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "iufb":
            value = value.item() if value.size == 1 else value
        found[key] = value
    return found


def _inherited(dataset: Any) -> dict[str, Any]:
    """The attributes of a data set and of the groups around it; the nearest counts."""
    found = _decoded(dataset.attrs)
    node = dataset
    while node.name != "/":
        node = node.parent
        for key, value in _decoded(node.attrs).items():
            found.setdefault(key, value)
    return found


def _times(dataset: Any, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The unit of times; of a data set of one frame its time, by an attribute near it."""
    unit = attributes.get("time_unit", attributes.get("time_units", ""))
    unit = units.time_unit(unit) if isinstance(unit, str) else None
    if len(dataset.shape) != 2:
        return {"time_unit": unit}
    own = {**_decoded(dataset.parent.attrs), **_decoded(dataset.attrs)}
    for key, value in own.items():
        if key.lower() in TIME_NAMES and isinstance(value, int | float):
            named = "step" if key.lower() in STEP_NAMES else unit
            return {"times": np.array([float(value)]), "time_unit": named}
    return {"time_unit": unit}


def _dimensions(dataset: Any) -> coordinates.Axes | None:
    """The names and coordinates of its axes by dimension scales, as NetCDF4 and xarray have them.

    None where no axis has a name.
    """
    axes: list[coordinates.Axis] = []
    for number, dimension in enumerate(dataset.dims):
        name, values, unit = dimension.label, None, ""
        if len(dimension):
            scale = dimension[0]
            name = name or scale.name.rpartition("/")[2]
            attributes = _decoded(scale.attrs)
            unit = str(attributes.get("units", ""))
            is_only_a_size = str(attributes.get("NAME", "")).startswith("This is a netCDF dim")
            inside = not (is_only_a_size or _is_elsewhere(scale))
            if scale.ndim == 1 and scale.dtype.kind in "iuf" and inside:
                values = np.asarray(scale[()])
        axes.append(coordinates.Axis(name, values, unit, dataset.shape[number]))
    return tuple(axes) if any(axis.name for axis in axes) else None
