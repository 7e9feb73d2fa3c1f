"""Paired differences to baselines as rows."""

from dataclasses import replace

from morphcore.statistics.bootstrap import Figure
from tests.evaluated import NAMES, evaluation
from wording import paired


def test_each_metric_has_its_difference_to_the_best_baseline_and_to_some_others():
    rows = {row["Metric"]: row for row in paired.rows(evaluation(verified=True))}
    twins = rows["Unseen twin recall@5"]
    assert twins["Best baseline"] == "area fraction and L"
    assert twins["Beside the best"] == "−0.140 (−0.200 to −0.050)"
    assert twins["Beside area fraction and L"] == twins["Beside the best"]
    assert twins["Beside wavelet scattering"] == "+0.100 (+0.020 to +0.180)"
    accepted = rows["False acceptance, unseen"]
    assert accepted["Better"] == "below 1"
    assert accepted["Beside the best"] == "× 0.40 (0.20 to 0.70)"


def test_an_older_evaluation_has_none_and_a_baseline_left_out_is_a_dash():
    assert paired.rows(evaluation()) == []
    assert paired.figures(evaluation()) == []
    made = evaluation(verified=True)
    only = {"twin@5": {"f_logL": Figure(0.1)}}
    (row,) = paired.rows(replace(made, differences=only))
    assert row["Beside the best"] == "+0.100"
    assert row["Beside hand-made features"] == "–"


def test_figures_for_a_file_have_a_row_for_each_metric_and_baseline():
    rows = paired.figures(evaluation(verified=True))
    assert len(rows) == 3 * len(NAMES)
    assert {row["kind"] for row in rows if row["metric"] == "twin@5"} == {"difference"}
    assert rows[-1]["kind"] == "quotient"
