"""Map: a projection of a model's latents, from points to frames and from frames to points."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from analysis import map_filters
from analysis.attached import AttachedFrames
from analysis.map_points import MapPoints, subset
from jobs.specs import MapJob
from store import datasets, projections
from store.db import open_store
from store.projections import Map
from store.runs import IndexedRun
from ui import failures, schemes, shell
from ui import header as header_line
from ui.cached import properties as cached_properties
from ui.cached import rows as cached_rows
from ui.jobs import panel
from ui.map import (
    atlas,
    attached,
    colour_picker,
    details,
    paths,
    picker,
    pinned,
    placement,
    second_map,
    selection,
    signals,
    time_slider,
)
from ui.map import filters as map_filter
from ui.map import panel as map_panel
from ui.map.second_map import SecondMap
from ui.selection import choose_run
from wording.escapes import plain

FIRST, SECOND = "map_first", "map_second"  # the charts' containers
OVERLAP = (
    "Of the 10 nearest of a frame in each, those that both have over those that either has: 1 where"
    " the neighbourhoods are the same. Frames not yet separated are left out. Colour by “Neighbours"
    " kept” to see where they change."
)
LIMITS = {
    "tsne": (
        "t-SNE keeps alike frames near each other; distances between groups mean nothing.",
        "It places each frame so that its nearest neighbours in the model's latent space stay its"
        " neighbours, and stretches all else to make room. The axes have no unit, and the size of a"
        " group means nothing. Another seed gives another arrangement of the same neighbourhoods;"
        " what changes with it is chance. Frames of one and the same latent, as all that are not"
        " yet separated, lie in a disc.",
    ),
    "pca": (
        "PCA is true to scale along both axes, but shows two directions alone.",
        "It looks at the latent space from the side on which it is widest; frames that lie on each"
        " other here may still differ in what is not seen.",
    ),
}
# The map takes what the screen leaves below it (`--map-top` is measured by its stage); the panel
# scrolls beside it. Streamlit's own tools of a chart would show it without its stage.
_STYLE = """<style>
:root { --map-height: max(360px, calc(100dvh - var(--map-top, 108px) - 100px)); }
:is(.st-key-map_first, .st-key-map_second) :is(
  .stElementContainer:has([data-testid="stVegaLiteChart"]),
  [data-testid="stFullScreenFrame"], [data-testid="stFullScreenFrame"] > div,
  [data-testid="stVegaLiteChart"]
) { height: calc(var(--map-height) - var(--legend, 48px)) !important; flex: none; }
:is(.st-key-map_first, .st-key-map_second) [data-testid="stElementToolbar"] { display: none; }
.st-key-map_details {
  max-height: max(280px, calc(var(--map-height) - 150px)); overflow: hidden auto; padding: 2px;
}
.st-key-map_tab button { padding: 0 .4rem; }
.st-key-map_tab button p { font-size: .875rem; }
.st-key-map_thumbnails_box { display: none; }
</style>"""


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
    st.html(_STYLE)
    with st.container(key="map_charts"):
        widths = [7, 3] if second is None else [4, 4, 3]
        left, *middle, right = st.columns(widths, gap="small")
    with right.container(key="map_bar", gap="small"):
        name = colour_picker.choose(store, run, whole, properties, second_map=second is not None)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            filters = map_filter.choose(whole, run.dataset_id, properties)
            chosen = paths.choose(whole, run.dataset_id)
            contours = st.toggle(
                "Density",
                key="map_contours",
                persist_state="session",
                help="Lines within which a quarter, half, three quarters and 95 % of the shown"
                " points lie.",
            )
            mask = map_filters.shown(whole, filters, properties)
            points = subset(whole, mask)
            st.caption(map_filter.words(len(points), len(whole)), width="content")
    overlap = second_map.overlap(store, run, stored, second, whole) if second else None
    first_box = left.container(key=FIRST)
    with first_box:
        clicked = map_panel.draw(stored, whole, mask, filters if contours else None)
    key = selection.chart_key(stored.id)
    pinned.on_selection(key, clicked)
    now = selection.read(key, clicked, first=True)
    if second is not None and second_points is not None:
        second_mask = map_filters.shown(second_points, filters, properties)
        second_box = middle[0].container(key=SECOND)
        with second_box:
            clicked = map_panel.draw(
                second.stored, second_points, second_mask, filters if contours else None
            )
        key = selection.chart_key(second.stored.id)
        pinned.on_selection(key, clicked)
        now = selection.read(key, clicked, first=False)
    placed = placement.placed_on(stored)
    if placed is None and now.frame_id is not None and now.frame_id not in whole.frame_ids:
        placed = placement.place_stored(store, run, stored, now.frame_id)
    sent = {
        "chosen": signals.encode_ids(chosen),
        "pinned": signals.encode_ids(pinned.frames()),
        "shown": signals.selected(whole, now.frame_id),
    }
    with first_box:
        map_panel.lay_over(
            FIRST,
            stored,
            whole,
            mask,
            colour_picker.colouring(store, run, whole, frames, name, overlap, properties, others),
            signals={**sent, "spot": signals.place(now.spot), **signals.placement(placed)},
            selected=now.frame_id,
            lasso=now.lasso or (),
            takes_places=True,
            on_act=_act,
        )
    if second is not None and second_points is not None:
        with second_box:
            map_panel.lay_over(
                SECOND,
                second.stored,
                second_points,
                second_mask,
                colour_picker.colouring(
                    store, run, second_points, frames, name, overlap, properties
                ),
                signals=sent,
                selected=now.frame_id,
                lasso=(),
                takes_places=False,
                on_act=_act,
            )
    with right:
        details.show(store, run, stored, whole, points, now)
    with left:
        time_slider.show(time_slider.moments(points.time), time_unit=points.time_unit)
        attached.captions(others)
        if name == "chi":
            chis = np.unique(points.chi[np.isfinite(points.chi)]).tolist()
            schemes.clock(store, [(run.dataset_id, chi) for chi in chis])
        if second is not None and overlap is not None:
            st.markdown(second_map.words(run, second, overlap), help=OVERLAP)


def _act(act: Mapping[str, Any]) -> None:
    """Do what the stage over a map asks for."""
    kind = act["kind"]
    if kind == "pick":
        selection.pick(int(act["id"]))
    elif kind == "pin":
        pinned.toggle(int(act["id"]))
    elif kind == "place":
        x, y = act["at"]
        selection.select_place((float(x), float(y)))
    elif kind == "lasso":
        selection.select_inside(tuple((float(x), float(y)) for x, y in act["line"]))
    elif kind == "clear":
        selection.clear()
        pinned.clear()


shell.enter()
header = header_line.show("Map", "Each point is a frame; near points are alike to the model.")
store = cached_rows.store_path()
picker.follow_link(store)
run = choose_run(store, header)
panel.live(store, ["map", "nats", "index"], whole=False)
if run is not None:
    with open_store(store) as db:
        maps = projections.of_checkpoint(db, run.index.checkpoint_id)
        frames = datasets.by_id(db, run.dataset_id).frames
    if maps:
        with header.line, picker.popover(store, maps):
            chosen = picker.choose_map(run, maps, frames)
            second = second_map.choose(store, run, chosen, frames)
            others = attached.choose(store, run)
            picker.new_map(store, run)
            attached.form(store, run)
        sentence, more = LIMITS[chosen.config.method]
        header.about.markdown(f"{sentence} {more}")
        others_ids = [each.attachment.dataset_id for each in others]
        schemes.warn(store, [run.dataset_id, *others_ids])
        points = picker.points_of(store, run, chosen, frames)
        points = attached.add(store, run, chosen, points, others)
        second_points = None
        if second is not None:
            second_points = picker.points_of(store, second.run, second.stored, frames)
        selection.follow_link(chosen.id)
        placement.follow_link()
        _explore(store, run, chosen, points, frames, second, second_points, others)
        counts = [(run.dataset_id, frames)]
        counts += [(each.attachment.dataset_id, len(each.frames)) for each in others]
        atlas.send_thumbnails(store, counts)
    else:
        st.info(
            f"No map has been drawn of {plain(run.name)} yet."
            " A training draws one at its end by itself.",
            icon=":material/scatter_plot:",
        )
        job = MapJob(run=run.id)
        if panel.start_button(store, "Draw the map", job, key="draw_map", icon=":material/draw:"):
            st.rerun()
