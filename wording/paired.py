"""Paired differences of a model to baselines, as rows of tables."""

from collections.abc import Sequence

from morphcore.evaluation.result import Evaluation
from morphcore.statistics.bootstrap import Figure
from wording.metrics import BASELINES, METRICS
from wording.verdict import UNTRAINED, best_baseline

QUOTIENTS = ("false_acceptance_unseen",)  # ours over theirs; of all others ours less theirs
BESIDE = ("f_logL", UNTRAINED, "hand_made")  # baselines that are always shown, beside the best


def rows(evaluation: Evaluation) -> list[dict[str, str]]:
    """A row a metric: the best baseline, and the differences to it and to `BESIDE` in words."""
    shown = []
    for metric, by_baseline in evaluation.differences.items():
        best = best_baseline(evaluation, metric)
        if metric not in METRICS or best is None or best not in by_baseline:
            continue
        shown.append(
            {
                "Metric": METRICS[metric].label,
                "Better": "below 1" if metric in QUOTIENTS else "above 0",
                "Best baseline": BASELINES.get(best, best),
                "Beside the best": _words(metric, by_baseline[best]),
                **{
                    f"Beside {BASELINES[name]}": _words(metric, by_baseline[name])
                    if name in by_baseline
                    else "–"
                    for name in BESIDE
                },
            }
        )
    return shown


def figures(evaluation: Evaluation) -> Sequence[dict[str, str | float | None]]:
    """All paired differences as figures, a row a metric and baseline, for a file."""
    return [
        {
            "metric": metric,
            "baseline": name,
            "kind": "quotient" if metric in QUOTIENTS else "difference",
            "value": figure.value,
            "low": figure.interval.low if figure.interval else None,
            "high": figure.interval.high if figure.interval else None,
        }
        for metric, by_baseline in evaluation.differences.items()
        for name, figure in by_baseline.items()
    ]


def _words(metric: str, figure: Figure) -> str:
    """A difference with its sign, or a quotient with its ×, and the ends of its interval."""
    form, sign = (".2f", "× ") if metric in QUOTIENTS else ("+.3f", "")
    ends = figure.interval
    between = f" ({ends.low:{form}} to {ends.high:{form}})" if ends else ""
    return f"{sign}{figure.value:{form}}{between}".replace("-", "−")
