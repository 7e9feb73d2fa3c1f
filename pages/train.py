"""Train: live curves and reconstructions of a run, what is done with it, a new one, all runs."""

from pathlib import Path

import streamlit as st

from jobs import queue, specs
from jobs.history import of_run, run_of
from jobs.specs import IndexJob, TrainJob
from store import current_run, runs, tunings
from store import datasets as dataset_table
from store import jobs as job_table
from store.db import open_store
from store.jobs import Job
from store.runs import Run
from ui import damaged_model, deletion, header, links, selection, shell
from ui.cached import rows as cached_rows
from ui.jobs import panel
from ui.runs import downloads, ending, table, trial
from ui.runs import form as train_form
from ui.runs import view as run_view
from wording import glossary
from wording.escapes import plain
from wording.numbers import amount

_KINDS = ("train", "tune", "index", "map", "evaluate", "demo")  # of jobs whose early end is told
# Where the screen is narrow, the form stands below the pictures.
_STYLE = """<style>@media (max-width: 900px) {
  .st-key-train_layout > div > [data-testid="stHorizontalBlock"],
  .st-key-train_layout > [data-testid="stHorizontalBlock"] { flex-direction: column }
  .st-key-train_layout [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] {
    width: 100%; flex: 1 1 100%; min-width: 100%
  }
}</style>"""


def _chosen(all_runs: list[Run], jobs: list[Job], trial_ids: set[int]) -> Run:
    """The run of the link, else the one at work, else the newest that is no trial."""
    by_id = {run.id: run for run in all_runs}
    own = [run for run in all_runs if run.id not in trial_ids] or all_runs
    linked = links.int_param("run")
    if linked in by_id:
        return by_id[linked]
    running = (run_of(job) for job in jobs if job.state == "running")
    at_work = next((by_id[run_id] for run_id in running if run_id in by_id), None)
    return at_work or own[-1]


def _one_is_coming(jobs: list[Job]) -> bool:
    """Whether a training has no run yet, which the page is to follow when it is there."""
    return any(
        job.kind in ("train", "demo")
        and job.state in job_table.WAITING_OR_AT_WORK
        and run_of(job) is None
        for job in jobs
    )


def _pick(all_runs: list[Run], run: Run) -> None:
    names = {option.id: f"{option.name} on {option.dataset}" for option in reversed(all_runs)}

    def to_link() -> None:
        links.set_params({"run": st.session_state["train_run"]})

    st.session_state["train_run"] = run.id
    st.selectbox(
        "Run",
        list(names),
        format_func=names.__getitem__,
        key="train_run",
        on_change=to_link,
        label_visibility="collapsed",
        width=300,
    )


def _actions(
    store: Path,
    run: Run,
    job: Job | None,
    current_id: int | None,
    *,
    busy: bool,
    frames: int,
    whole_trial: bool,
) -> None:
    """The actions on a run; `frames` is the number of frames of its data set.

    `whole_trial`: it is a trial of a tuning, and complete.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if run.id == current_id:
            st.badge(
                "Current model",
                icon=":material/keep:",
                color="primary",
                help=glossary.meaning("current"),
            )
        elif run.index is not None:
            selection.make_current(store, run)
        if not busy:
            _resume(store, run, job, whole_trial=whole_trial)
            _index(store, run, frames)
        with st.popover("Name and note", icon=":material/edit:"):
            name = st.text_input("Name", run.name, max_chars=100, key=f"run_name_{run.id}")
            note = st.text_area("Note", run.note, max_chars=1000, key=f"run_note_{run.id}")
            if st.button("Save", key=f"run_rename_{run.id}", disabled=not name.strip()):
                with open_store(store) as db:
                    runs.rename(db, run.id, name)
                    runs.annotate(db, run.id, note)
                st.rerun()
        if run.epochs:
            downloads.show(store, run)
        st.button(
            "Delete",
            icon=":material/delete:",
            key=f"run_delete_{run.id}",
            on_click=deletion.ask,
            args=("run", run.id),
            disabled=busy,
        )
        if run.index is not None:
            for page, label, icon in (
                ("pages/map.py", "Map", ":material/scatter_plot:"),
                ("pages/compare.py", "Compare", ":material/compare:"),
                ("pages/quality.py", "Quality", ":material/verified:"),
            ):
                st.page_link(page, label=label, icon=icon, query_params={"run": str(run.id)})


def _index(store: Path, run: Run, frames: int) -> None:
    """Offer to index a run that was stopped before its end, or whose data set has grown."""
    index = run.index
    if run.checkpoint_id is None:
        return
    if index and index.checkpoint_id == run.checkpoint_id and index.frames >= frames:
        return
    now = f"what it was after {amount(index.epoch, 'epoch')}" if index else "nothing"
    if panel.start_button(
        store,
        "Index and map",
        IndexJob(run=run.id, maps=True),
        key=f"run_index_{run.id}",
        icon=":material/scatter_plot:",
        help=f"Encodes all frames with the newest saved state. Map and Compare have {now} of it.",
    ):
        st.rerun()


def _resume(store: Path, run: Run, job: Job | None, *, whole_trial: bool) -> None:
    """Go on from the newest checkpoint, with another learning rate or a later end."""
    config = run.config
    done = job is not None and job.state == "done"
    finished = run.epochs >= config.epochs or done or whole_trial
    with st.popover("Train on" if finished else "Resume", icon=":material/resume:"):
        st.caption("Goes on from the last saved state. The end counts from the run's start.")
        rate = st.number_input(
            "Learning rate", 1e-7, 1.0, config.lr, 1e-4, "%g", key=f"resume_lr_{run.id}"
        )
        changes = {"lr": rate, **ending.later(run, finished=finished)}
        if st.button("Go on", type="primary", key=f"resume_go_{run.id}"):
            if job is not None and job.kind == "train" and job.state != "done":
                queue.resume(store, job.id, specs.of(job).changed(**changes))
            else:  # done, or made by the demo, whose job does more than train
                queue.start(store, TrainJob(dataset=run.dataset, run=run.id).changed(**changes))
            st.rerun()


shell.enter()
top = header.show(
    "Train", "A training runs in the background; its curves and reconstructions appear as it goes."
)
store = cached_rows.store_path()
deletion.show(store)

with open_store(store) as db:
    # Twins and replicates serve others, so they are not offered to train on.
    datasets = [
        dataset
        for dataset in dataset_table.all_datasets(db)
        if dataset.frames and dataset.serves is None
    ]
    all_runs = runs.all_runs(db)
    current_id = current_run.of(db)
    jobs = job_table.all_jobs(db)
    trials = tunings.trial_states(db)

if not datasets:
    panel.live(store, kinds=_KINDS)
    st.info("A model learns from frames, and there are none yet.", icon=":material/database:")
    st.page_link("pages/data.py", label="Simulate or import trajectories", icon=":material/add:")
    st.stop()

st.html(_STYLE)
with st.container(key="train_layout"):
    view, side = st.columns([3, 1.2], gap="medium")
if all_runs:
    run = _chosen(all_runs, jobs, set(trials))
    job = of_run(jobs, run.id)
    busy = job is not None and job.state in job_table.WAITING_OR_AT_WORK
    frames = next((own.frames for own in datasets if own.id == run.dataset_id), 0)
    with top.line:
        _pick([each for each in all_runs if each.id not in trials or each == run], run)
    if not _one_is_coming(jobs):
        links.set_params({"run": run.id})
    with view:
        damaged_model.warn(store, run)
        if run.id in trials:
            trial.show(store, run.id)
        run_view.show(store, run.id, at_work=busy)
else:
    view.info(
        "Start a training on the right: its curves, speed and reconstructions appear here as "
        "it goes. It runs in the background, so you can leave the page.",
        icon=":material/model_training:",
    )
with side:
    panel.live(store, kinds=_KINDS, whole=False)
    if all_runs:
        whole_trial = trials.get(run.id) == "complete"
        _actions(store, run, job, current_id, busy=busy, frames=frames, whole_trial=whole_trial)
        if run.note:
            st.markdown(f":material/sticky_note_2: {plain(run.note)}")
    with st.container(border=True):
        st.subheader("New training")
        if train_form.show(store, datasets):
            if st.session_state.get("train_what") == "tuning":
                st.switch_page("pages/tune.py")
            links.drop_params("run")  # the page follows the new one
            st.rerun()

if all_runs:
    st.subheader("All runs")
    at_work = any(job.state == "running" for job in jobs)
    table.show(store, at_work=at_work)
deletion.bin_(store)
