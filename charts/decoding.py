"""Charts of decoded frames: values -> alt.Chart. Pure, no Streamlit."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from jaxtyping import Float64

from charts.figures import LOCALE
from charts.palette import CATEGORICAL, GREY
from wording.descriptors import DESCRIPTORS

FRAME, SAMPLE = "the frame", "samples"
DECODED, STORED = "decoded", "nearest stored frame"
ALONG = ("fraction", "length", "connected_white", "connected_black", "euler")  # descriptors
_SMALL, _SMALLER = 320, 220  # px, legend, title and axes included


def two_point(
    frame: Float64[np.ndarray, " lags"],
    samples: Sequence[Float64[np.ndarray, " lags"]],
    direction: str,
) -> Any:
    """C / C(0) of a frame and of samples of its z, in one direction, from lag 0 px on."""
    rows = pd.concat(
        [
            pd.DataFrame({"lag": range(len(line)), "C": line / line[0], "of": name, "line": number})
            for number, (name, line) in enumerate(
                [(FRAME, frame), *((SAMPLE, sample) for sample in samples)]
            )
        ],
        ignore_index=True,
    )
    return (
        alt.Chart(rows)
        .mark_line()
        .encode(
            x=alt.X("lag:Q", title=f"Distance {direction} (px)"),
            y=alt.Y("C:Q", title="C / C(0), no unit"),
            color=_colour([FRAME, SAMPLE], legend=alt.Legend(orient="top")),
            strokeWidth=alt.when(f"datum.of == '{FRAME}'")
            .then(alt.value(3))
            .otherwise(alt.value(1.2)),
            detail="line:N",
            tooltip=[
                alt.Tooltip("of:N", title="Of"),
                alt.Tooltip("lag:Q", title="Distance (px)"),
                alt.Tooltip("C:Q", title="C / C(0)", format=".3f"),
            ],
        )
        .properties(height=_SMALL)
    )


def along(name: str, steps: Sequence[float], nearest: Sequence[float]) -> Any:
    """A descriptor of the decoded steps from one frame to another and of their nearest frames.

    A frame of one colour has no domain size; its step is left out.
    """
    label, form, unit = DESCRIPTORS[name]
    rows = pd.DataFrame(
        [
            {"step": step, "of": source, "value": value}
            for source, values in ((DECODED, steps), (STORED, nearest))
            for step, value in enumerate(values, start=1)
            if np.isfinite(value)
        ],
        columns=["step", "of", "value"],
    )
    title = f"{label} ({unit.strip()})" if unit else label
    return (
        alt.Chart(rows)
        .mark_line(point=True)
        .encode(
            x=_step_axis(),
            y=alt.Y(
                "value:Q",
                title=None,
                scale=alt.Scale(zero=False),
                axis=alt.Axis(format=form.replace(".1%", ".0%"), tickCount=5),
            ),
            color=_colour([DECODED, STORED], legend=None),
            tooltip=[
                alt.Tooltip("of:N", title="Of"),
                alt.Tooltip("step:O", title="Step"),
                alt.Tooltip("value:Q", title=title, format=form),
            ],
        )
        .properties(height=_SMALLER, title=_heading(title))
        .configure(locale=LOCALE)
    )


def distances(steps: Sequence[float], rare: float | None) -> Any:
    """The distance of each step to the nearest stored frame; a line where 99 % of the set's end."""
    rows = pd.DataFrame({"step": range(1, len(steps) + 1), "distance": list(steps)})
    line = (
        alt.Chart(rows)
        .mark_line(point=alt.OverlayMarkDef(color=CATEGORICAL[0]), color=CATEGORICAL[0])
        .encode(
            x=_step_axis(),
            y=alt.Y("distance:Q", title=None, axis=alt.Axis(tickCount=5)),
            tooltip=[
                alt.Tooltip("step:O", title="Step"),
                alt.Tooltip("distance:Q", title="Distance in latent space", format=".3g"),
            ],
        )
    )
    limit = pd.DataFrame(
        {"distance": [] if rare is None else [rare], "words": [] if rare is None else ["99 %"]}
    )
    base = alt.Chart(limit).encode(y="distance:Q")
    rule = base.mark_rule(color=GREY, strokeDash=[4, 3])
    words = base.mark_text(align="right", dy=-7, color=GREY).encode(
        x=alt.value("width"), text="words:N"
    )
    title = "Distance to the nearest stored frame"
    return alt.layer(line, rule, words).properties(height=_SMALLER, title=_heading(title))


def _step_axis() -> alt.X:
    return alt.X("step:O", title="Step from A to B", axis=alt.Axis(labelAngle=0))


def _colour(names: list[str], legend: alt.Legend | None) -> alt.Color:
    scale = alt.Scale(domain=names, range=CATEGORICAL[: len(names)])
    return alt.Color("of:N", title=None, scale=scale, legend=legend)


def _heading(words: str) -> alt.TitleParams:
    return alt.TitleParams(words, anchor="start", fontSize=13)
