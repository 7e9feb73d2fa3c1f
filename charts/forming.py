"""Chart of the map that forms while a model trains. Pure, no Streamlit."""

import altair as alt
import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Float32, Int64

from charts.palette import GREY, SEQUENTIAL

SPAN = 2.6  # root mean square distances from the middle that are shown
_SETS = ("training", "held-out")


def draw(
    coords: Float32[np.ndarray, "frames 2"],
    *,
    held_out: Bool[np.ndarray, " frames"],
    index: Int64[np.ndarray, " frames"],
    length: Float[np.ndarray, " frames"],
    height: int = 300,
) -> alt.Chart:
    """Draw frames by their places: coloured early to late in their trajectory.

    `index` is a frame's place in its trajectory of `length` frames. Axes mean nothing, and stay
    the same from map to map.
    """
    shown = np.clip(coords, -SPAN, SPAN)
    rows = pd.DataFrame(
        {
            "x": shown[:, 0],
            "y": shown[:, 1],
            "set": np.where(held_out, _SETS[1], _SETS[0]),
            "when": index / np.maximum(length - 1, 1),
        }
    )
    scale = alt.Scale(domain=[-SPAN, SPAN], nice=False)
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_point(filled=True, size=55, opacity=0.9)
        .encode(
            x=alt.X("x:Q", axis=None, scale=scale),
            y=alt.Y("y:Q", axis=None, scale=scale),
            shape=alt.Shape(
                "set:N",
                scale=alt.Scale(domain=list(_SETS), range=["circle", "diamond"]),
                legend=alt.Legend(
                    orient="top", title=None, symbolFillColor=GREY, symbolStrokeColor=GREY
                ),
            ),
            color=alt.Color(
                "when:Q",
                scale=alt.Scale(domain=[0, 1], range=list(SEQUENTIAL)),
                legend=alt.Legend(
                    orient="top",
                    title=None,
                    values=[0, 1],
                    labelExpr="datum.value == 0 ? 'early' : 'late'",
                    gradientLength=90,
                ),
            ),
        )
        .properties(height=height)
    )
    return chart
