"""The geometry of frames in words: size, side of a pixel, edges that join."""

from collections.abc import Iterable

from wording.numbers import figure


def size(shape: tuple[int, int]) -> str:
    """A size in pixels, the width first.

    >>> size((100, 400))
    '400 × 100'
    """
    height, width = shape
    return f"{width:,} × {height:,}"


def sizes(shapes: Iterable[tuple[int, int]]) -> str:
    """The sizes that are there, in one phrase.

    >>> sizes([(100, 400), (100, 400)]), sizes([(100, 400), (512, 512)])
    ('400 × 100 px', '2 sizes, 400 × 100 to 512 × 512 px')
    """
    distinct = sorted(set(shapes), key=lambda shape: (shape[0] * shape[1], shape))
    if not distinct:
        return ""
    if len(distinct) == 1:
        return f"{size(distinct[0])} px"
    return f"{len(distinct)} sizes, {size(distinct[0])} to {size(distinct[-1])} px"


def pixel_size(side: float | None, unit: str) -> str:
    """The side of a pixel.

    >>> pixel_size(2.5, "nm"), pixel_size(None, "px")
    ('2.5 nm a pixel', 'not known')
    """
    return "not known" if side is None else f"{number(side)} {unit} a pixel"


def edges(periodic: tuple[bool, bool]) -> str:
    """Which edges of a frame join.

    >>> edges((True, False)), edges((False, False))
    ('periodic along x, walls along y', 'walls on all sides')
    """
    along_x, along_y = periodic
    if along_x and along_y:
        return "periodic along x and y"
    if not along_x and not along_y:
        return "walls on all sides"
    return "periodic along x, walls along y" if along_x else "periodic along y, walls along x"


def number(value: float) -> str:
    """A number as a person writes it, up to six significant digits.

    >>> number(1022.5), number(10.0), number(1e-05), number(65535.0), number(123456789.0)
    ('1,022.5', '10', '1e-05', '65,535', '123,456,789')
    """
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.6g}" if abs(value) < 1e6 else figure(value)
