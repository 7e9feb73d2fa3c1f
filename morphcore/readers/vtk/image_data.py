"""VTK's image data: legacy files (.vtk) and XML (.vti), one frame each, first row at the bottom.

A plane of points or of cells is a frame; of several arrays of numbers the one that is marked or
named as a concentration is taken, and the others are named. No light library reads both formats.
"""

from collections.abc import Iterator

import numpy as np

from morphcore.progress import Progress
from morphcore.readers import units
from morphcore.readers.arrays.checks import check_dtype
from morphcore.readers.files.listing import File, content
from morphcore.readers.limits import ReadLimits
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import Stack, UnreadableFrame, Values3D
from morphcore.readers.vtk.vtk_grid import Grid, GridArray
from morphcore.types import Rejection

_CONCENTRATIONS = ("phi", "c", "concentration", "u", "composition", "eta", "phase", "order")
LEGACY = b"# vtk DataFile"


def read(
    file: File, progress: Progress, limits: ReadLimits, _options: ImportOptions
) -> Iterator[Stack | Rejection]:
    """Read the frame of a file, with its pixel size and time.

    Raises:
        UnreadableFrame: if it is no image data, three-dimensional, or has no array of numbers.
    """
    from morphcore.readers.vtk import vtk_legacy, vtk_xml

    data = content(file, limits)
    progress(0.0)
    try:
        grid = vtk_legacy.parse(data) if data.startswith(LEGACY) else vtk_xml.parse(data)
        yield _stack(grid, limits)
    except (ValueError, IndexError, KeyError, TypeError, EOFError, OverflowError) as err:
        raise UnreadableFrame("The VTK file is damaged or cut off.") from err


def _stack(grid: Grid, limits: ReadLimits) -> Stack:
    across = [axis for axis in range(3) if grid.points[axis] > 1]
    chosen, done = _chosen(grid)
    sides = [max(1, points - 1) if chosen.of_cells else points for points in grid.points]
    thick = [axis for axis in range(3) if sides[axis] > 1]
    if len(thick) == 3:
        raise UnreadableFrame(
            f"It is three-dimensional ({' x '.join(map(str, sides))}); accepted are two dimensions."
        )
    plane = thick if len(thick) == 2 else across
    if len(plane) != 2:
        raise UnreadableFrame(f"It is {' x '.join(map(str, sides))}; accepted are two dimensions.")
    width, height = (sides[axis] for axis in plane)
    limits.check_size(width, height)
    values = chosen.values
    if len(values) != width * height:
        raise UnreadableFrame(
            f"Its array {chosen.name!r} has {len(values):,} values for {width} x {height} pixels."
        )
    picture = values.astype(values.dtype.newbyteorder("="), copy=False).reshape(height, width)
    size = (float(grid.spacing[plane[0]]), float(grid.spacing[plane[1]]))
    pixel_size, length_unit = units.named(size if min(size) > 0 else None, None)
    return Stack(
        Values3D((1, height, width), picture.dtype, lambda: iter((picture,))),
        axes="yx",
        y_up=True,
        times=None if grid.time is None else np.array([grid.time]),
        pixel_size=pixel_size,
        length_unit=length_unit,
        done=done,
    )


def _chosen(grid: Grid) -> tuple[GridArray, tuple[str, ...]]:
    """The array that is the frame, and what is said of the others."""
    usable = [
        one for one in grid.arrays if one.values.ndim == 1 and one.values.dtype.kind in "buif"
    ]
    if not usable:
        names = ", ".join(one.name for one in grid.arrays)
        if grid.arrays and grid.arrays[0].values.ndim == 1:
            check_dtype(grid.arrays[0].values.dtype)
        had = f"only {names}, of several components" if names else "no array"
        raise UnreadableFrame(f"It has {had}; accepted is an array of one number a point or cell.")
    if len(usable) == 1 and len(grid.arrays) == 1:
        return usable[0], ()
    by_name = [
        one
        for word in _CONCENTRATIONS
        for one in usable
        if one.name.lower() == word or (len(word) > 2 and one.name.lower().startswith(word))
    ]
    marked = [one for one in usable if one.name == grid.marked]
    chosen = (by_name or marked or usable)[0]
    others = ", ".join(one.name for one in grid.arrays if one is not chosen)
    return chosen, (f"Its array {chosen.name} is taken, {others} left out.",)
