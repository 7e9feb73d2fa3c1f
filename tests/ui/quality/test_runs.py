from dataclasses import replace

import pytest

from morphcore.statistics.bootstrap import Figure
from tests.evaluated import evaluation
from ui.quality.runs import EvaluatedRun, run_figures, wide_rows
from wording.numbers import distinct


@pytest.fixture
def evaluated() -> list[EvaluatedRun]:
    without_twins = evaluation(twins=False)
    without_twins = replace(
        without_twins,
        metrics={name: Figure(figure.value) for name, figure in without_twins.metrics.items()},
    )
    return [EvaluatedRun("one", evaluation()), EvaluatedRun("other", without_twins)]


def test_a_figure_comes_with_its_interval_where_it_has_one(evaluated: list[EvaluatedRun]) -> None:
    (first, second) = [row for row in run_figures(evaluated) if row.metric == "D@5"]
    assert (first.run, first.value, first.better) == ("one", 0.25, "lower")
    assert (first.low, first.high) == pytest.approx((0.225, 0.275))
    assert (second.value, second.low, second.high) == (0.25, None, None)


def test_a_metric_that_a_run_lacks_is_a_dash(evaluated: list[EvaluatedRun]) -> None:
    rows = {row["Metric"]: row for row in wide_rows(evaluated)}
    assert rows["Twin recall@5"]["one"] == "0.660 (0.594 to 0.726)"
    assert rows["Twin recall@5"]["other"] == "–"
    assert rows["−ELBO, nats per frame"]["other"] == "1,800"
    assert [row.run for row in run_figures(evaluated) if row.metric == "twin@5"] == ["one"]


def test_runs_of_one_name_have_distinct_labels() -> None:
    assert distinct(["a", "b", "a"], [3, 4, 7]) == ["a (3)", "b", "a (7)"]
