"""The line on every page that uses a model whose newest file is damaged."""

from pathlib import Path

import streamlit as st

from store import checkpoint_files
from store.runs import Run
from wording.escapes import plain


def warn(store: Path, run: Run) -> None:
    """Say which model is damaged, and which one is used instead; nothing where all are good."""
    if words := checkpoint_files.damage(store, run):
        st.warning(plain(words), icon=":material/heart_broken:")
