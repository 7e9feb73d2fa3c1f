"""A map as an Altair chart; pure, no Streamlit. Its rows are `charts.map.rows`.

The chart does not depend on what is selected: marks and paths are drawn in the browser
(`charts.map.layers`), so that a click changes nothing that would reset the zoom. Selections, to be
read by name: `pick` ([{"id": frame, "t": trajectory}]), `pin` ([{"id": frame}, ...]), `spot`
([{"gx": x, "gy": y}]: an empty place), `zoom` and `area` ({"x": [low, high], "y": [low, high]}).
"""

import json
from typing import Any, Literal

import altair as alt
import numpy as np
from jaxtyping import Float

from analysis.map_points import Area, MapPoints, row_of
from charts.map import layers as map_layers
from charts.map.colour import NOT_KNOWN, TRAJECTORY, Colour, ends
from charts.map.layers import ON_PATH
from charts.palette import ACCENT, CLASSES, INK, SEQUENTIAL, UNKNOWN, Theme
from morphcore.config import ProjectionMethod
from wording.maps import METHOD_WORDS

Drag = Literal["pan", "area"]

SELECTIONS = ["pick", "pin", "spot", "zoom", "area"]
DATA = "points"
CONTOURS = "contours"
HEIGHT = 620  # px
_TIMES = {"step": "Step", "frame": "Frame"}
_DRAG = "[pointerdown{filter}, window:pointerup] > window:pointermove!"
_ON_POINT = "event.item && event.item.datum && event.item.datum.id"
_MARGIN = 0.04
# Of other data sets, in the order in which they are shown; diamonds are the map's own frames that
# have not separated.
_SHAPES = ("triangle-up", "square", "triangle-down", "triangle-right", "triangle-left")


def domains(points: MapPoints) -> tuple[list[float], list[float]]:
    """The fixed ends of both axes: all points that the map was drawn of, and a margin."""
    return _ends(points.x[points.own]), _ends(points.y[points.own])


def point_size(count: int) -> float:
    """The area of a point in square pixels, so that many points still leave room."""
    return float(np.clip(30_000 / max(1, count), 14, 70))


def spec(
    points: MapPoints,
    *,
    method: ProjectionMethod,
    colour: Colour,
    drag: Drag,
    theme: Theme = "light",
    frame_id: int | None = None,
    zoom: Area | None = None,
    area: Area | None = None,
    empty_places: bool = True,
    contours: bool = False,
) -> dict[str, Any]:
    """The chart of a map as a Vega-Lite specification, its data named `DATA` and not in it.

    `points` and `colour` are of all of the map's points, whichever are shown, so that axes and
    colours stay as they are. `frame_id`, `zoom` and `area` are what is selected before anything
    happens to it. `empty_places`: clicks between the points select. With `contours`, lines are
    drawn from data named `CONTOURS`.
    """
    size = point_size(int(points.own.sum()))
    x, y = _axes(points, method)
    paint = _paint(points, colour, theme)
    when = _TIMES.get(points.time_unit, f"Time ({points.time_unit})")
    facts = [
        alt.Tooltip("n:N", title="Trajectory"),
        alt.Tooltip("s:Q", title=when, format=","),
        alt.Tooltip("f:Q", title="Area fraction", format=".1%"),
        alt.Tooltip("l:Q", title="L (px)", format=".1f"),
    ]
    bare_facts = [*facts[:2], alt.Tooltip("k:Q", title="Contrast (%)")]
    if not colour.in_tooltip and colour.scale != "classes":
        facts.append(alt.Tooltip("c:Q", title=colour.label, format=colour.form))
    base = alt.Chart().encode(x=x, y=y)
    shade = {"expr": "dimmed ? 0.3 : 0.85"}
    frames = (
        base.mark_circle(size=size, opacity=shade)
        .encode(color=paint, tooltip=facts)
        .transform_filter("!datum.u && !datum.a")
        .add_params(*_selections(points, drag, theme, frame_id, zoom, area))
        .properties(name="frames")
    )
    bare = (
        # Filled, not hollow: its hole would take no click, and a stroke spoils the legend.
        base.mark_point(shape="diamond", size=max(48.0, 1.6 * size), filled=True, opacity=shade)
        .encode(color=paint, tooltip=bare_facts)
        .transform_filter("datum.u && !datum.a")
    )
    layers = [
        map_layers.empty_place(_spot(), taken=empty_places and drag == "pan"),
        frames,
        bare,
        *([_attached(base, points, size, paint, facts, shade, theme)] if points.attached else []),
        *([map_layers.contours(x, y, theme)] if contours else []),
        *map_layers.paths(base, x, y),
        *map_layers.own_path(base, x, y, size, paint, theme),
        map_layers.heads(base, paint, theme),
        *map_layers.placed(base, x, y, theme),
        map_layers.clicked_place(x, y, theme),
        *map_layers.pinned(base, theme),
        map_layers.ring(base, size, theme),
    ]
    layered = alt.layer(*layers, data=alt.NamedData(DATA))
    layered = layered.properties(height=HEIGHT, usermeta={"embedOptions": {"renderer": "canvas"}})
    layered = layered.configure_mark(aria=False, invalid="show")
    layered = layered.configure_scale(invalid={"color": {"value": UNKNOWN[theme]}})
    layered = layered.configure_view(stroke=UNKNOWN[theme], strokeOpacity=0.4)
    drawn: dict[str, Any] = layered.to_dict()
    drawn["params"] += map_layers.params(float(np.nanmax(points.time, initial=1)))
    return drawn


def alt_text(points: MapPoints, method: ProjectionMethod, colour: Colour) -> str:
    """The chart's alternative text, for those who do not see it."""
    return (
        f"Map of {len(points):,} frames by {METHOD_WORDS[method]}, each a point,"
        f" coloured by {colour.label}"
    )


def _attached(
    base: Any,
    points: MapPoints,
    size: float,
    paint: Any,
    facts: list[alt.Tooltip],
    shade: Any,
    theme: Theme,
) -> Any:
    """Frames of other data sets, placed on the map: a mark for each set, with a dark outline."""
    numbers = list(range(1, len(points.attached) + 1))
    legend = alt.Legend(
        title="Other data sets",
        labelExpr=f"{json.dumps(list(points.attached))}[datum.value - 1]",
        orient="top",
        titleAnchor="start",
        symbolFillColor=UNKNOWN[theme],
        symbolStrokeColor=INK[theme],
        symbolOpacity=1,
        labelLimit=260,
    )
    timed = np.isfinite(points.time[~points.own]).all()
    shown = facts if timed else [facts[0], *facts[2:]]  # no time in the map's own unit
    shapes = [_SHAPES[number % len(_SHAPES)] for number in range(len(numbers))]
    shape = alt.Shape("a:N", scale=alt.Scale(domain=numbers, range=shapes), legend=legend)
    return (
        base.mark_point(
            size=max(70.0, 2.2 * size),
            filled=True,
            opacity=shade,
            stroke=INK[theme],
            strokeWidth=1.2,
        )
        .encode(color=paint, shape=shape, tooltip=[*shown, alt.Tooltip("d:N", title="Data set")])
        .transform_filter("datum.a")
    )


def _ends(values: Float[np.ndarray, " points"]) -> list[float]:
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    margin = _MARGIN * (high - low) or 1.0
    return [low - margin, high + margin]


def _axes(points: MapPoints, method: ProjectionMethod) -> tuple[alt.X, alt.Y]:
    """Axes that never move. Those of t-SNE carry no numbers: they have no unit."""
    numbered = method == "pca"
    axis = alt.Axis(labels=numbered, ticks=numbered, grid=numbered, domain=False, titlePadding=8)
    word = "principal component {} (latent units)" if numbered else "t-SNE axis {} (no unit)"
    x, y = domains(points)
    return (
        alt.X("x:Q", scale=alt.Scale(domain=x, nice=False), axis=axis, title=word.format(1)),
        alt.Y("y:Q", scale=alt.Scale(domain=y, nice=False), axis=axis, title=word.format(2)),
    )


def _paint(points: MapPoints, colour: Colour, theme: Theme) -> Any:
    """Values as colours, with the legend above the map."""
    gray = alt.value(UNKNOWN[theme])
    if colour.name == TRAJECTORY:
        return alt.when(ON_PATH).then(alt.value(ACCENT[theme])).otherwise(gray)
    layout: dict[str, Any] = {
        "orient": "top",
        "titleAnchor": "start",
        "titlePadding": 6,
        "offset": 10,
        "titleLimit": 420,
        "gradientOpacity": 1,  # else the legend fades with the points
        "symbolOpacity": 1,
    }
    if colour.scale == "classes":
        codes = list(range(len(colour.classes)))
        words = f"{json.dumps(list(colour.classes))}[datum.value]"
        return alt.Color(
            "c:N",
            scale=alt.Scale(
                domain=codes,
                range=[
                    UNKNOWN[theme] if word == NOT_KNOWN else CLASSES[code % len(CLASSES)]
                    for code, word in enumerate(colour.classes)
                ],
            ),
            legend=alt.Legend(title=colour.title or None, labelExpr=words, **layout),
        )
    bar: dict[str, Any] = {"type": "gradient", "gradientLength": 260, "gradientThickness": 10}
    legend = alt.Legend(title=colour.title, format=colour.form, **bar, **layout)
    kind: Any = colour.scale
    scale = alt.Scale(
        type=kind, domain=ends(colour, points), range=list(SEQUENTIAL), clamp=True, nice=False
    )
    return alt.Color("c:Q", scale=scale, legend=legend)  # invalid ones: by the chart's config


def _selections(
    points: MapPoints,
    drag: Drag,
    theme: Theme,
    frame_id: int | None,
    zoomed: Area | None,
    marked: Area | None,
) -> list[alt.Parameter]:
    """A click picks, or keeps with Shift; one drag pans, the other marks; the wheel zooms."""
    plain = _DRAG.format(filter="[!event.shiftKey]")
    shifted = _DRAG.format(filter="[event.shiftKey]")
    row = None if frame_id is None else row_of(points, frame_id)
    first: Any = alt.Undefined
    if row is not None:
        first = [{"id": frame_id, "t": int(points.trajectory_ids[row])}]
    pick = alt.selection_point(
        name="pick",
        fields=["id", "t"],
        # A drag that ends, or a click between the points, selects nothing and clears nothing.
        on=f"click[!event.shiftKey && {_ON_POINT}]",
        clear=False,
        toggle=False,
        value=first,
    )
    pin = alt.selection_point(
        name="pin",
        fields=["id"],
        on=f"click[event.shiftKey && {_ON_POINT}]",
        clear=False,
        toggle="true",
    )
    zoom = alt.selection_interval(
        name="zoom",
        bind="scales",
        translate=plain if drag == "pan" else shifted,
        value=_value(zoomed),
    )
    area = alt.selection_interval(
        name="area",
        on=shifted if drag == "pan" else plain,
        zoom=False,
        mark=alt.BrushConfig(fill=ACCENT[theme], fillOpacity=0.12, stroke=ACCENT[theme]),
        value=_value(marked),
    )
    return [pick, pin, zoom, area]


def _spot() -> alt.Parameter:
    """A click between the points."""
    return alt.selection_point(
        name="spot",
        fields=["gx", "gy"],
        on="click[!event.shiftKey && event.item && event.item.datum && event.item.datum.g]",
        clear=False,
        toggle=False,
    )


def _value(area: Area | None) -> Any:
    return alt.Undefined if area is None else {"x": list(area[0]), "y": list(area[1])}
