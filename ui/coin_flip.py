"""The red line on every page that uses a model which knows no more than a coin flip."""

from pathlib import Path

import streamlit as st

from analysis.frame_pixels import held_out_pixels
from store.db import open_store
from store.runs import Run
from wording.coin_flip import warning
from wording.numbers import plain


def warn(store: Path, run: Run, *, shown: bool = True) -> None:
    """Say so in red where a model codes held-out frames no better than a coin flip for each pixel.

    `shown`: by the state of it that pages show; else by its newest figures.
    """
    nats = run.index.neg_elbo_nats if shown and run.index is not None else run.neg_elbo_nats
    if nats is None:
        return
    with open_store(store) as db:
        pixels = held_out_pixels(db, run)
    if words := warning(run.name, nats, pixels):
        st.error(plain(words), icon=":material/error:")
