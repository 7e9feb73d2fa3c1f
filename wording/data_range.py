"""Where a frame lies against the range of a data set, in a few words."""

from collections.abc import Mapping

from analysis.descriptor_range import DataRange, Range, Side
from wording.numbers import percent

_SIDES: Mapping[Side, str] = {
    "below": "below the data's {}",
    "within": "within the data's {}",
    "above": "above the data's {}",
}


def fraction(share: float, data: DataRange) -> tuple[str, str]:
    """A share of white, and where it lies.

    >>> from analysis.descriptor_range import DataRange, Range
    >>> data = DataRange(fraction=Range(0.47, 0.5, 0.63), length=Range(8.9, 20, 85.2))
    >>> fraction(0.21, data)
    ('White 21 %', "below the data's 47 to 63 %")
    """
    low, high = (f"{100 * each:.0f}" for each in (data.fraction.low, data.fraction.high))
    return f"White {100 * share:.0f} %", _side(data.fraction, share, f"{low} to {high} %")


def length(pixels: float, data: DataRange) -> tuple[str, str]:
    """A domain size, and where it lies.

    >>> from analysis.descriptor_range import DataRange, Range
    >>> data = DataRange(fraction=Range(0.47, 0.5, 0.63), length=Range(8.9, 20, 85.2))
    >>> length(31.4, data)
    ('L 31 px', "within the data's 9 to 85 px")
    """
    low, high = data.length.low, data.length.high
    return f"L {pixels:.0f} px", _side(data.length, pixels, f"{low:.0f} to {high:.0f} px")


def standing(lower: float) -> str:
    """Where a value stands among others, by the share that is lower.

    >>> standing(0.37), standing(0.0), standing(1.0)
    ('higher than 37 % of frames', 'the lowest of all frames', 'the highest of all frames')
    """
    if lower <= 0:
        return "the lowest of all frames"
    return "the highest of all frames" if lower >= 1 else f"higher than {percent(lower)} of frames"


def _side(data: Range, value: float, words: str) -> str:
    return _SIDES[data.side(value)].format(words)
