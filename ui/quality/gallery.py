"""Gallery of an evaluation's frames: queries with their neighbours, reconstructions, hubs."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from morphcore.evaluation.result import Hub
from store import checkpoints
from store.db import open_store
from store.runs import IndexedRun
from ui import failures
from ui.cached import analysis as cached_analysis
from ui.cached import models as cached_models
from ui.frame import card
from wording import glossary
from wording.numbers import percent

_DRAW = "quality_draw"  # how often other queries were drawn
_RECONSTRUCT = "quality_reconstruct"


@failures.fragment
def drawn(store: Path, run: IndexedRun) -> None:
    """Show frames drawn at random; only this part runs again when others are drawn."""
    _queries(store, run)
    _reconstructed(store, run)


def _queries(store: Path, run: IndexedRun) -> None:
    """Show random held-out frames, each with its nearest under the model and two baselines."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader("Queries and their neighbours")
        st.button("Others", icon=":material/casino:", key="quality_others", on_click=_redraw)
    st.caption(
        "Held-out frames drawn at random; beside each the three nearest of other trajectories, by "
        "this model, by area fraction and L alone, and by all descriptors."
    )
    seed = int(st.session_state.get(_DRAW, 0))
    for example in cached_analysis.examples_of_retrieval(store, run, seed):
        with st.container(border=True):
            columns = st.columns(1 + len(example.neighbours), gap="medium")
            with columns[0]:
                st.markdown("**Held-out frame**")
                card.show(store, example.query)
            rows = example.neighbours.items()
            for column, (name, frame_ids) in zip(columns[1:], rows, strict=True):
                with column:
                    st.markdown(f"**By {name}**")
                    for frame_id in frame_ids:
                        card.show(store, frame_id, links=False)


def _reconstructed(store: Path, run: IndexedRun) -> None:
    """Show held-out frames above their reconstructions; behind a toggle, as it loads the model."""
    st.subheader("Reconstructions", divider="gray")
    if not st.toggle(
        "Show the best, the median and the worst of 48 held-out frames", key=_RECONSTRUCT
    ):
        return
    with open_store(store) as db:
        checkpoint = checkpoints.by_id(db, run.index.checkpoint_id)
    seed = int(st.session_state.get(_DRAW, 0))
    reconstructions = cached_models.reconstructed(store, run.id, checkpoint, seed)
    for column, example in zip(st.columns(3, gap="medium"), reconstructions, strict=False):
        with column:
            st.markdown(f"**{example.which}**: {example.nats:,.0f} nats")
            card.show(store, example.frame_id, links=False)
            st.image(
                example.png,
                width="stretch",
                output_format="PNG",
                alt="The same frame as the model gives it back",
            )
            st.caption("As the model gives it back; gray is the probability of white.")


def hubs(store: Path, largest: Sequence[Hub]) -> None:
    """Show the hubs: the frames that are near to the most queries."""
    if not largest:
        return
    st.subheader("Hubs", divider="gray", help=glossary.meaning("hub"))
    st.caption(
        "Frames that are among the five nearest of the most held-out ones. In many dimensions some "
        "points are near to everything; a large share would crowd out better answers."
    )
    for column, hub in zip(st.columns(5, gap="medium"), largest, strict=False):
        with column:
            card.show(store, hub.frame_id, note=f"{percent(hub.share, 1)} of queries")


def _redraw() -> None:
    st.session_state[_DRAW] = int(st.session_state.get(_DRAW, 0)) + 1
