"""Charts of a tuning: its history, its trials' settings, which of them matter. Pure."""

from collections.abc import Mapping, Sequence
from math import log

import altair as alt
import pandas as pd

from charts.palette import CATEGORICAL, GREY, SEQUENTIAL
from morphcore.tuning.space import Parameter, Value
from morphcore.tuning.trials import MINIMISED, Objective, Trial, best_so_far
from wording.tuning import AIMS, SETTINGS, STATES, setting
from wording.tuning import settings as in_words

_BAR, _AROUND = (
    30,
    100,
)  # px: of a bar; of title and axis, for which Streamlit takes from the height
_INSET = 0.09  # of the axis, kept free at both ends, for the ends' values


def history(
    trials: Sequence[Trial], objective: Objective, *, height: int = 380
) -> alt.LayerChart | alt.FacetChart:
    """The value of each complete trial, the best so far, and what the usual settings have.

    A trial that was given up has no value: it is a cross at the bottom.
    """
    aim = AIMS[objective]
    rows = pd.DataFrame(
        [_row(trial) for trial in trials],
        columns=["number", "value", "state", "settings"],
    )
    complete = rows[rows["value"].notna()]
    so_far = pd.DataFrame(best_so_far(trials, objective), columns=["number", "value"])
    if len(so_far):  # it holds up to the newest trial
        last = {"number": max(trial.number for trial in trials), "value": so_far["value"].iloc[-1]}
        so_far = pd.concat([so_far, pd.DataFrame([last])])
    # Its form is that of the values: an axis of integers for trials, and no zero for values.
    x = alt.X(
        "number:Q",
        title="Trial",
        axis=alt.Axis(format=",d", tickMinStep=1),
        scale=alt.Scale(domain=[0.5, max(1, len(trials)) + 0.5], nice=False),
    )
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(zero=False, padding=10),
        axis=alt.Axis(format=aim.form.replace(".1f", ".6~g"), tickCount=5),
    )
    tooltip = [
        alt.Tooltip("number:Q", title="Trial"),
        alt.Tooltip("value:Q", title=f"{aim.label}, {aim.unit}", format=aim.form),
        alt.Tooltip("settings:N", title="Settings"),
    ]
    line = (
        alt.Chart(so_far)
        .mark_line(interpolate="step-after", strokeWidth=2, color=CATEGORICAL[0])
        .encode(x=x, y=y)
    )
    points = (
        alt.Chart(complete)
        .mark_point(filled=True, size=70, color=CATEGORICAL[0], opacity=1)
        .encode(x=x, y=y, tooltip=tooltip)
    )
    usual = (
        alt.Chart(complete[complete["number"] == 1])
        .mark_rule(color=GREY, strokeDash=[4, 4], aria=False)
        .encode(y=y)
    )
    given_up = (
        alt.Chart(rows[rows["state"].isin([STATES["pruned"], STATES["failed"]])])
        .mark_point(
            shape="cross", angle=45, filled=True, size=60, color=GREY, opacity=1, yOffset=-8
        )
        .encode(
            x=x,
            y=alt.value("height"),
            tooltip=[
                alt.Tooltip("number:Q", title="Trial"),
                alt.Tooltip("state:N", title="State"),
                alt.Tooltip("settings:N", title="Settings"),
            ],
        )
    )
    return alt.layer(usual, line, points, given_up).properties(
        height=height, title=_heading(f"{aim.label}, {aim.unit} ({aim.better} is better)")
    )


def parallel(
    parameters: Sequence[Parameter],
    trials: Sequence[Trial],
    objective: Objective,
    *,
    height: int = 380,
) -> alt.LayerChart | alt.FacetChart:
    """A line a trial through its settings to its value, by which it has its colour.

    Each axis goes from the least to the greatest value that a setting may have, on a log scale
    where it was drawn on one; trials without a value are gray, and end before the last axis.
    """
    aim = AIMS[objective]
    values = [trial.value for trial in trials if trial.value is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    axes = [SETTINGS.get(each.name, each.name) for each in parameters]
    lines = []
    for trial in trials:
        if trial.state == "running":
            continue
        spots = [
            (axis, _place(each, trial.settings[each.name]), setting(trial.settings[each.name]))
            for axis, each in zip(axes, parameters, strict=True)
        ]
        if trial.value is not None:
            apart = (trial.value - low) / (high - low) if high > low else 0.5
            spots.append((aim.label, apart, format(trial.value, aim.form)))
        lines += [{**_row(trial), "axis": axis, "place": place} for axis, place, _ in spots]
    columns = ["number", "value", "state", "settings", "axis", "place"]
    rows = pd.DataFrame(lines, columns=columns)
    ends = [(axis, *map(setting, each.ends)) for axis, each in zip(axes, parameters, strict=True)]
    if values:
        ends.append((aim.label, format(low, aim.form), format(high, aim.form)))
    order = [axis for axis, _, _ in ends]
    x = alt.X(
        "axis:N",
        sort=order,
        title=None,
        scale=alt.Scale(domain=order),
        axis=alt.Axis(labelAngle=0, grid=True, ticks=False, domain=False, labelPadding=6),
    )
    y = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[-_INSET, 1 + _INSET], nice=False))
    tooltip = [
        alt.Tooltip("number:Q", title="Trial"),
        alt.Tooltip("value:Q", title=f"{aim.label}, {aim.unit}", format=aim.form),
        alt.Tooltip("state:N", title="State"),
        alt.Tooltip("settings:N", title="Settings"),
    ]
    base = alt.Chart(rows).encode(x=x, y=y, detail="number:N", tooltip=tooltip)
    colours = list(SEQUENTIAL) if MINIMISED[objective] else list(SEQUENTIAL)[::-1]
    gray = base.transform_filter("!isValid(datum.value)").mark_line(
        color=GREY, strokeWidth=1, opacity=0.6, strokeDash=[3, 3]
    )
    coloured = (
        base.transform_filter("isValid(datum.value)")
        .mark_line(strokeWidth=2, opacity=0.9)
        .encode(
            color=alt.Color(
                "value:Q",
                title=None,
                scale=alt.Scale(range=colours, zero=False),
                legend=alt.Legend(format=aim.form, tickCount=4, gradientLength=height - 160),
            )
        )
    )
    labels = pd.DataFrame(
        [
            {"axis": axis, "place": place, "words": words}
            for axis, least, most in ends
            for place, words in ((0, least), (1, most))
        ],
        columns=["axis", "place", "words"],
    )
    texts = [
        alt.Chart(labels[labels["place"] == place])
        .mark_text(dy=dy, color=GREY, fontSize=11)
        .encode(x=x, y=y, text="words:N")
        for place, dy in ((0, 14), (1, -12))
    ]
    return alt.layer(gray, coloured, *texts).properties(
        height=height, title=_heading("Settings of the trials")
    )


def importances(shares: Mapping[str, float]) -> alt.Chart:
    """A bar a setting: the share of the objective's variance that it explains."""
    rows = pd.DataFrame(
        [{"setting": SETTINGS.get(name, name), "share": share} for name, share in shares.items()],
        columns=["setting", "share"],
    )
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_bar(color=CATEGORICAL[0])
        .encode(
            x=alt.X(
                "share:Q",
                title="Share of the variance that it explains",
                axis=alt.Axis(format=".0%", tickCount=5),
                scale=alt.Scale(domain=[0, 1]),
            ),
            y=alt.Y(
                "setting:N", sort=list(rows["setting"]), title=None, axis=alt.Axis(labelLimit=160)
            ),
            tooltip=[
                alt.Tooltip("setting:N", title="Setting"),
                alt.Tooltip("share:Q", title="Share of the variance", format=".1%"),
            ],
        )
        .properties(height=_BAR * len(rows) + _AROUND, title=_heading("What matters"))
    )
    return chart


def _row(trial: Trial) -> dict[str, object]:
    return {
        "number": trial.number,
        "value": trial.value,
        "state": STATES[trial.state],
        "settings": in_words(trial.settings),
    }


def _place(parameter: Parameter, value: Value) -> float:
    """Where a value lies between the ends of its axis, 0 to 1."""
    low, high = parameter.ends
    if high <= low:
        return 0.5
    return log(value / low) / log(high / low)


def _heading(words: str) -> alt.TitleParams:
    return alt.TitleParams(words, anchor="start", fontSize=14, offset=18)
