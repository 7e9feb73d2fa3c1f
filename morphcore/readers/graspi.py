"""GraSPI's text format: a header `width height [depth]`, then 0 or 1 for each pixel, row by row.

A depth of 0 or 1 means two dimensions. Some files carry the electrodes as rows of pixels: the same
number of rows of ones at the top and of zeros at the bottom; they are cropped.
"""

import re

import numpy as np
from jaxtyping import Bool, UInt8

from morphcore.readers.limits import DEFAULT_LIMITS, ReadLimits
from morphcore.readers.results import UnreadableFrame

HEAD_BYTES = 256  # enough to recognise the format
_HEADER = re.compile(rb"\s*(\d{1,9})[ \t,]+(\d{1,9})(?:[ \t,]+(\d{1,9}))?[ \t]*(?:\r?\n|\r|$)")
_SPACE = np.zeros(256, dtype=np.bool_)
_SPACE[list(b" \t\r\n")] = True
# Thicker than an eighth of the picture is a layer of the film, not an electrode.
_ELECTRODE_SHARE = 1 / 8
_ELECTRODE_ROWS = 2  # a single row may be chance


def looks_like(head: bytes) -> bool:
    """Whether a text begins as this format does: with a line of two or three whole numbers."""
    header = _HEADER.match(head)
    return header is not None and int(header[1]) > 1 and int(header[2]) > 1


def parse(data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> UInt8[np.ndarray, "h w"]:
    """Parse a text to a picture, 0 and 255, in its own size, without electrodes.

    Raises:
        UnreadableFrame: if header and values do not agree, or it is three-dimensional.
    """
    header = _HEADER.match(data)
    if header is None:
        raise UnreadableFrame(
            "It does not begin with `width height` as GraSPI's texts do, followed by 0 and 1."
        )
    width, height, depth = int(header[1]), int(header[2]), int(header[3] or 0)
    if depth > 1:
        raise UnreadableFrame(
            f"It is three-dimensional ({width} x {height} x {depth}); accepted are two dimensions."
        )
    limits.check_size(width, height)
    values = _values(data[header.end() :])
    if len(values) != width * height:
        raise UnreadableFrame(
            f"Its header says {width} x {height} = {width * height:,} values,"
            f" but it has {len(values):,}."
        )
    return without_electrodes(values.reshape(height, width))


def without_electrodes(gray: UInt8[np.ndarray, "h w"]) -> UInt8[np.ndarray, "rows w"]:
    """Crop the electrodes: rows of white at the top and as many of black at the bottom.

    Where the film's own edge is even too, the thinner side gives the thickness of the electrodes.
    Fewer than 2 rows, or more than an eighth of the height, are taken for the film.
    """
    top = _leading(gray == 255)
    bottom = _leading(gray[::-1] == 0)
    rows = min(top, bottom)
    if rows < _ELECTRODE_ROWS or rows > len(gray) * _ELECTRODE_SHARE:
        return gray
    return gray[rows:-rows]


def _leading(mask: Bool[np.ndarray, "h w"]) -> int:
    """Count the rows from the first on that are True throughout."""
    uneven = np.flatnonzero(~mask.all(axis=1))
    return int(uneven[0]) if len(uneven) else len(mask)


def _values(body: bytes) -> UInt8[np.ndarray, " values"]:
    """Parse 0 and 1, separated by white space, to 0 and 255. No loop: there may be millions."""
    letters = np.frombuffer(body, dtype=np.uint8)
    space = _SPACE[letters]
    digits = letters[~space]
    odd = digits[(digits != ord("0")) & (digits != ord("1"))]
    joined = not space[:-1][~space[1:]].all() if len(letters) > 1 else False
    if len(odd) or joined:
        tokens = {token[:20].decode("ascii", "replace") for token in body.split(maxsplit=100_000)}
        unexpected = sorted(tokens - {"0", "1"})
        shown = f" such as {unexpected[0]!r}" if unexpected else ""
        raise UnreadableFrame(
            f"It has values{shown}; accepted are 0 and 1, separated by white space."
        )
    return (digits - np.uint8(ord("0"))) * np.uint8(255)
