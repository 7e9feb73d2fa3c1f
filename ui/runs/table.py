"""Table of training runs, and the held-out curves of those that are ticked."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from analysis.frame_pixels import held_out_pixels
from charts import training
from exports.table_files import columns
from jobs.history import of_run
from morphcore.tuning.trials import TrialState
from store import current_run, evaluations, runs, tunings
from store import jobs as job_table
from store.db import open_store
from store.jobs import Job
from store.runs import Run
from ui import downloads, failures
from ui.runs.view import state
from wording import glossary
from wording.metrics import METRICS
from wording.numbers import distinct, when
from wording.tuning import STATES

METRICS_SHOWN = ("twin@5", "D@5", "roll@1")


def show(store: Path, *, at_work: bool) -> None:
    """Show all runs, the newest first; read again every three seconds while one is at work."""
    failures.fragment(_table, run_every=3.0 if at_work else None)(store)


def rows(
    shown: Sequence[Run],
    jobs: Sequence[Job],
    figures: Mapping[int, Mapping[str, float | None]],
    current_id: int | None = None,
    trials: Mapping[int, TrialState] | None = None,
) -> list[dict[str, Any]]:
    """The table's rows, in the order of `shown`; `figures`: values by checkpoint id and metric.

    `trials` are the states of those that are trials of tunings, by their ids.
    """
    of_trials = trials or {}
    return [
        {
            "Name": run.name,
            "Current": run.id == current_id,
            "Data set": run.dataset,
            "Preset": run.preset,
            "Split": f"by {run.config.split}",
            "Epochs": run.epochs,
            "Held-out −ELBO (nats)": None
            if run.neg_elbo_nats is None
            else round(run.neg_elbo_nats),
            **{METRICS[name].label: _figures(run, figures).get(name) for name in METRICS_SHOWN},
            "State": STATES[of_trials[run.id]]
            if run.id in of_trials
            else state(run, of_run(jobs, run.id)),
            "Device": run.device or "",
            "Indexed frames": run.indexed_frames,
            "Note": run.note,
            "Created": when(run.created),
        }
        for run in shown
    ]


def _table(store: Path) -> None:
    with open_store(store) as db:
        all_runs = runs.all_runs(db)[::-1]
        trials = tunings.trial_states(db)
        jobs = job_table.all_jobs(db)
        figures = evaluations.figures(db, METRICS_SHOWN)
        current_id = current_run.of(db)
    if trials and not st.toggle(
        "Trials of tunings, too", key="runs_with_trials", persist_state="session"
    ):
        all_runs = [run for run in all_runs if run.id not in trials]
    ids = [run.id for run in all_runs]
    # Rows are ticked by position, so another list is another table; the ticks move over by id.
    ticked = [run_id for run_id in st.session_state.get("overlay_runs", []) if run_id in ids]
    table = rows(all_runs, jobs, figures, current_id, trials)
    event = st.dataframe(
        table,
        hide_index=True,
        placeholder="–",
        key=f"runs_{'_'.join(map(str, ids))}",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(run_id) for run_id in ticked]}},
        column_config={
            "Name": st.column_config.Column(pinned=True),
            "Current": st.column_config.CheckboxColumn(help=glossary.meaning("current")),
            "Epochs": st.column_config.NumberColumn(format="localized"),
            "Held-out −ELBO (nats)": st.column_config.NumberColumn(
                format="localized",
                help="Nats per frame over all held-out frames, as the training measures it after"
                " its last epoch; lower is better",
            ),
            **{
                METRICS[name].label: st.column_config.NumberColumn(
                    format="%.2f",
                    help=f"{METRICS[name].help} {METRICS[name].better.capitalize()} is better. "
                    "From the Quality page.",
                )
                for name in METRICS_SHOWN
            },
            "Indexed frames": st.column_config.NumberColumn(format="localized"),
            "Created": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
        },
        alt="All training runs with their settings, state and held-out −ELBO",
    )
    downloads.table("All runs", "runs", partial(columns, table))
    chosen = [all_runs[row] for row in event.selection.rows if row < len(all_runs)]
    st.session_state["overlay_runs"] = [run.id for run in chosen]
    if not chosen:
        st.caption("Tick runs to lay their held-out curves over one another.")
        return
    evaluated_ids = [run.id for run in chosen if _figures(run, figures)]
    if len(evaluated_ids) > 1:
        first, *others = evaluated_ids
        st.page_link(
            "pages/quality.py",
            label="Compare what they are worth",
            icon=":material/verified:",
            query_params={"run": str(first), "beside": ",".join(map(str, others))},
        )
    labels = distinct([run.name for run in chosen], [run.id for run in chosen])
    with open_store(store) as db:
        lines = {label: runs.epochs(db, run.id) for label, run in zip(labels, chosen, strict=True)}
        pixels = {
            label: held_out_pixels(db, run) for label, run in zip(labels, chosen, strict=True)
        }
    unit = "frame" if len(set(pixels.values())) == 1 else "pixel"
    if len({run.config.split for run in chosen}) > 1:
        st.caption("Splits by frame and by trajectory hold out other frames; don't compare these.")
    st.altair_chart(
        training.overlay(
            lines,
            against=st.session_state.get("curve_x", "epoch"),
            log=st.session_state.get("curve_y", "log") == "log",
            pixels=pixels if unit == "pixel" else None,
        ),
        key="curve_overlay",
        alt=f"Held-out −ELBO in nats per {unit} of " + ", ".join(lines),
    )


def _figures(
    run: Run, figures: Mapping[int, Mapping[str, float | None]]
) -> Mapping[str, float | None]:
    """The figures of a run's indexed checkpoint by metric; empty where it was not evaluated."""
    return {} if run.index is None else figures.get(run.index.checkpoint_id, {})
