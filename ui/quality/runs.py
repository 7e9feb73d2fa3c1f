"""Runs that were judged, compared metric by metric, each figure with its interval."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from charts import evaluation
from exports.table_files import columns
from store import evaluations, runs
from store.db import open_store
from store.runs import IndexedRun
from ui import downloads
from wording import glossary
from wording.metrics import METRICS
from wording.numbers import distinct

_LINK = "beside"  # ?beside=3,5: the runs that stand beside the page's own


class Judged(NamedTuple):
    """A run's label, which no other of those shown has, and what its evaluation found."""

    label: str
    found: Mapping[str, Any]


def show(store: Path, run: IndexedRun) -> None:
    """A picker of other judged runs, and what they and this one were found to be worth."""
    st.subheader("Beside other runs", divider="gray")
    with open_store(store) as db:
        known = evaluations.figures(db, ())
        judged_runs = [
            other for other in runs.all_indexed(db) if other.index.checkpoint_id in known
        ]
    others = {each.id: each for each in reversed(judged_runs) if each.id != run.id}
    if not others:
        st.caption("No other run has been judged yet; once one is, the two are compared here.")
        return
    chosen = [run, *(others[each] for each in _choose(others))]
    if len(chosen) == 1:
        return
    with open_store(store) as db:
        kept = [evaluations.newest_whole(db, each.index.checkpoint_id) for each in chosen]
    labels = distinct([each.name for each in chosen], [each.id for each in chosen])
    judged = [Judged(label, each.metrics) for label, each in zip(labels, kept, strict=True) if each]
    if not same_frames(chosen, judged):
        st.warning(
            "These runs were judged on different frames (another data set or another split), so "
            "a difference may be the frames' and not the models'.",
            icon=":material/warning:",
        )
    figures = long_rows(judged)
    for column, better in zip(st.columns(2, gap="large"), ("higher", "lower"), strict=True):
        part = [row for row in figures if row["better"] == better]
        if part:
            column.altair_chart(
                evaluation.runs(part, [each.label for each in judged]),
                key=f"quality_runs_{better}",
                alt=f"Metrics of which {better} is better, of {', '.join(labels)}",
            )
    st.caption(
        "Dots: the figures. Lines: their 95 % intervals. Runs that were judged on the same films "
        "vary together, so a difference can be real though the lines overlap.",
        help=glossary.meaning("interval"),
    )
    st.dataframe(wide_rows(judged), hide_index=True, alt="All figures of the runs")
    downloads.table("These figures", f"{run.name}-beside", partial(columns, figures))


def same_frames(chosen: Sequence[IndexedRun], judged: Sequence[Judged]) -> bool:
    """Whether all runs were judged on the same frames of the same data set."""
    asked = {
        (run.dataset_id, each.found["split"]["by"], each.found["split"]["held_out"])
        for run, each in zip(chosen, judged, strict=True)
    }
    return len(asked) == 1


def long_rows(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """A row a run and metric: the figure and the ends of its interval, in the order of METRICS."""
    return [
        {
            "run": each.label,
            "metric": name,
            "label": metric.label,
            "better": metric.better,
            "value": float(each.found["metrics"][name]),
            "low": each.found["intervals"].get(name, (None, None))[0],
            "high": each.found["intervals"].get(name, (None, None))[1],
        }
        for name, metric in METRICS.items()
        for each in judged
        if each.found["metrics"].get(name) is not None
    ]


def wide_rows(judged: Sequence[Judged]) -> list[dict[str, str]]:
    """A row a metric, a column a run, in words: "0.660 (0.594 to 0.726)"."""
    forms = {name: (metric.label, metric.better, metric.form) for name, metric in METRICS.items()}
    forms["neg_elbo_nats"] = ("−ELBO, nats per frame", "lower", ",.0f")
    return [
        {"Metric": label, "Better": better}
        | {each.label: _figure(each.found, name, form) for each in judged}
        for name, (label, better, form) in forms.items()
        if any(each.found["metrics"].get(name) is not None for each in judged)
    ]


def _figure(found: Mapping[str, Any], name: str, form: str) -> str:
    value, ends = found["metrics"].get(name), found["intervals"].get(name)
    if value is None:
        return "–"
    return f"{value:{form}}" + (f" ({ends[0]:{form}} to {ends[1]:{form}})" if ends else "")


def _choose(others: Mapping[int, IndexedRun]) -> list[int]:
    """The ids of the runs to compare with, kept in the link; a link's choice wins once."""
    key = "quality_beside"
    asked = [int(each) for each in st.query_params.get(_LINK, "").split(",") if each.isdigit()]
    wanted = asked or st.session_state.get(key, [])
    st.session_state[key] = [each for each in wanted if each in others]

    def to_link() -> None:
        picked = st.session_state[key]
        if picked:
            st.query_params[_LINK] = ",".join(map(str, picked))
        else:
            st.query_params.pop(_LINK, None)

    picked: list[int] = st.multiselect(
        "Compare with",
        list(others),
        format_func=lambda each: f"{others[each].name} on {others[each].dataset}",
        key=key,
        on_change=to_link,
        max_selections=5,
        placeholder="Choose runs that were judged, too",
        persist_state="session",
    )
    return picked
