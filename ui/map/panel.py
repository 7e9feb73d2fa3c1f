"""One map's chart on the page with the stage over it, showing the points that pass the filters."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Bool

from analysis.map_filters import Filters
from analysis.map_points import MapPoints, subset
from charts.map import paint
from charts.map import spec as map_chart
from charts.map.colour import Colour
from charts.palette import Theme
from store.projections import Map
from ui.cached import maps as cached_maps
from ui.map import atlas, selection, stage

_AXES = ("Principal component 1:", "2:")


def draw(
    stored: Map, whole: MapPoints, mask: Bool[np.ndarray, " points"], contours: Filters | None
) -> dict[str, Any]:
    """Draw a map's chart; returns its selections, by the names of `map_chart.SELECTIONS`.

    `mask`: the points that are shown. `contours`: the filters that gave it, where lines of equal
    density are drawn.
    """
    attached = int(whole.frame_ids[~whole.own].sum())
    key = (stored.id, len(whole), attached)
    rows = cached_maps.map_rows(whole, mask, (*key, zlib.crc32(mask.tobytes())))
    own = subset(whole, mask & whole.own)
    lines = _lines(stored.id, contours if len(own) else None, own)
    event: Any = st.vega_lite_chart(
        {
            **cached_maps.map_spec(whole, key, theme=theme()),
            "datasets": {map_chart.DATA: rows, map_chart.CONTOURS: lines},
        },
        on_select="rerun",
        selection_mode=map_chart.SELECTIONS,
        key=selection.chart_key(stored.id),
        width="stretch",
        height="stretch",
        alt=map_chart.alt_text(whole, stored.config.method),  # another one would be another chart
    )
    found: dict[str, Any] = event["selection"]
    return found


def lay_over(
    chart: str,
    stored: Map,
    whole: MapPoints,
    mask: Bool[np.ndarray, " points"],
    colour: Colour,
    *,
    signals: Mapping[str, str],
    selected: int | None,
    lasso: Sequence[Sequence[float]],
    takes_places: bool,
    on_act: Callable[[Mapping[str, Any]], None],
) -> None:
    """Lay the stage over the chart that was drawn in the container of key `chart`, with colours."""
    codes, legend = paint.paint(colour, whole, mask)
    shown = map_chart.alt_text(subset(whole, mask), stored.config.method)
    stage.show(
        chart,
        stored.id,
        whole,
        mask,
        atlas=atlas.points_file(stored.id, whole),
        legend=legend,
        theme=theme(),
        words=f"{shown}, coloured by {colour.label}",
        signals={**signals, "paint": codes.tobytes().hex()},
        selected=selected,
        lasso=lasso,
        axes=_AXES if stored.config.method == "pca" else None,
        takes_places=takes_places,
        on_act=on_act,
    )


def theme() -> Theme:
    """The theme in which the page is shown."""
    return "dark" if st.context.theme.type == "dark" else "light"


def _lines(map_id: int, contours: Filters | None, points: MapPoints) -> pd.DataFrame:
    names = ("x", "y", "x2", "y2")
    if contours is None:
        return pd.DataFrame({name: np.zeros(0, np.float32) for name in (*names, "share")})
    segments = cached_maps.contours(map_id, contours, np.stack([points.x, points.y], axis=1))
    columns = dict(zip(names, segments.ends.T.astype(np.float32), strict=True))
    return pd.DataFrame({**columns, "share": segments.share})
