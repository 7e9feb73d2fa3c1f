"""Charts of training and of the simulated cells: values -> alt.Chart. Pure, no Streamlit."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from charts.palette import CATEGORICAL, FAINT, GREY, LOSS
from morphcore.frames import evenly
from morphcore.types import COIN_FLIP_NATS_PER_PIXEL, PIXELS, EpochMetrics, TrainingPoint

Against = Literal["epoch", "time"]
Quantity = Literal["−ELBO", "Reconstruction", "KL"]
MOST_POINTS = 1000  # a line of more points is no finer on a screen, and freezes the browser
MOST_DOTS = 40  # held-out figures, once an epoch: so few are dots on their line, which show alone
SETS = ["held-out", "training"]
_NATS, _NATS_PER_PIXEL = "nats per frame", "nats per pixel"
# An axis title upright beside a small chart would be cut off; it lies above the axis instead.
_TITLE_ABOVE: Mapping[str, Any] = {
    "titleAngle": 0,
    "titleAlign": "left",
    "titleAnchor": "end",
    "titleX": 0,
    "titleY": -14,
}


def from_epoch(epochs: Sequence[EpochMetrics], first: int) -> list[EpochMetrics]:
    """The figures from an epoch on; all of them where that would leave none."""
    return [metrics for metrics in epochs if metrics.epoch >= first] or list(epochs)


def points_from(points: Sequence[TrainingPoint], first: int) -> list[TrainingPoint]:
    """The points of a training curve from an epoch on; all of them where that would leave none."""
    return [point for point in points if point.epoch >= first] or list(points)


def middle(epochs: Sequence[EpochMetrics]) -> int:
    """The epoch halfway between the first and the last."""
    return (epochs[0].epoch + epochs[-1].epoch) // 2


def loss(
    epochs: Sequence[EpochMetrics],
    quantity: Quantity,
    *,
    points: Sequence[TrainingPoint] = (),
    against: Against = "epoch",
    log: bool = False,
    height: int = 360,
    legend: bool = True,
    pixels: float = PIXELS,
) -> alt.LayerChart | alt.FacetChart:
    """One part of the loss over training: training as a line, held-out dashed.

    Held-out figures come once an epoch, those of training by its `points`, where there are any.
    −ELBO gets a grey line at ln 2 nats a pixel, what a model that knows nothing has, where that
    lies within the curves; it never widens the axis. `pixels` are those of a frame.
    """
    rows = _rows(epochs, quantity, against, points)
    rows["per_pixel"] = rows["value"] / pixels
    encoding = {
        "x": _x(against),
        "y": _y(_NATS, log),
        "tooltip": [
            alt.Tooltip("epoch:Q", title="Epoch", format=",.2~f"),
            alt.Tooltip("step:N", title="Step"),
            alt.Tooltip("value:Q", title=f"{quantity}, {_NATS}", format=",.1f"),
            alt.Tooltip("per_pixel:Q", title=_NATS_PER_PIXEL.capitalize(), format=".5f"),
            alt.Tooltip("set:N", title="Frames"),
        ],
    }
    lines = (
        alt.Chart(rows)
        .mark_line(strokeWidth=2, color=LOSS[quantity])
        .encode(
            **encoding,
            strokeDash=alt.StrokeDash(
                "set:N",
                scale=alt.Scale(domain=SETS, range=[[5, 3], [1, 0]]),
                legend=alt.Legend(orient="top", title=None) if legend else None,
            ),
        )
    )
    # By its data alone, so that the chart stays the same one, with its zoom, while they grow.
    few = (rows["set"] == "held-out") if len(epochs) <= MOST_DOTS else rows["set"].isna()
    dots = alt.Chart(rows[few]).mark_point(filled=True, size=40, color=LOSS[quantity], opacity=1)
    flips = pixels * COIN_FLIP_NATS_PER_PIXEL
    shown = quantity == "−ELBO" and len(rows) > 0 and rows["value"].max() >= flips
    coin = pd.DataFrame(
        {"value": [flips], "words": [f"a coin flip for every pixel: {flips:,.0f}"]}
        if shown and rows["value"].min() <= flips
        else {"value": [], "words": []}
    )
    base = alt.Chart(coin).encode(y="value:Q")
    # Its words say it to screen readers; an empty one would be a picture without a name.
    rule = base.mark_rule(color=GREY, strokeDash=[2, 4], aria=False)
    words = base.mark_text(align="right", dy=10, color=GREY, fontSize=11).encode(
        x=alt.value("width"), text="words:N"
    )
    return alt.layer(lines, rule, words, dots.encode(**encoding)).properties(
        height=height, title=_heading(quantity)
    )


def learning_rate(
    epochs: Sequence[EpochMetrics], *, against: Against = "epoch", height: int = 110
) -> alt.Chart:
    """Adam's learning rate over training, on a log axis."""
    kept = _thinned(epochs)
    rows = pd.DataFrame(
        {
            "x": _abscissa(kept, against),
            "epoch": [metrics.epoch for metrics in kept],
            "value": [metrics.learning_rate for metrics in kept],
        }
    )
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_line(interpolate="step-after", strokeWidth=2, color=GREY, point=len(epochs) < 3)
        .encode(
            x=_x(against),
            y=alt.Y(
                "value:Q",
                title="a step of Adam, no unit",
                scale=alt.Scale(type="log", nice=True),
                axis=alt.Axis(format="~e", tickCount=2, **_TITLE_ABOVE),
            ),
            tooltip=[
                alt.Tooltip("epoch:Q", title="Epoch", format=","),
                alt.Tooltip("value:Q", title="Learning rate", format="~e"),
            ],
        )
        .properties(height=height, title=_heading("Learning rate"))
    )
    return chart


def overlay(
    curves: Mapping[str, Sequence[EpochMetrics]],
    *,
    against: Against = "epoch",
    log: bool = False,
    height: int = 320,
    pixels: Mapping[str, float] | None = None,
) -> alt.Chart:
    """The held-out −ELBO of several runs, a colour each: per frame, or with `pixels` per pixel."""
    nats, form = (_NATS, ",.1f") if pixels is None else (_NATS_PER_PIXEL, ".5f")
    parts = []
    for name, epochs in curves.items():
        rows = _rows(epochs, "−ELBO", against)
        rows["value"] /= 1 if pixels is None else pixels[name]
        parts.append(rows[rows["set"] == "held-out"].assign(run=name))
    rows = pd.concat(parts) if parts else pd.DataFrame(columns=["x", "epoch", "value", "run"])
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_line(strokeWidth=2)
        .encode(
            x=_x(against),
            y=_y(nats, log),
            color=alt.Color(
                "run:N",
                sort=list(curves),
                scale=alt.Scale(domain=list(curves), range=CATEGORICAL),
                legend=alt.Legend(orient="top", title=None, labelLimit=300),
            ),
            tooltip=[
                alt.Tooltip("run:N", title="Run"),
                alt.Tooltip("epoch:Q", title="Epoch", format=","),
                alt.Tooltip("value:Q", title=f"−ELBO, {nats}", format=form),
            ],
        )
        .properties(height=height, title=_heading("Held-out −ELBO"))
    )
    return chart


def cells(
    grid: Sequence[tuple[float, float]], taken: Collection[tuple[float, float]], height: int = 300
) -> alt.Chart:
    """The cells of (phi, chi) as squares, those that will be simulated filled."""
    rows = pd.DataFrame(
        {
            "phi": [f"{phi:.3f}" for phi, _ in grid],
            "chi": [f"{chi:.1f}" for _, chi in grid],
            "cell": ["simulated" if cell in taken else "left out" for cell in grid],
        }
    )
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_square(size=130)
        .encode(
            x=alt.X("phi:O", title="phi, blend ratio (no unit)", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("chi:O", title="chi, interaction (no unit)", sort="descending"),
            color=alt.Color(
                "cell:N",
                scale=alt.Scale(domain=["simulated", "left out"], range=[CATEGORICAL[0], FAINT]),
                legend=alt.Legend(orient="top", title=None),
            ),
            tooltip=[
                alt.Tooltip("phi:O"),
                alt.Tooltip("chi:O"),
                alt.Tooltip("cell:N", title="This data set"),
            ],
        )
        .properties(height=height)
    )
    return chart


def _thinned(epochs: Sequence[EpochMetrics]) -> list[EpochMetrics]:
    return [epochs[row] for row in evenly(len(epochs), MOST_POINTS, ends=True)]


def _abscissa(epochs: Sequence[EpochMetrics], against: Against) -> list[float]:
    return [metrics.epoch if against == "epoch" else metrics.seconds / 60 for metrics in epochs]


_NAMES: Mapping[Quantity, tuple[str, str, str]] = {
    "−ELBO": ("neg_elbo_nats", "training_neg_elbo_nats", "held_out_neg_elbo_nats"),
    "Reconstruction": ("recon_nats", "training_recon_nats", "held_out_recon_nats"),
    "KL": ("kl_nats", "training_kl_nats", "held_out_kl_nats"),
}


def _rows(
    epochs: Sequence[EpochMetrics],
    quantity: Quantity,
    against: Against,
    points: Sequence[TrainingPoint] = (),
) -> pd.DataFrame:
    """Rows of both lines; training by points from the first of them on, before it by epochs."""
    of_point, of_training, of_held_out = _NAMES[quantity]
    first = points[0].step if points else np.inf
    before = [each for each in epochs if each.steps is None or each.steps < first]
    before = [each for each in before if not points or each.seconds < points[0].seconds]
    rows = [
        *_of_epochs(_thinned(before), of_training, "training", against, points),
        *(
            {
                "x": point.epoch if against == "epoch" else point.seconds / 60,
                "epoch": point.epoch,
                "step": f"{point.step:,}",
                "value": getattr(point, of_point),
                "set": "training",
            }
            for point in (points[row] for row in evenly(len(points), MOST_POINTS, ends=True))
        ),
        *_of_epochs(_thinned(epochs), of_held_out, "held-out", against, points),
    ]
    table = pd.DataFrame(rows, columns=["x", "epoch", "step", "value", "set"])
    return table[table["value"] > 0]  # a log axis cannot show the others


def _of_epochs(
    epochs: Sequence[EpochMetrics],
    name: str,
    frames: str,
    against: Against,
    points: Sequence[TrainingPoint],
) -> list[dict[str, Any]]:
    """Rows of epochs; the steps may have ended the last one early, so it lies by its steps."""
    places = _abscissa(epochs, against)
    last = epochs[-1] if epochs else None
    if against == "epoch" and last and last.steps and points and points[-1].step == last.steps:
        places[-1] = points[-1].epoch
    return [
        {
            "x": x,
            "epoch": metrics.epoch,
            "step": "–" if metrics.steps is None else f"{metrics.steps:,}",
            "value": getattr(metrics, name),
            "set": frames,
        }
        for x, metrics in zip(places, epochs, strict=True)
    ]


def _x(against: Against) -> alt.X:
    scale = alt.Scale(nice=False)
    if against == "epoch":
        axis = alt.Axis(format=",.6~g", tickCount=6)
        return alt.X("x:Q", title="Epoch", axis=axis, scale=scale)
    return alt.X("x:Q", title="Training time (min)", axis=alt.Axis(tickCount=6), scale=scale)


def _y(title: str, log: bool) -> alt.Y:
    scale = alt.Scale(type="log", nice=False) if log else alt.Scale(zero=False)
    axis = alt.Axis(format=",.6~g", tickCount=5, **_TITLE_ABOVE)
    return alt.Y("value:Q", title=title, scale=scale, axis=axis)


def _heading(words: str) -> alt.TitleParams:
    return alt.TitleParams(words, anchor="start", fontSize=14, offset=18)
