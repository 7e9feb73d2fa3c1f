"""What lies over a map's chart: zoom, hover, keyboard, lasso, tools and legend, in the browser.

A Streamlit component without a build step. It moves the chart and sends it the signals of
`charts.map.layers.SIGNALS`, so that colours, paths and selections change without another chart, and
asks the server only when something is selected. Its acts: {"kind": "pick" or "pin", "id": frame},
{"kind": "place", "at": [x, y]}, {"kind": "lasso", "line": [[x, y], ...]} and {"kind": "clear"}.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from jaxtyping import Bool

from analysis.map_points import MapPoints
from charts.map import spec as map_chart
from charts.map.paint import STEPS, Legend, ramp
from charts.palette import Theme

LEGEND_HEIGHT = 48  # px below the chart, which a legend of one line takes
_HERE = Path(__file__).parent
_HTML = """
<div class="stage">
  <div class="keys" tabindex="0" role="application"></div>
  <canvas class="pictures" width="0" height="0" aria-hidden="true"></canvas>
  <svg class="lines" aria-hidden="true"><polygon class="line"></polygon></svg>
  <div class="cursor" hidden></div>
  <div class="axes"></div>
  <div class="tools" role="toolbar" aria-label="Map tools" aria-orientation="vertical"></div>
  <div class="hover" hidden><canvas></canvas><div></div></div>
  <div class="said" role="status"></div>
</div>
<div class="legend" role="group" aria-label="Colours"></div>
"""
_SHAPES = {
    "triangle-up": "▲",
    "square": "■",
    "triangle-down": "▼",
    "triangle-right": "▶",
    "triangle-left": "◀",
}
_STYLE = """<style>
.st-key-{0} {{ position: relative; gap: 0; padding-bottom: var(--legend, {1}px); }}
.st-key-{0} .vega-bindings {{ display: none !important; }}
.st-key-{0} [data-testid="stVegaLiteChart"] {{ overflow: hidden; }}
.st-key-{0} [data-testid="stVegaLiteChart"] canvas {{ cursor: crosshair; touch-action: none; }}
.st-key-{0}_over {{ position: absolute !important; inset: 0; pointer-events: none; z-index: 2; }}
.st-key-{0}_over * {{ position: static; }}
.st-key-{0}_over :has(> [data-testid^="stBidi"]) {{ position: static; }}
</style>"""

_mount = st.components.v2.component(
    "map_stage",
    html=_HTML,
    css=(_HERE / "stage.css").read_text(encoding="utf-8"),
    js="\n".join(
        (_HERE / file).read_text(encoding="utf-8")
        for file in ("stage.js", "gestures.js", "atlas.js", "overlay.js")
    ),
)


def show(
    chart: str,
    map_id: int,
    points: MapPoints,
    shown: Bool[np.ndarray, " points"],
    *,
    atlas: str,
    legend: Legend,
    theme: Theme,
    words: str,
    signals: Mapping[str, str],
    selected: int | None,
    lasso: Sequence[Sequence[float]],
    axes: Sequence[str] | None,
    takes_places: bool,
    on_act: Callable[[Mapping[str, Any]], None],
) -> None:
    """Lay the stage over the chart in the container of key `chart`.

    `atlas` is the address of the points' file (`ui.map.atlas`). `axes` names the two axes where
    they have numbers. `takes_places`: clicks between the points are acts.
    """
    key = f"{chart}_stage"
    x, y = map_chart.domains(points)
    size = map_chart.point_size(int(points.own.sum()))

    def acted() -> None:
        act = st.session_state[key]["act"]
        if act:
            on_act(act)

    st.html(_STYLE.format(chart, LEGEND_HEIGHT))
    with st.container(key=f"{chart}_over"):
        _mount(
            key=key,
            data={
                "chart": f".st-key-{chart}",
                "map": map_id,
                "home": [*x, *y],
                "atlas": atlas,
                "hidden": "" if shown.all() else _bits(~shown),
                "radius": (size / np.pi) ** 0.5,
                "diamond": (map_chart.bare_size(size) / 2) ** 0.5,
                "legend": _legend(legend, points, theme),
                "words": words,
                "signals": dict(signals),
                "selected": selected,
                "lasso": [list(each) for each in lasso],
                "axes": None if axes is None else list(axes),
                "takesPlaces": takes_places,
            },
            on_act_change=acted,
        )


def _legend(legend: Legend, points: MapPoints, theme: Theme) -> dict[str, Any]:
    colours = ramp(theme)
    return {
        "title": legend.title,
        "ticks": [list(tick) for tick in legend.ticks],
        "colours": [*colours[0 : STEPS : STEPS // 12], colours[STEPS - 1]],
        "below": legend.below,
        "above": legend.above,
        "unknown": legend.unknown,
        "classes": [
            {"colour": colours[place], "word": word, "count": count}
            for place, word, count in legend.classes
        ],
        "shapes": [
            {"shape": _SHAPES[map_chart.SHAPES[number % len(_SHAPES)]], "word": name}
            for number, name in enumerate(points.attached)
        ],
    }


def _bits(mask: Bool[np.ndarray, " points"]) -> str:
    return base64.b64encode(np.packbits(mask).tobytes()).decode("ascii")
