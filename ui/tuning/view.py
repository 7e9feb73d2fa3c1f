"""A tuning: its figures, its charts, and the table of its trials."""

from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from analysis import tuning as tuning_state
from analysis.tuning import TuningState
from charts import tuning as charts
from exports.table_files import columns
from store.db import open_store
from store.tunings import UnknownTuning
from ui import downloads, failures
from ui.cached.tunings import importances
from wording import glossary
from wording.escapes import plain
from wording.tuning import AIMS, SETTINGS, STATES, gain, setting, settings, value

AT_WORK_SECONDS = 2.0


def show(store: Path, tuning_id: int, *, at_work: bool) -> None:
    """Show a tuning; read again every two seconds while it is at work."""
    failures.fragment(_view, run_every=AT_WORK_SECONDS if at_work else None)(store, tuning_id)


def _view(store: Path, tuning_id: int) -> None:
    with open_store(store) as db:
        try:
            state = tuning_state.load(db, tuning_id)
        except UnknownTuning:  # deleted in another tab
            st.rerun()
    _figures(state)
    if not state.trials:
        st.info("Its first trial is about to begin.", icon=":material/hourglass_top:")
        return
    _charts(store, state)
    _table(state)


def _figures(state: TuningState) -> None:
    tuning, best = state.tuning, state.best
    aim = AIMS[tuning.objective]
    with st.container(horizontal=True):
        st.metric(
            f"Best {aim.label[0].lower()}{aim.label[1:]}, {aim.unit}",
            value(state.best_value, tuning.objective),
            border=True,
            width="content",
            help=aim.help,
        )
        usual = value(state.usual, tuning.objective)
        st.metric("Usual settings", usual, border=True, width="content")
        ended = len(state.trials) - state.count("running")
        st.metric(f"Trials of {tuning.trials:,}", f"{ended:,}", border=True, width="content")
        st.metric("Given up", f"{state.count('pruned'):,}", border=True, width="content")
        if diverged := state.count("failed"):
            st.metric("Diverged", f"{diverged:,}", border=True, width="content")
    if best is not None:
        apart = gain(state.usual, best.value, tuning.objective)
        st.markdown(
            f"**Trial {best.number}** is best: {settings(best.settings)}"
            + (f"; {apart}." if apart else "."),
        )
        st.caption(
            "By validation frames, of one seed: the best of many trials is partly luck. Train it"
            " in full and judge it on Quality, by frames that no trial has seen.",
            help=glossary.meaning("trial", "validation", "held_out"),
        )


def _charts(store: Path, state: TuningState) -> None:
    tuning = state.tuning
    left, right = st.columns([2, 3], gap="medium")
    best = state.best
    with left:
        st.altair_chart(
            charts.history(state.trials, tuning.objective),
            key="tuning_history",
            alt=f"{AIMS[tuning.objective].label} of {len(state.trials)} trials; the best so far is"
            f" {value(state.best_value, tuning.objective)}",
        )
        st.caption(
            "The line is the best so far, the dashes are the usual settings; crosses were given up."
        )
    with right:
        st.altair_chart(
            charts.parallel(tuning.space, state.trials, tuning.objective),
            key="tuning_parallel",
            alt="A line a trial through its settings"
            + (f"; the best has {settings(best.settings)}" if best else ""),
        )
    shares = importances(store, tuning.id, len(state.trials) - state.count("running"))
    if not shares:
        st.caption("Which settings matter is said from six complete trials on.")
        return
    st.altair_chart(
        charts.importances(shares),
        key="tuning_importances",
        alt="The share of the variance that each setting explains: "
        + ", ".join(f"{SETTINGS.get(name, name)} {share:.0%}" for name, share in shares.items()),
    )
    st.caption("By fANOVA over the complete trials; of so few it is a rough estimate.")


def _table(state: TuningState) -> None:
    tuning = state.tuning
    aim = AIMS[tuning.objective]
    rows = [_row(state, number) for number in range(len(state.trials))]
    event = st.dataframe(
        rows,
        hide_index=True,
        placeholder="–",
        key=f"trials_{tuning.id}",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            aim.label: st.column_config.NumberColumn(
                format="%.1f" if tuning.objective == "neg-elbo" else "%.3f", help=aim.help
            ),
            "Best": st.column_config.CheckboxColumn(),
        },
        alt="All trials with their settings and what came of them",
    )
    downloads.table("Trials", f"{tuning.name} trials", partial(columns, rows))
    chosen = [state.trials[row] for row in event.selection.rows if row < len(state.trials)]
    run = state.run_of(chosen[0]) if chosen else None
    if run is not None:
        st.page_link(
            "pages/train.py",
            label=f"Curves of {plain(run.name)}",
            icon=":material/show_chart:",
            query_params={"run": str(run.id)},
        )
    else:
        words = "Its run is deleted." if chosen else "Tick a trial to see the curves of its run."
        st.caption(words)


def _row(state: TuningState, place: int) -> dict[str, Any]:
    trial, aim = state.trials[place], AIMS[state.tuning.objective]
    run = state.run_of(trial)
    return {
        "Trial": trial.number,
        aim.label: trial.value,
        "Best": trial == state.best,
        "State": STATES[trial.state],
        **{SETTINGS.get(name, name): setting(number) for name, number in trial.settings.items()},
        "Steps": None if run is None else run.config.steps,
        "Run": "" if run is None else run.name,
    }
