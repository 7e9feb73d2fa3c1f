"""The red line on every page that uses a model which knows no more than a coin flip."""

from pathlib import Path

import streamlit as st

from analysis import held_out_elbo
from store.db import open_store
from store.runs import Run
from wording.coin_flip import warning
from wording.escapes import plain


def warn(store: Path, run: Run, *, shown: bool = True) -> None:
    """Say so in red where a model codes held-out frames no better than a coin flip for each pixel.

    `shown`: by the state of it that pages show; else by its newest figures.
    """
    with open_store(store) as db:
        elbo = held_out_elbo.of_run(db, run, shown=shown)
    if elbo is not None and (words := warning(run.name, elbo.nats, elbo.pixels)):
        st.error(plain(words), icon=":material/error:")
