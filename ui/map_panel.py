"""One map drawn on the page, with whatever of its points is shown."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Bool

from store.projections import Map
from ui import cached, map_chart, map_colour, map_points, map_rows
from ui.map_chart import Drag
from ui.map_colour import Colour
from ui.map_filter import Filters
from ui.map_points import MapPoints
from ui.map_view import View


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
    points = map_points.subset(whole, which)
    known = int(np.isfinite(colour.values).sum())
    spec = cached.map_spec(
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
    datasets = {map_chart.DATA: map_rows.rows(points, map_colour.subset(colour, which))}
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
    found = cached.contours(map_id, filters, np.stack([points.x, points.y], axis=1))
    columns = dict(zip(("x", "y", "x2", "y2"), found.ends.T.astype(np.float32), strict=True))
    return pd.DataFrame({**columns, "share": found.share})
