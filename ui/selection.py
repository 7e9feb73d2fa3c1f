"""Selection of the data set and the model of a page, in its header: kept over pages and linked."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import streamlit as st

from analysis import held_out_elbo
from analysis.held_out_elbo import HeldOutElbo
from store import checkpoint_files, current_run, datasets, runs
from store.datasets import Dataset
from store.db import open_store
from store.runs import IndexedRun, Run
from ui import coin_flip, damaged_model, failures, links, quality_badge
from ui.header import Header
from wording import glossary
from wording.escapes import plain
from wording.numbers import amount

_T = TypeVar("_T", IndexedRun, Dataset)

_SEEN = "current_run"  # what was current when this tab last looked

SPLIT_WORDS = {
    "frame": "random split by frame (leaks: a frame's neighbours in time are in training)",
    "trajectory": "split by trajectory",
}


def choose_dataset(store: Path, header: Header) -> Dataset | None:
    """A data set picker, bound to `?dataset=ID`; an empty state and None where there is none."""
    with open_store(store) as db:
        filled = [dataset for dataset in datasets.all_datasets(db) if dataset.frames]
    if not filled:
        st.info("There are no frames yet.", icon=":material/database:")
        st.page_link(
            "pages/data.py", label="Simulate or import trajectories", icon=":material/add:"
        )
        return None
    # The newest first, but twins and replicates after what they belong to.
    filled = sorted(filled, key=lambda dataset: (dataset.serves is not None, -dataset.id))
    with header.line:
        return _choose("Data set", "dataset", filled, lambda dataset: dataset.name, width=220)


def choose_run_on(store: Path, dataset_id: int, header: Header) -> IndexedRun | None:
    """A model picker, bound to `?run=ID`, of those that have indexed a data set; None without."""
    with open_store(store) as db:
        indexed = runs.all_indexed(db)
        current = current_run.of(db)
    own = [run for run in indexed[::-1] if run.dataset_id == dataset_id]
    if not own:
        return None
    return _run_of(store, header, own, lambda run: run.name, current)


def choose_run(store: Path, header: Header) -> IndexedRun | None:
    """A model picker, bound to `?run=ID`; an empty state and None where none is indexed.

    It starts at the current model, and goes there again when another one is made current.
    """
    with open_store(store) as db:
        indexed = runs.all_indexed(db)
        current = current_run.of(db)
    if not indexed:
        st.info(
            "No model has been trained and indexed yet. Training one does both.",
            icon=":material/model_training:",
        )
        st.page_link("pages/train.py", label="Train a model", icon=":material/arrow_forward:")
        return None
    if st.session_state.get(_SEEN) != current:
        st.session_state[_SEEN] = st.session_state["run_id"] = current

    def name(run: IndexedRun) -> str:
        return f"{run.name} on {run.dataset}" + (", current" if run.id == current else "")

    return _run_of(store, header, indexed[::-1], name, current)


def _run_of(
    store: Path,
    header: Header,
    options: list[IndexedRun],
    name: Callable[[IndexedRun], str],
    current: int | None,
) -> IndexedRun:
    """The picker, what the model is worth, and its description on demand; warnings stand below."""
    with header.line:
        run = _choose("Model", "run", options, name, width=300)
        run = checkpoint_files.with_good_index(store, run.id)
        quality_badge.show(store, run)
        if run.id != current:
            make_current(store, run)
    with open_store(store) as db:
        elbo = held_out_elbo.of_run(db, run)
    header.about.caption(
        describe(run, elbo), help=glossary.meaning("latent", "elbo", "held_out", "epoch")
    )
    damaged_model.warn(store, run)
    coin_flip.warn(store, run)
    return run


def make_current(store: Path, run: Run) -> None:
    """The button that makes a model the one with which all pages start."""

    @failures.said()
    def make() -> None:
        with open_store(store) as db:
            current_run.choose(db, run.id)

    st.button(
        "Make current",
        icon=":material/keep:",
        key=f"make_current_{run.id}",
        type="tertiary",
        on_click=make,
        help=glossary.meaning("current"),
    )


def describe(run: Run, elbo: HeldOutElbo | None, *, shown: bool = True) -> str:
    """Describe a model in a line: settings, split and epoch.

    `shown`: as it was when the latents and maps that pages show were made of it; else as it is now,
    which differs while a training goes on. `elbo` is of the same.
    """
    epochs = run.index.epoch if shown and run.index is not None else run.epochs
    bound = ""
    if elbo is not None:
        frame = "separated frame" if elbo.separated else "frame"
        bound = f", {elbo.name} {elbo.nats:,.0f} nats per {frame}"
    return (
        f"**{plain(run.name)}** · preset {run.preset}, {run.config.latent} latents, "
        f"{amount(epochs, 'epoch')} on {plain(run.dataset)}{bound} · "
        f"{SPLIT_WORDS[run.config.split]}"
    )


def _choose(
    label: str, key: str, options: list[_T], name: Callable[[_T], str], *, width: int
) -> _T:
    """A select box over rows by their id, bound to `?key=ID`."""
    by_id = {row.id: row for row in options}
    chosen = links.linked_selectbox(
        label,
        list(by_id),
        link=key,
        key=f"{key}_id",
        default=options[0].id,
        format_func=lambda row_id: name(by_id[row_id]),
        label_visibility="collapsed",
        width=width,
    )
    return by_id[chosen]
