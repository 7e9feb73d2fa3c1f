"""Charts of two compared frames."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64, UInt8

from analysis.comparison import Comparison, Difference
from analysis.frame_query import FrameQuery
from charts.palette import BOTH, CATEGORICAL, NEITHER, rgb
from morphcore.types import BinaryFrame
from wording.descriptors import DESCRIPTORS, value

Scale = tuple[float | None, str]  # size of a pixel, where it is known, and its unit
PIXELS: Scale = (None, "px")
A, B = "A", "B"
COLOURS = {A: CATEGORICAL[0], B: CATEGORICAL[1]}
_SMALL = 320  # px, legend and axes included
_WIDE = 3.0  # standard deviations; what is beyond is cut off at the edge; the tooltip has it


class ComparisonCharts(NamedTuple):
    """The pictures and charts of two compared frames."""

    differences: Any  # alt.Chart
    two_point: Any  # alt.Chart
    overlay: UInt8[np.ndarray, "h w 3"] | None  # None where their sizes differ


def draw(comparison: Comparison) -> ComparisonCharts:
    """Draw two compared frames, their differences, two-point functions and overlay."""
    a, b = comparison.a, comparison.b
    return ComparisonCharts(
        differences=differences(comparison.differences, _scale(a.query), _scale(b.query)),
        two_point=two_point(a.two_point, b.two_point, _scale(a.query), _scale(b.query)),
        overlay=None
        if comparison.alignment is None
        else overlay(a.query.bits, comparison.alignment.moved),
    )


def _scale(query: FrameQuery) -> Scale:
    return query.pixel_size, query.length_unit


def differences(rows: Sequence[Difference], a: Scale = PIXELS, b: Scale = PIXELS) -> Any:
    """B - A of every descriptor, in standard deviations over the data set.

    `a` and `b`: the size of a pixel of each, in which lengths are given beside pixels.
    """
    bars = pd.DataFrame(
        [
            {
                "name": DESCRIPTORS[row.name].label,
                "sigmas": row.sigmas,
                "shown": float(np.clip(row.sigmas, -_WIDE, _WIDE)),
                "a": value(row.name, row.a, *a),
                "b": value(row.name, row.b, *b),
            }
            for row in rows
            if row.sigmas is not None
        ]
    )
    return (
        alt.Chart(bars)
        .mark_bar(height=14, color=CATEGORICAL[2])
        .encode(
            x=alt.X(
                "shown:Q",
                title="B − A (standard deviations)",
                scale=alt.Scale(domain=[-_WIDE, _WIDE]),
            ),
            y=alt.Y(
                "name:N",
                sort=None,
                title=None,
                axis=alt.Axis(labelLimit=260, labelOverlap=False),
            ),
            tooltip=[
                alt.Tooltip("name:N", title="Descriptor"),
                alt.Tooltip("a:N", title=A),
                alt.Tooltip("b:N", title=B),
                alt.Tooltip("sigmas:Q", title="Standard deviations", format="+.2f"),
            ],
        )
        .properties(height=alt.Step(24))
    )


def two_point(
    a: Float64[np.ndarray, "rows columns"],
    b: Float64[np.ndarray, "rows columns"],
    scale_a: Scale = PIXELS,
    scale_b: Scale = PIXELS,
) -> Any:
    """Both frames' two-point covariance over C(0, 0), along the film and across it.

    Over distances in pixels, or in a unit in which the size of a pixel is known of both.
    """
    (size_a, unit), (size_b, unit_b) = scale_a, scale_b
    if size_a is None or size_b is None or unit != unit_b:
        size_a, size_b, unit = 1.0, 1.0, "px"
    title = f"Distance ({unit})"
    tooltips = [alt.Tooltip("lag:Q", title="Distance (px)")]
    if unit != "px":
        tooltips.insert(0, alt.Tooltip("distance:Q", title=title, format=".4~g"))
    parts = []
    for name, whole, size in ((A, a, size_a), (B, b, size_b)):
        for direction, line in (("along the film", whole[0]), ("across the film", whole[:, 0])):
            scaled = line / whole[0, 0]
            lags = np.arange(len(line))
            parts.append(
                pd.DataFrame(
                    {
                        "lag": lags,
                        "distance": lags * size,
                        "C": scaled,
                        "frame": name,
                        "direction": direction,
                    }
                )
            )
    return (
        alt.Chart(pd.concat(parts, ignore_index=True))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("distance:Q", title=title),
            y=alt.Y("C:Q", title="Two-point function C / C(0)"),
            color=alt.Color(
                "frame:N",
                title="Frame",
                scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
                legend=alt.Legend(orient="top"),
            ),
            strokeDash=alt.StrokeDash(
                "direction:N", title=None, sort=None, legend=alt.Legend(orient="top")
            ),
            tooltip=[
                alt.Tooltip("frame:N", title="Frame"),
                alt.Tooltip("direction:N", title="Direction"),
                *tooltips,
                alt.Tooltip("C:Q", title="C / C(0)", format=".3f"),
            ],
        )
        .properties(height=_SMALL)
    )


def overlay(a: BinaryFrame, b: BinaryFrame) -> UInt8[np.ndarray, "100 400 3"]:
    """Both frames in one picture: white in both, in A alone, in B alone, in neither."""
    both: Bool[np.ndarray, "100 400 1"] = (a & b)[:, :, None]
    out = np.where(both, rgb(BOTH), rgb(NEITHER))
    out = np.where((a & ~b)[:, :, None], rgb(COLOURS[A]), out)
    out = np.where((b & ~a)[:, :, None], rgb(COLOURS[B]), out)
    return out.astype(np.uint8)
