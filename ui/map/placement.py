"""Out-of-sample placement of frames on a map, and decoding of empty places that are clicked.

A frame that is drawn, uploaded, picked, or simply not on this map is placed by its neighbours in
the embedding. An empty place gets z by its neighbours on the map, and that is decoded: a synthetic
frame, marked as such.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Float32

from morphcore.embedding import out_of_sample
from morphcore.embedding.out_of_sample import MapPlacement
from morphcore.errors import MorphError
from morphcore.frames import rows_of
from morphcore.types import Latents, Projection
from store.projections import Map
from store.runs import IndexedRun
from ui import links
from ui.cached import analysis as cached_analysis
from ui.cached import maps as cached_maps
from ui.cached import rows as cached_rows
from ui.frame import input, synthetic
from ui.frame.scale import sentence
from ui.frame.slot import MODES, Slot
from ui.map import selection
from ui.map.selection import Coords
from wording.escapes import plain

SLOT = Slot("The frame to place", "place", "placed", "placed", tuple(MODES))
_OPEN, _PLACED = "map_place_open", "map_placed"
_NOTE = (
    "Placed at the weighted median of the positions of the {count} points nearest to it in latent"
    " space, which are ringed; half of them lie within the halo. A map has no position of its own"
    " for a frame that it was not drawn of."
)


@dataclass(frozen=True)
class MapWithLatents:
    """A stored map with the latents it was drawn of, row by row."""

    run: IndexedRun
    stored: Map
    latents: Latents
    projection: Projection


def with_latents(store: Path, run: IndexedRun, stored: Map) -> MapWithLatents:
    """Join a stored map with its frames' latents; frames that have none any more are left out."""
    projection = cached_maps.map_points(store, stored.id)
    latents = cached_rows.latents_of(store, run.index.checkpoint_id, run.index.frames)
    rows = rows_of(latents.frame_ids, projection.frame_ids)
    indexed = rows >= 0
    rows = rows[indexed]
    return MapWithLatents(
        run,
        stored,
        latents.subset(rows),
        Projection(projection.frame_ids[indexed], projection.coords[indexed]),
    )


def place_stored(store: Path, run: IndexedRun, stored: Map, frame_id: int) -> MapPlacement | None:
    """Place a stored frame that is not on the map; None where it has no latents."""
    posterior = cached_analysis.latent_space_of(store, run).posterior_of(frame_id)
    if posterior is None:
        return None
    drawn = with_latents(store, run, stored)
    return out_of_sample.place_on_map(posterior.mean[0], drawn.latents, drawn.projection)


def placed_on(stored: Map) -> MapPlacement | None:
    """Where the frame that was given last lies on this map; None without one."""
    map_id, placed = st.session_state.get(_PLACED, (0, None))
    return placed if map_id == stored.id else None


def follow_link() -> None:
    """Open the input of another frame where the link names one."""
    if links.has_param(SLOT.link) and _OPEN not in st.session_state:
        st.session_state[_OPEN] = True
        selection.open_tab("Place")


def place_another(store: Path, run: IndexedRun, stored: Map) -> None:
    """Show the toggle of another frame to place, its input, and keep where it falls."""
    opened = st.toggle(
        "Place another frame",
        key=_OPEN,
        persist_state="session",
        on_change=_leave,
        help="Draw, upload or pick a frame, and see where it falls on this map.",
    )
    placed, before = _place_input(store, run, stored) if opened else None, placed_on(stored)
    st.session_state[_PLACED] = (stored.id, placed)
    if _position(placed) != _position(before):
        st.rerun()  # the map was given its marks before


def _position(placed: MapPlacement | None) -> tuple[float, float, float] | None:
    return None if placed is None else (placed.x, placed.y, placed.spread)


def _place_input(store: Path, run: IndexedRun, stored: Map) -> MapPlacement | None:
    with st.container(border=True, key="map_place"):
        query = input.choose(store, run.dataset_id, SLOT, run=run)
        if query is None:
            return None
        space = cached_analysis.latent_space_of(store, run)
        try:
            mean = cached_analysis.embed(store, space, query).mean[0]
        except MorphError as err:
            st.error(plain(str(err)), icon=":material/error:")
            return None
        drawn = with_latents(store, run, stored)
        placement = out_of_sample.place_on_map(mean, drawn.latents, drawn.projection)
        scale = "" if query.scale is None else f" {sentence(query.scale)}"
        st.caption(_NOTE.format(count=len(placement.frame_ids)) + scale)
    return placement


def show_decoded(store: Path, run: IndexedRun, stored: Map, spot: Coords) -> None:
    """Show the frame decoded at an empty place, and the stored frame nearest to it."""
    drawn = with_latents(store, run, stored)
    near = out_of_sample.map_neighbours(spot, drawn.projection)
    space = cached_analysis.latent_space_of(store, run)
    rows = space.frames.rows(near.frame_ids.tolist())
    with st.container(border=True, key="map_made"):
        try:
            z = near.mean(space.z.mean[rows])
            bits = synthetic.decode(store, space, z, 0)
            landed = synthetic.encode_again(store, space, bits)
            target = near.mean(space.latents.mean[rows])
            asked = synthetic.Asked("embedding", target, landed)
            title = "What the model puts at the empty place"
            synthetic.show(store, space, bits, title, asked=asked)
        except MorphError as err:
            st.error(plain(str(err)), icon=":material/error:")
            return
        st.caption(
            f"Its z, and the embedding asked for: the means of those of the {len(rows)} points"
            " nearest to the click, weighted by how near they are on the map."
        )
        with st.container(horizontal=True):
            st.page_link(
                "pages/model.py",
                label="On the Model page",
                icon=":material/tune:",
                query_params={"run": str(run.id), "z": _numbers(z)},
            )
        st.markdown("**The stored frame nearest to it**")
        frame_id = synthetic.nearest(store, space, landed)
        if frame_id is not None:
            st.button(
                "Select it on the map",
                icon=":material/ads_click:",
                type="tertiary",
                on_click=selection.select,
                args=(frame_id,),
            )


def _numbers(z: Float32[np.ndarray, " latent"]) -> str:
    return ",".join(f"{value:.2f}" for value in z.tolist())


def _leave() -> None:
    """Take the frame to place out of the link; a picked one is written to it again."""
    links.drop_params(SLOT.link)
