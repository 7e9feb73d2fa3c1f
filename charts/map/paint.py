"""Colours of a map's points as numbers for the browser, and what a legend says of them.

A number is a place in `ramp`: 0 to 199 along the sequence of colours, then the classes, 255 for
what is not known. A scale ends at the 1st and the 99th percentile of what is shown, so that a few
far values do not make all others one colour; what lies beyond has the colour of the end.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, UInt8

from analysis.map_points import MapPoints
from charts.map.colour import NOT_KNOWN, TRAJECTORY, Colour
from charts.palette import CLASSES, SEQUENTIAL, UNKNOWN, Theme, rgb
from wording.numbers import formatted

STEPS = 200  # of the sequence
UNKNOWN_AT = 255
_WITHIN = (1, 99)  # percentiles
_TICKS = 4


@dataclass(frozen=True)
class Legend:
    """What the colours of a map mean."""

    title: str
    # Of numbers: places along the ramp, 0 to 1, and what stands there, in rising order.
    ticks: tuple[tuple[float, str], ...] = ()
    below: int = 0  # shown points beyond each end
    above: int = 0
    unknown: int = 0  # shown points without a value
    # Of classes: place in the ramp, word, number of shown points.
    classes: tuple[tuple[int, str, int], ...] = ()


def ramp(theme: Theme) -> list[str]:
    """256 colours, #rrggbb, which the numbers of `paint` name."""
    ends = np.array([rgb(colour) for colour in SEQUENTIAL], dtype=np.float64)
    at = np.linspace(0, len(ends) - 1, STEPS)
    channels = [np.interp(at, np.arange(len(ends)), ends[:, channel]) for channel in range(3)]
    line = np.rint(np.stack(channels, axis=1)).astype(int).tolist()
    colours = [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in line]
    colours += list(CLASSES)
    return colours + [UNKNOWN[theme]] * (UNKNOWN_AT + 1 - len(colours))


def paint(
    colour: Colour, points: MapPoints, shown: Bool[np.ndarray, " points"]
) -> tuple[UInt8[np.ndarray, " points"], Legend]:
    """Number the colour of each point, and describe it by a legend for those of them `shown`."""
    codes = np.full(len(points), UNKNOWN_AT, dtype=np.uint8)
    if colour.name == TRAJECTORY:
        return codes, Legend("Trajectory of the selected frame")
    known = np.isfinite(colour.values)
    if colour.scale == "classes":
        return _classes(colour, codes, known, shown)
    low, high = ends(colour, points, shown)
    share = (_scaled(colour, colour.values[known]) - low) / (high - low)
    codes[known] = np.rint(share.clip(0, 1) * (STEPS - 1))
    seen = share[shown[known]]
    room = 0.5 / STEPS
    return codes, Legend(
        title=colour.title,
        ticks=_ticks(colour, low, high),
        below=int((seen < -room).sum()),
        above=int((seen > 1 + room).sum()),
        unknown=int((~known & shown).sum()),
    )


def ends(
    colour: Colour, points: MapPoints, shown: Bool[np.ndarray, " points"]
) -> tuple[float, float]:
    """The scaled values at the ends of the ramp, over shown separated frames (contrast: all).

    They are those of the map's own frames, unless only others have a value.
    """
    known = np.isfinite(colour.values)
    if colour.name != "contrast":
        known &= ~points.unseparated
    for narrower in (points.own, shown):
        known = known & narrower if (known & narrower).any() else known
    values = _scaled(colour, colour.values[known]) if known.any() else np.array([0.0, 1.0])
    low, high = (float(end) for end in np.percentile(values, _WITHIN))
    if high - low <= 1e-6 * max(abs(low), abs(high)):
        low, high = float(values.min()), float(values.max())
    if low == high:
        room = abs(low) * 0.1 or 1.0
        low, high = low - room, high + room
    return low, high


def stops(colour: Colour, low: float, high: float, count: int) -> list[float]:
    """Values that stand evenly along the ramp, between scaled `ends`."""
    scaled = np.linspace(low, high, count)
    if colour.scale == "log":
        scaled = 10**scaled
    elif colour.scale == "symlog":
        scaled = np.sign(scaled) * np.expm1(np.abs(scaled))
    values: list[float] = scaled.tolist()
    return values


def _classes(
    colour: Colour,
    codes: UInt8[np.ndarray, " points"],
    known: Bool[np.ndarray, " points"],
    shown: Bool[np.ndarray, " points"],
) -> tuple[UInt8[np.ndarray, " points"], Legend]:
    numbers = colour.values[known].astype(np.int64)
    places = np.array(
        [
            UNKNOWN_AT if word == NOT_KNOWN else STEPS + number % len(CLASSES)
            for number, word in enumerate(colour.classes)
        ],
        dtype=np.uint8,
    )
    codes[known] = places[numbers]
    counts = np.bincount(numbers[shown[known]], minlength=len(colour.classes)).tolist()
    words = zip(places.tolist(), colour.classes, counts, strict=True)
    return codes, Legend(colour.title, classes=tuple(words))


def _scaled(colour: Colour, values: np.ndarray) -> Float64[np.ndarray, " values"]:
    wide = values.astype(np.float64)
    if colour.scale == "log":
        return np.log10(wide)
    if colour.scale == "symlog":
        return np.sign(wide) * np.log1p(np.abs(wide))
    return wide


def _ticks(colour: Colour, low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Values spread evenly along the ramp, both ends among them."""
    values = stops(colour, low, high, _TICKS)
    places = np.linspace(0, 1, _TICKS).tolist()
    return tuple(
        (place, formatted(value, _form(colour, value)))
        for place, value in zip(places, values, strict=True)
    )


def _form(colour: Colour, value: float) -> str:
    """The format of a colouring, in as few digits as a legend needs."""
    if colour.form.endswith("%"):
        return ".0%"
    if abs(value) >= 1000:
        return ",.0f"
    return ".2g" if abs(value) < 1 else ".3g"
