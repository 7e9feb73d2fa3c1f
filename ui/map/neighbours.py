"""The frames nearest to the selected one in the model's latent space, beside the map."""

from pathlib import Path

import streamlit as st

from analysis.frame_embedding import SearchOptions
from morphcore.types import Neighbour
from store import trajectories
from store.db import open_store
from store.runs import IndexedRun
from ui.cached import analysis as cached_analysis
from ui.cached import rows as cached_rows
from ui.frame import card
from ui.map import selection
from wording.escapes import plain

MOST = 12
_OWN = "map_neighbours_own"


def find(store: Path, run: IndexedRun, frame_id: int, *, own: bool) -> list[Neighbour] | None:
    """The nearest frames, one of each trajectory unless `own`; None where it has no latents.

    `own`: frames of its own trajectory, and several of one, count too.
    """
    space = cached_analysis.latent_space_of(store, run)
    posterior = space.posterior_of(frame_id)
    if posterior is None:
        return None
    options = SearchOptions(k=MOST, same_trajectory=own, one_per_trajectory=not own)
    return space.frames.nearest(posterior.mean[0], options, query_id=frame_id)


def show(store: Path, run: IndexedRun, frame_id: int | None) -> None:
    """Show the neighbours as pictures, nearest first; each selects its point."""
    if frame_id is None:
        st.caption("Click a point: the frames nearest to it in latent space appear here.")
        return
    own = st.toggle(
        "Also its own trajectory",
        key=_OWN,
        persist_state="session",
        help="Off: the nearest frame of each other trajectory.",
    )
    st.image(cached_rows.png(store, frame_id), output_format="PNG", alt="The selected frame")
    found = find(store, run, frame_id, own=own)
    if not found:
        st.info("No neighbours: the model has no latents of this frame.", icon=":material/info:")
        return
    for first in range(0, len(found), 2):
        columns = st.columns(2, gap="small")
        for neighbour, column in zip(found[first : first + 2], columns, strict=False):
            with column:
                _thumbnail(store, neighbour)


def _thumbnail(store: Path, neighbour: Neighbour) -> None:
    with open_store(store) as db:
        info = trajectories.frame_info(db, neighbour.frame_id)
    words = f"{info.trajectory.name}, {card.when(info)}"
    picture = cached_rows.png(store, neighbour.frame_id)
    with st.container(gap=None):
        st.image(picture, width="stretch", output_format="PNG", alt=words)
        st.button(
            plain(words),
            type="tertiary",
            key=f"map_neighbour_{neighbour.frame_id}",
            help=f"Distance {neighbour.distance:.3g}. Select it: its own neighbours follow.",
            on_click=selection.select,
            args=(neighbour.frame_id,),
            wrap=True,
        )
