"""Which frames Compare searches, in which embedding: the widgets of a search's options."""

from collections.abc import Mapping

import streamlit as st

from analysis.descriptor_space import FRACTION_AND_LENGTH
from analysis.frame_embedding import SearchOptions
from analysis.frame_query import FrameQuery
from analysis.latent_space import LatentSpace
from morphcore.descriptors.measure import DESCRIPTOR_NAMES
from wording.escapes import plain

DIFFERENT, OTHERS, OWN_TOO = "Different ones", "All others", "Its own too"
FROM: Mapping[str, str] = {
    DIFFERENT: "The nearest frame of each trajectory but its own.",
    OTHERS: "Any frames of trajectories but its own, neighbours in time among them.",
    OWN_TOO: "Also of the same trajectory.",
}
SHORT = {DIFFERENT: "one a trajectory", OTHERS: "of other trajectories", OWN_TOO: "of all"}
MODEL, TWO_POINT = "This model", "Two-point statistics"
BASELINES: Mapping[str, str] = {  # by which an evaluation knows the embeddings
    "Area fraction and L": "f_logL",
    "All descriptors": "descriptors",
    TWO_POINT: "two_point_pca16",
}
EMBEDDINGS: Mapping[str, tuple[str, ...]] = {
    MODEL: (),
    "Area fraction and L": FRACTION_AND_LENGTH,
    "All descriptors": DESCRIPTOR_NAMES,
    TWO_POINT: (),
}


def choose(query: FrameQuery, space: LatentSpace) -> tuple[str, SearchOptions]:
    """Widgets for the embedding to search in and the options of the search."""
    gallery = _gallery(space)
    k = st.slider(
        "Neighbours",
        1,
        20,
        5,
        key="compare_k",
        persist_state="session",
        bind="query-params",
    )
    # A frame that is not stored has no trajectory of its own.
    sources = list(FROM) if query.frame_id is not None else list(FROM)[:2]
    if st.session_state.get("compare_from") not in sources:
        st.session_state["compare_from"] = DIFFERENT
    source = st.radio(
        "Of which trajectories",
        sources,
        captions=[FROM[each] for each in sources],
        key="compare_from",
        persist_state="session",
        bind="query-params",
    )
    embedding_name = st.radio(
        "Nearest by",
        list(EMBEDDINGS),
        key="compare_by",
        persist_state="session",
        bind="query-params",
        help="What this model has learnt, or what a physicist would measure. Two-point"
        " statistics: how likely two places so far apart are both white, at 182 distances,"
        " along the 16 directions in which they differ most.",
    )
    unseparated = not st.toggle(
        "Leave out frames not yet separated",
        value=True,
        key="compare_leave_uniform",
        persist_state="session",
        bind="query-params",
    )
    # `?compare_by=` leaves none chosen.
    return embedding_name or MODEL, SearchOptions(
        k=k,
        same_trajectory=source == OWN_TOO,
        one_per_trajectory=source == DIFFERENT,
        unseparated=unseparated,
        datasets=gallery,
    )


def _gallery(space: LatentSpace) -> frozenset[int] | None:
    """The data sets to search, where the model looks at others than its own; None: its own."""
    if not space.attached:
        return None
    own = space.run.dataset_id
    names = {own: space.run.dataset}
    names |= {each.attachment.dataset_id: each.attachment.dataset for each in space.attached}
    chosen = st.pills(
        "Search in",
        list(names),
        selection_mode="multi",
        default=[own],
        format_func=lambda row_id: plain(names[row_id]),
        key=f"compare_gallery_{space.run.id}",
        persist_state="session",
        help="The data sets whose frames may be found. None chosen: the model's own.",
    )
    return frozenset(chosen or [own])
