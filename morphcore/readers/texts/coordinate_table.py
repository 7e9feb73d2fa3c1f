"""Tables of coordinates and values, a pixel a line: recognised, to be refused by name."""

import re

_COMMENTS = (b"#", b"%", b"//")
_SEPARATORS = re.compile(rb"[;\t, \r]+")
_FEWEST, _MOST = 3, 7  # columns; more may be the row of a matrix


def names_coordinates(head: bytes) -> bool:
    """Whether a text begins with the names of columns, x and y among them.

    >>> names_coordinates(b"x,y,phi\\n0,0,0.5"), names_coordinates(b"time,energy\\n0,1")
    (True, False)
    """
    first = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0]
    names = {cell.strip(b' "#%').lower() for cell in _SEPARATORS.split(first)}
    return {b"x", b"y"} <= names


def columns(head: bytes) -> int | None:
    """The number of columns of a table of 3 to 7; None if the text is none.

    >>> columns(b"# x y phi\\n0 0 0.5\\n0 1 0.25\\n0 2 .5\\n0 3 1"), columns(b"1 2\\n3 4\\n")
    (3, None)
    """
    lines = [line for line in head.split(b"\n") if line.strip()]
    lines = [line for line in lines if not line.lstrip().startswith(_COMMENTS)]
    rows = [[cell for cell in _SEPARATORS.split(line.strip()) if cell] for line in lines[1:4]]
    widths = {len(row) for row in rows}
    if (
        len(rows) < 3
        or len(widths) > 1
        or not all(_is_number(cell) for row in rows for cell in row)
    ):
        return None
    width = widths.pop()
    return width if _FEWEST <= width <= _MOST else None


def _is_number(cell: bytes) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
