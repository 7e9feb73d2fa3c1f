"""Figures of metrics as JSON: their values by id, and their intervals apart."""

from collections.abc import Mapping
from typing import Any

from morphcore.statistics.bootstrap import Figure, Interval

Metrics = Mapping[str, Figure]  # by metric id; one that cannot be measured is not there


def intervals_of(metrics: Metrics) -> dict[str, list[float]]:
    """[low, high] of each figure that has an interval."""
    return {name: list(figure.interval) for name, figure in metrics.items() if figure.interval}


def metrics_of(
    values: Mapping[str, Any], intervals: Mapping[str, list[float]]
) -> dict[str, Figure]:
    """Figures from their values and intervals; "real" and "axes" are none of them."""
    return {
        name: Figure(value, Interval(*intervals[name]) if name in intervals else None)
        for name, value in without(values, "real", "axes").items()
    }


def figure_of(values: Mapping[str, Any]) -> Figure:
    """A figure from its value and interval."""
    interval = values["interval"]
    return Figure(values["value"], None if interval is None else Interval(*interval))


def without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A JSON object less some of its names."""
    return {name: value for name, value in values.items() if name not in names}
