"""Axes of scientific files by names, coordinates and attributes: times, spacing, direction."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from morphcore.readers import units
from morphcore.readers.arrays.fields import TIME_NAMES, Facts

SCALING = ("scale_factor", "add_offset", "_FillValue", "missing_value")
# Attributes that speak of the values or the file, not of the material.
_NO_PARAMETERS = frozenset(
    [
        "dx",
        "dy",
        "dz",
        "spacing",
        "pixel_size",
        "element_size_um",
        "time",
        "times",
        "step",
        "t",
        "data_length",
        "shape",
        "size",
        "scale_factor",
        "add_offset",
        "_fillvalue",
        "missing_value",
        "valid_min",
        "valid_max",
        "valid_range",
        "matlab_int_decode",
        "matlab_empty",
        "matlab_sparse",
        "matlab_object_decode",
        "h5path",
        "version",
        "format",
        "_netcdf4dimid",
        "_netcdf4coordinates",
        "_nccoordinates",
        "dimension_list",
        "reference_list",
        "netcdf4_strict",
        "write_mode",
        "dim",
        "rank",
        "ndim",
    ]
)
_X = frozenset(
    ["x", "lon", "longitude", "nx", "xdim", "dim_x", "x_coord", "columns", "cols", "width", "xc"]
)
_Y = frozenset(["y", "lat", "latitude", "ny", "ydim", "dim_y", "y_coord", "rows", "height", "yc"])
_Z = frozenset(
    ["z", "nz", "zdim", "dim_z", "depth", "lev", "level", "slice", "slices", "plane", "zc"]
)
_C = frozenset(
    [
        "c",
        "channel",
        "channels",
        "component",
        "components",
        "band",
        "bands",
        "species",
        "field",
        "variable",
    ]
)
_T = TIME_NAMES | frozenset(["nt", "frame", "frames", "tdim", "record", "nsteps"])
_EVEN = 1e-3  # coordinates may differ from even ones by this share of a step


@dataclass(frozen=True)
class Axis:
    """An axis of an array: its name, and its coordinates and their unit where the file has them."""

    name: str
    values: np.ndarray | None
    unit: str
    length: int


Axes = tuple[Axis, ...]


def meaning(name: str) -> str | None:
    """What an axis of this name is: t, x, y, z or c; None if the name does not say."""
    word = name.lower()
    for letter, words in (("x", _X), ("y", _Y), ("z", _Z), ("t", _T), ("c", _C)):
        if word in words:
            return letter
    return None


def with_axes(facts: Facts, axes: Axes) -> Facts:
    """Add what named axes say: their meaning, times, the sides of a pixel, and what is up."""
    dims = [meaning(axis.name) for axis in axes]
    facts = replace(facts, dims=tuple(dims))
    for axis, letter in zip(axes, dims, strict=True):
        if letter == "t" and axis.values is not None and len(axis.values) == axis.length:
            stepped = axis.name.lower().startswith(("step", "iter"))
            unit = "step" if stepped else units.time_unit(axis.unit)
            times = axis.values.astype(np.float64)
            if np.isfinite(times).all() and (np.diff(times) > 0).all():
                facts = replace(facts, times=times, time_unit=unit)
            else:
                said = f"Its times ({axis.name}) do not increase, so that frames are counted."
                facts = replace(facts, done=(*facts.done, said))
    if "y" not in dims and "z" in dims and "x" in dims:  # a section across a film
        dims[dims.index("z")] = "y"
    if "x" not in dims or "y" not in dims:
        return facts
    along_x, along_y = axes[dims.index("x")], axes[dims.index("y")]
    size_x, size_y = spacing(along_x.values), spacing(along_y.values)
    facts = replace(facts, y_up=size_y is not None and size_y > 0)
    if size_x is None or size_y is None:
        return facts
    if size_x < 0:
        said = "Its x decreases along the rows; flip x mirrors it."
        facts = replace(facts, done=(*facts.done, said))
    unit_of_x, unit_of_y = units.length_unit(along_x.unit), units.length_unit(along_y.unit)
    size, length_unit = (abs(size_x), abs(size_y)), unit_of_x
    if unit_of_x != unit_of_y or "degree" in along_x.unit:
        return facts
    square = shares_of_lengths(size, (along_x.length, along_y.length))
    if length_unit is None and square is not None:
        return replace(facts, done=(*facts.done, square))
    if length_unit is not None:
        size, length_unit = units.handy(size, length_unit)
    return replace(facts, pixel_size=size, length_unit=length_unit)


def shares_of_lengths(size: tuple[float, float], counts: tuple[int, int]) -> str | None:
    """Say that coordinates without a unit, from 0 to 1 along both axes, are no lengths.

    `size` are the sides of a pixel, `counts` the pixels along x and y. None where they may be
    lengths.
    """
    # From 0 to 1 with both ends among the coordinates, or without the last one.
    alike = any(
        not _differ(size[0] * (counts[0] - ends), size[1] * (counts[1] - ends)) for ends in (0, 1)
    )
    if _differ(*size) and alike:
        return "Its coordinates have no unit and end alike along x and y: pixels count as square."
    return None


def _differ(a: float, b: float) -> bool:
    return abs(a - b) > 0.01 * max(a, b)


def spacing(values: np.ndarray | None) -> float | None:
    """The step of even coordinates, below 0 where they decrease; None if they are not even."""
    if values is None or len(values) < 2:
        return None
    steps = np.diff(values.astype(np.float64))
    mean = float(steps.mean())
    if not math.isfinite(mean) or mean == 0 or np.abs(steps - mean).max() > _EVEN * abs(mean):
        return None
    return float(f"{mean:.7g}")  # float32 coordinates


def with_spacing(facts: Facts, attributes: Mapping[str, Any]) -> Facts:
    """Add the sides of a pixel by attributes dx, dy, `spacing` or `pixel_size`, and their unit."""
    lower = {key.lower(): value for key, value in attributes.items()}
    size: tuple[float, float] | None = None
    if _is_size(lower.get("dx")):
        size = (lower["dx"], lower["dy"] if _is_size(lower.get("dy")) else lower["dx"])
    else:
        for key in ("pixel_size", "pixelsize", "spacing"):
            value = lower.get(key)
            if _is_size(value):
                size = (float(value), float(value))  # type: ignore[arg-type]
            elif isinstance(value, np.ndarray) and value.shape == (2,) and (value > 0).all():
                size = (float(value[0]), float(value[1]))
    if size is None:
        return facts
    for key in ("length_unit", "pixel_size_unit", "pixel_unit", "spatial_unit", "unit", "units"):
        if isinstance(lower.get(key), str) and (unit := units.length_unit(lower[key])):
            size, unit = units.handy(size, unit)
            return replace(facts, pixel_size=size, length_unit=unit)
    return replace(facts, pixel_size=size)


def _is_size(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


def scaled(values: np.ndarray, scale: Mapping[str, Any]) -> np.ndarray:
    """The values that a packed array stands for; missing ones are NaN."""
    out = values.astype(np.float64)
    for key in ("_FillValue", "missing_value"):
        if key in scale:
            out[values == np.asarray(scale[key]).reshape(-1)[0]] = np.nan
    return out * float(scale.get("scale_factor", 1.0)) + float(scale.get("add_offset", 0.0))


def parameters(attributes: Mapping[str, Any]) -> dict[str, float]:
    """The attributes that are numbers and may be parameters of the material or the process."""
    return {
        key: float(value)
        for key, value in attributes.items()
        if isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and key.lower() not in _NO_PARAMETERS
        and not key.startswith("_")
    }
