"""One map's chart on the page, with the points that pass the filters."""

import zlib
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Bool

from analysis.map_filters import Filters
from analysis.map_points import MapPoints, subset
from charts.map import colour as map_colour
from charts.map import rows
from charts.map import spec as map_chart
from charts.map.colour import Colour
from charts.map.spec import Drag
from store.projections import Map
from ui.cached import maps as cached_maps
from ui.map.selection import View


def draw(
    stored: Map,
    whole: MapPoints,
    mask: Bool[np.ndarray, " points"],
    colour: Colour,
    *,
    key: str,
    drag: Drag,
    initial: View | None = None,
    contours: Filters | None = None,
) -> dict[str, Any]:
    """Draw a map's chart; returns its selections, by the names of `map_chart.SELECTIONS`.

    `mask`: the points that are shown. The first map begins as `initial` and takes clicks on empty
    places; a second one does not. `contours`: the filters that gave `mask`; with them the density's
    contours are drawn.
    """
    points = subset(whole, mask)
    painted = zlib.crc32(colour.values.tobytes() + repr(colour.classes).encode())
    spec = cached_maps.map_spec(
        whole,
        colour,
        (stored.id, len(whole), colour.name, painted, int(whole.frame_ids[~whole.own].sum())),
        method=stored.config.method,
        drag=drag,
        theme="dark" if st.context.theme.type == "dark" else "light",
        frame_id=initial.frame_id if initial else None,
        zoom=initial.zoom if initial else None,
        area=initial.area if initial else None,
        empty_places=initial is not None,
        contours=contours is not None and bool(points.own.any()),
    )
    datasets = {map_chart.DATA: rows.rows(points, map_colour.subset(colour, mask))}
    if contours is not None and points.own.any():
        datasets[map_chart.CONTOURS] = _lines(stored.id, contours, subset(points, points.own))
    event: Any = st.vega_lite_chart(
        {**spec, "datasets": datasets},
        on_select="rerun",
        selection_mode=map_chart.SELECTIONS,
        key=key,
        alt=map_chart.alt_text(points, stored.config.method, colour),
    )
    selection: dict[str, Any] = event["selection"]
    return selection


def _lines(map_id: int, filters: Filters, points: MapPoints) -> pd.DataFrame:
    segments = cached_maps.contours(map_id, filters, np.stack([points.x, points.y], axis=1))
    columns = dict(zip(("x", "y", "x2", "y2"), segments.ends.T.astype(np.float32), strict=True))
    return pd.DataFrame({**columns, "share": segments.share})
