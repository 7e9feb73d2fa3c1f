"""A map as an Altair chart; pure, no Streamlit. Its rows are `charts.map.rows`.

The chart depends neither on what is selected nor on what it is coloured by nor on where it is
zoomed: all of this reaches it by signals (`charts.map.layers.SIGNALS`), so that nothing is sent
again and no view is built anew. It has no legend, no axes and no tooltips: each of these is
computed for every point whenever the map moves; the page draws them over the map
(`ui/map/stage.js`). Selections, to be read by name: `pick` ([{"id": frame, "t": trajectory}]),
`pin` ([{"id": frame}, ...]) and `area` ({"x": [low, high], "y": [low, high]}).
"""

from typing import Any

import altair as alt
import numpy as np
from jaxtyping import Float

from analysis.map_points import MapPoints
from charts.map import layers as map_layers
from charts.map.paint import ramp
from charts.palette import ACCENT, INK, Theme
from morphcore.config import ProjectionMethod
from wording.maps import METHOD_WORDS

SELECTIONS = ["pick", "pin", "area"]
DATA = "points"
CONTOURS = "contours"
_SHIFTED = "[pointerdown[event.shiftKey], window:pointerup] > window:pointermove!"
_ON_POINT = "event.item && event.item.datum && event.item.datum.id"
_ESCAPE = "window:keydown[event.key === 'Escape']"
_MARGIN = 0.04
# Of other data sets, in the order in which they are shown; diamonds are the map's own frames that
# have not separated.
SHAPES = ("triangle-up", "square", "triangle-down", "triangle-right", "triangle-left")


def domains(points: MapPoints) -> tuple[list[float], list[float]]:
    """The ends of both axes when nothing is zoomed: all of the map's own points, and a margin."""
    return _ends(points.x[points.own]), _ends(points.y[points.own])


def point_size(count: int) -> float:
    """The area of a point in square pixels, so that many points still leave room."""
    return float(np.clip(30_000 / max(1, count), 14, 70))


def spec(points: MapPoints, *, theme: Theme = "light") -> dict[str, Any]:
    """The chart of a map as a Vega-Lite specification, its data named `DATA` and not in it.

    `points` are all of the map's points, whichever are shown. Lines of equal density are drawn from
    data named `CONTOURS`, which may be empty. A drag with Shift held marks an area.
    """
    size = point_size(int(points.own.sum()))
    x, y = _axes()
    base = alt.Chart().encode(x=x, y=y)
    shade = {"expr": "dimmed ? 0.3 : 0.85"}
    painted = base.transform_calculate(c=map_layers.PAINT)
    paint = alt.Color("c:N", scale=None)
    frames = (
        painted.mark_circle(size=size, opacity=shade)
        .encode(color=paint)
        .transform_filter("!datum.u && !datum.a")
        .add_params(*_selections(theme))
        .properties(name="frames")
    )
    bare = (
        # Filled, not hollow: its hole would take no click.
        painted.mark_point(shape="diamond", size=bare_size(size), filled=True, opacity=shade)
        .encode(color=paint)
        .transform_filter("datum.u && !datum.a")
    )
    layers = [
        frames,
        bare,
        *([_attached(painted, points, size, paint, shade, theme)] if points.attached else []),
        map_layers.contours(x, y, theme),
        *map_layers.paths(base, x, y),
        *map_layers.own_path(base, x, y, size, paint, theme),
        map_layers.heads(base, paint, theme),
        *map_layers.placed(base, x, y, theme),
        map_layers.clicked_place(x, y, theme),
        *map_layers.pinned(base, theme),
        map_layers.ring(base, size, theme),
    ]
    layered = alt.layer(*layers, data=alt.NamedData(DATA))
    layered = layered.properties(
        padding={"left": 0, "right": 0, "top": 0, "bottom": 0},
        usermeta={"embedOptions": {"renderer": "canvas"}},
    )
    # Streamlit would give every mark a tooltip of its own.
    layered = layered.configure_mark(aria=False, tooltip=None).configure_view(stroke=None)
    drawn: dict[str, Any] = layered.to_dict()
    drawn["params"] += map_layers.params(domains(points), ramp(theme))
    return drawn


def bare_size(size: float) -> float:
    """The area of the diamond of a frame that has not separated, beside points of `size`."""
    return max(48.0, 1.6 * size)


def alt_text(points: MapPoints, method: ProjectionMethod) -> str:
    """The chart's alternative text, for those who do not see it."""
    return f"Map of {len(points):,} frames by {METHOD_WORDS[method]}, each a point"


def _attached(
    painted: Any, points: MapPoints, size: float, paint: Any, shade: Any, theme: Theme
) -> Any:
    """Frames of other data sets, placed on the map: a mark for each set, with a dark outline."""
    numbers = list(range(1, len(points.attached) + 1))
    shapes = [SHAPES[number % len(SHAPES)] for number in range(len(numbers))]
    shape = alt.Shape("a:N", scale=alt.Scale(domain=numbers, range=shapes), legend=None)
    return (
        painted.mark_point(
            size=max(70.0, 2.2 * size),
            filled=True,
            opacity=shade,
            stroke=INK[theme],
            strokeWidth=1.2,
        )
        .encode(color=paint, shape=shape)
        .transform_filter("datum.a")
    )


def _ends(values: Float[np.ndarray, " points"]) -> list[float]:
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    margin = _MARGIN * (high - low) or 1.0
    return [low - margin, high + margin]


def _axes() -> tuple[alt.X, alt.Y]:
    """Axes whose ends are the signal `sight`; what is drawn of them lies over the map."""
    ends = [{"expr": f"toNumber(split(sight, ' ')[{place}])"} for place in range(4)]
    return (
        alt.X("x:Q", scale=alt.Scale(domain=ends[:2], nice=False, zero=False), axis=None),
        alt.Y("y:Q", scale=alt.Scale(domain=ends[2:], nice=False, zero=False), axis=None),
    )


def _selections(theme: Theme) -> list[alt.Parameter]:
    """A click picks, with Shift it pins; a drag with Shift marks an area; Escape clears all."""
    pick = alt.selection_point(
        name="pick",
        fields=["id", "t"],
        # A drag that ends, or a click between the points, selects nothing and clears nothing.
        on=f"click[!event.shiftKey && {_ON_POINT}]",
        clear=_ESCAPE,
        toggle=False,
    )
    pin = alt.selection_point(
        name="pin",
        fields=["id"],
        on=f"click[event.shiftKey && {_ON_POINT}]",
        clear=_ESCAPE,
        toggle="true",
    )
    area = alt.selection_interval(
        name="area",
        on=_SHIFTED,
        clear=_ESCAPE,
        zoom=False,
        mark=alt.BrushConfig(fill=ACCENT[theme], fillOpacity=0.12, stroke=ACCENT[theme]),
    )
    return [pick, pin, area]
