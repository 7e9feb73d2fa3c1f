"""What a run is that is a trial of a tuning."""

from pathlib import Path

import streamlit as st

from store import runs, tunings
from store.db import open_store
from wording import glossary
from wording.numbers import amount
from wording.tuning import STATES, value


def show(store: Path, run_id: int) -> None:
    """Say which trial a run is, and what its curve is measured on; link to its tuning."""
    with open_store(store) as db:
        found = tunings.trial_of(db, run_id)
        if found is None:  # deleted in another tab
            return
        tuning_id, trial = found
        tuning = tunings.by_id(db, tuning_id)
        division = runs.split(db, run_id)
    got = "" if trial.value is None else f", {value(trial.value, tuning.objective)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            "pages/tune.py",
            label=f"Trial {trial.number} of {tuning.name}: {STATES[trial.state]}{got}",
            icon=":material/tune:",
            query_params={"tuning": str(tuning_id)},
        )
    st.caption(
        f"What its curves call held-out are {amount(len(division.validation), 'validation frame')},"
        f" taken out of the training ones; the {len(division.held_out):,} held-out frames that an"
        " evaluation judges by have had no part in it.",
        help=glossary.meaning("trial", "validation"),
    )
