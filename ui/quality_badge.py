"""The badge of what a model is worth, which leads to the Quality page."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from store import evaluations
from store.db import open_store
from store.runs import IndexedRun
from wording.verdict import Kind, verdict

# Streamlit's names of colours.
COLOURS: Mapping[Kind, str] = {
    "better": "green",
    "level": "orange",
    "worse": "red",
    "coin flip": "red",
    "unknown": "gray",
}


def show(store: Path, run: IndexedRun) -> None:
    """Show the verdict on a model as a badge, a link to its figures; the sentence is its help."""
    with open_store(store) as db:
        stored = evaluations.newest_whole(db, run.index.checkpoint_id)
    made = verdict(None if stored is None else stored.evaluation)
    st.page_link(
        "pages/quality.py",
        label=f":{COLOURS[made.kind]}-badge[:material/verified: {made.badge}]",
        help=made.words,
        query_params={"run": str(run.id)},
    )
