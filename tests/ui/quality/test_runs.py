from dataclasses import replace

import pytest

from morphcore.statistics.bootstrap import Figure
from tests.evaluated import evaluation
from ui.quality.runs import EvaluatedRun, run_figures, wide_rows
from wording.numbers import distinct


@pytest.fixture
def evaluated() -> list[EvaluatedRun]:
    other = evaluation(twins=False)
    other = replace(
        other, metrics={name: Figure(figure.value) for name, figure in other.metrics.items()}
    )
    return [EvaluatedRun("one", evaluation()), EvaluatedRun("other", other)]


def test_a_figure_comes_with_its_interval_where_it_has_one(evaluated: list[EvaluatedRun]) -> None:
    (one, other) = [row for row in run_figures(evaluated) if row.metric == "D@5"]
    assert (one.run, one.value, one.better) == ("one", 0.25, "lower")
    assert (one.low, one.high) == pytest.approx((0.225, 0.275))
    assert (other.value, other.low, other.high) == (0.25, None, None)


def test_a_metric_that_a_run_lacks_is_a_dash(evaluated: list[EvaluatedRun]) -> None:
    rows = {row["Metric"]: row for row in wide_rows(evaluated)}
    assert rows["Twin among 5"]["one"] == "0.660 (0.594 to 0.726)"
    assert rows["Twin among 5"]["other"] == "–"
    assert rows["−ELBO, nats per frame"]["other"] == "1,800"
    assert [row.run for row in run_figures(evaluated) if row.metric == "twin@5"] == ["one"]


def test_runs_of_one_name_are_told_apart() -> None:
    assert distinct(["a", "b", "a"], [3, 4, 7]) == ["a (3)", "b", "a (7)"]
