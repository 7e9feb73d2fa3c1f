"""A map as an Altair chart and its rows; pure, no Streamlit.

The chart does not depend on what is selected: the ring about the clicked point and the path of its
trajectory are drawn in the browser, so that a click changes nothing that would reset the zoom.
Its selections, to be read by name: `pick` ([{"id": frame, "t": trajectory}]), `zoom` and `area`
({"x": [low, high], "y": [low, high]}).
"""

from typing import Any, Literal, get_args

import altair as alt
import numpy as np
import pandas as pd
from jaxtyping import Float

from morphcore.config import ProjectionMethod
from ui.map_points import METHOD_WORDS, Area, MapPoints, row_of

ColourBy = Literal["trajectory", "phi", "chi", "time", "fraction", "length", "split"]
Drag = Literal["pan", "area"]
Theme = Literal["light", "dark"]

SELECTIONS = ["pick", "zoom", "area"]
DATA = "points"
HEIGHT = 620  # px
COLOUR_WORDS: dict[ColourBy, str] = {
    "trajectory": "Trajectory",
    "phi": "φ",
    "chi": "χ",
    "time": "Time",
    "fraction": "White fraction",
    "length": "L",
    "split": "Held out",
}
_LOGARITHMIC = ("time", "length")
# Of middle lightness from end to end, so that every point shows on white and on near-black.
_RAMP = ["#3f6fd8", "#8b5fd0", "#cf559c", "#ee7850", "#e0a41f"]
_GRAY = {"light": "#a9b4b2", "dark": "#596563"}
_INK = {"light": "#16211f", "dark": "#e6edeb"}
_ACCENT = {"light": "#0f766e", "dark": "#2dd4bf"}
_SPLIT = ["#4f8fd6", "#e8743b"]
_ON_PATH = "isArray(pick.t) && datum.t == pick.t[0]"
_PICKED = "isArray(pick.id) && datum.id == pick.id[0]"
_DRAG = "[pointerdown{filter}, window:pointerup] > window:pointermove!"
_MARGIN = 0.04


def colourings(points: MapPoints) -> list[ColourBy]:
    """What the points can be coloured by: the parameters only where they are known."""
    known = {"phi": np.isfinite(points.phi).any(), "chi": np.isfinite(points.chi).any()}
    return [each for each in get_args(ColourBy) if known.get(each, True)]


def domains(points: MapPoints) -> tuple[list[float], list[float]]:
    """The fixed ends of both axes: all points and a margin."""
    return _ends(points.x), _ends(points.y)


def point_size(count: int) -> float:
    """The area of a point in square pixels, so that many points still leave room."""
    return float(np.clip(30_000 / max(1, count), 14, 70))


def spec(
    points: MapPoints,
    *,
    method: ProjectionMethod,
    colour_by: ColourBy,
    drag: Drag,
    theme: Theme = "light",
    frame_id: int | None = None,
    zoom: Area | None = None,
    area: Area | None = None,
) -> dict[str, Any]:
    """The chart of a map as a Vega-Lite specification, its data named `DATA` and not in it.

    `points` are all of the map's points, whichever are shown, so that axes and colours stay as
    they are. `frame_id`, `zoom` and `area` are what is selected before anything happens to it.
    """
    size = point_size(len(points))
    x, y = _axes(points, method)
    colour = _colour(points, colour_by, theme)
    when = "Step" if points.counts_steps else "Frame"
    facts = [
        alt.Tooltip("n:N", title="Trajectory"),
        alt.Tooltip("s:Q", title=when, format=","),
        alt.Tooltip("f:Q", title="White fraction", format=".1%"),
        alt.Tooltip("l:Q", title="L (px)", format=".1f"),
    ]
    base = alt.Chart().encode(x=x, y=y)
    frames = (
        base.mark_circle(size=size, opacity=0.85)
        .encode(color=colour, tooltip=facts)
        .transform_filter("!datum.u")
        .add_params(*_selections(points, drag, theme, frame_id, zoom, area))
        .properties(name="frames")
    )
    bare = (
        # Filled, not hollow: its hole would take no click, and a stroke spoils the legend.
        base.mark_point(shape="diamond", size=max(48.0, 1.6 * size), filled=True, opacity=0.85)
        .encode(color=colour, tooltip=facts[:3])
        .transform_filter("datum.u")
    )
    path = base.transform_filter(_ON_PATH)
    line = path.mark_line(color=_INK[theme], strokeWidth=1.6).encode(order="s:Q")
    halo = path.mark_circle(size=(size**0.5 + 3) ** 2, opacity=1, color=_INK[theme])
    stops = path.mark_circle(size=size * 1.2, opacity=1).encode(color=colour)
    ends = [
        path.transform_filter(f"datum.e == {end}").mark_text(
            text=word, dy=-13, fontSize=13, fontWeight="bold", color=_INK[theme]
        )
        for end, word in ((1, "start"), (2, "end"))
    ]
    ring = base.transform_filter(_PICKED).mark_point(
        size=max(220.0, 5 * size), filled=False, strokeWidth=3, opacity=1, color=_ACCENT[theme]
    )
    layers = (frames, bare, line, halo, stops, *ends, ring)
    layered = alt.layer(*layers, data=alt.NamedData(DATA))
    layered = layered.properties(height=HEIGHT, usermeta={"embedOptions": {"renderer": "canvas"}})
    layered = layered.configure_mark(aria=False)
    layered = layered.configure_view(stroke=_GRAY[theme], strokeOpacity=0.4)
    drawn: dict[str, Any] = layered.to_dict()
    return drawn


def alt_text(points: MapPoints, method: ProjectionMethod, colour_by: ColourBy) -> str:
    """What the chart is, for those who do not see it."""
    return (
        f"Map of {len(points):,} frames by {METHOD_WORDS[method]}, each a point,"
        f" coloured by {COLOUR_WORDS[colour_by]}"
    )


def rows(points: MapPoints, colour_by: ColourBy) -> pd.DataFrame:
    """What the browser gets of the points that are shown: one row a frame, narrow columns."""
    names = pd.Categorical.from_codes(
        np.unique(points.trajectory_ids, return_inverse=True)[1],
        [points.names[each] for each in np.unique(points.trajectory_ids).tolist()],
    )
    columns: dict[str, Any] = {
        "id": points.frame_ids.astype(np.int32),
        "x": points.x,
        "y": points.y,
        "t": points.trajectory_ids.astype(np.int32),
        "n": names,
        "s": points.time.astype(np.int32),
        "f": points.fraction,
        "l": points.length,
        "u": points.uniform,
        "e": _path_ends(points),
    }
    if colour_by == "split":
        columns["c"] = points.held_out.astype(np.int8)
    elif colour_by != "trajectory":
        columns["c"] = _values(points, colour_by)
    return pd.DataFrame(columns)


def _values(points: MapPoints, colour_by: ColourBy) -> Float[np.ndarray, " points"]:
    """What colours the points; where that has no logarithm, NaN."""
    values: np.ndarray = np.asarray(getattr(points, colour_by), dtype=np.float32)
    return np.where(values > 0, values, np.float32(np.nan)) if colour_by in _LOGARITHMIC else values


def _path_ends(points: MapPoints) -> "np.ndarray":
    """1 at a trajectory's first point, 2 at its last, else 0; nothing to mark where it has one."""
    out = np.zeros(len(points), dtype=np.int8)
    _, first, counts = np.unique(points.trajectory_ids, return_index=True, return_counts=True)
    out[first[counts > 1]] = 1
    out[(first + counts - 1)[counts > 1]] = 2
    return out


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


def _colour(points: MapPoints, colour_by: ColourBy, theme: Theme) -> Any:
    gray = alt.value(_GRAY[theme])
    if colour_by == "trajectory":
        return alt.when(_ON_PATH).then(alt.value(_ACCENT[theme])).otherwise(gray)
    place: dict[str, Any] = {
        "orient": "top",
        "titleAnchor": "start",
        "titlePadding": 6,
        "offset": 10,
    }
    if colour_by == "split":
        words = "datum.value == 1 ? 'held out' : 'training'"
        return alt.Color(
            "c:N",
            scale=alt.Scale(domain=[0, 1], range=_SPLIT),
            legend=alt.Legend(title=None, labelExpr=words, **place),
        )
    unit = "step" if points.counts_steps else "frame"
    titles = {
        "phi": "Blend ratio φ",
        "chi": "Interaction χ",
        "time": f"Time ({unit}), log scale",
        "fraction": "White fraction",
        "length": "Domain size L (px), log scale",
    }
    bar: dict[str, Any] = {"type": "gradient", "gradientLength": 260, "gradientThickness": 10}
    if colour_by == "fraction":
        bar["format"] = ".0%"
    legend = alt.Legend(title=titles[colour_by], **bar, **place)
    scale = alt.Scale(
        type="log" if colour_by in _LOGARITHMIC else "linear",
        domain=_ramp_ends(points, colour_by),
        range=_RAMP,
        clamp=True,
        nice=False,
    )
    known = alt.when("isValid(datum.c)")
    return known.then(alt.Color("c:Q", scale=scale, legend=legend)).otherwise(gray)


def _ramp_ends(points: MapPoints, colour_by: ColourBy) -> list[float]:
    """Where the colours of the ramp stand, over the values of the frames that have separated."""
    values = _values(points, colour_by)
    known = values[np.isfinite(values) & ~points.uniform]
    known = known if len(known) else np.array([1.0, 2.0])
    low, high = float(known.min()), float(known.max())
    if low == high:
        low, high = low * 0.9, low * 1.1 or 1.0
    even = np.geomspace if colour_by in _LOGARITHMIC else np.linspace
    return [float(f"{each:.6g}") for each in even(low, high, len(_RAMP))]


def _selections(
    points: MapPoints,
    drag: Drag,
    theme: Theme,
    frame_id: int | None,
    zoomed: Area | None,
    marked: Area | None,
) -> list[alt.Parameter]:
    """A click picks; one drag pans and the other, with Shift, marks an area; the wheel zooms."""
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
        on="click[event.item && event.item.datum && event.item.datum.id]",
        clear=False,
        toggle=False,
        value=first,
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
        mark=alt.BrushConfig(fill=_ACCENT[theme], fillOpacity=0.12, stroke=_ACCENT[theme]),
        value=_value(marked),
    )
    return [pick, zoom, area]


def _value(area: Area | None) -> Any:
    return alt.Undefined if area is None else {"x": list(area[0]), "y": list(area[1])}
