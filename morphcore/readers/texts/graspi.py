"""GraSPI's text format: a header `width height [depth]`, then 0 or 1 for each pixel, row by row.

The first row is at the bottom electrode. A depth of 0 or 1 means two dimensions. Some files carry
the electrodes as rows of pixels: the same number of rows of ones first and of zeros last; they are
cropped.
"""

import re

import numpy as np
from jaxtyping import Bool

from morphcore.readers.limits import DEFAULT_LIMITS, ReadLimits
from morphcore.readers.results import UnreadableFrame

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


def parse(
    data: bytes, limits: ReadLimits = DEFAULT_LIMITS
) -> tuple[Bool[np.ndarray, "h w"], tuple[str, ...]]:
    """Parse a text to a picture in its own size and order of rows, without electrodes.

    Also gives, in sentences, what was done to it.

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
    bits = values.reshape(height, width)
    rows = electrode_rows(bits)
    if not rows:
        return bits, ()
    return bits[rows:-rows], (f"Electrodes of {rows} rows are cropped at the top and the bottom.",)


def electrode_rows(bits: Bool[np.ndarray, "h w"]) -> int:
    """Count the rows of each electrode: rows of ones first and as many of zeros last.

    Where the film's own edge is even too, the thinner side gives the thickness of the electrodes.
    Fewer than 2 rows, or more than an eighth of the height, are taken for the film.
    """
    rows = min(_leading(bits), _leading(~bits[::-1]))
    return rows if _ELECTRODE_ROWS <= rows <= len(bits) * _ELECTRODE_SHARE else 0


def _leading(mask: Bool[np.ndarray, "h w"]) -> int:
    """Count the rows from the first on that are True throughout."""
    uneven = np.flatnonzero(~mask.all(axis=1))
    return int(uneven[0]) if len(uneven) else len(mask)


def _values(body: bytes) -> Bool[np.ndarray, " values"]:
    """Parse 0 and 1, separated by white space. No loop: there may be millions."""
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
    return np.asarray(digits == ord("1"))
