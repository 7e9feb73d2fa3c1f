"""Colours to one number: by lightness, or along the colour map that the pictures were drawn with.

A colour map is a curve through the cube of red, green and blue. Where lightness (ITU-R 601) does
not rise or fall all along it, lightness takes its middle for a phase: the map has to be followed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt8

from morphcore.readers.interpretation.colour_curve import (
    LUMA,
    NEAR,
    colour_curve,
    is_monotonic,
    position,
)
from morphcore.readers.interpretation.gray_range import otsu
from morphcore.readers.look import Question
from morphcore.readers.options import ImportOptions

_GRAY_CHROMA = 12  # of 255: below it a colour is gray, but for JPEG's loss
_GRAY_SHARE = 0.995
_BITS = 5  # a channel, of the histogram
_NODES = 400  # colours at most, of which a curve is found
_RARE = 2e-5  # the share of all pixels of a colour that counts
_ON_CURVE = 0.97  # the share of pixels on the curve of a colour map
_AGREE = 0.97  # the share of pixels that lightness has to divide as colour does
_MOST = (0.005, 0.995)  # the quantiles between which the lightness of pixels runs
_APART = 90.0  # levels between colours that are flat areas, not steps of a map
_STRIP_PIXELS = 1 << 18
_TABLE_BITS = 6  # a channel, of the table from colours to positions along a map

Way = Literal["lightness", "map", "red", "green", "blue"]


@dataclass(frozen=True)
class ColourToNumber:
    """The way from a picture of colours to numbers, 0 to 255."""

    way: Way
    # Positions along a colour map by colour (6 bits a channel), where `way` is "map".
    table: Float32[np.ndarray, " colours"] | None = None

    def __call__(self, picture: UInt8[np.ndarray, "h w 3"]) -> np.ndarray:
        """Convert a picture: uint8 of lightness or a channel, float32 along a map."""
        if self.way in ("red", "green", "blue"):
            return picture[..., ("red", "green", "blue").index(self.way)]
        numbers = np.empty(picture.shape[:2], np.uint8 if self.table is None else np.float32)
        for strip in _strips(picture):
            if self.table is None:
                # As Pillow does it, exactly: 16-bit fixed point, rounded.
                wide = picture[strip].astype(np.uint32)
                luma = wide[..., 0] * 19595 + wide[..., 1] * 38470 + wide[..., 2] * 7471 + 0x8000
                numbers[strip] = luma >> 16
            else:
                numbers[strip] = self.table[_codes(picture[strip], _TABLE_BITS)]
        return numbers


LIGHTNESS = ColourToNumber("lightness")


@dataclass(frozen=True)
class ColourChoice:
    """A way that was chosen, with what has to be said of it."""

    way: ColourToNumber
    # Whether the numbers run between the lightnesses of two ends: those are black and white then.
    own_range: bool = False
    done: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


class ColourHistogram:
    """How often each colour occurs in the pictures of a trajectory, 5 bits a channel."""

    def __init__(self) -> None:
        size = 1 << (3 * _BITS)
        self._counts: Int64[np.ndarray, " colours"] = np.zeros(size, dtype=np.int64)
        self._sums: Float64[np.ndarray, "colours 3"] = np.zeros((size, 3))
        self._gray = 0

    def add(self, picture: UInt8[np.ndarray, "h w 3"]) -> None:
        """Count the pixels of a picture."""
        for strip in _strips(picture):
            self._add(picture[strip])

    def _add(self, picture: UInt8[np.ndarray, "rows w 3"]) -> None:
        codes = _codes(picture, _BITS).ravel()
        size = len(self._counts)
        self._counts += np.bincount(codes, minlength=size)
        for channel in range(3):
            weights = picture[..., channel].ravel()
            self._sums[:, channel] += np.bincount(codes, weights=weights, minlength=size)
        red, green, blue = (picture[..., channel] for channel in range(3))
        most, least = np.maximum(red, green), np.minimum(red, green)
        chroma = np.maximum(most, blue).astype(np.int16) - np.minimum(least, blue)
        self._gray += int((chroma <= _GRAY_CHROMA).sum())

    def choose(self, options: ImportOptions) -> ColourChoice:
        """Choose how these colours become numbers, and ask where lightness would mislead."""
        total = int(self._counts.sum())
        colours, shares = self._colours(total)
        if options.colours == "map":
            curve = colour_curve(colours, shares)[0]
            return ColourChoice(_along(curve), done=(_ends(curve, swap=options.swap),))
        if options.colours is not None:
            return ColourChoice(ColourToNumber(options.colours))
        if self._gray >= _GRAY_SHARE * total:
            return ColourChoice(LIGHTNESS)
        curve, on_it = colour_curve(colours, shares)
        flat = _flat(curve, colours, shares)
        if flat is not None:
            return _of_flat(flat, curve)
        light = curve @ LUMA
        if on_it >= _ON_CURVE and is_monotonic(light):
            dark, bright = (0, -1) if light[0] < light[-1] else (-1, 0)
            said = (
                f"Its colours become gray by lightness: {_name(curve[bright])} is lighter than"
                f" {_name(curve[dark])}."
            )
            return ColourChoice(LIGHTNESS, own_range=True, done=(said,))
        if _agreement(colours, shares) >= _AGREE:
            return ColourChoice(LIGHTNESS, warnings=("Its colours become gray by lightness.",))
        if on_it < _ON_CURVE:
            return _of_photo()
        return ColourChoice(
            _along(curve),
            questions=(
                Question(
                    "colours",
                    f"Its colours are a map from {_name(curve[0])} over"
                    f" {_name(curve[len(curve) // 2])} to {_name(curve[-1])} whose lightness does"
                    " not rise all along it. Choose map to take the position along it"
                    f" ({_name(curve[-1])} is white then; swap turns it), or lightness, red, green"
                    " or blue.",
                ),
            ),
        )

    def _colours(
        self, total: int
    ) -> tuple[Float64[np.ndarray, "nodes 3"], Float64[np.ndarray, " nodes"]]:
        """The mean colours that occur, the commonest ones, with their shares."""
        there = np.flatnonzero(self._counts > _RARE * total)
        if len(there) > _NODES:
            there = there[np.argsort(self._counts[there], kind="stable")[::-1][:_NODES]]
        counts = self._counts[there]
        return self._sums[there] / counts[:, None], counts / total


def _strips(picture: UInt8[np.ndarray, "h w 3"]) -> Iterator[slice]:
    """Rows of a picture, so few at a time that working on them takes little memory."""
    height, width = picture.shape[:2]
    rows = max(1, _STRIP_PIXELS // max(1, width))
    return (slice(row, row + rows) for row in range(0, height, rows))


def _codes(picture: UInt8[np.ndarray, "h w 3"], bits: int) -> Int64[np.ndarray, "h w"]:
    levels = (picture >> np.uint8(8 - bits)).astype(np.int64)
    return np.asarray((levels[..., 0] << (2 * bits)) | (levels[..., 1] << bits) | levels[..., 2])


def _along(curve: Float64[np.ndarray, "points 3"]) -> ColourToNumber:
    """The way along a colour map: for each colour its position, as 0 to 255."""
    side = 1 << _TABLE_BITS
    levels = (np.arange(side) + 0.5) * (256 / side)
    table = np.empty(side**3, dtype=np.float32)
    for red in range(side):  # a plane at a time
        grid = np.stack(np.meshgrid([levels[red]], levels, levels, indexing="ij"), axis=-1)
        place = position(grid.reshape(-1, 3), curve)[0]
        table[red * side**2 : (red + 1) * side**2] = 255 * place
    return ColourToNumber("map", table)


def _flat(
    curve: Float64[np.ndarray, "points 3"],
    colours: Float64[np.ndarray, "nodes 3"],
    shares: Float64[np.ndarray, " nodes"],
) -> list[tuple[np.ndarray, float]] | None:
    """Clusters of colours that lie far apart, with their shares; None where colours go over."""
    place, gap = position(colours, curve)
    if gap.max() > _APART or shares[gap <= NEAR].sum() < 0.9:
        return None
    order = np.argsort(place)
    steps = np.linalg.norm(np.diff(colours[order], axis=0), axis=1)
    groups = np.split(order, np.flatnonzero(steps > _APART) + 1)
    groups = [group for group in groups if shares[group].sum() >= 0.005]
    spread = max(float(np.ptp(colours[group], axis=0).max()) for group in groups) if groups else 0.0
    if len(groups) < 2 or spread > _APART:
        return None
    return [
        (np.average(colours[group], axis=0, weights=shares[group]), float(shares[group].sum()))
        for group in groups
    ]


def _of_flat(
    flat: list[tuple[np.ndarray, float]], curve: Float64[np.ndarray, "points 3"]
) -> ColourChoice:
    """A picture of a few flat colours: two are two phases where lightness tells them apart."""
    names = [_name(colour) for colour, _ in flat]
    light = [float(colour @ LUMA) for colour, _ in flat]
    if len(flat) > 2:
        message = (
            f"It has {len(flat)} colours ({', '.join(names)}), which may be more than two phases."
            " Choose how they become gray: lightness, red, green or blue."
        )
        return ColourChoice(LIGHTNESS, questions=(Question("colours", message),))
    dark, bright = (0, 1) if light[0] < light[1] else (1, 0)
    if light[bright] - light[dark] < 20:
        message = (
            f"Its two colours, {names[0]} and {names[1]}, are of about the same lightness. Choose"
            " map, red, green or blue."
        )
        return ColourChoice(_along(curve), questions=(Question("colours", message),))
    said = f"Of its two colours, {names[bright]} is the lighter one and {names[dark]} the darker."
    return ColourChoice(LIGHTNESS, own_range=True, done=(said,))


def _agreement(
    colours: Float64[np.ndarray, "nodes 3"], shares: Float64[np.ndarray, " nodes"]
) -> float:
    """The share of pixels that lightness puts into the same of two classes as colour does.

    Along the direction in which colours vary most by Otsu's threshold; of lightness by that and by
    half of its range, for the ends of a colour map may differ in lightness by a little.
    """
    counts = np.maximum(1, np.rint(shares * 20_000)).astype(np.int64)
    centred = colours - np.average(colours, axis=0, weights=shares)
    main = np.linalg.svd(centred * np.sqrt(shares)[:, None], full_matrices=False)[2][0]
    light, along = colours @ LUMA, centred @ main
    best, white = (otsu(np.sort(np.repeat(each, counts)))[0] for each in (light, along))
    half = np.quantile(np.repeat(light, counts), _MOST).mean()
    same = [
        float(shares[(light >= cut) == (along >= white)].sum() / shares.sum())
        for cut in (best, half)
    ]
    return min(max(same[0], 1 - same[0]), max(same[1], 1 - same[1]))


def _of_photo() -> ColourChoice:
    """A picture of many colours whose phases differ by more than their lightness."""
    message = (
        "Its colours differ by hue more than by lightness. Choose how they become gray: lightness,"
        " red, green or blue."
    )
    return ColourChoice(LIGHTNESS, questions=(Question("colours", message),))


def _ends(curve: Float64[np.ndarray, "points 3"], *, swap: bool) -> str:
    black, white = (-1, 0) if swap else (0, -1)
    return (
        f"Its colours are followed along their map: {_name(curve[black])} is black,"
        f" {_name(curve[white])} is white."
    )


def _name(colour: Float64[np.ndarray, " 3"]) -> str:
    """A word for a colour."""
    red, green, blue = (float(level) for level in colour)
    most, least = max(red, green, blue), min(red, green, blue)
    if most - least < 40:
        return "black" if most < 70 else "white" if least > 190 else "gray"
    middle = (most + least) / 2
    strong = "".join(
        letter for letter, level in (("r", red), ("g", green), ("b", blue)) if level > middle
    )
    word = {
        "r": "red",
        "g": "green",
        "b": "blue",
        "rg": "yellow",
        "gb": "cyan",
        "rb": "magenta",
    }[strong]
    return f"dark {word}" if most < 120 else f"light {word}" if least > 150 else word
