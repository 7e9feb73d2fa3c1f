"""Downloads of a run: the model with its card, the report, its tables."""

from functools import partial
from pathlib import Path

import streamlit as st

from exports import export, tables
from exports import report as run_report
from exports.table_files import Columns, columns
from store import runs, training_curve
from store.db import open_store
from store.runs import IndexedRun, Run
from ui import downloads
from wording.escapes import file_name


def show(store: Path, run: Run) -> None:
    """Show all downloads of a run in one popover; a file is made when its button is pressed."""
    with st.popover("Download", icon=":material/download:"):
        if isinstance(run, IndexedRun):
            st.download_button(
                "Model with its card (zip)",
                partial(export.model_with_card, store, run),
                file_name=f"{file_name(run.name)}.zip",
                mime="application/zip",
                icon=":material/deployed_code:",
                key=f"download_model_{run.id}",
                on_click="ignore",
                help="The checkpoint, which rebuilds its model alone, and what it learnt from.",
            )
            report(store, run)
        downloads.table("Epochs", f"{run.name}-epochs", partial(_epochs, store, run.id))
        downloads.table("Training curve", f"{run.name}-curve", partial(_points, store, run.id))
        if isinstance(run, IndexedRun):
            for name, label in (("latents", "Latents"), ("map", "Maps")):
                downloads.table(label, f"{run.name}-{name}", partial(_table, store, name, run))


def report(store: Path, run: IndexedRun) -> None:
    """Show the button that downloads the report of an indexed run as one HTML file."""
    st.download_button(
        "Report as HTML",
        partial(_report, store, run),
        file_name=f"{file_name(run.name)}.html",
        mime="text/html",
        icon=":material/description:",
        key=f"download_report_{run.id}",
        on_click="ignore",
        help="All of this run in one file, which opens anywhere.",
    )


def _report(store: Path, run: IndexedRun) -> str:
    with open_store(store) as db:
        return run_report.html(db, run)


def _epochs(store: Path, run_id: int) -> Columns:
    with open_store(store) as db:
        return columns(vars(epoch) for epoch in runs.epochs(db, run_id))


def _points(store: Path, run_id: int) -> Columns:
    with open_store(store) as db:
        return columns(vars(point) for point in training_curve.of_run(db, run_id))


def _table(store: Path, name: str, run: IndexedRun) -> Columns:
    with open_store(store) as db:
        return tables.table(db, name, run)
