"""Which stored frames are nearest to a drawn, an uploaded or a stored one."""

from pathlib import Path

import streamlit as st

from jobs import latent_space
from jobs.context import JobError
from jobs.latent_space import Space
from morphcore.types import Neighbour
from store.runs import Run
from ui import cached, frame_input, front_door, neighbours
from ui.current import choose_run
from ui.frame_input import Query
from ui.words import plain

FAR = 50.0  # a nearest frame beyond this percentile is no nearer than chance


def _search(store: Path, query: Query, space: Space) -> list[Neighbour]:
    """The options, and the neighbours that they leave."""
    k = st.slider("Neighbours", 1, 20, 5, key="compare_k", persist_state="session", width=240)
    with st.container(horizontal=True, gap="medium"):
        same = query.frame_id is not None and not st.toggle(
            "Leave out the same trajectory",
            value=True,
            key="compare_leave_same",
            persist_state="session",
        )
        one = st.toggle(
            "At most one per trajectory", key="compare_one_each", persist_state="session"
        )
        unseparated = not st.toggle(
            "Leave out frames not yet separated",
            value=True,
            key="compare_leave_uniform",
            persist_state="session",
        )
    mean = None
    if query.frame_id is not None:
        mean = latent_space.stored_mean(space, query.frame_id)
    if mean is None:
        file = latent_space.checkpoint_file(store, space.checkpoint)
        mean = latent_space.encode(cached.model(file, space.checkpoint.sha256), query.bits)
    return latent_space.neighbours(
        space,
        mean,
        k,
        frame_id=query.frame_id,
        same_trajectory=same,
        one_per_trajectory=one,
        unseparated=unseparated,
    )


def _show(store: Path, run: Run, query: Query, space: Space, found: list[Neighbour]) -> None:
    """The query and its neighbours, the nearest first."""
    if not found:
        st.info("The options above leave no frame to compare with.", icon=":material/filter_alt:")
        return
    if found[0].percentile > FAR:
        st.warning(
            f"Nothing in {plain(run.dataset)} is near it: even its nearest frame is farther away"
            " than half of all random pairs.",
            icon=":material/explore_off:",
        )
    neighbours.cards(store, query, found)
    st.download_button(
        "Neighbours as CSV",
        latent_space.as_csv(run, latent_space.table(space, found)),
        file_name=f"neighbours-{run.name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


front_door.enter()
st.title("Compare")
st.write(
    "Draw, upload or pick a frame: the stored frames that a trained model places nearest to it"
    " are shown, with how near that is."
)
store = cached.store_path()
run = choose_run(store)
if run is not None and run.indexed_id is not None:
    query = frame_input.choose(store, run.dataset_id)
    if query is not None:
        st.subheader("Nearest frames", divider="gray")
        try:
            space = cached.space(store, run.id, run.indexed_id, run.latents)
            _show(store, run, query, space, _search(store, query, space))
        except JobError as err:
            st.error(str(err), icon=":material/error:")
