"""A trained model's map of the frames: points to pictures, pictures back to their points."""

from pathlib import Path

import numpy as np
import streamlit as st

from store import datasets as dataset_table
from store import projections
from store.db import open_store
from store.projections import Map
from store.runs import Run
from ui import (
    cached,
    frame_card,
    front_door,
    jobs,
    map_chart,
    map_choice,
    map_colour,
    map_colour_choice,
    map_filter,
    map_gallery,
    map_kept,
    map_paths,
    map_place,
    map_points,
    map_rows,
    map_time,
    map_view,
)
from ui.current import choose_run
from ui.map_points import MapPoints

DRAGS: dict[map_chart.Drag, str] = {"pan": "Pan and zoom", "area": "Select an area"}
LIMITS = {
    "tsne": (
        "t-SNE keeps alike frames near each other; how far apart two groups lie, and how large a"
        " group looks, means nothing.",
        "It places each frame so that its nearest neighbours in the model's latent space stay its"
        " neighbours, and stretches all else to make room. The axes have no unit. Another seed"
        " gives another arrangement of the same neighbourhoods; what changes with it is chance.",
    ),
    "pca": (
        "PCA looks at the latent space from the side on which it is widest; frames that lie on"
        " each other here may still differ in what is not seen.",
        "Distances are true to scale along both axes, but only two directions are shown.",
    ),
}


@st.fragment
def _explore(store: Path, run: Run, stored: Map, whole: MapPoints, frames: int) -> None:
    """The map with what is selected on it; only this part runs again at a click."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        colour = map_colour_choice.choose(store, run, whole, frames)
        chosen = map_paths.choose(whole, run.dataset_id)
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
        filters = map_filter.choose(whole, run.dataset_id)
    which = map_filter.shown(whole, filters)
    points = map_points.subset(whole, which)
    view = map_view.begun()
    picture, details = st.columns([3, 2], gap="medium")
    with picture:
        st.caption(map_filter.words(len(points), len(whole)))
        with st.container(key="map_charts"):
            event = st.vega_lite_chart(
                {
                    **cached.map_spec(
                        whole,
                        colour,
                        (stored.id, len(whole), colour.name, int(np.isfinite(colour.values).sum())),
                        method=stored.config.method,
                        drag=drag or "pan",
                        theme="dark" if st.context.theme.type == "dark" else "light",
                        frame_id=view.frame_id,
                        zoom=view.zoom,
                        area=view.area,
                    ),
                    "datasets": {
                        map_chart.DATA: map_rows.rows(points, map_colour.subset(colour, which))
                    },
                },
                on_select="rerun",
                selection_mode=map_chart.SELECTIONS,
                key=view.key,
                alt=map_chart.alt_text(points, stored.config.method, colour),
            )
        now = map_view.update(event["selection"])
        map_kept.hear(view.key, event["selection"])
        time = st.container(key="map_time_place")  # told last: all that is chosen below
        sentence, more = LIMITS[stored.config.method]
        st.caption(sentence, help=more)
        placing = map_place.asked_for()
    with details:
        if now.frame_id is not None:
            note = map_points.facts(whole, points, now.frame_id, run.name)
            with st.container(border=True, key="map_frame"):
                frame_card.show(store, now.frame_id, note=note)
                map_kept.button(now.frame_id, key="map_keep_shown")
        elif now.area is None and now.spot is None:
            st.info(
                "Click a point to see its frame, and the path of its trajectory over the map."
                " Click an empty place to see what the model puts there.",
                icon=":material/ads_click:",
            )
        if now.spot is not None:
            map_place.made_up(store, run, stored, now.spot)
        map_kept.show(store)
        if now.area is not None:
            map_gallery.show(store, points, now.area, height=map_chart.HEIGHT)
    fall = map_place.another(store, run, stored) if placing else None
    if fall is None and now.frame_id is not None and now.frame_id not in whole.frame_ids:
        fall = map_place.of_missing(store, run, stored, now.frame_id)
    with time:
        map_time.show(
            map_time.moments(points.time),
            counts_steps=points.counts_steps,
            signals={
                "chosen": map_time.listed(chosen),
                "kept": map_time.listed(map_kept.frames()),
                **map_place.signals(fall),
            },
        )


front_door.enter()
st.title("Map")
st.write("Every point is a frame, near to those that the model finds alike.")
store = cached.store_path()
map_choice.follow_link(store)
run = choose_run(store)
jobs.live(store, ["map", "nats"])
if run is not None and run.indexed_id is not None:
    with open_store(store) as db:
        maps = projections.of_checkpoint(db, run.indexed_id)
        frames = next(d.frames for d in dataset_table.all_datasets(db) if d.id == run.dataset_id)
    if maps:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = map_choice.choose_map(store, run, maps, frames)
            map_choice.new_map(store, run)
        points = map_choice.points_of(store, run, chosen, frames)
        map_view.follow_link(chosen.id)
        _explore(store, run, chosen, points, frames)
    else:
        st.info(
            f"No map has been drawn of {run.name} yet. A training draws one at its end by itself.",
            icon=":material/scatter_plot:",
        )
        args = {"run": run.id}
        if jobs.start_button(
            store, "Draw the map", "map", args, key="draw_map", icon=":material/draw:"
        ):
            st.rerun()
