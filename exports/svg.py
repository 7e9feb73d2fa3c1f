"""Small charts as SVG text, for a report that opens anywhere: no script, no server, no library."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from math import log10
from typing import NamedTuple

WIDTH, HEIGHT = 720, 260  # px
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 24, 44
COLOURS = ("#0d9488", "#d97706", "#8b5cf6", "#e11d48")
GREY = "#7c8b89"


class Axis(NamedTuple):
    """What an axis shows, from where to where, and whether by powers of ten."""

    title: str
    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float:
        """0 at the lower end, 1 at the upper."""
        ends = (self.low, self.high, value)
        low, high, at = (log10(each) for each in ends) if self.log else ends
        return (at - low) / (high - low) if high > low else 0.5

    def ticks(self) -> list[float]:
        """Some five round values within."""
        if self.log:
            tens = range(int(log10(self.low)) - 1, int(log10(self.high)) + 2)
            every = [factor * 10.0**ten for ten in tens for factor in (1, 2, 5)]
            inside = [each for each in every if self.low <= each <= self.high]
            return inside[:: max(1, len(inside) // 6)]
        step = 10 ** int(f"{self.high - self.low:e}".split("e")[1])
        while (self.high - self.low) / step < 4:
            step /= 2
        first = int(self.low / step)
        values = [step * place for place in range(first, int(self.high / step) + 1)]
        return [each for each in values if self.low <= each <= self.high]


def lines(series: Mapping[str, Sequence[tuple[float, float]]], x: Axis, y: Axis, label: str) -> str:
    """Curves with a legend; points outside of the axes are left out."""
    parts = []
    for colour, (name, points) in zip(COLOURS, series.items(), strict=False):
        places = " ".join(
            f"{_x(x, each[0]):.1f},{_y(y, each[1]):.1f}" for each in points if _inside(x, y, each)
        )
        parts.append(
            f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2">'
            f"<title>{escape(name)}</title></polyline>"
        )
    legend = "".join(
        f'<tspan fill="{colour}" dx="{14 if place else 0}">{escape(name)}</tspan>'
        for place, (colour, name) in enumerate(zip(COLOURS, series, strict=False))
    )
    parts.append(f'<text x="{LEFT}" y="14">{legend}</text>')
    return _whole(parts, x, y, label)


def scatter(points: Sequence[tuple[float, float]], shades: Sequence[float], label: str) -> str:
    """Points without axes, from dark to light by a number from 0 to 1 each."""
    across, up = zip(*points, strict=True)
    x, y = Axis("", min(across), max(across)), Axis("", min(up), max(up))
    dots = [
        f'<circle cx="{_x(x, one):.1f}" cy="{_y(y, other):.1f}" r="3" fill="{_shade(shade)}"/>'
        for (one, other), shade in zip(points, shades, strict=True)
    ]
    return _figure(dots, label)


def dots(values: Mapping[str, tuple[float, float | None, float | None]], title: str) -> str:
    """A row each: a value, and the ends of its interval where it has them; the first stands out."""
    ends = [each for row in values.values() for each in row if each is not None]
    x = Axis(title, min(0.0, *ends), max(ends) or 1.0)
    height = TOP + 24 * len(values) + BOTTOM
    parts = []
    for place, (name, (value, low, high)) in enumerate(values.items()):
        at, colour = TOP + 24 * place + 12, COLOURS[0] if not place else GREY
        parts.append(f'<text x="{LEFT + 92}" y="{at + 4}" text-anchor="end">{escape(name)}</text>')
        if low is not None and high is not None:
            parts.append(
                f'<line x1="{_wide(x, low):.1f}" x2="{_wide(x, high):.1f}" y1="{at}" y2="{at}"'
                f' stroke="{colour}" stroke-width="2"/>'
            )
        parts.append(
            f'<circle cx="{_wide(x, value):.1f}" cy="{at}" r="5" fill="{colour}">'
            f"<title>{escape(name)}: {value:.3f}</title></circle>"
        )
    bottom = TOP + 24 * len(values)
    parts += [
        f'<text x="{_wide(x, tick):.1f}" y="{bottom + 16}" text-anchor="middle">{tick:g}</text>'
        for tick in x.ticks()
    ]
    parts.append(_middle(bottom + 36, title))
    return _figure(parts, title, height)


def _whole(parts: Sequence[str], x: Axis, y: Axis, label: str) -> str:
    frame = []
    for tick in x.ticks():
        at = _x(x, tick)
        frame.append(
            f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        )
        below = HEIGHT - BOTTOM + 16
        frame.append(f'<text x="{at:.1f}" y="{below}" text-anchor="middle">{_said(tick)}</text>')
    for tick in y.ticks():
        at = _y(y, tick)
        frame.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
        )
        frame.append(
            f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{_said(tick)}</text>'
        )
    frame.append(_middle(HEIGHT - 8, x.title))
    frame.append(
        f'<text transform="translate(14 {HEIGHT / 2:.0f}) rotate(-90)" text-anchor="middle">'
        f"{escape(y.title)}</text>"
    )
    return _figure([*frame, *parts], label)


def _figure(parts: Sequence[str], label: str, height: int = HEIGHT) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )


def _middle(at: float, words: str) -> str:
    return f'<text x="{WIDTH / 2:.0f}" y="{at}" text-anchor="middle">{escape(words)}</text>'


def _x(axis: Axis, value: float) -> float:
    return LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT)


def _wide(axis: Axis, value: float) -> float:
    """Where names stand at the left."""
    return LEFT + 110 + axis.place(value) * (WIDTH - LEFT - 110 - RIGHT)


def _y(axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - axis.place(value) * (HEIGHT - TOP - BOTTOM)


def _inside(x: Axis, y: Axis, point: tuple[float, float]) -> bool:
    """A logarithm has no place for 0."""
    return x.low <= point[0] <= x.high and y.low <= point[1] <= y.high


def _said(tick: float) -> str:
    return f"{tick:,.0f}" if abs(tick) >= 1000 else f"{tick:g}"


# Dark to light, as on the map: the ends and the middle of Viridis.
_SHADES = ((68, 1, 84), (33, 145, 140), (253, 231, 37))


def _shade(share: float) -> str:
    at = min(1.0, max(0.0, share)) * (len(_SHADES) - 1)
    for place, (one, other) in enumerate(pairwise(_SHADES)):
        if at <= place + 1:
            mix = (a + (b - a) * (at - place) for a, b in zip(one, other, strict=True))
            return "#" + "".join(f"{round(each):02x}" for each in mix)
    return "#000000"
