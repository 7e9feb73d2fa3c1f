"""Cached results on tunings."""

from pathlib import Path

import streamlit as st

from analysis import tuning as tuning_state
from store.db import open_store


@st.cache_data(max_entries=64, show_spinner=False)
def importances(store: Path, tuning_id: int, ended: int) -> dict[str, float]:
    """How much each setting explains; `ended` is the present number of trials that have ended."""
    with open_store(store) as db:
        return tuning_state.load(db, tuning_id).importances()
