"""Margins of a figure and info bars of a microscope: borders of pictures that are no film.

They are found, never cut off unasked: an electrode or a wall is the same in all frames, too.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Num

from morphcore.readers.interpretation.colour_curve import LUMA
from morphcore.readers.interpretation.value_statistics import ValueStatistics, border_of, within

Border = tuple[int, int, int, int]  # pixels at left, top, right, bottom
NO_BORDER: Border = (0, 0, 0, 0)

_EVEN = 0.06  # of the range, within which pixels are the same: JPEG and video are not exact
_BACKGROUND = 0.6  # the share of a border that has its one colour; the rest is lettering
_STILL = 0.95  # the share of pixels from which on pictures hardly differ
_PLAIN = 0.995  # the share of a border without lettering that has its one colour
_WALLS = 0.15  # of a side, that two opposite walls take at most
_HOT = 5e-4  # the share of pixels that may be hot, at either end
_LEAST_FILM = 8  # pixels a side that are left
_LEAST = 3  # pixels: a thinner border is left
_BAR_SHARE = 0.3  # of the height, that an info bar takes at most
_LINE = 0.9  # of a side, that a figure's frame line is long


@dataclass(frozen=True)
class Margins:
    """A border that looks like no film, and what it was found by."""

    border: Border
    because: str
    sure: bool  # whether it is hardly an electrode or a wall, which are at one side and even


def find(values: ValueStatistics) -> Margins | None:
    """Find the border of a trajectory's pictures that is the same in all of them.

    Of a single picture (or of several that hardly differ) only an even border on all sides, the
    box of a figure, or a bar with lettering at the bottom or the top is taken for one.
    """
    least, most = values.quantile(_HOT), values.quantile(1 - _HOT)
    if most > least and values.high - values.low > 1.25 * (most - least):
        values = replace(values, low=least, high=most)  # hot pixels make no range
    span = values.high - values.low
    if span <= 0:
        return None
    alone = _of_pictures(values, span)
    if values.count == 1:
        return alone
    still = (values.pixel_high - values.pixel_low.astype(np.float64)) <= _EVEN * span
    if still.mean() >= _STILL:
        return alone
    border = _still_border(still, values.pixel_low, values.low, span)
    if border == NO_BORDER:
        return alone
    if alone is not None:  # the letters of an info bar may change
        left, top, right, bottom = (max(pair) for pair in zip(border, alone.border, strict=True))
        return Margins((left, top, right, bottom), alone.because, True)
    sure = _lettered(values.pixel_low, border, values.low, span) or not (
        _are_walls(border, still.shape) or _goes_on(values, border, still, span)
    )
    return Margins(border, "are the same in all frames", sure)


def _are_walls(border: Border, shape: tuple[int, ...]) -> bool:
    """Whether a border is as two electrodes or walls are: opposite each other, and not thick."""
    left, top, right, bottom = border
    if not (left or right):
        return top + bottom <= _WALLS * shape[0] or not (top and bottom)
    if not (top or bottom):
        return left + right <= _WALLS * shape[1] or not (left and right)
    return False


def _goes_on(
    values: ValueStatistics, border: Border, still: Bool[np.ndarray, "h w"], span: float
) -> bool:
    """Whether the border's colour fills the corners of what it is around: a growing drop."""
    low = values.pixel_low
    height, width = within(low, border).shape
    tall, wide = max(1, height // 8), max(1, width // 8)
    ring = np.concatenate([low[0], low[-1], low[:, 0], low[:, -1]])
    same = still & (np.abs(low - _mode_share(ring, values.low, span)[0]) <= _EVEN * span)
    inner = within(same, border)
    corners = (
        inner[rows, columns]
        for rows in (slice(tall), slice(-tall, None))
        for columns in (slice(wide), slice(-wide, None))
    )
    return all(bool(corner.all()) for corner in corners)


def _of_pictures(values: ValueStatistics, span: float) -> Margins | None:
    """The border that the first and the last picture have by themselves."""
    pictures = values.kept.pictures
    first, last = (_luma(picture) for picture in (pictures[0], pictures[-1]))
    found = _of_picture(first, values.low, span)
    if found is None or (values.count > 1 and _of_picture(last, values.low, span) != found):
        return None
    left, top, right, bottom = (side * values.kept.step for side in found[0])
    return Margins((left, top, right, bottom), found[1], True)


def _luma(picture: np.ndarray) -> Num[np.ndarray, "h w"]:
    if picture.ndim == 3:
        return np.asarray(picture @ LUMA)
    return picture.astype(np.float64)


def _still_border(
    still: Bool[np.ndarray, "h w"], picture: Num[np.ndarray, "h w"], low: float, span: float
) -> Border:
    """The rows and columns around all pixels that change, where most of them are of one colour."""
    left, top, right, bottom = border_of(~still)
    height, width = still.shape
    sides = (
        _if_even(picture[:, :left], low, span),
        _if_even(picture[:top], low, span),
        _if_even(picture[:, width - right :], low, span),
        _if_even(picture[height - bottom :], low, span),
    )
    thick = [
        size if even and size >= _LEAST else 0
        for size, even in zip((left, top, right, bottom), sides, strict=True)
    ]
    # A thin line is a frame where it goes all around.
    if min(left, top, right, bottom) >= 1 and all(sides):
        return (left, top, right, bottom)
    return (thick[0], thick[1], thick[2], thick[3])


def _lettered(picture: Num[np.ndarray, "h w"], border: Border, low: float, span: float) -> bool:
    """Whether a border at one side has more on it than its one colour."""
    left, top, right, bottom = border
    height, width = picture.shape
    bands = (
        picture[:, :left],
        picture[:top],
        picture[:, width - right :],
        picture[height - bottom :],
    )
    return any(band.size and _mode_share(band, low, span)[1] < _PLAIN for band in bands)


def _if_even(band: np.ndarray, low: float, span: float) -> bool:
    return band.size > 0 and _mode_share(band, low, span)[1] >= _BACKGROUND


def _mode_share(band: np.ndarray, low: float, span: float) -> tuple[float, float]:
    """The commonest value of a band, coarsely, and the share of pixels that have about it."""
    levels = np.clip((band.astype(np.float64) - low) / span * 64, 0, 63)
    levels = np.nan_to_num(levels).astype(np.int64)
    mode = int(np.bincount(levels.ravel(), minlength=64).argmax())
    value = low + (mode + 0.5) / 64 * span
    return value, float((np.abs(band - value) <= _EVEN * span).mean())


def _of_picture(
    picture: Num[np.ndarray, "h w"], low: float, span: float
) -> tuple[Border, str] | None:
    box = _figure_box(picture, low, span)
    if box is not None:
        return box, "lie around the frame line of a figure"
    ring = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    value, share = _mode_share(ring, low, span)
    if share >= 0.98:
        border = border_of(np.abs(picture - value) > _EVEN * span)
        if min(border) >= _LEAST and min(within(picture, border).shape) >= _LEAST_FILM:
            return border, "are an even border on all sides"
    for flipped in (False, True):
        rows = _info_bar(picture[::-1] if flipped else picture, low, span)
        if rows:
            border = (0, rows, 0, 0) if flipped else (0, 0, 0, rows)
            return border, "look like an info bar with lettering"
    return None


def _figure_box(picture: Num[np.ndarray, "h w"], low: float, span: float) -> Border | None:
    """The border up to and with the frame line that a plotting program draws around its axes."""
    ring = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    value, share = _mode_share(ring, low, span)
    if share < 0.9:
        return None
    other = np.abs(picture - value) > 4 * _EVEN * span
    box = _largest_axes(other)
    if box is None:
        return None
    left, top, right, bottom = box
    line = np.concatenate([other[top, left : right + 1], other[bottom, left : right + 1]])
    line = np.concatenate([line, other[top : bottom + 1, left], other[top : bottom + 1, right]])
    if line.mean() < _LINE:
        return None
    height, width = picture.shape
    border = (left, top, width - 1 - right, height - 1 - bottom)
    if max(border) < _LEAST or not _is_line(other, (left, top, right, bottom)):
        return None
    # The line itself, which may be several pixels wide, goes too.
    inner, colours = within(other, border), within(picture, border)
    while min(inner.shape) > 2 and _ring_share(inner) >= _LINE and _of_one(colours, low, span):
        border = (border[0] + 1, border[1] + 1, border[2] + 1, border[3] + 1)
        inner, colours = within(other, border), within(picture, border)
    return border


def _largest_axes(other: Bool[np.ndarray, "h w"]) -> tuple[int, int, int, int] | None:
    """The first and last long lines of the largest thing drawn: left, top, right, bottom.

    A colour bar is drawn apart from the axes, and may be taller than they are.
    """
    from scipy import ndimage

    things = ndimage.find_objects(ndimage.label(other, np.ones((3, 3)))[0])
    if not things:
        return None
    rows, columns = max(things, key=lambda each: other[each].size)
    drawn = other[rows, columns]
    across, upright = _long_lines(drawn), _long_lines(drawn.T)
    if len(across) < 2 or len(upright) < 2:
        return None
    if min(across[-1] - across[0], upright[-1] - upright[0]) < _LEAST_FILM:
        return None
    return (
        columns.start + upright[0],
        rows.start + across[0],
        columns.start + upright[-1],
        rows.start + across[-1],
    )


def _long_lines(other: Bool[np.ndarray, "h w"]) -> list[int]:
    """Rows of which half is one run of another colour than the border."""
    width = other.shape[1]
    found = []
    for row in np.flatnonzero(other.mean(axis=1) >= 0.5):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], other[row].view(np.int8), [0]])))
        if (edges[1::2] - edges[::2]).max() >= width / 2:
            found.append(int(row))
    return found


def _is_line(other: Bool[np.ndarray, "h w"], box: tuple[int, int, int, int]) -> bool:
    """Whether what is outside the box is border, but for lettering."""
    left, top, right, bottom = box
    outside = other.copy()
    outside[top : bottom + 1, left : right + 1] = False
    area = other.size - (bottom - top + 1) * (right - left + 1)
    return bool(outside.sum() <= 0.3 * max(1, area))


def _of_one(picture: Num[np.ndarray, "h w"], low: float, span: float) -> bool:
    """Whether the pixels around a picture are of one colour, as a line is and a film is not."""
    ring = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    return _mode_share(ring, low, span)[1] >= _LINE


def _ring_share(mask: Bool[np.ndarray, "h w"]) -> float:
    return float(np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).mean())


def _info_bar(picture: Num[np.ndarray, "h w"], low: float, span: float) -> int:
    """The rows of a bar at the bottom: even at its edges, with lettering between them."""
    height = len(picture)
    value, share = _mode_share(picture[-2:], low, span)
    if share < 0.95:
        return 0
    even = np.abs(picture - value) <= _EVEN * span
    shares = even.mean(axis=1)
    first = height - int(_BAR_SHARE * height)
    # From the bottom up, as long as rows are background with lettering on it.
    begin = height
    while begin > first and shares[begin - 1] >= 0.4:
        begin -= 1
    if begin == first and shares[begin - 1] >= 0.4:
        return 0
    while begin < height and shares[begin] < 0.98:
        begin += 1
    band = shares[begin:]
    lettered = ((band > 0.4) & (band < 0.99)).sum()
    if len(band) < 8 or band.mean() < _BACKGROUND or lettered < 4:
        return 0
    # The film ends at a straight edge: the row above is no background.
    return height - begin if shares[begin - 1] < 0.9 else 0
