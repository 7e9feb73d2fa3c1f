"""Picker of stored maps, by choice, by a link or as soon as one is drawn; form for a new one.

The link follows the choice: `?run=ID&map=ID&frame=ID`. `?frame=ID` alone is enough to come here.
"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.map_points import MapPoints, join
from jobs import queue
from jobs.specs import MapJob
from store import attached, current_run, jobs, runs, trajectories
from store.db import StoreError, open_store
from store.projections import Map
from store.runs import IndexedRun
from store.trajectories import UnknownFrame
from ui import links
from ui.cached import maps as cached_maps
from ui.cached import rows as cached_rows
from wording.escapes import plain
from wording.maps import METHOD_WORDS, label

_MAP = "map_id"
_OPEN = "map_maps_open"  # the popover that has the form
_DRAWING = "map_job"  # the job that this tab queued, whose map is shown when it is done


def follow_link(store: Path) -> None:
    """Complete a link that names a frame but no model by one of the frame's data set.

    To be called before a model is chosen.
    """
    frame_id = links.int_param("frame")
    if frame_id is None or links.has_param("run"):
        return
    with open_store(store) as db:
        try:
            dataset_id = trajectories.frame_info(db, frame_id).trajectory.dataset_id
        except UnknownFrame:
            links.drop_params("frame")
            return
        indexed = runs.all_indexed(db)
        fitting = [r.id for r in indexed if r.dataset_id == dataset_id]
        if not fitting:
            fitting = [
                r.id
                for r in indexed
                if dataset_id in {each.dataset_id for each in attached.of_run(db, r.id)}
            ]
        current = current_run.of(db)
    if fitting and st.session_state.get("run_id", current) not in fitting:
        links.set_params({"run": fitting[-1]})


def popover(store: Path, stored: Sequence[Map]) -> DeltaGenerator:
    """What takes the choice of maps and all that is done with them, named after the chosen one.

    A newly drawn map is chosen once, then a link's, then the tab's; else that of most frames.
    """
    by_id = {map_.id: map_ for map_ in stored}
    drawn, linked = _just_drawn(store), links.int_param("map")
    if drawn in by_id:
        links.set_params({"map": drawn})
        linked = drawn
    elif linked not in by_id and st.session_state.get(_MAP) not in by_id:
        st.session_state[_MAP] = _with_frame(store, stored, links.int_param("frame")).id
    shown = by_id[linked if linked in by_id else st.session_state[_MAP]]
    return st.popover(
        METHOD_WORDS[shown.config.method],
        icon=":material/layers:",
        key=_OPEN,
        on_change="rerun",
        help="Choose a map, put a second one beside it, draw another, add another data set.",
    )


def choose_map(run: IndexedRun, stored: Sequence[Map], frames: int) -> Map:
    """Choose one of a model's maps, in the `popover`."""
    by_id = {map_.id: map_ for map_ in stored}
    chosen = links.linked_selectbox(
        "Map",
        list(by_id),
        link="map",
        key=_MAP,
        default=_ranked(stored)[0].id,
        format_func=lambda map_id: label(by_id[map_id], frames),
        help=f"The maps that were drawn of {plain(run.name)}. A stored map never changes.",
    )
    return by_id[chosen]


def points_of(store: Path, run: IndexedRun, stored: Map, frames: int) -> MapPoints:
    """A map's points with the facts of their frames; `frames`: the data set's count now."""
    return join(
        cached_maps.map_points(store, stored.id),
        cached_rows.frame_table(store, run.dataset_id, frames),
        cached_rows.trajectory_list(store, run.dataset_id, frames),
        cached_rows.descriptors_of(store, run.dataset_id, frames),
        cached_rows.held_out(store, run.id),
    )


def new_map(store: Path, run: IndexedRun) -> None:
    """Show the form for another map, which is then drawn in the background."""
    with (
        st.expander("Draw a new map", icon=":material/add:"),
        st.form("new_map", border=False),
    ):
        st.segmented_control(
            "Method",
            list(METHOD_WORDS),
            format_func=METHOD_WORDS.__getitem__,
            default="tsne",
            required=True,
            key="new_map_method",
            help="t-SNE shows which frames are near each other. PCA is true to scale, but flat.",
        )
        st.number_input(
            "Take every n-th frame", 1, 1000, 1, key="new_map_every", help="1 takes all frames."
        )
        st.number_input(
            "Perplexity (t-SNE)",
            2.0,
            500.0,
            30.0,
            step=5.0,
            format="%g",
            key="new_map_perplexity",
            help="About how many neighbours each frame is kept near to. It is held below a third"
            " of the number of frames.",
        )
        st.number_input(
            "Seed (t-SNE)",
            0,
            2**31 - 1,
            0,
            key="new_map_seed",
            help="The same seed gives the same map; another one shows what is chance in it.",
        )
        st.form_submit_button(
            "Draw the map",
            type="primary",
            icon=":material/draw:",
            on_click=_draw,
            args=(store, run.id),
            key="new_map_draw",
        )


def _draw(store: Path, run_id: int) -> None:
    names = ("method", "every", "perplexity", "seed")
    job = MapJob(run=run_id, **{name: st.session_state[f"new_map_{name}"] for name in names})
    st.session_state[_OPEN] = False
    try:
        st.session_state[_DRAWING] = queue.start(store, job).id
    except StoreError as err:
        st.error(plain(str(err)))


def _just_drawn(store: Path) -> int | None:
    """The id of the map that this tab queued, once, when it is drawn."""
    if _DRAWING not in st.session_state:
        return None
    with open_store(store) as db:
        job = jobs.job(db, st.session_state[_DRAWING])
    if job.state in jobs.WAITING_OR_AT_WORK:
        return None
    del st.session_state[_DRAWING]
    return int(job.result["map"]) if job.result else None


def _with_frame(store: Path, stored: Sequence[Map], frame_id: int | None) -> Map:
    """The map of most frames that has a frame; where none has it, that of most frames."""
    ranked = _ranked(stored)
    if frame_id is not None:
        for map_ in ranked:
            if frame_id in cached_maps.map_points(store, map_.id).frame_ids:
                return map_
    return ranked[0]


def _ranked(stored: Sequence[Map]) -> list[Map]:
    """Maps of more frames first; of equally many a t-SNE before a PCA, then the older one."""
    return sorted(stored, key=lambda map_: (-map_.points, map_.config.method != "tsne", map_.id))
