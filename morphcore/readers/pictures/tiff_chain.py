"""The chain of a TIFF's pages, each of which says where the next one is."""

import struct
from typing import Any

from morphcore.readers.results import UnreadableFrame


def check(tif: Any) -> None:
    """Refuse a file whose pages lead to one that is not there, or in a circle.

    tifffile takes the first for the end, and goes round in some circles for ever.

    Raises:
        UnreadableFrame: if they do.
    """
    file, form = tif.filehandle, tif.tiff
    offset, seen = tif.pages.first.offset, set[int]()
    while offset:
        if offset in seen:
            raise UnreadableFrame("It is damaged: its pages lead back to an earlier one.")
        if offset >= file.size:
            raise _cut_off(len(seen))
        try:
            file.seek(offset)
            (entries,) = struct.unpack(form.tagnoformat, file.read(form.tagnosize))
            file.seek(offset + form.tagnosize + entries * form.tagsize)
            (following,) = struct.unpack(form.offsetformat, file.read(form.offsetsize))
        except struct.error as err:
            raise _cut_off(len(seen)) from err
        seen.add(offset)
        offset = following


def _cut_off(pages: int) -> UnreadableFrame:
    there = "1 of its pages is" if pages == 1 else f"{pages} of its pages are"
    return UnreadableFrame(f"It is cut off: {there} there, and the next one is lost.")
