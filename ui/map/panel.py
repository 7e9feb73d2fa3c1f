"""One map drawn on the page, with whatever of its points is shown."""

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
    which: Bool[np.ndarray, " points"],
    colour: Colour,
    *,
    key: str,
    drag: Drag,
    begun: View | None = None,
    contours: Filters | None = None,
) -> dict[str, Any]:
    """A map's chart; what is selected on it, by the names of `map_chart.SELECTIONS`.

    `which` of the points are shown. The first map begins as `begun` says and takes clicks on empty
    places; a second one does not. With the filters that leave `which`, `contours` are drawn.
    """
    points = subset(whole, which)
    known = int(np.isfinite(colour.values).sum())
    spec = cached_maps.map_spec(
        whole,
        colour,
        (stored.id, len(whole), colour.name, known),
        method=stored.config.method,
        drag=drag,
        theme="dark" if st.context.theme.type == "dark" else "light",
        frame_id=begun.frame_id if begun else None,
        zoom=begun.zoom if begun else None,
        area=begun.area if begun else None,
        empty_places=begun is not None,
        contours=contours is not None and bool(len(points)),
    )
    datasets = {map_chart.DATA: rows.rows(points, map_colour.subset(colour, which))}
    if contours is not None and len(points):
        datasets[map_chart.CONTOURS] = _lines(stored.id, contours, points)
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
    found = cached_maps.contours(map_id, filters, np.stack([points.x, points.y], axis=1))
    columns = dict(zip(("x", "y", "x2", "y2"), found.ends.T.astype(np.float32), strict=True))
    return pd.DataFrame({**columns, "share": found.share})
