"""Read the one frame of a file, for a query, by the rules of an import."""

from dataclasses import dataclass
from pathlib import Path

from morphcore.readers.files.listing import content, in_memory, on_this_disk
from morphcore.readers.interpretation.interpret import interpret
from morphcore.readers.limits import DEFAULT_LIMITS
from morphcore.readers.look import Question
from morphcore.readers.names import filenames
from morphcore.readers.options import DEFAULT_OPTIONS, ImportOptions
from morphcore.readers.results import EvenGray, ImportPathError, UnreadableFrame
from morphcore.readers.stacks import picture
from morphcore.types import GrayFrame

_FRAMES = ("picture", "pages", "text", "npy", "hdf5", "matlab", "netcdf", "vtk")


@dataclass(frozen=True)
class SingleFrame:
    """A frame in its own size, how it was read, and what an import would ask of it."""

    gray: GrayFrame
    threshold: float  # white from this share of gray on
    pixel_size: float | None
    length_unit: str
    done: tuple[str, ...]
    warnings: tuple[str, ...]
    questions: tuple[Question, ...]  # while they are open, the likeliest answer is taken


def single_frame(
    source: Path | bytes, name: str, options: ImportOptions = DEFAULT_OPTIONS
) -> SingleFrame:
    """Read the one frame of a picture, array or text.

    Raises:
        UnreadableFrame: if it is none of these, or holds several frames.
        ImportPathError: if there is no such file.
    """
    if isinstance(source, Path):
        if not source.is_file():
            raise ImportPathError(f"{source} does not exist or is not a file.")
        file = on_this_disk(source, name)
    else:
        file = in_memory(source, name)
    data = content(file, DEFAULT_LIMITS)
    kind = filenames.kind_of(name, data[:16])
    if kind is None or kind not in _FRAMES:
        raise UnreadableFrame(
            "It is of a kind that is not read as a single frame; accepted are pictures (PNG, TIFF,"
            " JPEG, BMP, GIF), arrays (npy, MATLAB, HDF5, NetCDF, VTK) and texts."
        )
    stack = picture(kind, data, name, DEFAULT_LIMITS, options)
    try:
        found, _ = interpret(stack, kind, options)
    except EvenGray as err:
        raise UnreadableFrame("It is one colour everywhere: there is nothing to see.") from err
    window = found.windows[0]
    return SingleFrame(
        window.of(found.gray(next(iter(stack.values.frames())))),
        found.scale.threshold,
        found.pixel_size,
        found.length_unit,
        found.done,
        found.warnings,
        found.questions,
    )
