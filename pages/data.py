"""Data sets: simulate or import trajectories, look at them, see rejected files."""

import streamlit as st

from jobs.history import busy_datasets
from store import datasets, runs
from store import jobs as job_table
from store.db import open_store, size_bytes
from ui import deletion, failures, header, shell
from ui.cached import rows as cached_rows
from ui.datasets import import_form, import_result, simulate_form, view
from ui.jobs import panel
from wording.numbers import amount, size

shell.enter()
header.show("Data", "Data sets of trajectories: simulated here, or imported from files.")
store = cached_rows.store_path()
panel.live(
    store,
    kinds=["simulate", "import", "demo"],
    growing=True,
)
deletion.show(store)

with open_store(store) as db:
    # The newest first; twins and replicates, which serve others, after these.
    all_datasets = sorted(
        datasets.all_datasets(db), key=lambda dataset: (dataset.serves is not None, -dataset.id)
    )
    jobs = job_table.all_jobs(db)
    dataset_of_run = {run.id: run.dataset for run in runs.all_runs(db)}
names = [dataset.name for dataset in all_datasets]

if all_datasets:
    frames = sum(dataset.frames for dataset in all_datasets)
    st.caption(
        f"{amount(len(all_datasets), 'data set')}, {amount(frames, 'frame')}, "
        f"{size(size_bytes(store))} on disk with models and maps"
    )
    chosen = view.choose(all_datasets, view.models_by_dataset(store))
    view.show(store, chosen, busy_datasets(jobs, dataset_of_run))
    st.subheader("Add data")
else:
    st.markdown("There are no trajectories yet. Simulate some, or bring your own.")

simulate, import_ = st.tabs(["Simulate", "Import"], key="add_data")
with simulate:
    failures.fragment(simulate_form.show)(store, names)  # of the page, only the form runs again
with import_:
    failures.fragment(import_form.show)(store, {dataset.name: dataset for dataset in all_datasets})
    last = import_result.last_result(jobs)
    if last:
        import_result.show_result(last)
