"""Compare: the stored frames nearest to a frame; two frames, or two samples, beside each other."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis import two_point_space
from analysis.frame_embedding import SearchOptions
from analysis.frame_query import FrameQuery
from analysis.latent_space import LatentSpace
from analysis.likelihood_ratio import Ratio
from analysis.property_prediction import OF_MODEL, Prediction, predict_properties
from analysis.search import SearchResult, explain, search
from exports.matches import as_csv
from morphcore.errors import MorphError
from store.runs import IndexedRun
from ui import failures, links, schemes, shell
from ui import header as header_line
from ui.cached import analysis as cached_analysis
from ui.cached import rows as cached_rows
from ui.compare import graspi, look, neighbours, pair, samples, search_options, standing
from ui.compare import properties as property_predictions
from ui.compare.look import Look
from ui.compare.search_options import (
    BASELINES,
    DIFFERENT,
    EMBEDDINGS,
    MODEL,
    SHORT,
    TWO_POINT,
)
from ui.frame import input, sample_link
from ui.frame.slot import FIRST, SECOND
from ui.selection import choose_run
from wording.escapes import file_name, plain
from wording.likelihood_ratio import NOT_INDEXED
from wording.numbers import duration

NEAREST, TWO, SAMPLES = "Nearest frames", "Two frames", "Two samples"
WHAT = {
    NEAREST: ":material/search:",
    TWO: ":material/compare:",
    SAMPLES: ":material/stacks:",
}
_WHAT = "compare_what"
_LINKED = {"two": TWO, "samples": SAMPLES}  # by `?what=`; without it, the nearest frames


def _search(
    store: Path, space: LatentSpace, query: FrameQuery, embedding_name: str, options: SearchOptions
) -> tuple[SearchResult, list[Prediction], Sequence[Ratio | None]]:
    """Search by the chosen options; returns the result, predictions, and ratios by the model."""
    ratios: Sequence[Ratio | None] | None = None
    if embedding_name == MODEL:
        result = cached_analysis.search(store, space, query, options)
        frames, coords = space.everything, cached_analysis.embed(store, space, query).mean[0]
        with suppress(MorphError):  # its file cannot be read: stored frames are ranked without it
            ratios = cached_analysis.ratios(store, space, result)
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
    return result, predictions, ratios or (None,) * len(result.matches)


def _nearest(
    store: Path, run: IndexedRun, query: FrameQuery, bar: DeltaGenerator, drawn: Look
) -> tuple[SearchResult, list[Prediction], str] | None:
    """The frames nearest to the query, the nearest first; the bar takes the search's options.

    Returns the search's result, what it predicts, and why there is no ratio, if there is none.
    """
    space = cached_analysis.latent_space_of(store, run)
    state = st.session_state
    k = state.get("compare_k") or links.int_param("compare_k") or 5
    source = state.get("compare_from") or links.text_param("compare_from")
    label = f"{k} nearest, {SHORT.get(str(source), SHORT[DIFFERENT])}"
    with bar.popover(label, icon=":material/tune:", width="content"):
        embedding_name, options = search_options.choose(query, space)
    result, predictions, ratios = _search(store, space, query, embedding_name, options)
    if not result.matches:
        st.info("The options above leave no frame to compare with.", icon=":material/filter_alt:")
        return None
    if result.is_outlier:
        st.warning(
            f"Nothing in {plain(run.dataset)} is like it: even its nearest frame is farther "
            "off than that of 99 % of the set's own frames.",
            icon=":material/explore_off:",
        )
    reasons = explain(store, space, cached_analysis.reference(store, space), result)
    neighbours.show(store, result, reasons, ratios, drawn)
    name = run.name if embedding_name == MODEL else embedding_name.lower().replace(" ", "-")
    bar.download_button(
        "CSV",
        as_csv(name, query, result.matches),
        file_name=f"{file_name(f'neighbours-{name}')}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        help="These neighbours as a table.",
    )
    silent = embedding_name == MODEL and not result.is_outlier and not any(ratios)
    return result, predictions, NOT_INDEXED if silent else ""


def _one(store: Path, run: IndexedRun, bar: DeltaGenerator) -> None:
    """One frame at the left, and the nearest to it at the right."""
    with bar:
        drawn = look.choose()
    left, right = st.columns([5, 6], gap="medium")
    with left:
        query = input.choose(store, run.dataset_id, FIRST, run=run, binary=drawn == "binary")
        if query is None:
            return
    with right:
        found = _nearest(store, run, query, bar, drawn)
    if found is None:
        return
    result, predictions, no_ratio = found
    with left:
        if not query.unseparated:
            standing.show(store, cached_analysis.latent_space_of(store, run), query)
        property_predictions.show(predictions)
        schemes.of_frames(store, [query.frame_id, *(match.frame_id for match in result.matches)])
        notes = [no_ratio]
        if result.uncertainty is not None:
            space = cached_analysis.latent_space_of(store, run)
            notes.append(neighbours.sureness(space, result.uncertainty))
        st.caption("  \n".join(filter(None, notes)))


def _two(store: Path, run: IndexedRun, bar: DeltaGenerator) -> None:
    """Two frames beside each other, and below them what the model says of both."""
    with bar:
        binary = look.choose() == "binary"
    queries = []
    sides = zip(st.columns(2, gap="medium"), (FIRST, SECOND), "AB", strict=True)
    for column, slot, name in sides:
        with column:
            chosen = input.choose(
                store, run.dataset_id, slot, run=run, early=True, binary=binary, name=name
            )
            queries.append(chosen)
    query, other = queries
    if query is None or other is None:
        return
    space = cached_analysis.latent_space_of(store, run)
    schemes.of_frames(store, [query.frame_id, other.frame_id])
    pair.show(cached_analysis.compare(store, space, query, other), run)
    pair.way_between(run, query.frame_id, other.frame_id)
    graspi.show(store, query.frame_id, other.frame_id)


def _samples(store: Path, run: IndexedRun, bar: DeltaGenerator) -> None:
    """Two sets of pictures, each of one sample."""
    with bar:
        drawn = look.choose()
    sides = samples.choose(store, run)
    if sides is None:
        return
    space = cached_analysis.latent_space_of(store, run)
    schemes.of_frames(store, [query.frame_id for side in sides for query in side])
    samples.show(cached_analysis.compare_sets(store, space, *sides), drawn)


def _follow_link() -> None:
    """Ask what the address asks: it says so, or has the frames of it."""
    linked = _LINKED.get(links.text_param("what") or "")
    if links.has_param(*SECOND.named):
        linked = TWO
    no_samples = links.has_param(*FIRST.named) and st.session_state.get(_WHAT) == SAMPLES
    if linked is not None:
        st.session_state[_WHAT] = linked
    elif links.went_back() or no_samples:
        st.session_state[_WHAT] = NEAREST
    st.session_state.setdefault(_WHAT, NEAREST)


def _to_link() -> None:
    """Have the address say what is asked, unless that is what it asks by itself."""
    name = next((name for name, what in _LINKED.items() if what == st.session_state[_WHAT]), None)
    if name is None:
        links.drop_params("what")
    else:
        links.set_params({"what": name})


def _leave_frames() -> None:
    """Take frames that are asked no more out of the address; picked ones are written again."""
    _to_link()
    links.drop_params(*SECOND.params)
    if st.session_state[_WHAT] == SAMPLES:
        links.drop_params(*FIRST.params)
    else:
        sample_link.leave()


shell.enter()
header = header_line.show(
    "Compare", "Pick, draw or upload a frame: the frames most like it, and why they are."
)
store = cached_rows.store_path()
run = choose_run(store, header)
if run is not None:
    _follow_link()
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small", key="ask_bar")
    what = bar.segmented_control(
        "What to find out",
        list(WHAT),
        format_func=lambda option: f"{WHAT[option]} {option}",
        required=True,
        key=_WHAT,
        persist_state="session",
        on_change=_leave_frames,
        label_visibility="collapsed",
    )
    _to_link()  # of a choice that was kept while other pages were open
    with failures.said():
        if what == SAMPLES:
            _samples(store, run, bar)
        elif what == TWO:
            _two(store, run, bar)
        else:
            _one(store, run, bar)
