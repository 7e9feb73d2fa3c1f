"""A map as a chart for files: points, axes and legend, nothing that moves."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from analysis.map_points import MapPoints
from charts.figures import LOCALE
from charts.map.colour import Colour
from charts.map.paint import ends, stops
from charts.map.spec import bare_size, domains, point_size
from charts.palette import SEQUENTIAL, UNKNOWN
from morphcore.config import ProjectionMethod

HEIGHT = 620  # px


def spec(points: MapPoints, colour: Colour, *, method: ProjectionMethod) -> dict[str, Any]:
    """The chart as a Vega-Lite specification with its data; `colour` is of numbers."""
    numbered = method == "pca"
    axis = alt.Axis(labels=numbered, ticks=numbered, grid=numbered, domain=False, titlePadding=8)
    word = "principal component {} (latent units)" if numbered else "t-SNE axis {} (no unit)"
    x, y = domains(points)
    every = np.ones(len(points), dtype=np.bool_)
    kind: Any = colour.scale
    scale = alt.Scale(
        type=kind,
        domain=stops(colour, *ends(colour, points, every), len(SEQUENTIAL)),
        range=list(SEQUENTIAL),
        clamp=True,
        nice=False,
    )
    legend = alt.Legend(
        title=colour.title,
        format=colour.form,
        type="gradient",
        gradientLength=260,
        gradientThickness=10,
        orient="top",
        titleAnchor="start",
        titleLimit=420,
    )
    size = point_size(len(points))
    rows = {
        "id": points.frame_ids,
        "x": points.x,
        "y": points.y,
        "u": points.unseparated,
        "c": colour.values,
    }
    base = alt.Chart().encode(
        x=alt.X("x:Q", scale=alt.Scale(domain=x, nice=False), axis=axis, title=word.format(1)),
        y=alt.Y("y:Q", scale=alt.Scale(domain=y, nice=False), axis=axis, title=word.format(2)),
        color=alt.Color("c:Q", scale=scale, legend=legend),
    )
    layers = (
        base.mark_circle(size=size, opacity=0.85).transform_filter("!datum.u"),
        base.mark_point(
            shape="diamond", size=bare_size(size), filled=True, opacity=0.85
        ).transform_filter("datum.u"),
    )
    drawn = alt.layer(*layers, data=alt.NamedData("points")).properties(height=HEIGHT)
    drawn = drawn.configure(locale=LOCALE).configure_mark(aria=False, invalid="show")
    drawn = drawn.configure_scale(invalid={"color": {"value": UNKNOWN["light"]}})
    # In JSON, what is not known is null, which Vega takes for no value.
    table = pd.DataFrame(rows).replace({np.nan: None}).to_dict("records")
    return {**drawn.to_dict(), "datasets": {"points": table}}
