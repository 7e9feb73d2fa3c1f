"""Twins of a data set: their purpose, and the button that makes them."""

from pathlib import Path

import streamlit as st

from jobs.specs import SimulateJob
from store import datasets
from store.datasets import Dataset
from store.db import open_store
from ui.cached import rows as cached_rows
from ui.datasets import estimate
from ui.jobs import panel
from wording.escapes import plain

TWINS = (
    "Twins are one more trajectory of each cell: the same physics and parameters, other noise, 25 "
    "frames. They are there to judge models by: a good one finds, for a twin's frame, frames of "
    "the same cell at about the same time. No model is trained on them."
)


def offer(store: Path, dataset: Dataset) -> None:
    """Explain twins, with the button that makes them, or the name of those that are there."""
    st.markdown(TWINS)
    with open_store(store) as db:
        made = datasets.twins_of(db, dataset.id)
    infos = cached_rows.trajectory_list(store, dataset.id, dataset.frames)
    if made and made[0].trajectories >= len({info.cell for info in infos}):
        st.markdown(f"They are here: **{plain(made[0].name)}**.")
        return
    cost = estimate.further(dataset, "twins")
    if cost is None:
        st.markdown("This data set does not say how it was simulated, so it can have none.")
        return
    st.caption(estimate.words(cost.all_frames, cost.seconds))
    if panel.start_button(
        store,
        "Make twins",
        SimulateJob(twins=dataset.name),
        key=f"dataset_twins_{dataset.id}",
        icon=":material/play_arrow:",
    ):
        st.rerun()
