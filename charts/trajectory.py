"""The charts under the player, made ready for drawing: one line a film, or one along an alignment.

Pure, no Streamlit. `ui.series` makes a film's curves and axes; here they share one chart.
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

_FASTEST = (
    "Local maxima of the latent speed that stand out by at least a fifth of the curve's range"
    " above the valleys beside them; at most five."
)
_SPEED = (
    "How far the frame moves in the model's latent space while time grows by a factor of e (2.7):"
    " the norm of the latent's change per unit of ln(time), or per frame where no times are known."
    " 1 scatter unit is how far apart the model puts two realisations of one process."
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a chart, by the frames of a film, or by common positions where `of` is None."""

    of: int | None
    xs: Sequence[float]
    values: Sequence[float | None]
    readouts: Sequence[str]
    events: Sequence[int] = ()  # places on the line that are marked


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
    films: Sequence[Series], paths: Sequence[LatentPath | None], names: Sequence[str]
) -> list[Chart]:
    """White fraction, L and, where a model has it, latent speed of each film against its time."""
    charts = [
        _chart(films, [time_axes.fraction_curve(each) for each in films], names),
        _chart(films, [time_axes.length_curve(each) for each in films], names),
    ]
    if any(each is not None for each in paths):
        curves = [speed_curve(film, path) for film, path in zip(films, paths, strict=True)]
        charts.append(_chart(films, curves, names, help=_SPEED))
    return charts


def speed_curve(film: Series, path: LatentPath | None) -> Curve:
    """How fast a film moves through latent space, and where it changes fastest."""
    known = (
        {} if path is None else dict(zip(path.frame_ids.tolist(), path.speed.tolist(), strict=True))
    )
    peaks = set() if path is None else set(path.events.tolist())
    values = [series.finite(known.get(each, float("nan"))) for each in film.frame_ids]
    axis = time_axes.linear_axis([0.0, *values])
    clock = "e-fold" if film.time_unit == "step" else "frame"
    unit = "scatter units" if path is not None and path.in_units else "latent distance"
    return Curve(
        label=f"latent speed ({unit}/{clock})",
        values=values,
        readouts=["not known" if each is None else f"{each:.2f}" for each in values],
        linear=axis,
        log=axis,
        summary=time_axes.summary(film, "Latent speed", values, "{:.2f}"),
        events=[at for at, each in enumerate(film.frame_ids) if each in peaks],
    )


def fastest(film: Series, path: LatentPath | None) -> dict[str, object] | None:
    """The events of one film as a list to choose from; None where no model knows it."""
    if path is None:
        return None
    curve = speed_curve(film, path)
    places = [{"index": at, "label": series.when(film, at)} for at in curve.events]
    label = "Changes fastest at" if places else "No moment of fastest change stands out."
    return {"label": label, "help": _FASTEST, "places": places}


def alignment_charts(
    of: TimeAlignment, films: Sequence[Series], places: Sequence[Sequence[int]]
) -> list[Chart]:
    """The distance along an alignment of two films, and the time of one against the other's."""
    together = [each for each in of.stretches if each.together]
    unit = "distance (scatter units)" if of.same_within is not None else "distance (latent space)"
    count = len(of.a)
    pairs = [float(each) for each in range(1, count + 1)]
    distance = [float(each) for each in of.distance]
    axis = time_axes.linear_axis(
        [0.0, *distance, *([] if of.same_within is None else [of.same_within])]
    )
    ends = time_axes.linear_axis([1.0, float(count)], least_step=1)
    inside = [tick for tick in ends.ticks if 1 <= tick[0] <= count]
    along = Axis(low=1.0, high=float(max(2, count)), log=False, ticks=inside)
    times = [[float(film.time[at]) for at in own] for film, own in zip(films, places, strict=True)]
    a, b = films
    both = (max(a.time[0], b.time[0]), min(a.time[-1], b.time[-1]))
    return [
        Chart(
            label=unit,
            across=Across(
                label="place along the alignment (aligned pair)", linear=along, log=along
            ),
            linear=axis,
            log=axis,
            lines=[
                Line(of=None, xs=pairs, values=distance, readouts=[f"{d:.2f}" for d in distance])
            ],
            summary=f"Distance along the alignment: {min(distance):.2f} to {max(distance):.2f}",
            help="Shaded: together. Dashed: what 95 % of true twins are within."
            if of.same_within is not None
            else "",
            guides=[]
            if of.same_within is None
            else [Guide(xs=[1.0, float(count)], values=[of.same_within] * 2)],
            bands=[(pairs[each.first], pairs[each.last]) for each in together],
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
            summary="Time of B against the time of A of the frames that go together",
            help="Dashed: the same time in both. Above it B takes longer.",
            guides=[Guide(xs=both, values=both)] if both[0] < both[1] else [],
            bands=[(times[0][each.first], times[0][each.last]) for each in together],
        ),
    ]


def measured_pairs(
    of: Sequence[float | None], places: Sequence[int]
) -> Float64[np.ndarray, " pairs"]:
    """A film's values at some of its places; NaN where not known."""
    values = np.array([np.nan if each is None else each for each in of], dtype=np.float64)
    out: np.ndarray = values[np.array(places, dtype=np.int64)]
    return out


def _chart(
    films: Sequence[Series], curves: Sequence[Curve], names: Sequence[str], help: str = ""
) -> Chart:
    label = (
        "time (simulation steps)" if films[0].time_unit == "step" else series.time_label(films[0])
    )
    if len({each.time_unit for each in films}) > 1:
        label = "time (simulation steps, or index of the frame where none is known)"
    several = len(films) > 1
    return Chart(
        label=curves[0].label,
        across=Across(
            label=label,
            linear=time_axes.spanning([time_axes.time_axis(each, log=False) for each in films]),
            log=time_axes.spanning([time_axes.time_axis(each, log=True) for each in films]),
        ),
        linear=time_axes.spanning([each.linear for each in curves]),
        log=time_axes.spanning([each.log for each in curves]),
        lines=[
            Line(
                of=number,
                xs=film.time,
                values=curve.values,
                readouts=curve.readouts,
                events=curve.events,
            )
            for number, (film, curve) in enumerate(zip(films, curves, strict=True))
        ],
        summary=". ".join(
            f"{name}: {curve.summary}" if several else curve.summary
            for name, curve in zip(names, curves, strict=True)
        ),
        help=help,
    )
