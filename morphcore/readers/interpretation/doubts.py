"""Doubts about pictures that are taken all the same: what a look warns of, and nothing is asked."""

import numpy as np
from jaxtyping import Bool, Float64, Num

from morphcore.readers.interpretation.colour_curve import LUMA
from morphcore.readers.interpretation.value_statistics import ValueStatistics

_OPPOSITE = -0.5  # the correlation with the frame before, from which on down phases have swapped
_MARK = 0.06  # of the range, that a mark of one colour spans
_GAP = 0.12  # of the range, next to a mark's colour, that the film leaves free
_SMALL = 0.04  # the share of all pixels that a scale bar or letters have at most
_PHASE = 0.15  # the share of the other pixels that either phase has at least
_LEAST = 16  # pixels of a mark
_STRAYS = 0.25  # pixels in that gap for one of the mark: its edges
_EVEN_SLOPE = 0.5  # the share of the variance of gray that a plane explains


def doubts(values: ValueStatistics) -> tuple[str, ...]:
    """Sentences on what may be no film: swapped phases, marks, uneven illumination."""
    found = (_swapped(values), _marked(values), _uneven(values))
    return tuple(sentence for sentence in found if sentence)


def _swapped(values: ValueStatistics) -> str:
    places = np.flatnonzero(values.likeness <= _OPPOSITE)
    if not len(places) or values.likeness.max() < -_OPPOSITE:  # patterns that move anyhow
        return ""
    more = f", and at {len(places) - 1} more places" if len(places) > 1 else ""
    return (
        f"Black and white seem to change places between frames {places[0]} and {places[0] + 1}"
        f"{more}: its files may not all show the same phase as white."
    )


def _marked(values: ValueStatistics) -> str:
    """Pixels that have a colour of their own in all frames: a scale bar, letters, an aperture."""
    span = values.high - values.low
    if values.count < 2 or values.distinct is not None or span <= 0:
        return ""
    low = (values.pixel_low.astype(np.float64) - values.low) / span
    high = (values.pixel_high.astype(np.float64) - values.low) / span
    sides = (
        ("white", low >= 1 - _MARK, high >= 1 - _GAP),
        ("black", high <= _MARK, low <= _GAP),
    )
    for colour, mark, near in sides:
        count = int(mark.sum())
        strays = int((near & ~mark).sum())
        small = count <= _SMALL * mark.size or _in_corners(mark)
        if count >= _LEAST and small and strays <= _STRAYS * count and _two_phases(values, colour):
            row, column = (int(np.median(places)) for places in np.nonzero(mark))
            return (
                f"{count:,} pixels about row {row} and column {column} are {colour} in all frames,"
                " as nothing else is: a scale bar, letters or an aperture, which counts as the"
                f" {colour} phase unless crop cuts it off."
            )
    return ""


def _in_corners(mark: Bool[np.ndarray, "h w"]) -> bool:
    return bool(mark[0, 0] and mark[0, -1] and mark[-1, 0] and mark[-1, -1])


def _two_phases(values: ValueStatistics, colour: str) -> bool:
    """Whether there are both phases beside the pixels of that colour, which are none then."""
    gap = _GAP * (values.high - values.low)
    sample = values.sample
    rest = sample[sample < values.high - gap if colour == "white" else sample > values.low + gap]
    if len(rest) < _LEAST:
        return False
    share = float((rest >= (rest[0] + rest[-1]) / 2).mean())
    return _PHASE <= share <= 1 - _PHASE


def _uneven(values: ValueStatistics) -> str:
    if values.distinct is not None:
        return ""
    pictures = values.kept.pictures
    slopes = [_slope(picture @ LUMA if picture.ndim == 3 else picture) for picture in pictures]
    if min(share for share, _ in slopes) < _EVEN_SLOPE or len({way for _, way in slopes}) > 1:
        return ""
    return (
        f"Its gray rises evenly towards the {slopes[0][1]} in all frames, as of uneven"
        " illumination: the threshold divides bright from dark sides rather than phases. Level the"
        " background first."
    )


def _slope(picture: Num[np.ndarray, "h w"]) -> tuple[float, str]:
    """The share of a picture's variance that a plane explains, and the side where it is bright."""
    rows, columns = (np.linspace(-1, 1, side) for side in picture.shape)
    gray: Float64[np.ndarray, "h w"] = np.nan_to_num(picture.astype(np.float64))
    gray -= gray.mean()
    variance = float((gray**2).mean())
    if variance == 0:
        return 0.0, ""
    down = float(gray.mean(axis=1) @ rows / (rows @ rows))
    right = float(gray.mean(axis=0) @ columns / (columns @ columns))
    explained = (down**2 * (rows**2).mean() + right**2 * (columns**2).mean()) / variance
    if abs(down) > abs(right):
        return explained, "bottom" if down > 0 else "top"
    return explained, "right" if right > 0 else "left"
