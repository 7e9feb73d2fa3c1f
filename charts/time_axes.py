"""Curves and axes of a trajectory's numbers over time: pure, no Streamlit.

The player in the browser only draws what it is given; values, axes, ticks and words are made
here, where they are tested. What is not known, or has no number, is None and leaves a gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, floor, log10

from analysis.series import Series, when

LEAST_SPAN = 2.0  # per cent, of the fraction's axis: what is flat should look flat


@dataclass(frozen=True, kw_only=True)
class Axis:
    """The range of an axis, and its labelled ticks."""

    low: float
    high: float
    log: bool
    ticks: list[tuple[float, str]]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One quantity against time, with its two vertical axes and its words."""

    label: str
    values: list[float | None]
    readouts: list[str]  # the value of each frame as text
    linear: Axis
    log: Axis  # used together with a log time axis
    summary: str  # for those who do not see the curve
    events: list[int] = field(default_factory=list)  # rows that are marked


def fraction_curve(series: Series) -> Curve:
    """The share of white pixels in per cent; its vertical axis is linear always."""
    values = [None if share is None else 100 * share for share in series.fraction]
    axis = linear_axis(values, least_span=LEAST_SPAN)
    return Curve(
        label="area fraction (%)",
        values=values,
        readouts=[
            _gap(unseparated) if value is None else f"{value:.1f}"
            for value, unseparated in zip(values, series.unseparated, strict=True)
        ],
        linear=axis,
        log=axis,
        summary=summary(series, "Area fraction", values, "{:.1f} %"),
    )


def contrast_curve(series: Series) -> Curve:
    """The share of full separation; its vertical axis is linear always."""
    values = series.contrast or [None] * len(series.time)
    axis = linear_axis([0.0, 1.0, *values])
    return Curve(
        label="contrast",
        values=values,
        readouts=["not measured" if value is None else f"{value:.2f}" for value in values],
        linear=axis,
        log=axis,
        summary=summary(series, "Contrast", values, "{:.2f}"),
    )


def length_curve(series: Series, *, in_unit: bool = False) -> Curve:
    """L, area over interface length; frames that have not separated have none and are left out.

    In pixels, or `in_unit`: in the unit in which the size of a pixel is known, beside pixels.
    """
    size, unit = (series.pixel_size or 1.0, series.length_unit) if in_unit else (1.0, "px")
    values = [None if value is None else value * size for value in series.length]
    form = "{:.1f}" if unit == "px" else "{:.4g}"
    words = [
        _gap(unseparated)
        if value is None or pixels is None
        else form.format(value) + (f" ({pixels:.1f} px)" if in_unit else "")
        for value, pixels, unseparated in zip(
            values, series.length, series.unseparated, strict=True
        )
    ]
    return Curve(
        label=f"L ({unit})",
        values=values,
        readouts=words,
        linear=linear_axis(values),
        log=log_axis(values, margin=1.1),
        summary=summary(series, "L", values, f"{form} {unit}"),
    )


def _gap(unseparated: bool) -> str:
    return "— (not yet separated)" if unseparated else "not measured"


def linear_axis(
    values: Sequence[float | None], *, least_span: float = 0.0, least_step: float = 0.0
) -> Axis:
    """An axis from round number to round number that holds all values."""
    finite = [value for value in values if value is not None]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    if high - low < max(least_span, 1e-9):
        margin = ((least_span or 0.1 * abs(high) or 1.0) - (high - low)) / 2
        low, high = low - margin, high + margin
    step = _round_step(max((high - low) / 5, least_step))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    ticks = [round(multiple * step, 12) for multiple in range(first, last + 1)]
    return Axis(low=ticks[0], high=ticks[-1], log=False, ticks=[(t, _number(t)) for t in ticks])


def time_axis(series: Series, *, log: bool) -> Axis:
    """The time axis, from the first frame to the last without a margin."""
    own = series.axis_time
    times: list[float | None] = [float(time) for time in own]
    if log:
        return log_axis(times)
    whole = all(time == int(time) for time in own)
    axis = linear_axis(times, least_step=1 if whole else 0)
    low, high = float(own[0]), float(own[-1])
    if low == high:
        return axis
    inside = [tick for tick in axis.ticks if low <= tick[0] <= high]
    return Axis(low=low, high=high, log=False, ticks=inside)


def log_axis(values: Sequence[float | None], *, margin: float = 1.0) -> Axis:
    """A log axis from the smallest to the largest positive value; others are not on it.

    `margin` is a factor by which it goes beyond both. Ticks stand at 1, 2, 5 of every decade, at
    1 alone over many decades, and at round numbers where the range is less than that.
    """
    positive = [value for value in values if value is not None and value > 0]
    low, high = (min(positive), max(positive)) if positive else (1.0, 10.0)
    factor = 2.0 if low == high else margin
    low, high = low / factor, high * factor
    decades = range(floor(log10(low)), ceil(log10(high)) + 1)
    steps = (1,) if log10(high / low) > 4 else (1, 2, 5)
    candidates = [step * 10.0**decade for decade in decades for step in steps]
    ticks = [tick for tick in candidates if low * 0.999 <= tick <= high * 1.001]
    if len(ticks) < 3:
        round_ticks = linear_axis([low, high]).ticks
        ticks = [tick for tick, _ in round_ticks if low <= tick <= high]
    return Axis(low=low, high=high, log=True, ticks=[(tick, _number(tick)) for tick in ticks])


def spanning(axes: Sequence[Axis]) -> Axis:
    """The axis that spans some axes of a kind; a single one stays as it is."""
    low, high = min(axis.low for axis in axes), max(axis.high for axis in axes)
    same = next((axis for axis in axes if (axis.low, axis.high) == (low, high)), None)
    if same is not None:
        return same
    return log_axis([low, high]) if axes[0].log else linear_axis([low, high])


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least this."""
    decade = 10.0 ** floor(log10(least))
    return next(step * decade for step in (1, 2, 5, 10) if step * decade >= least * (1 - 1e-9))


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.6g}"


def summary(series: Series, name: str, values: Sequence[float | None], form: str) -> str:
    """A curve's alternative text, for those who do not see it."""
    points = [(row, value) for row, value in enumerate(values) if value is not None]
    if not points:
        return f"{name} against time: not measured yet"
    (first_row, start), (last_row, end) = points[0], points[-1]
    return (
        f"{name} against time: {form.format(start)} at {when(series, first_row)}, "
        f"{form.format(end)} at {when(series, last_row)}"
    )
