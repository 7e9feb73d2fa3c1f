"""Compare: the stored frames nearest to a frame; two frames, or two samples, beside each other."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from analysis import two_point_space
from analysis.descriptor_space import FRACTION_AND_LENGTH
from analysis.frame_embedding import SearchOptions
from analysis.frame_query import FrameQuery
from analysis.latent_space import LatentSpace
from analysis.property_prediction import OF_MODEL, Prediction, predict_properties
from analysis.search import SearchResult, explain, search
from exports.matches import as_csv
from morphcore.descriptors.measure import DESCRIPTOR_NAMES
from store.runs import IndexedRun
from ui import failures, links, schemes, shell
from ui import header as header_line
from ui.cached import analysis as cached_analysis
from ui.cached import rows as cached_rows
from ui.compare import graspi, look, neighbours, pair, samples
from ui.compare import properties as property_predictions
from ui.compare.look import Look
from ui.frame import input
from ui.frame.input import FIRST, SECOND
from ui.selection import choose_run
from wording.escapes import file_name, plain
from wording.numbers import duration

NEAREST, TWO, SAMPLES = "Nearest frames", "Two frames", "Two samples"
WHAT = {
    NEAREST: ":material/search:",
    TWO: ":material/compare:",
    SAMPLES: ":material/stacks:",
}
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


def _options(query: FrameQuery, space: LatentSpace) -> tuple[str, SearchOptions]:
    """Widgets for the embedding to search in and the options of the search."""
    gallery = _gallery(space)
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
        embedding_name = st.segmented_control(
            "Nearest by",
            list(EMBEDDINGS),
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
        same_trajectory = query.frame_id is not None and not st.toggle(
            "Leave out the same trajectory",
            value=True,
            key="compare_leave_same",
            persist_state="session",
            bind="query-params",
        )
        one_per_trajectory = st.toggle(
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
    # `?compare_by=` leaves none chosen, required or not.
    return embedding_name or MODEL, SearchOptions(
        k=k,
        same_trajectory=same_trajectory,
        one_per_trajectory=one_per_trajectory,
        unseparated=unseparated,
        datasets=gallery,
    )


def _search(
    store: Path, space: LatentSpace, query: FrameQuery
) -> tuple[str, SearchResult, list[Prediction]]:
    """Search by the chosen options; returns the embedding's name, the result and predictions."""
    embedding_name, options = _options(query, space)
    if embedding_name == MODEL:
        result = cached_analysis.search(store, space, query, options)
        frames, coords = space.everything, cached_analysis.embed(store, space, query).mean[0]
    elif embedding_name == TWO_POINT:
        count = len(space.everything)
        spent = duration(count * two_point_space.SECONDS_A_FRAME)
        words = f"Two-point statistics of {count:,} frames: {spent}, once while the app runs…"
        with st.spinner(words, show_time=True):
            two_point = cached_analysis.two_point_space_of(store, space)
        frames, coords = two_point.frames, two_point.embed(query)
        result = search(frames, query, coords, options)
    else:
        measured = cached_analysis.descriptor_space_of(store, space, EMBEDDINGS[embedding_name])
        frames, coords = measured.frames, measured.embed(store, query)
        result = search(frames, query, coords, options)
    of = BASELINES.get(embedding_name, OF_MODEL)
    predictions = predict_properties(store, space.run, frames, query, coords, of=of)
    return embedding_name, result, predictions


def _nearest(
    store: Path, run: IndexedRun, query: FrameQuery, space: LatentSpace, pictures: Look
) -> None:
    """The query and its neighbours, the nearest first."""
    embedding_name, result, predictions = _search(store, space, query)
    if not result.matches:
        st.info("The options above leave no frame to compare with.", icon=":material/filter_alt:")
        return
    if result.is_outlier:
        st.warning(
            f"Nothing in {plain(run.dataset)} is like it: even its nearest frame is farther "
            "off than that of 99 % of the set's own frames.",
            icon=":material/explore_off:",
        )
    schemes.of_frames(store, [query.frame_id, *(match.frame_id for match in result.matches)])
    note = "" if result.uncertainty is None else neighbours.sureness(space, result.uncertainty)
    reasons = explain(store, space, cached_analysis.reference(store, space), result)
    property_predictions.show(predictions)
    neighbours.cards(store, result, reasons, note, pictures)
    name = run.name if embedding_name == MODEL else embedding_name.lower().replace(" ", "-")
    st.download_button(
        "Neighbours as CSV",
        as_csv(name, query, result.matches),
        file_name=f"{file_name(f'neighbours-{name}')}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _one(store: Path, run: IndexedRun) -> None:
    """One frame and the nearest to it."""
    query = input.choose(store, run.dataset_id, FIRST, run=run)
    if query is not None:
        space = cached_analysis.latent_space_of(store, run)
        st.subheader(NEAREST, divider="gray")
        _nearest(store, run, query, space, look.choose())


def _two(store: Path, run: IndexedRun) -> None:
    """Two frames beside each other."""
    query = input.choose(store, run.dataset_id, FIRST, run=run, early=True)
    other = input.choose(store, run.dataset_id, SECOND, run=run, early=True)
    if query is None or other is None:
        return
    space = cached_analysis.latent_space_of(store, run)
    st.subheader(TWO, divider="gray")
    pictures = look.choose()
    schemes.of_frames(store, [query.frame_id, other.frame_id])
    pair.show(cached_analysis.compare(store, space, query, other), run, pictures)
    pair.way_between(run, query.frame_id, other.frame_id)
    graspi.show(store, query.frame_id, other.frame_id)


def _samples(store: Path, run: IndexedRun) -> None:
    """Two sets of pictures, each of one sample."""
    sides = samples.choose(store, run)
    if sides is None:
        return
    space = cached_analysis.latent_space_of(store, run)
    st.subheader(SAMPLES, divider="gray")
    schemes.of_frames(store, [query.frame_id for side in sides for query in side])
    samples.show(cached_analysis.compare_sets(store, space, *sides), look.choose())


def _leave_frames() -> None:
    """Take frames that are asked no more out of the address; picked ones are written again."""
    links.drop_params(SECOND.link)
    if st.session_state["compare_what"] == SAMPLES:
        links.drop_params(FIRST.link)


shell.enter()
header = header_line.show(
    "Compare", "Pick, draw or upload a frame: the frames most like it, and why they are."
)
store = cached_rows.store_path()
run = choose_run(store, header)
if run is not None:
    if links.has_param(SECOND.link):
        st.session_state["compare_what"] = TWO
    elif links.has_param(FIRST.link) and st.session_state.get("compare_what") == SAMPLES:
        st.session_state["compare_what"] = NEAREST  # samples have no link: this one is new
    st.session_state.setdefault("compare_what", NEAREST)
    what = st.segmented_control(
        "What to find out",
        list(WHAT),
        format_func=lambda option: f"{WHAT[option]} {option}",
        required=True,
        key="compare_what",
        persist_state="session",
        on_change=_leave_frames,
        label_visibility="collapsed",
    )
    with failures.said():
        if what == SAMPLES:
            _samples(store, run)
        elif what == TWO:
            _two(store, run)
        else:
            _one(store, run)
