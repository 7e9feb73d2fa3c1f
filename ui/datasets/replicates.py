"""Replicates of a data set: their purpose, and the button that makes them."""

from pathlib import Path

import streamlit as st

from jobs.specs import SimulateJob
from store import datasets
from store.datasets import Dataset
from store.db import open_store
from ui.cached.costs import FurtherCost
from ui.datasets import estimate
from ui.jobs import panel
from wording.escapes import plain
from wording.numbers import amount

REPLICATES = (
    "Replicates are further realisations of the training cells: the same physics and parameters, "
    "other noise. From them a model's embedding learns what chance is, so that it can say what is "
    "more than chance; a model that is there already does so when it is indexed again. Cells that "
    "are always held out have none, and twins are not among them."
)


def offer(store: Path, dataset: Dataset) -> None:
    """Explain replicates, with the button that makes them, and those that are there."""
    st.markdown(REPLICATES)
    with open_store(store) as db:
        made = datasets.replicates_of(db, dataset.id)
    cost = estimate.further(dataset, "replicates")
    if cost is None:
        st.markdown("This data set does not say how it was simulated, so it can have none.")
        return
    unfinished = [each for each in made if each.trajectories < realisations(each) * cost.cells]
    for each in made:
        if each not in unfinished:
            st.markdown(f"They are here: **{plain(each.name)}**, {_said(each, cost)}.")
    if unfinished:
        begun = unfinished[-1]
        st.markdown(
            f"**{plain(begun.name)}** has {begun.trajectories:,} of"
            f" {amount(realisations(begun) * cost.cells, 'trajectory', 'trajectories')} so far."
        )
        _button(store, dataset, _going_on(dataset, begun))
    elif not made:
        st.caption(
            f"{cost.realisations} of each of {amount(cost.cells, 'training cell')}, {cost.frames}"
            f" frames each. {estimate.words(cost.all_frames, cost.seconds)}"
        )
        _button(store, dataset, SimulateJob(replicates=dataset.name))


def realisations(replicates: Dataset) -> int:
    """The realisations of each cell that a data set of replicates was made to have."""
    return int(replicates.config.get("realisations", 1))


def _said(made: Dataset, cost: FurtherCost) -> str:
    each = amount(realisations(made), "realisation")
    return f"{each} of each of {amount(cost.cells, 'training cell')}"


def _going_on(dataset: Dataset, begun: Dataset) -> SimulateJob:
    """The job that makes the rest of replicates that were stopped, by their own settings."""
    keys = ("frames", "seed", "realisations")
    own = {key: begun.config[key] for key in keys if key in begun.config}
    return SimulateJob(replicates=dataset.name, name=begun.name, **own)


def _button(store: Path, dataset: Dataset, job: SimulateJob) -> None:
    key, icon = f"dataset_replicates_{dataset.id}", ":material/play_arrow:"
    if panel.start_button(store, "Make replicates", job, key=key, icon=icon):
        st.rerun()
