"""Tune: trials of a preset's settings, what they tell, and what to do with the best."""

import streamlit as st

from jobs import specs
from jobs.specs import TuneJob
from store import jobs as job_table
from store import tunings
from store.db import open_store
from store.jobs import Job
from store.tunings import Tuning
from ui import deletion, header, links, shell
from ui.cached import rows as cached_rows
from ui.jobs import panel
from ui.tuning import actions, view
from wording.escapes import plain
from wording.numbers import amount
from wording.tuning import AIMS

ABOUT = (
    "A tuning tries settings of a preset on your data, in short trainings one after the other, "
    "each suggested by those before it (TPE, by Optuna). It chooses by **validation frames**, "
    "which are taken out of the training ones; held-out frames, twins and unseen cells take no "
    "part, and judge what comes of it. It is started on Train."
)


def _named(tuning: Tuning) -> str:
    return f"{tuning.name}: {tuning.preset} on {tuning.dataset}"


def _jobs_of(jobs: list[Job]) -> list[tuple[Job, TuneJob]]:
    """The tunings among jobs, the newest first."""
    return [(job, spec) for job, spec in specs.readable(jobs) if isinstance(spec, TuneJob)]


shell.enter()
top = header.show("Tune", ABOUT)
store = cached_rows.store_path()
panel.live(store, kinds=["tune", "index"])

with open_store(store) as db:
    all_tunings = tunings.all_tunings(db)
    of_jobs = _jobs_of(job_table.all_jobs(db))

pending = [(job, spec) for job, spec in of_jobs if job.state in job_table.WAITING_OR_AT_WORK]
if any(spec.tuning is None for _, spec in pending):
    st.session_state.pop("tuning_id", None)  # the page is to follow the new one
    links.drop_params("tuning")
    st.info("A tuning is about to begin.", icon=":material/hourglass_top:")
    if not all_tunings:
        st.stop()
if not all_tunings:
    st.info("Nothing has been tuned yet.", icon=":material/tune:")
    st.page_link("pages/train.py", label="Start a tuning on Train", icon=":material/add:")
    st.stop()

by_id = {tuning.id: tuning for tuning in reversed(all_tunings)}
with top.line:
    chosen = by_id[
        links.linked_selectbox(
            "Tuning",
            list(by_id),
            link="tuning",
            key="tuning_id",
            default=all_tunings[-1].id,
            format_func=lambda tuning_id: _named(by_id[tuning_id]),
            label_visibility="collapsed",
            width=360,
        )
    ]
job = next((job for job, spec in of_jobs if spec.tuning == chosen.id), None)
at_work = any(spec.tuning == chosen.id for _, spec in pending)
length = (
    f"{chosen.settings['minutes']:g} minutes"
    if "minutes" in chosen.settings
    else f"{amount(chosen.settings['steps'], 'step')} of usual batches"
)
top.about.caption(
    f"{plain(_named(chosen))}; by {AIMS[chosen.objective].label}, {length} a trial,"
    f" seed {chosen.seed}, {'the worse given up' if chosen.pruning else 'none given up'}"
)
actions.show(store, chosen.id, job, at_work=at_work)
view.show(store, chosen.id, at_work=at_work)
deletion.bin_(store)
