"""Comparison of evaluated runs, metric by metric, each figure with its interval."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from charts import evaluation as charts
from charts.evaluation import RunFigure
from exports.table_files import columns
from morphcore.evaluation.result import Evaluation
from store import evaluations, runs
from store.db import open_store
from store.runs import IndexedRun
from ui import downloads, links
from wording import glossary
from wording.metrics import METRICS
from wording.numbers import distinct

_LINK = "beside"  # ?beside=3,5: the runs compared with the page's own


class EvaluatedRun(NamedTuple):
    """A run's label, which no other of those shown has, and its evaluation."""

    label: str
    evaluation: Evaluation


def show(store: Path, run: IndexedRun) -> None:
    """Show a picker of other evaluated runs, and their figures beside those of this one."""
    st.subheader("Beside other runs", divider="gray")
    with open_store(store) as db:
        checkpoint_ids = evaluations.figures(db, ())
        candidates = [
            indexed
            for indexed in runs.all_indexed(db)
            if indexed.index.checkpoint_id in checkpoint_ids
        ]
    others = {other.id: other for other in reversed(candidates) if other.id != run.id}
    if not others:
        st.caption("No other run has been judged yet; once one is, the two are compared here.")
        return
    chosen = [run, *(others[run_id] for run_id in _choose(others))]
    if len(chosen) == 1:
        return
    with open_store(store) as db:
        stored = [evaluations.newest_whole(db, model.index.checkpoint_id) for model in chosen]
    labels = distinct([model.name for model in chosen], [model.id for model in chosen])
    evaluated = [
        EvaluatedRun(label, row.evaluation)
        for label, row in zip(labels, stored, strict=True)
        if row
    ]
    if not same_frames(chosen, evaluated):
        st.warning(
            "These runs were judged on different frames (another data set or another split), so "
            "a difference may be the frames' and not the models'.",
            icon=":material/warning:",
        )
    figures = run_figures(evaluated)
    for column, better in zip(st.columns(2, gap="large"), ("higher", "lower"), strict=True):
        part = [figure for figure in figures if figure.better == better]
        if part:
            column.altair_chart(
                charts.runs(part, [run.label for run in evaluated]),
                key=f"quality_runs_{better}",
                alt=f"Metrics of which {better} is better, of {', '.join(labels)}",
            )
    st.caption(
        "Dots: the figures. Lines: their 95 % intervals. Runs that were judged on the same "
        "trajectories vary together, so a difference can be real though the lines overlap.",
        help=glossary.meaning("interval"),
    )
    st.dataframe(
        wide_rows(evaluated), hide_index=True, placeholder="–", alt="All figures of the runs"
    )
    table = [figure._asdict() for figure in figures]
    downloads.table("These figures", f"{run.name}-beside", partial(columns, table))


def same_frames(chosen: Sequence[IndexedRun], evaluated: Sequence[EvaluatedRun]) -> bool:
    """Whether all runs were evaluated on the same frames of the same data set."""
    frames = {
        (run.dataset_id, row.evaluation.split.by, row.evaluation.split.held_out)
        for run, row in zip(chosen, evaluated, strict=True)
    }
    return len(frames) == 1


def run_figures(evaluated: Sequence[EvaluatedRun]) -> list[RunFigure]:
    """The figures of all metrics and runs, in the order of METRICS; none where a run lacks one."""
    figures = []
    for name, metric in METRICS.items():
        for label, evaluation in evaluated:
            if name in evaluation.metrics:
                figure = evaluation.metrics[name]
                low, high = figure.interval or (None, None)
                figures.append(
                    RunFigure(label, name, metric.label, metric.better, figure.value, low, high)
                )
    return figures


def wide_rows(evaluated: Sequence[EvaluatedRun]) -> list[dict[str, str]]:
    """The figures as a table, a row a metric and a column a run: "0.660 (0.594 to 0.726)"."""
    forms = {name: (metric.label, metric.better, metric.form) for name, metric in METRICS.items()}
    forms["neg_elbo_nats"] = ("−ELBO, nats per frame", "lower", ",.0f")
    forms["neg_elbo_nats_per_pixel"] = ("−ELBO, nats per pixel", "lower", ".4f")
    return [
        {"Metric": label, "Better": better}
        | {run.label: _figure(run.evaluation, name, form) for run in evaluated}
        for name, (label, better, form) in forms.items()
        if any(name in run.evaluation.metrics for run in evaluated)
    ]


def _figure(evaluation: Evaluation, name: str, form: str) -> str:
    figure = evaluation.metrics.get(name)
    if figure is None:
        return "–"
    interval = figure.interval
    words = f" ({interval.low:{form}} to {interval.high:{form}})" if interval else ""
    return f"{figure.value:{form}}{words}"


def _choose(others: Mapping[int, IndexedRun]) -> list[int]:
    """Choose the runs to compare with, by their ids, in the link; a link's choice wins once."""
    key = "quality_beside"
    kept = [] if links.went_back() else st.session_state.get(key, [])
    wanted = links.ids_param(_LINK) or kept
    st.session_state[key] = [run_id for run_id in wanted if run_id in others]

    def to_link() -> None:
        picked = st.session_state[key]
        if picked:
            links.set_params({_LINK: picked})
        else:
            links.drop_params(_LINK)

    picked: list[int] = st.multiselect(
        "Compare with",
        list(others),
        format_func=lambda run_id: f"{others[run_id].name} on {others[run_id].dataset}",
        key=key,
        on_change=to_link,
        max_selections=5,
        placeholder="Choose runs that were judged, too",
        persist_state="session",
    )
    return picked
