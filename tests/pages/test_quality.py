"""The Quality page: empty states, figures, warnings; without a browser."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from morphcore.evaluation.property_result import PropertyFigures
from morphcore.statistics.bootstrap import Figure, Interval
from store import evaluations, jobs, runs
from store.db import open_store
from tests.evaluated import evaluation
from tests.factory import Made, add_run, build_store
from tests.properties import add_properties

HEADLINE = re.compile(r"[^*]+ \*\*[\d.,]+( %)?\*\*$")
APP = str(Path(__file__).resolve().parents[2] / "app.py")


@pytest.fixture(autouse=True)
def _no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are queued here and not worked on."""
    monkeypatch.setattr("jobs.queue.tend", lambda _store: None)
    monkeypatch.setattr("ui.shell.enter", lambda: None)  # AppTest is always "just started"


def _page(path: Path, monkeypatch: pytest.MonkeyPatch, **link: str) -> AppTest:
    monkeypatch.setenv("MORPH_STORE", str(path))
    page = AppTest.from_file(APP, default_timeout=60)
    page.switch_page("pages/quality.py")
    for name, value in link.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception[0].message
    return page


def _words(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.info, page.warning, page.title, page.subheader)
    return "\n".join(each.value for kind in kinds for each in kind)


def _judged(made: Made, **how: bool) -> None:
    with open_store(made.path) as db:
        evaluations.add(db, made.checkpoint_id, evaluation(**how))


def test_an_empty_store_says_what_to_do(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No model has been trained" in _words(_page(store, monkeypatch))


def test_a_model_can_be_judged_once(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    page = _page(made.path, monkeypatch)
    assert "There are no twins yet" in _words(page)
    page.button(key=f"evaluate_{made.run_id}").click().run()
    page.run()
    assert not page.exception
    with open_store(made.path) as db:
        (job,) = jobs.all_jobs(db)
    assert (job.kind, job.args) == ("evaluate", {"run": made.run_id})
    assert page.button(key=f"evaluate_{made.run_id}").disabled


def test_figures_stand_beside_the_baselines(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    _judged(made)
    page = _page(made.path, monkeypatch)
    shown = [each.value.split("**")[1] for each in page.markdown if HEADLINE.match(each.value)]
    assert shown == ["66 %", "60 %", "0.25", "99.0 %", "1,800"]
    table = page.dataframe[0].value
    assert table.index[0] == "this model"
    assert "Unseen twin recall@5" in table.columns
    words = _words(page)
    assert "Split by trajectory" in words
    assert "drawn at random **by frame**" not in words
    assert "trustworthiness of 0.930" in words
    assert "2.0 % of queries" in words
    assert "20 rolled frames are queries." in words
    page.selectbox(key="quality_metric").set_value("D@5").run()
    assert not page.exception
    assert "1: as far as chance" in _words(page)


def test_the_page_opens_with_the_verdict_and_shows_how_well_processes_are_told_apart(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    _judged(made, verified=True)
    page = _page(made.path, monkeypatch)
    (said,) = (each.value for each in page.markdown if "**Worse than" in each.value)
    assert said.startswith(":red[:material/trending_down: **Worse than area fraction and L at")
    assert "finding unseen processes, by 0.14" in said
    assert "Training adds 0.10 (0.02 to 0.18) to wavelet scattering" in said
    assert [each for each in page.markdown if each.value.endswith("**4.0 %**")]
    tables = [each.value for each in page.dataframe]
    assert "False acceptance, unseen" not in tables[0].columns
    differences = next(table for table in tables if "Best baseline" in table.columns)
    assert differences["Beside wavelet scattering"].tolist()[0] == "+0.100 (+0.020 to +0.180)"
    verified = next(table for table in tables if "Cllr" in table.columns)
    assert verified.loc["this model", "False acceptance, unseen"] == 0.04
    words = _words(page)
    assert "learnt from replicates: 184 trajectories of 46 cells" in words
    assert "5 % of true twins rejected" in words


def test_an_older_evaluation_has_a_verdict_without_what_was_not_measured(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    _judged(made)
    page = _page(made.path, monkeypatch)
    words = _words(page)
    assert "by about 0.14" in words
    assert "One process or two" not in words
    assert "Differences to baselines" not in words


def test_a_leaking_split_is_warned_of(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    _judged(made, leaking=True, twins=False)
    assert "drawn at random **by frame**" in _words(_page(made.path, monkeypatch))


def test_other_queries_are_drawn(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    _judged(made)
    page = _page(made.path, monkeypatch)
    before = _words(page)
    assert "By area fraction and L" in before
    page.button(key="quality_others").click().run()
    assert not page.exception
    assert _words(page) != before


def test_reconstructions_are_shown_when_asked_for(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = build_store(store, trajectories_count=3, frames=12, model=True)
    _judged(made)
    page = _page(store, monkeypatch)
    assert "**Worst**" not in _words(page)
    page.toggle(key="quality_reconstruct").set_value(True).run()
    assert not page.exception, page.exception[0].message
    words = _words(page)
    assert "**Best**" in words
    assert "**Worst**: 27," in words  # an untrained model flips coins


def test_judged_runs_stand_beside_each_other(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    second = add_run(made, "other")
    _judged(made)
    page = _page(made.path, monkeypatch, run=str(made.run_id))
    assert "No other run has been judged yet" in _words(page)
    with open_store(made.path) as db:
        checkpoint_id = runs.indexed(db, second).index.checkpoint_id
        assert checkpoint_id is not None
        evaluations.add(db, checkpoint_id, evaluation(leaking=True))
    page = _page(made.path, monkeypatch, run=str(made.run_id), beside=f"{second},999")
    table = page.dataframe[1].value
    assert table.columns.tolist() == ["Metric", "Better", "seed-1", "other"]
    assert "judged on different frames" in _words(page)


def test_properties_are_judged_by_groups_that_can_be_chosen_and_shown_beside_baselines(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_properties(made)
    page = _page(made.path, monkeypatch)
    page.selectbox(key=f"evaluate_group_{made.run_id}").set_value("batch").run()
    page.button(key=f"evaluate_{made.run_id}").click().run()
    assert not page.exception
    with open_store(made.path) as db:
        (job,) = jobs.all_jobs(db)
        assert job.args == {"run": made.run_id, "group": "batch"}
        judged = PropertyFigures(
            name="current",
            dataset="blobs",
            group="batch",
            frames=114,
            groups=6,
            model=Figure(0.8, Interval(0.7, 0.9)),
            baselines={"f_logL": Figure(0.77)},
        )
        whole = replace(evaluation(), properties=(judged,))
        evaluations.add(db, made.checkpoint_id, whole)
    page = _page(made.path, monkeypatch)
    assert "Best told is current, by 0.80 (95 %: 0.70 to 0.90)" in _words(page)
    table = next(each.value for each in page.dataframe if "Left out" in each.value.columns)
    assert table.loc["current", "area fraction and L"] == 0.77
    assert table.loc["current", "Left out"] == "values of batch"
