"""Which stored frames are nearest to a frame, and why; how near two frames are, and why."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from analysis import comparison, descriptor_space, latent_space, two_point_space
from analysis import neighbours as nearest_frames
from analysis.descriptor_space import FRACTION_AND_LENGTH
from analysis.frame_query import FrameQuery
from analysis.latent_space import LatentSpace
from morphcore.descriptors.measure import DESCRIPTOR_NAMES
from morphcore.errors import JobError
from morphcore.types import Neighbour
from store.runs import IndexedRun
from ui import shell
from ui.cached import analysis as cached_analysis
from ui.cached import rows as cached_rows
from ui.compare import neighbours
from ui.compare import pair as pair_view
from ui.frame import input
from ui.frame.input import FIRST, SECOND
from ui.selection import choose_run
from wording.numbers import duration, plain

NEAREST, TWO = "Nearest frames", "Two frames"
WHAT = {NEAREST: ":material/search:", TWO: ":material/compare:"}
MODEL, TWO_POINT = "This model", "Two-point statistics"
BY: Mapping[str, tuple[str, ...]] = {
    MODEL: (),
    "Fraction and L": FRACTION_AND_LENGTH,
    "All descriptors": DESCRIPTOR_NAMES,
    TWO_POINT: (),
}


def _search(
    store: Path, query: FrameQuery, space: LatentSpace
) -> tuple[LatentSpace, str, list[Neighbour]]:
    """The options, what was searched by, and the neighbours that the options leave."""
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        k = st.slider(
            "Neighbours",
            1,
            20,
            5,
            key="compare_k",
            persist_state="session",
            bind="query-params",
            width=240,
        )
        by = st.segmented_control(
            "Nearest by",
            list(BY),
            default=MODEL,
            required=True,
            key="compare_by",
            persist_state="session",
            bind="query-params",
            help="What this model has learnt, or what a physicist would measure. Two-point"
            " statistics: how likely two places so far apart are both white, at 182 distances,"
            " along the 16 directions in which they differ most.",
        )
    with st.container(horizontal=True, gap="medium"):
        same = query.frame_id is not None and not st.toggle(
            "Leave out the same trajectory",
            value=True,
            key="compare_leave_same",
            persist_state="session",
            bind="query-params",
        )
        one = st.toggle(
            "At most one per trajectory",
            key="compare_one_each",
            persist_state="session",
            bind="query-params",
        )
        unseparated = not st.toggle(
            "Leave out frames not yet separated",
            value=True,
            key="compare_leave_uniform",
            persist_state="session",
            bind="query-params",
        )
    if by == MODEL:
        place = cached_analysis.embed(store, space, query).mean[0]
    elif by == TWO_POINT:
        count = len(space.unseparated)
        spent = duration(count * two_point_space.SECONDS_A_FRAME)
        words = f"Two-point statistics of {count:,} frames: {spent}, once while the app runs…"
        with st.spinner(words, show_time=True):
            correlated = cached_analysis.two_point_space(store, space)
        space, place = correlated.space, two_point_space.embed(correlated, query)
    else:
        known = cached_analysis.descriptor_space_of(store, space, BY[by])
        space, place = known.space, descriptor_space.embed(store, known, query)
    found = nearest_frames.neighbours(
        space,
        place,
        k,
        frame_id=query.frame_id,
        same_trajectory=same,
        one_per_trajectory=one,
        unseparated=unseparated,
    )
    return space, by, found


def _nearest(store: Path, run: IndexedRun, query: FrameQuery, space: LatentSpace) -> None:
    """The query and its neighbours, the nearest first."""
    where, by, found = _search(store, query, space)
    if not found:
        st.info("The options above leave no frame to compare with.", icon=":material/filter_alt:")
        return
    units: list[float | None] = [None] * len(found)
    note = ""
    if by == MODEL:
        place = cached_analysis.embed(store, space, query)
        strangers = nearest_frames.neighbours(space, place.mean[0], 1, frame_id=query.frame_id)
        if strangers and comparison.is_outlier(space, strangers[0].distance):
            st.warning(
                f"Nothing in {plain(run.dataset)} is like it: even its nearest frame is farther "
                "off than that of 99 % of the set's own frames.",
                icon=":material/explore_off:",
            )
        units = nearest_frames.units(space, place.mean[0], found)
        note = neighbours.sureness(space, place)
    neighbours.cards(store, query, found, units, cached_analysis.yardstick(store, space), note)
    name = run.name if by == MODEL else by.lower().replace(" ", "-")
    st.download_button(
        "Neighbours as CSV",
        nearest_frames.as_csv(name, run.dataset, latent_space.table(where, found)),
        file_name=f"neighbours-{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _leave_pair() -> None:
    """The address no longer names a second frame; a picked one is written to it again."""
    st.query_params.pop(SECOND.link, None)


shell.enter()
st.title("Compare")
st.write("By what frames mean: draw, upload or pick one, and see what is like it, and why.")
store = cached_rows.store_path()
run = choose_run(store)
if run is not None:
    if "with" in st.query_params:
        st.session_state["compare_what"] = TWO
    st.session_state.setdefault("compare_what", NEAREST)
    what = st.segmented_control(
        "What to find out",
        list(WHAT),
        format_func=lambda each: f"{WHAT[each]} {each}",
        required=True,
        key="compare_what",
        persist_state="session",
        on_change=_leave_pair,
        label_visibility="collapsed",
    )
    query = input.choose(store, run.dataset_id, FIRST)
    other = input.choose(store, run.dataset_id, SECOND) if what == TWO else None
    try:
        if query is not None and (what == NEAREST or other is not None):
            space = cached_analysis.latent_space_of(store, run)
            st.subheader(what, divider="gray")
            if other is None:
                _nearest(store, run, query, space)
            else:
                pair_view.show(store, space, query, other)
    except JobError as err:
        st.error(str(err), icon=":material/error:")
