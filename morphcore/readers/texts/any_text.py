"""Texts of numbers: GraSPI's format by its header, else matrices, row by row."""

from collections.abc import Iterator

from morphcore.progress import Progress
from morphcore.readers.files.listing import File, content, opened
from morphcore.readers.limits import ReadLimits
from morphcore.readers.options import ImportOptions
from morphcore.readers.results import Stack, UnreadableFrame, Values3D
from morphcore.readers.texts import graspi, matrix_text

HEAD_BYTES = 1 << 18  # a row of a matrix may be long


def looks_like(head: bytes) -> bool:
    """Whether a text begins as GraSPI's format or as a matrix does: with a line of numbers."""
    return graspi.looks_like(head) or matrix_text.looks_like(head)


def read(
    file: File, progress: Progress, limits: ReadLimits, _options: ImportOptions
) -> Iterator[Stack]:
    """Read the frame of a GraSPI text, or the frames of a text of matrices.

    Raises:
        UnreadableFrame: if it is neither, or its rows are not of one length.
    """
    with opened(file) as stream:
        head = stream.read(HEAD_BYTES)
    if not graspi.looks_like(head):
        yield matrix_text.stack(file, head, progress, limits)
        return
    bits, done = graspi.parse(content(file, limits), limits)
    yield Stack(
        Values3D((1, *bits.shape), bits.dtype, lambda: iter((bits,))),
        axes="yx",
        y_up=True,  # GraSPI's first row is at the bottom electrode
        done=done,
    )


def has_one_frame(file: File) -> bool:
    """Whether a text holds a single frame; a broken one counts as that, and fails when read."""
    try:
        with opened(file) as stream:
            head = stream.read(HEAD_BYTES)
        return graspi.looks_like(head) or matrix_text.count_blocks(file, head) < 2
    except UnreadableFrame:
        return True
