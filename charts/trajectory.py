"""Charts under the player: a line a trajectory over its time, or one line along an alignment.

Pure, no Streamlit. `charts.time_axes` makes a trajectory's curves and axes; here they share one
chart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64

from analysis import series
from analysis.alignment import TimeAlignment
from analysis.latent_path import LatentPath
from analysis.series import Series
from charts import time_axes
from charts.time_axes import Axis, Curve
from morphcore import times
from morphcore.descriptors.contrast import SEPARATED_FROM

_FASTEST = (
    "Local maxima of the latent speed that stand out by at least a fifth of the curve's range"
    " above the valleys beside them; at most five."
)
_CONTRAST = (
    "How far both phases have parted in gray, 0 to 1. Below"
    f" {SEPARATED_FROM} a frame is not yet separated: its L and area fraction mean nothing."
)
_SPEED = (
    "How far the frame moves in the model's latent space while time grows by a factor of e (2.7):"
    " the norm of the latent's change per unit of ln(time), or per frame where no times are known."
    " 1 unit (of the scatter) is how far apart the model puts two realisations of one process."
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a chart, by the frames of trajectory `of`, or by positions where that is None."""

    of: int | None
    xs: Sequence[float]
    values: Sequence[float | None]
    readouts: Sequence[str]
    events: Sequence[int] = ()  # rows of the line that are marked


@dataclass(frozen=True, kw_only=True)
class Across:
    """The horizontal axis."""

    label: str
    linear: Axis
    log: Axis


@dataclass(frozen=True, kw_only=True)
class Guide:
    """A dashed line that is not data."""

    xs: Sequence[float]
    values: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Lines in one pair of axes, with their words."""

    label: str
    across: Across
    linear: Axis
    log: Axis
    lines: Sequence[Line]
    summary: str
    help: str = ""
    guides: Sequence[Guide] = ()
    bands: Sequence[tuple[float, float]] = field(default=())  # shaded, from x to x


def over_time_charts(
    trajectories: Sequence[Series], paths: Sequence[LatentPath | None], names: Sequence[str]
) -> list[Chart]:
    """Draw area fraction, L, contrast and, where a model has it, latent speed against time."""
    units = {own.length_unit for own in trajectories}
    in_unit = len(units) == 1 and all(own.pixel_size is not None for own in trajectories)
    lengths = [time_axes.length_curve(own, in_unit=in_unit) for own in trajectories]
    charts = [
        _chart(trajectories, [time_axes.fraction_curve(own) for own in trajectories], names),
        _chart(trajectories, lengths, names),
        _chart(
            trajectories,
            [time_axes.contrast_curve(own) for own in trajectories],
            names,
            help=_CONTRAST,
        ),
    ]
    if any(path is not None for path in paths):
        curves = [speed_curve(own, path) for own, path in zip(trajectories, paths, strict=True)]
        charts.append(_chart(trajectories, curves, names, help=_SPEED))
    return charts


def speed_curve(trajectory: Series, path: LatentPath | None) -> Curve:
    """The speed of a trajectory through latent space; its events are the peaks."""
    speeds = (
        {} if path is None else dict(zip(path.frame_ids.tolist(), path.speed.tolist(), strict=True))
    )
    peaks = set() if path is None else set(path.events.tolist())
    frame_ids = trajectory.frame_ids
    values = [series.finite(speeds.get(frame_id, float("nan"))) for frame_id in frame_ids]
    axis = time_axes.linear_axis([0.0, *values])
    clock = "e-fold" if times.known(trajectory.time_unit) else "frame"
    unit = "units" if path is not None and path.in_units else "distance"
    return Curve(
        label=f"latent speed ({unit}/{clock})",
        values=values,
        readouts=["not known" if value is None else f"{value:.2f}" for value in values],
        linear=axis,
        log=axis,
        summary=time_axes.summary(trajectory, "Latent speed", values, "{:.2f}"),
        events=[row for row, frame_id in enumerate(frame_ids) if frame_id in peaks],
    )


def fastest(trajectory: Series, path: LatentPath | None) -> dict[str, object] | None:
    """The events of a trajectory as a list to choose from; None where no model has indexed it."""
    if path is None:
        return None
    curve = speed_curve(trajectory, path)
    moments = [{"index": row, "label": series.when(trajectory, row)} for row in curve.events]
    label = "Changes fastest at" if moments else "No moment of fastest change stands out."
    return {"label": label, "help": _FASTEST, "places": moments}


def alignment_charts(
    alignment: TimeAlignment, trajectories: Sequence[Series], rows: Sequence[Sequence[int]]
) -> list[Chart]:
    """Draw the distance along an alignment of two trajectories, and B's time against A's.

    `rows` are those of A's and of B's frames in their series, pair by pair.
    """
    together = [stretch for stretch in alignment.stretches if stretch.together]
    same_within = alignment.same_within
    unit = "distance (scatter units)" if same_within is not None else "distance (latent space)"
    count = len(alignment.a)
    pairs = [float(pair) for pair in range(1, count + 1)]
    distance: list[float] = alignment.distance.tolist()
    axis = time_axes.linear_axis([0.0, *distance, *([] if same_within is None else [same_within])])
    ends = time_axes.linear_axis([1.0, float(count)], least_step=1)
    inside = [tick for tick in ends.ticks if 1 <= tick[0] <= count]
    along = Axis(low=1.0, high=float(max(2, count)), log=False, ticks=inside)
    a, b = trajectories
    times = [
        [float(own[row]) for row in own_rows]
        for own, own_rows in zip([each.axis_time for each in trajectories], rows, strict=True)
    ]
    both = (max(a.axis_time[0], b.axis_time[0]), min(a.axis_time[-1], b.axis_time[-1]))
    return [
        Chart(
            label=unit,
            across=Across(
                label="position along the alignment (aligned pair)", linear=along, log=along
            ),
            linear=axis,
            log=axis,
            lines=[
                Line(of=None, xs=pairs, values=distance, readouts=[f"{d:.2f}" for d in distance])
            ],
            summary=f"Distance along the alignment: {min(distance):.2f} to {max(distance):.2f}",
            help="Shaded: together. Dashed: what 95 % of true twins are within."
            if same_within is not None
            else "",
            guides=[]
            if same_within is None
            else [Guide(xs=[1.0, float(count)], values=[same_within] * 2)],
            bands=[(pairs[stretch.first], pairs[stretch.last]) for stretch in together],
        ),
        Chart(
            label="B's time for A's",
            across=Across(
                label=f"A: {series.time_label(a)}",
                linear=time_axes.time_axis(a, log=False),
                log=time_axes.time_axis(a, log=True),
            ),
            linear=time_axes.time_axis(b, log=False),
            log=time_axes.time_axis(b, log=True),
            lines=[
                Line(
                    of=None,
                    xs=times[0],
                    values=times[1],
                    readouts=[f"{y:,.0f} for {x:,.0f}" for x, y in zip(*times, strict=True)],
                )
            ],
            summary="Time of B against the time of A of the aligned frames",
            help="Dashed: the same time in both. Above it B takes longer.",
            guides=[Guide(xs=both, values=both)] if both[0] < both[1] else [],
            bands=[(times[0][stretch.first], times[0][stretch.last]) for stretch in together],
        ),
    ]


def measured_pairs(
    values: Sequence[float | None], rows: Sequence[int]
) -> Float64[np.ndarray, " pairs"]:
    """A trajectory's values at some of its rows; NaN where not known."""
    column = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    out: np.ndarray = column[np.array(rows, dtype=np.int64)]
    return out


def _chart(
    trajectories: Sequence[Series], curves: Sequence[Curve], names: Sequence[str], help: str = ""
) -> Chart:
    label = series.time_label(trajectories[0])
    if len({own.time_unit for own in trajectories}) > 1:
        label = "time (simulation steps, or number of the frame where none is known)"
    several = len(trajectories) > 1
    return Chart(
        label=curves[0].label,
        across=Across(
            label=label,
            linear=time_axes.spanning(
                [time_axes.time_axis(own, log=False) for own in trajectories]
            ),
            log=time_axes.spanning([time_axes.time_axis(own, log=True) for own in trajectories]),
        ),
        linear=time_axes.spanning([curve.linear for curve in curves]),
        log=time_axes.spanning([curve.log for curve in curves]),
        lines=[
            Line(
                of=number,
                xs=trajectory.axis_time,
                values=curve.values,
                readouts=curve.readouts,
                events=curve.events,
            )
            for number, (trajectory, curve) in enumerate(zip(trajectories, curves, strict=True))
        ],
        summary=". ".join(
            f"{name}: {curve.summary}" if several else curve.summary
            for name, curve in zip(names, curves, strict=True)
        ),
        help=help,
    )
