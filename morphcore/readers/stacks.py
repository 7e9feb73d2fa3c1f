"""The frames of a file of any kind, as the file holds them: one way in to all format readers.

Each reader has the signature of `stacks`, without its kind. They are imported where they are
needed, since SciPy, h5py and tifffile take long to load.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from morphcore.progress import Progress, ignore
from morphcore.readers.files.listing import File, in_memory, opened
from morphcore.readers.limits import DEFAULT_LIMITS, ReadLimits
from morphcore.readers.names.filenames import Kind
from morphcore.readers.options import DEFAULT_OPTIONS, ImportOptions
from morphcore.readers.results import Stack, UnreadableFrame, Values3D
from morphcore.types import Rejection

_PNG_HEAD = 8192  # bytes, in which a PNG says whether it has frames


def stacks(
    kind: Kind,
    file: File,
    progress: Progress = ignore,
    limits: ReadLimits = DEFAULT_LIMITS,
    options: ImportOptions = DEFAULT_OPTIONS,
) -> Iterator[Stack | Rejection]:
    """Read the trajectories of one file; parts of it that cannot be read are rejected by name.

    The values of a stack can be read, as often as needed, until the next one is asked for: the
    file is open that long. Of `options`, `axes` (which axis is time) and `channel` are heeded here.

    Raises:
        UnreadableFrame: if it is not what its kind says, is damaged, or holds no frames.
    """
    match kind:
        case "picture" | "pages":
            from morphcore.readers.pictures import images, tiff

            reader = tiff if tiff.is_tiff(file) else images
            yield from reader.read(file, progress, limits, options)
        case "text":
            from morphcore.readers.texts import any_text

            yield from any_text.read(file, progress, limits, options)
        case "npy" | "npz":
            from morphcore.readers.arrays import numpy_files

            yield from numpy_files.read(file, progress, limits, options)
        case "hdf5":
            from morphcore.readers.arrays import hdf5

            yield from hdf5.read(file, progress, limits, options)
        case "matlab":
            from morphcore.readers.arrays import matlab

            yield from matlab.read(file, progress, limits, options)
        case "netcdf":
            from morphcore.readers.arrays import netcdf

            yield from netcdf.read(file, progress, limits, options)
        case "vtk":
            from morphcore.readers.vtk import image_data

            yield from image_data.read(file, progress, limits, options)
        case "video":
            from morphcore.readers.pictures import video

            yield from video.read(file, progress, limits, options)
        case _:
            raise UnreadableFrame("It is of a kind that holds no frames.")


def picture(
    kind: Kind,
    data: bytes,
    name: str,
    limits: ReadLimits = DEFAULT_LIMITS,
    options: ImportOptions = DEFAULT_OPTIONS,
) -> Stack:
    """Read the only frame of a file, as a stack of one whose values are in memory.

    Raises:
        UnreadableFrame: if it is not what its kind says, or holds several frames.
    """
    found: Stack | None = None
    for stack in stacks(kind, in_memory(data, name), ignore, limits, options):
        if isinstance(stack, Rejection):
            raise UnreadableFrame(stack.reason)
        if found is not None or stack.values.shape[0] != 1:
            raise UnreadableFrame("It holds several frames; a file of a single one is needed.")
        frame = next(iter(stack.values.frames()))
        found = replace(stack, values=one(frame))
    if found is None:
        raise UnreadableFrame("It holds no frame.")
    return found


def has_one_frame(
    kind: Kind,
    file: File,
    limits: ReadLimits = DEFAULT_LIMITS,
    options: ImportOptions = DEFAULT_OPTIONS,
) -> bool:
    """Whether a file holds a single frame, so that it may be one of a series of files.

    Decided without reading its values where that can be. A broken file counts as having one:
    it fails when it is read.
    """
    if kind == "picture":
        return not _is_animated_png(file)
    if kind in ("video", "archive", "foreign"):
        return False
    if kind == "text":
        from morphcore.readers.texts import any_text

        return any_text.has_one_frame(file)
    count = 0
    try:
        if kind == "pages":
            from morphcore.readers.pictures import images, tiff

            if not tiff.is_tiff(file):  # to count its frames takes as long as to read them
                return images.has_one_frame(file, limits)
        for stack in stacks(kind, file, ignore, limits, options):
            count += 2 if isinstance(stack, Rejection) else stack.values.shape[0]
            if count > 1:
                return False
    except UnreadableFrame:
        return True
    return True


def _is_animated_png(file: File) -> bool:
    """Whether a picture is a PNG with frames, which says so before its first one."""
    if not file.base.lower().endswith((".png", ".apng")):
        return False
    try:
        with opened(file) as stream:
            head = stream.read(_PNG_HEAD)
    except UnreadableFrame:
        return False
    return head.startswith(b"\x89PNG") and b"acTL" in head.partition(b"IDAT")[0]


def one(frame: np.ndarray) -> Values3D:
    """Values of a single frame that is in memory."""
    return Values3D((1, *frame.shape), frame.dtype, lambda: iter((frame,)))
