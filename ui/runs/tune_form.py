"""Form of a tuning; its fields are the arguments of the job."""

from pathlib import Path
from typing import Any

import streamlit as st

from jobs.specs import TuneJob
from morphcore.config import TrainConfig
from morphcore.tuning.space import CHANNELS, LATENTS
from morphcore.tuning.trials import MOST_TRIALS, OBJECTIVES, TRIALS, Objective
from morphcore.types import SplitBy
from store import datasets
from store.datasets import Dataset
from store.db import open_store
from ui.jobs import panel
from ui.runs import ending
from wording import glossary
from wording.escapes import plain
from wording.tuning import AIMS

WHAT = (
    "Learning rate, frames a batch, latents "
    f"({LATENTS[0]} to {LATENTS[1]}) and channels ({CHANNELS[0]:g} to {CHANNELS[-1]:g} times as "
    "many as usual) are tried one after the other, the usual ones first. Held-out frames and twins "
    "never take part: they judge what comes of it."
)


def show(store: Path, dataset: Dataset, usual: TrainConfig, split_by: SplitBy, seed: int) -> bool:
    """Show what a tuning of a preset needs; True when one was queued just now."""
    st.caption(WHAT, help=glossary.meaning("trial", "validation"))
    objective: Objective = st.selectbox(
        "Look for the best",
        OBJECTIVES,
        format_func=lambda name: AIMS[name].label,
        key="tune_objective",
        persist_state="session",
        help="\n\n".join(f"**{aim.label}**: {aim.help}" for aim in AIMS.values()),
    )
    args: dict[str, Any] = {"objective": objective}
    args["trials"] = st.number_input(
        "Trials", 2, MOST_TRIALS, TRIALS, key="tune_trials", persist_state="session"
    )
    args |= ending.of_trial(usual)
    args["pruning"] = st.toggle(
        "Give up trials below the median",
        True,
        key="tune_pruning",
        persist_state="session",
        help="Five times on its way, a trial's −ELBO on validation frames is compared with what "
        "complete trials had there; one that is worse than half of them is ended.",
    )
    problem = _problem(store, dataset, objective, usual, split_by)
    if problem:
        st.warning(plain(problem))
    job = TuneJob(dataset=dataset.name, preset=usual.preset, split=split_by, seed=seed, **args)
    return (
        panel.start_button(
            store,
            "Start tuning",
            job,
            key="start_tuning",
            disabled=problem is not None,
            icon=":material/tune:",
            help="Runs in the background, one trial after the other; stop and resume as you like.",
            width="stretch",
        )
        is not None
    )


def _problem(
    store: Path, dataset: Dataset, objective: Objective, usual: TrainConfig, split_by: str
) -> str | None:
    if split_by == "trajectory" and dataset.trajectories < 3:
        return (
            "A tuning by trajectory needs at least three: to learn from, to validate and to be "
            "held out. Split by frame instead."
        )
    if objective != "retrieval":
        return None
    with open_store(store) as db:
        replicas = any(each.frames for each in datasets.replicates_of(db, dataset.id))
    if usual.preset == "seed":
        return "Retrieval is measured on the embedding of two-level; seed has none of its own."
    if not replicas:
        return "Retrieval is measured on replicates, and this data set has none; make some on Data."
    return None
