"""What can be done with a tuning: more trials, the best made current or trained in full."""

from pathlib import Path

import streamlit as st

from analysis import tuning as tuning_state
from analysis.tuning import TuningState
from jobs import queue, specs
from jobs.specs import IndexJob, TrainJob, TuneJob
from morphcore.config import Preset, train_config
from morphcore.tuning.trials import MOST_TRIALS
from store import current_run, runs, tunings
from store.db import open_store
from store.jobs import Job
from store.tunings import StoredTrial
from ui import failures, selection
from ui.jobs import panel
from ui.runs import ending
from wording import glossary
from wording.numbers import amount, sentence
from wording.tuning import settings


def show(store: Path, tuning_id: int, job: Job | None, *, at_work: bool) -> None:
    """Show the actions; `job` is the newest that worked on the tuning."""
    with open_store(store) as db:
        state = tuning_state.load(db, tuning_id)
        current_id = current_run.of(db)
    with st.container(horizontal=True, vertical_alignment="center"):
        if state.best is not None:
            _current(store, state, current_id)
            _in_full(store, state, state.best)
        if not at_work:
            _go_on(store, state, job)
            _delete(store, state, current_id)


def _current(store: Path, state: TuningState, current_id: int | None) -> None:
    run = state.best_run
    if run is None:
        st.caption("The run of the best trial is deleted; train it in full.")
    elif run.id == current_id:
        st.badge(
            "Current model",
            icon=":material/keep:",
            color="primary",
            help=glossary.meaning("current"),
        )
    elif run.index is not None and run.index.checkpoint_id == run.checkpoint_id:
        selection.make_current(store, run)
    elif panel.start_button(
        store,
        "Make the best current",
        IndexJob(run=run.id, maps=True, current=True),
        key=f"tuning_current_{run.id}",
        icon=":material/keep:",
        help="Encodes all frames with the best trial's model and draws its maps; then pages start "
        "with it.",
    ):
        st.rerun()


def _in_full(store: Path, state: TuningState, best: StoredTrial) -> None:
    """Train the best settings on all training frames, validation ones among them."""
    tuning = state.tuning
    preset: Preset = tuning.preset  # type: ignore[assignment]
    with st.popover("Train the best in full", icon=":material/model_training:"):
        st.caption(
            f"{sentence(settings(best.settings))}; on training and validation frames together,"
            " with the same held-out ones."
        )
        ends = ending.choose(train_config(preset))
        common = {key: value for key, value in tuning.settings.items() if key == "split"}
        job = TrainJob(
            dataset=tuning.dataset, preset=preset, seed=tuning.seed, **common, **ends
        ).changed(**best.settings)
        if panel.start_button(store, "Start training", job, key=f"tuning_full_{tuning.id}"):
            st.switch_page("pages/train.py")


def _go_on(store: Path, state: TuningState, job: Job | None) -> None:
    """Go on with a tuning that ended early, or give it more trials."""
    tuning = state.tuning
    ended = len(state.trials) - state.count("running")
    over = ended >= tuning.trials
    with st.popover("More trials" if over else "Go on", icon=":material/resume:"):
        suggested = tuning.trials + 10 if over else tuning.trials
        least = ended + 1 if over else max(1, len(state.trials))
        wanted = st.number_input(
            "Trials in all",
            least,
            MOST_TRIALS,
            max(least, suggested),
            key=f"tuning_more_{tuning.id}",
        )
        if st.button("Go on", type="primary", key=f"tuning_go_{tuning.id}"):
            if job is not None and job.state != "done":
                spec = specs.of(job).changed(trials=wanted)
                queue.resume(store, job.id, spec)
            else:
                spec = TuneJob(dataset=tuning.dataset, tuning=tuning.id, trials=wanted)
                queue.start(store, spec)
            st.rerun()


def _delete(store: Path, state: TuningState, current_id: int | None) -> None:
    """Delete a tuning; the runs of its trials go to the bin, but for those that are indexed."""
    gone = [run for run in state.runs.values() if run.index is None and run.id != current_id]
    kept = len(state.runs) - len(gone)

    @failures.said()
    def delete() -> None:
        with open_store(store) as db, db.atomic():
            for run in gone:
                runs.bin_(db, run.id)
            tunings.delete(db, state.tuning.id)

    with st.popover("Delete", icon=":material/delete:"):
        st.caption(
            f"The tuning is gone for good. {amount(len(gone), 'run')} of its trials can be brought"
            " back from the Train page for an hour"
            + (f"; {amount(kept, 'run')} with latents stay." if kept else ".")
        )
        st.button(
            "Delete the tuning",
            type="primary",
            key=f"tuning_delete_{state.tuning.id}",
            on_click=delete,
        )
