"""Baselines to be judged, as values. Knows no store, so that it runs anywhere."""

from collections.abc import Mapping, Sequence

from morphcore.evaluation import baselines
from morphcore.evaluation.baseline_measuring import FeatureFunction
from morphcore.evaluation.baselines import BaselineResult
from morphcore.evaluation.protocol import Protocol
from morphcore.progress import Progress, part

# Seconds that baselines take beside each other, over the demo:
_WEIGHTS = {
    **{"pixels": 7.0, "pixels_pca16": 18.0, "hog_pca16": 23.0, "random_cnn_pca16": 14.0},
    **{"two_point_pca16": 8.0, "descriptors": 3.0, "scattering": 55.0, "hand_made": 5.0},
}
_TOGETHER = ("two_point_pca16", "hand_made")  # which need the same features

Group = tuple[str, ...]


def groups(names: Sequence[str]) -> list[Group]:
    """Divide baselines into tasks: those that need the same features are one.

    >>> groups(["random", "two_point_pca16", "f_logL", "hand_made"])
    [('random',), ('two_point_pca16', 'hand_made'), ('f_logL',)]
    """
    together = tuple(name for name in _TOGETHER if name in names)
    every = [together if name in together else (name,) for name in names]
    return list(dict.fromkeys(every))


def weight(group: Group) -> float:
    """Roughly how many seconds a task takes, beside others."""
    return sum(_WEIGHTS.get(name, 1.0) for name in group)


def group_name(group: Group) -> str:
    """What a note calls a task."""
    return f"baseline {' and '.join(group)}"


def judge(protocol: Protocol, group: Group, progress: Progress) -> Mapping[str, BaselineResult]:
    """Judge the baselines of a task by a protocol."""
    found: dict[str, BaselineResult] = {}
    features: dict[str, FeatureFunction] = {}
    for place, name in enumerate(group):
        found[name] = baselines.evaluate_baseline(
            name,
            protocol,
            progress=part(progress, place / len(group), (place + 1) / len(group)),
            measured_before=features,
        )
    return found
