"""Charts of an evaluation: values -> alt.Chart. Pure, no Streamlit."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import altair as alt
import pandas as pd

from charts.figures import LOCALE
from charts.palette import CATEGORICAL, GREY, LOSS
from morphcore.evaluation.result import Evaluation, NoiseCalibration
from morphcore.statistics.verification import AT, FALSE_REJECTIONS
from wording.evaluation import elbo_parts
from wording.metrics import BASELINES, METRICS, MODEL
from wording.paired import BESIDE
from wording.verdict import best_baseline

_FEW = alt.Axis(tickCount=8)  # a tick every 30 px cannot be read
_ROW = 26  # px
_LEAST = 0.001  # of a rate on a log axis; what is less is drawn there
_OFFSET = 13  # px, of a run within a metric's band


class RunFigure(NamedTuple):
    """A metric of a run, with the ends of its interval where it has one."""

    run: str  # its label
    metric: str  # its id
    label: str
    better: Literal["higher", "lower"]
    value: float
    low: float | None
    high: float | None


def dots(evaluation: Evaluation, name: str) -> Any:
    """A metric of the model and of every baseline, with 95 % intervals; the best above."""
    metric = METRICS[name]
    embeddings = [(MODEL, evaluation.metrics)]
    embeddings += [
        (BASELINES.get(key, key), baseline.metrics)
        for key, baseline in evaluation.baselines.items()
    ]
    figures = [(label, metrics[name]) for label, metrics in embeddings if name in metrics]
    data = pd.DataFrame(
        [
            {
                "embedding": label,
                "value": figure.value,
                "low": figure.interval.low if figure.interval else None,
                "high": figure.interval.high if figure.interval else None,
                "mine": label == MODEL,
            }
            for label, figure in figures
        ]
    )
    data = data.sort_values("value", ascending=metric.better == "lower")
    order = data["embedding"].tolist()
    title = f"{metric.label} ({metric.better} is better, no unit)"
    y = alt.Y(
        "embedding:N", sort=order, title=None, axis=alt.Axis(labelLimit=220, labelOverlap=False)
    )
    # A figure far below zero would squeeze all others into a corner.
    floor = max(-1.0, float(data["value"].min())) if metric.better == "higher" else 0.0
    scale = alt.Scale(domainMin=min(0.0, floor), clamp=True, zero=True, nice=True)
    base = alt.Chart(data).encode(y=y)
    colour = alt.when("datum.mine").then(alt.value(LOSS["−ELBO"])).otherwise(alt.value(GREY))
    bars = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title=title, scale=scale, axis=_FEW), x2="high:Q", color=colour
    )
    points = base.mark_circle(size=110, opacity=1).encode(
        x=alt.X("value:Q", title=title, scale=scale, axis=_FEW),
        color=colour,
        tooltip=[
            alt.Tooltip("embedding:N", title="Embedding"),
            alt.Tooltip("value:Q", title=metric.label, format=metric.form),
            alt.Tooltip("low:Q", title="95 % from", format=metric.form),
            alt.Tooltip("high:Q", title="95 % to", format=metric.form),
        ],
    )
    return alt.layer(bars, points).properties(height=alt.Step(_ROW))


def runs(figures: Sequence[RunFigure], labels: Sequence[str]) -> Any:
    """Metrics of one direction, a band each; in it a row a run, with its interval."""
    data = pd.DataFrame(figures)
    better = data["better"].iloc[0]
    order = list(dict.fromkeys(data["label"]))
    floor = max(-1.0, float(data["value"].min()))
    scale = alt.Scale(domainMin=min(0.0, floor), clamp=True, zero=True, nice=True)
    base = alt.Chart(data).encode(
        y=alt.Y(
            "label:N", sort=order, title=None, axis=alt.Axis(labelLimit=220, labelOverlap=False)
        ),
        yOffset=alt.YOffset("run:N", sort=list(labels)),
        color=alt.Color(
            "run:N",
            sort=list(labels),
            scale=alt.Scale(domain=list(labels), range=CATEGORICAL),
            legend=alt.Legend(orient="top", title=None, labelLimit=300, columns=2),
        ),
    )
    title = f"Figure ({better} is better, no unit)"
    lines = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title=title, scale=scale, axis=_FEW), x2="high:Q"
    )
    points = base.mark_circle(size=80, opacity=1).encode(
        x=alt.X("value:Q", title=title, scale=scale, axis=_FEW),
        tooltip=[
            alt.Tooltip("run:N", title="Run"),
            alt.Tooltip("label:N", title="Metric"),
            alt.Tooltip("value:Q", title="Figure", format=".4f"),
            alt.Tooltip("low:Q", title="95 % from", format=".4f"),
            alt.Tooltip("high:Q", title="95 % to", format=".4f"),
        ],
    )
    return alt.layer(lines, points).properties(height=alt.Step(_OFFSET))


def calibration(noise: NoiseCalibration) -> Any:
    """The shares of true twins, and of frames of other cells, within each distance."""
    parts = [("true twins", noise.twins), ("other cells at the same time", noise.others)]
    data = pd.DataFrame(
        [
            {"units": unit, "share": share, "pairs": label}
            for label, shares in parts
            if shares is not None
            for unit, share in zip(noise.units, shares, strict=True)
            if unit > 0
        ]
    )
    lines = (
        alt.Chart(data)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("units:Q", title="Within so many units", scale=alt.Scale(type="log")),
            y=alt.Y("share:Q", title="Share of pairs", axis=alt.Axis(format="%")),
            color=alt.Color(
                "pairs:N",
                title=None,
                sort=None,
                scale=alt.Scale(domain=[label for label, _ in parts], range=[LOSS["−ELBO"], GREY]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("pairs:N", title="Pairs"),
                alt.Tooltip("units:Q", title="Within units", format=".2f"),
                alt.Tooltip("share:Q", title="Share", format=".1%"),
            ],
        )
    )
    line = (
        alt.Chart(pd.DataFrame({"units": [noise.same_within]}))
        .mark_rule(strokeDash=[4, 4], color=LOSS["Reconstruction"])
        .encode(
            x="units:Q",
            tooltip=[alt.Tooltip("units:Q", title="95 % of twins within", format=".2f")],
        )
    )
    return alt.layer(lines, line).properties(height=260).configure(locale=LOCALE)


def detection(evaluation: Evaluation) -> Any:
    """False acceptance over false rejection on log axes: the model, the best baseline and a few."""
    best = best_baseline(evaluation, "false_acceptance_unseen")
    names = [name for name in dict.fromkeys(("model", best, *BESIDE)) if name is not None]
    curves = {
        MODEL if name == "model" else BASELINES.get(name, name): evaluation.detection[name]
        for name in names
        if name in evaluation.detection
    }
    data = pd.DataFrame(
        [
            {
                "embedding": label,
                "rejected": rejected,
                "accepted": accepted,
                "drawn": max(accepted, _LEAST),
            }
            for label, curve in curves.items()
            for rejected, accepted in zip(FALSE_REJECTIONS, curve, strict=True)
            if rejected >= _LEAST
        ]
    )
    scale = alt.Scale(type="log", domain=[_LEAST, 1])
    axis = alt.Axis(values=[0.001, 0.01, 0.05, 0.1, 0.5, 1], format="~%", labelOverlap=False)
    x = alt.X("rejected:Q", title="True twins rejected", scale=scale, axis=axis)
    lines = (
        alt.Chart(data)
        .mark_line(strokeWidth=2)
        .encode(
            x=x,
            y=alt.Y("drawn:Q", title="Other cells accepted", scale=scale, axis=axis),
            color=alt.Color(
                "embedding:N",
                title=None,
                sort=None,
                scale=alt.Scale(domain=list(curves), range=CATEGORICAL[: len(curves)]),
                legend=alt.Legend(orient="top", columns=3, labelLimit=220),
            ),
            tooltip=[
                alt.Tooltip("embedding:N", title="Embedding"),
                alt.Tooltip("rejected:Q", title="True twins rejected", format=".1%"),
                alt.Tooltip("accepted:Q", title="Other cells accepted", format=".2%"),
            ],
        )
    )
    line = (
        alt.Chart(pd.DataFrame({"rejected": [AT]}))
        .mark_rule(strokeDash=[4, 4], color=GREY)
        .encode(x=alt.X("rejected:Q", title="True twins rejected", scale=scale, axis=axis))
    )
    return alt.layer(line, lines).properties(height=300).configure(locale=LOCALE)


def nats_by_length(evaluation: Evaluation) -> Any:
    """Reconstruction and KL of held-out frames, by their domain size."""
    data = pd.DataFrame(elbo_parts(evaluation))
    return (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=alt.X("L:N", sort=alt.SortField("order"), title="Domain size L (px)").axis(
                labelAngle=-30, labelOverlap=False
            ),
            y=alt.Y("nats:Q", title="nats per frame"),
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(
                    domain=["Reconstruction", "KL"],
                    range=[LOSS["Reconstruction"], LOSS["KL"]],
                ),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("L:N", title="L (px)"),
                alt.Tooltip("part:N", title="Part"),
                alt.Tooltip("nats:Q", title="nats per frame", format=",.0f"),
                alt.Tooltip("frames:Q", title="Frames", format=","),
            ],
        )
        .properties(height=260)
    )


def kl_by_dimension(nats: Sequence[float]) -> Any:
    """The KL of each latent dimension, in nats per frame, the largest first."""
    ordered = sorted(nats, reverse=True)
    data = pd.DataFrame({"rank": range(1, len(ordered) + 1), "nats": ordered})
    return (
        alt.Chart(data)
        .mark_bar(color=LOSS["KL"])
        .encode(
            x=alt.X("rank:O", title="Latent dimension, the most used first").axis(labelAngle=0),
            y=alt.Y("nats:Q", title="KL (nats per frame)"),
            tooltip=[alt.Tooltip("nats:Q", title="KL (nats)", format=".2f")],
        )
        .properties(height=260)
    )
