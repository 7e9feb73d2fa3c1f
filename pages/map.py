"""Map: a projection of a model's latents, from points to frames and from frames to points."""

from pathlib import Path

import numpy as np
import streamlit as st

from analysis import map_filters
from analysis.attached import AttachedFrames
from analysis.map_points import MapPoints, subset
from charts.map import spec
from jobs.specs import MapJob
from store import datasets, projections
from store.db import open_store
from store.projections import Map
from store.runs import IndexedRun
from ui import failures, schemes, shell
from ui import header as header_line
from ui.cached import properties as cached_properties
from ui.cached import rows as cached_rows
from ui.frame import card
from ui.jobs import panel
from ui.map import (
    attached,
    colour_picker,
    gallery,
    paths,
    picker,
    pinned,
    placement,
    second_map,
    time_slider,
)
from ui.map import filters as map_filter
from ui.map import panel as map_panel
from ui.map import selection as map_view
from ui.map.second_map import SecondMap
from ui.map.selection import View
from ui.selection import choose_run
from wording import maps as map_wording
from wording.escapes import plain

DRAGS: dict[spec.Drag, str] = {"pan": "Pan and zoom", "area": "Select an area"}
OVERLAP = (
    "Of the 10 nearest of a frame in each, those that both have over those that either has: 1 where"
    " the neighbourhoods are the same. Frames not yet separated are left out. Colour by “Neighbours"
    " kept” to see where they change."
)
LIMITS = {
    "tsne": (
        "t-SNE keeps alike frames near each other; how far apart two groups lie, and how large a"
        " group looks, means nothing.",
        "It places each frame so that its nearest neighbours in the model's latent space stay its"
        " neighbours, and stretches all else to make room. The axes have no unit. Another seed"
        " gives another arrangement of the same neighbourhoods; what changes with it is chance."
        " Frames of one and the same latent, as all that are not yet separated, lie in a disc.",
    ),
    "pca": (
        "PCA looks at the latent space from the side on which it is widest; frames that lie on"
        " each other here may still differ in what is not seen.",
        "Distances are true to scale along both axes, but only two directions are shown.",
    ),
}


@failures.fragment
def _explore(
    store: Path,
    run: IndexedRun,
    stored: Map,
    whole: MapPoints,
    frames: int,
    second: SecondMap | None,
    second_points: MapPoints | None,
    others: list[AttachedFrames],
) -> None:
    """The map with what is selected on it; only this part runs again at a click."""
    shown = [run.dataset_id, *(each.attachment.dataset_id for each in others)]
    properties = cached_properties.values_of(store, shown)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        name = colour_picker.choose(store, run, whole, properties, second_map=second is not None)
        chosen = paths.choose(whole, run.dataset_id)
        drag = st.segmented_control(
            "Dragging",
            list(DRAGS),
            format_func=DRAGS.__getitem__,
            default="pan",
            required=True,
            key="map_drag",
            persist_state="session",
            help="The wheel zooms, a click selects and a double click shows the whole map in both."
            " With Shift held, a drag does the other of the two.",
        )
        filters = map_filter.choose(whole, run.dataset_id, properties)
    mask = map_filters.shown(whole, filters, properties)
    points = subset(whole, mask)
    with st.container(horizontal=True, vertical_alignment="center", key="map_head"):
        st.markdown(map_filter.words(len(points), len(whole)), width="stretch")
        contours = st.toggle(
            "Density",
            key="map_contours",
            persist_state="session",
            help="Lines within which a quarter, half, three quarters and 95 % of the shown points"
            " lie.",
        )
    overlap = second_map.overlap(store, run, stored, second, whole) if second else None
    view = map_view.initial()
    if second is not None:
        second_map.on_selection(second)
    with st.container(key="map_charts"):
        left, right = st.columns([3, 2] if second is None else [1, 1], gap="medium")
    with left.container(key="map_first"):
        selection = map_panel.draw(
            stored,
            whole,
            mask,
            colour_picker.colouring(store, run, whole, frames, name, overlap, properties, others),
            key=view.key,
            drag=drag or "pan",
            initial=view,
            contours=filters if contours else None,
        )
    pinned.on_selection(view.key, selection)
    now = map_view.update(selection)
    if second is not None and second_points is not None:
        with right:
            second_selection = map_panel.draw(
                second.stored,
                second_points,
                map_filters.shown(second_points, filters, properties),
                colour_picker.colouring(
                    store, run, second_points, frames, name, overlap, properties
                ),
                key=second.key,
                drag="pan",
                contours=filters if contours else None,
            )
        pinned.on_selection(second.key, second_selection)
        left, right = st.columns(2, gap="medium")
    with left:
        time = st.container()  # filled last: it takes what is chosen below, too
        sentence, more = LIMITS[stored.config.method]
        st.caption(sentence, help=more)
        attached.captions(others)
        if name == "chi":
            chis = np.unique(points.chi[np.isfinite(points.chi)]).tolist()
            schemes.clock(store, [(run.dataset_id, chi) for chi in chis])
        if second is not None and overlap is not None:
            st.markdown(second_map.words(run, second, overlap), help=OVERLAP)
        placing = placement.open_toggle()
    with right:
        _details(store, run, stored, whole, points, now)
    placed = placement.place_input(store, run, stored) if placing else None
    if placed is None and now.frame_id is not None and now.frame_id not in whole.frame_ids:
        placed = placement.place_stored(store, run, stored, now.frame_id)
    ringed = now.frame_id if second is not None or map_view.is_external() else None
    with time:
        time_slider.show(
            time_slider.moments(points.time),
            time_unit=points.time_unit,
            signals={
                "chosen": time_slider.encode_ids(chosen),
                "pinned": time_slider.encode_ids(pinned.frames()),
                "shown": second_map.ring(whole, ringed),
            },
            first=placement.signals(placed),
        )


def _details(
    store: Path, run: IndexedRun, stored: Map, whole: MapPoints, points: MapPoints, now: View
) -> None:
    """The selection: a frame, an empty place, pinned frames, an area."""
    if now.frame_id is not None:
        note = map_wording.facts(whole, points, now.frame_id, run.name)
        with st.container(border=True, key="map_frame"):
            card.show(store, now.frame_id, note=note)
            pinned.button(now.frame_id, key="map_keep_shown")
    elif now.area is None and now.spot is None:
        st.info(
            "Click a point to see its frame, and the path of its trajectory over the map."
            " Click an empty place to see what the model puts there.",
            icon=":material/ads_click:",
        )
    if now.spot is not None:
        placement.show_decoded(store, run, stored, now.spot)
    pinned.show(store)
    if now.area is not None:
        gallery.show(store, points, now.area, height=spec.HEIGHT)


shell.enter()
header = header_line.show("Map", "Each point is a frame; near points are alike to the model.")
store = cached_rows.store_path()
picker.follow_link(store)
run = choose_run(store, header)
panel.live(store, ["map", "nats", "index"])
if run is not None:
    with open_store(store) as db:
        maps = projections.of_checkpoint(db, run.index.checkpoint_id)
        frames = datasets.by_id(db, run.dataset_id).frames
    if maps:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = picker.choose_map(store, run, maps, frames)
            second = second_map.choose(store, run, chosen, frames)
            picker.new_map(store, run)
            others = attached.choose(store, run)
            attached.form(store, run)
        others_ids = [each.attachment.dataset_id for each in others]
        schemes.warn(store, [run.dataset_id, *others_ids])
        points = picker.points_of(store, run, chosen, frames)
        points = attached.add(store, run, chosen, points, others)
        second_points = None
        if second is not None:
            second_points = picker.points_of(store, second.run, second.stored, frames)
        map_view.follow_link(chosen.id)
        _explore(store, run, chosen, points, frames, second, second_points, others)
    else:
        st.info(
            f"No map has been drawn of {plain(run.name)} yet."
            " A training draws one at its end by itself.",
            icon=":material/scatter_plot:",
        )
        job = MapJob(run=run.id)
        if panel.start_button(store, "Draw the map", job, key="draw_map", icon=":material/draw:"):
            st.rerun()
