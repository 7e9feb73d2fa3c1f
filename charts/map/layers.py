"""Layers over a map's points: paths with their direction, heads, marks.

All of it is drawn in the browser from the rows that are there, by signals (`SIGNALS`) that the page
and the time panel set: nothing is sent again, and nothing resets the zoom. A list of numbers is a
text with a space before and after each number.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from charts.palette import ACCENT, CLASSES, INK, PAPER, SYNTHETIC, Theme

MOST_CHOSEN = len(CLASSES)  # trajectories whose hues can be distinguished
# Values before anything is chosen. `now`: the time, -1 for none; `chosen`: trajectories; `pinned`,
# `near`: frames; `shown`: the selected frame and its trajectory; `fall`: x, y and half-spread of a
# frame placed on the map; `spot`: x and y of an empty place that was clicked; `paint`: the colour
# of each row of all points, two hexadecimal digits of its place in `charts.map.paint.ramp`.
SIGNALS: Mapping[str, Any] = {
    "now": -1,
    "chosen": "",
    "pinned": "",
    "shown": "",
    "fall": "",
    "near": "",
    "spot": "",
    "paint": "",
}
PAINT = (
    "paint == '' ? ramp[255]"
    " : ramp[toNumber('0x' + substring(paint, 2 * datum.i, 2 * datum.i + 2))]"
)
_ON_PATH = "'' + datum.t == split(shown, ' ')[1]"
_PICKED = "'' + datum.id == split(shown, ' ')[0]"
_HEADING = (
    "atan2(scale('x', datum.nx) - scale('x', datum.x), scale('y', datum.y) - scale('y', datum.ny))"
    " * 180 / PI"
)
_HUE = f"[{', '.join(repr(hue) for hue in CLASSES)}][datum.p]"


def params(
    ends: tuple[Sequence[float], Sequence[float]], ramp: Sequence[str]
) -> list[dict[str, Any]]:
    """The signals, each bound to an input of the chart's own, by which it is set from outside.

    `sight` are the ends of both axes, x before y, in a text.
    """
    bound = [
        {"name": name, "value": value, "bind": {"input": "text"}}
        for name, value in SIGNALS.items()
        if name != "now"
    ]
    sight = " ".join(f"{end:.9g}" for axis in ends for end in axis)
    return [
        {"name": "now", "value": SIGNALS["now"], "bind": {"input": "number", "step": "any"}},
        *bound,
        {"name": "sight", "value": sight, "bind": {"input": "text"}},
        {"name": "ramp", "value": list(ramp)},
        {"name": "dimmed", "expr": "now >= 0 || chosen != ''"},
    ]


def paths(base: Any, x: alt.X, y: alt.Y) -> list[Any]:
    """The chosen trajectories, each in a hue of its own, with arrows and its name at its end."""
    chosen = base.transform_filter("indexof(chosen, ' ' + datum.t + ' ') >= 0").transform_calculate(
        p="indexof(split(trim(chosen), ' '), '' + datum.t)"
    )
    names = chosen.transform_filter("datum.e == 2").mark_text(
        dy=-12, fontSize=12, fontWeight="bold", color={"expr": _HUE}
    )
    return [
        chosen.mark_line(strokeWidth=1.8, color={"expr": _HUE}).encode(order="s:Q", detail="t:N"),
        _arrows(chosen, x, y, {"expr": _HUE}),
        names.encode(text="n:N"),
    ]


def own_path(base: Any, x: alt.X, y: alt.Y, size: float, colour: Any, theme: Theme) -> list[Any]:
    """The clicked frame's trajectory: its points, its direction and its ends."""
    path = base.transform_filter(_ON_PATH)
    ends = [
        path.transform_filter(f"datum.e == {end}").mark_text(
            text=word, dy=-13, fontSize=13, fontWeight="bold", color=INK[theme]
        )
        for end, word in ((1, "start"), (2, "end"))
    ]
    return [
        path.mark_line(color=INK[theme], strokeWidth=1.6).encode(order="s:Q"),
        path.mark_circle(size=(size**0.5 + 3) ** 2, opacity=1, color=INK[theme]),
        path.transform_calculate(c=PAINT)
        .mark_circle(size=size * 1.2, opacity=1)
        .encode(color=colour),
        _arrows(path, x, y, INK[theme]),
        *ends,
    ]


def heads(base: Any, colour: Any, theme: Theme) -> Any:
    """Of each trajectory the newest frame at or before the time that is set."""
    return (
        base.transform_filter("datum.s <= now && now < datum.v")
        .transform_calculate(c=PAINT)
        .mark_circle(size=150, opacity=1, stroke=INK[theme], strokeWidth=1.5)
        .encode(color=colour)
    )


def placed(base: Any, x: alt.X, y: alt.Y, theme: Theme) -> list[Any]:
    """Marks of a frame placed out of sample: a cross, a halo, and the points it was placed by."""
    placement = (
        alt.Chart(alt.sequence(start=0, stop=1, as_="g"))
        .transform_filter("fall != ''")
        .transform_calculate(
            x="toNumber(split(trim(fall), ' ')[0])",
            y="toNumber(split(trim(fall), ' ')[1])",
            r="toNumber(split(trim(fall), ' ')[2])",
        )
        .encode(x=x, y=y)
    )
    radii = "abs(scale('{0}', datum.{0} + datum.r) - scale('{0}', datum.{0}))"
    return [
        placement.mark_point(
            shape="circle",
            filled=True,
            color=SYNTHETIC[theme],
            opacity=0.18,
            size={"expr": f"4 * {radii.format('x')} * {radii.format('y')}"},
        ),
        base.transform_filter("indexof(near, ' ' + datum.id + ' ') >= 0").mark_point(
            size=90, filled=False, strokeWidth=2, opacity=1, color=SYNTHETIC[theme]
        ),
        placement.mark_point(
            shape="cross",
            size=220,
            filled=True,
            opacity=1,
            color=SYNTHETIC[theme],
            stroke=PAPER[theme],
            strokeWidth=1,
        ),
    ]


def clicked_place(x: alt.X, y: alt.Y, theme: Theme) -> Any:
    """The empty place that was clicked."""
    return (
        alt.Chart(alt.sequence(start=0, stop=1, as_="g"))
        .transform_filter("spot != ''")
        .transform_calculate(
            x="toNumber(split(trim(spot), ' ')[0])", y="toNumber(split(trim(spot), ' ')[1])"
        )
        .mark_point(
            shape="diamond",
            size=190,
            filled=True,
            opacity=1,
            color=SYNTHETIC[theme],
            stroke=PAPER[theme],
            strokeWidth=1,
        )
        .encode(x=x, y=y)
    )


def contours(x: alt.X, y: alt.Y, theme: Theme) -> Any:
    """Lines of equal density, from the rows of a data set of their own: ends of straight bits."""
    return (
        alt.Chart(alt.NamedData("contours"))
        .mark_rule(color=INK[theme], strokeWidth=1)
        .encode(
            x=x,
            y=y,
            x2="x2:Q",
            y2="y2:Q",
            opacity=alt.Opacity(
                "share:Q", scale=alt.Scale(domain=[0.25, 0.95], range=[0.8, 0.25]), legend=None
            ),
        )
    )


def pinned(base: Any, theme: Theme) -> list[Any]:
    """The pinned frames, numbered in the order in which they were pinned."""
    points = base.transform_filter("indexof(pinned, ' ' + datum.id + ' ') >= 0")
    points = points.transform_calculate(k="1 + indexof(split(trim(pinned), ' '), '' + datum.id)")
    return [
        points.mark_circle(size=330, opacity=1, color=INK[theme]),
        points.mark_text(fontSize=12, fontWeight="bold", color=PAPER[theme]).encode(text="k:Q"),
    ]


def ring(base: Any, size: float, theme: Theme) -> Any:
    """A ring about the selected frame."""
    return base.transform_filter(_PICKED).mark_point(
        size=max(220.0, 5 * size), filled=False, strokeWidth=3, opacity=1, color=ACCENT[theme]
    )


def _arrows(path: Any, x: alt.X, y: alt.Y, colour: Any) -> Any:
    """Arrows along a path, on the steps that `rows.arrows` marked, towards the next frame."""
    named: dict[str, dict[str, Any]] = {axis: {"as": f"n{axis}"} for axis in ("x", "y")}
    lead = [alt.WindowFieldDef(op="lead", field=axis, **named[axis]) for axis in ("x", "y")]
    return (
        path.transform_window(
            window=lead, groupby=["t"], sort=[alt.SortField("s", order="ascending")]
        )
        .transform_filter("datum.h == 1 && isValid(datum.nx)")
        .transform_calculate(mx="(datum.x + datum.nx) / 2", my="(datum.y + datum.ny) / 2")
        .mark_point(
            shape="triangle",
            size=95,
            filled=True,
            opacity=1,
            color=colour,
            angle={"expr": _HEADING},
        )
        .encode(x=_along(x, "mx"), y=_along(y, "my"))
    )


def _along(axis: Any, field: str) -> Any:
    """The same axis for another field."""
    copied = axis.copy()
    copied.shorthand = f"{field}:Q"
    return copied
