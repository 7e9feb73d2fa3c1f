"""Deletion of a data set or a run, files included, after a dialog that lists what depends on it."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import streamlit as st
from sqlite_utils import Database

from jobs.history import run_of
from store import datasets, jobs, projections, runs
from store.datasets import Dataset, UnknownDataset
from store.db import NotWritable, checkpoints_folder, open_store
from store.runs import Run
from ui import failures
from wording.escapes import plain
from wording.numbers import amount

BIN_SECONDS = 3600.0
_ASKED = "delete_asked"  # kind and id of the open dialog: it outlives a rerun of the page


def ask(kind: str, row_id: int) -> None:
    """Open the dialog for a data set ("dataset") or a run ("run"); for a button's on_click."""
    st.session_state[_ASKED] = (kind, row_id)


def show(store: Path) -> None:
    """Show the dialog that was asked for, if any; call it once a page, anywhere."""
    kind, row_id = st.session_state.get(_ASKED, (None, 0))
    with open_store(store) as db:
        if kind == "dataset":
            with suppress(UnknownDataset):
                return _dataset_dialog(store, datasets.by_id(db, row_id))
        if kind == "run":
            for run in runs.all_runs(db):
                if run.id == row_id:
                    return _run_dialog(store, run)
    st.session_state.pop(_ASKED, None)
    return None


def bin_(store: Path) -> None:
    """List lately deleted runs, each with a button to restore it; older ones go for good."""
    with suppress(NotWritable), open_store(store) as db:  # else at a later visit
        _remove(store, runs.empty_bin(db, older_than=BIN_SECONDS))
    with open_store(store) as db:
        deleted = runs.binned(db)
    for run in deleted:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{plain(run.name)} was deleted; within an hour it can come back.")
            if st.button("Undo", icon=":material/undo:", key=f"run_restore_{run.id}"):
                with open_store(store) as db:
                    runs.restore(db, run.id)
                st.rerun()


def _forget() -> None:
    st.session_state.pop(_ASKED, None)


@st.dialog("Delete this data set?", on_dismiss=_forget)
@failures.said()
def _dataset_dialog(store: Path, dataset: Dataset) -> None:
    with open_store(store) as db:
        hanging = [run for run in runs.all_runs(db) if run.dataset_id == dataset.id]
        maps = sum(_maps(db, run) for run in hanging)
        serving = [("twins", twins) for twins in datasets.twins_of(db, dataset.id)]
        serving += [("replicates", each) for each in datasets.replicates_of(db, dataset.id)]
    st.markdown(f"**{plain(dataset.name)}** and all that hangs on it will be gone for good:")
    facts = [
        amount(dataset.trajectories, "trajectory", "trajectories"),
        amount(dataset.frames, "frame"),
    ]
    if hanging:
        names = ", ".join(plain(run.name) for run in hanging)
        facts.append(f"{amount(len(hanging), 'model')}: {names}")
        facts.append(amount(maps, "map"))
    facts += [
        f"its {what}: {plain(each.name)}, {amount(each.frames, 'frame')}" for what, each in serving
    ]
    st.markdown("\n".join(f"- {fact}" for fact in facts))
    if _confirmed():
        with st.spinner("Deleting; what is much of the store goes back to the disk …"):
            with open_store(store) as db:
                files = datasets.delete(db, dataset.id)
                _forget_jobs(store, {run.id for run in hanging})
            _remove(store, files)
        _done()


@st.dialog("Delete this run?", on_dismiss=_forget)
@failures.said()
def _run_dialog(store: Path, run: Run) -> None:
    with open_store(store) as db:
        maps = _maps(db, run)
    st.markdown(
        f"**{plain(run.name)}**, trained for {amount(run.epochs, 'epoch')} on "
        f"{plain(run.dataset)}, goes with its curves, "
        f"{amount(run.indexed_frames, 'indexed frame')} and {amount(maps, 'map')}. "
        "The frames themselves stay. For an hour it can be brought back from the Train page."
    )
    if _confirmed():
        with open_store(store) as db:
            runs.bin_(db, run.id)
        _forget_jobs(store, {run.id})
        _done()


def _confirmed() -> bool:
    with st.container(horizontal=True):
        yes = st.button("Delete", type="primary", icon=":material/delete:", key="delete_yes")
        if st.button("Keep", key="delete_no"):
            _done()
    return yes


def _done() -> None:
    _forget()
    st.rerun()


def _maps(db: Database, run: Run) -> int:
    return len(projections.of_checkpoint(db, run.index.checkpoint_id)) if run.index else 0


def _remove(store: Path, files: Iterable[str]) -> None:
    for file in files:
        (checkpoints_folder(store) / file).unlink(missing_ok=True)


def _forget_jobs(store: Path, run_ids: set[int]) -> None:
    """Dismiss the jobs of deleted runs, since nothing is left to resume."""
    with open_store(store) as db:
        for job in jobs.all_jobs(db):
            if run_of(job) in run_ids:
                jobs.dismiss(db, job.id)
