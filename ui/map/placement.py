"""Between the map and the latents it was drawn of: frames that are no points, places that are none.

A frame that is drawn, uploaded, picked, or simply not on this map is placed by its neighbours. An
empty place that is clicked is decoded: what the model puts there, marked as synthetic.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Float32

from analysis import latent_space
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
from ui.frame.input import MODES, Slot
from ui.map import selection, time_slider

SLOT = Slot("The frame to place", "place", "placed", "placed", tuple(MODES))
_OPEN = "map_place_open"
_NOTE = (
    "Placed at the weighted median of the places of the {count} points nearest to it in latent"
    " space, which are ringed; half of them lie within the halo. A map has no place of its own for"
    " a frame that it was not drawn of."
)


@dataclass(frozen=True)
class Ground:
    """A stored map and the latents it was drawn of, row by row."""

    run: IndexedRun
    stored: Map
    latents: Latents
    projection: Projection


def ground(store: Path, run: IndexedRun, stored: Map) -> Ground:
    """What places are found by."""
    projection = cached_maps.map_points(store, stored.id)
    known = cached_rows.latents_of(store, run.index.checkpoint_id, run.index.frames)
    rows = rows_of(known.frame_ids, projection.frame_ids)
    here = rows >= 0
    rows = rows[here]
    return Ground(
        run,
        stored,
        Latents(known.frame_ids[rows], known.mean[rows], known.logvar[rows]),
        Projection(projection.frame_ids[here], projection.coords[here]),
    )


def of_missing(store: Path, run: IndexedRun, stored: Map, frame_id: int) -> MapPlacement | None:
    """Where a stored frame falls that is not on the map; None where it has no latents."""
    known = cached_rows.latents_of(store, run.index.checkpoint_id, run.index.frames)
    here = known.frame_ids == frame_id
    if not here.any():
        return None
    on = ground(store, run, stored)
    return out_of_sample.place_on_map(known.mean[here][0], on.latents, on.projection)


def asked_for() -> bool:
    """A switch: whether another frame is to be placed."""
    if links.has_param(SLOT.link):
        st.session_state.setdefault(_OPEN, True)
    return st.toggle(
        "Place another frame",
        key=_OPEN,
        persist_state="session",
        on_change=_leave,
        help="Draw, upload or pick a frame, and see where it falls on this map.",
    )


def another(store: Path, run: IndexedRun, stored: Map) -> MapPlacement | None:
    """The input of a frame, and where that falls; None as long as there is none."""
    with st.container(border=True, key="map_place"):
        asked = input.choose(store, run.dataset_id, SLOT)
        if asked is None:
            return None
        space = cached_analysis.latent_space_of(store, run)
        try:
            mean = cached_analysis.embed(store, space, asked).mean[0]
        except MorphError as err:
            st.error(str(err), icon=":material/error:")
            return None
        on = ground(store, run, stored)
        found = out_of_sample.place_on_map(mean, on.latents, on.projection)
        st.caption(_NOTE.format(count=len(found.frame_ids)))
    return found


def signals(found: MapPlacement | None) -> dict[str, str]:
    """What the chart is told of a place."""
    if found is None:
        return {"fall": "", "near": ""}
    return {
        "fall": f"{found.x:.6g} {found.y:.6g} {found.spread:.6g}",
        "near": time_slider.encode_ids(found.frame_ids.tolist()),
    }


def made_up(store: Path, run: IndexedRun, stored: Map, spot: tuple[float, float]) -> None:
    """What the model makes of an empty place, beside the stored frame that is nearest to that."""
    on = ground(store, run, stored)
    pca = stored.config.method == "pca"
    if pca:
        z = out_of_sample.latents_in_plane(spot, on.latents, on.projection)
        how = "Its latents: those of this place in the plane that is shown."
    else:
        z = out_of_sample.latents_at(spot, on.latents, on.projection)
        how = (
            "Its latents: the weighted mean of those of the"
            f" {out_of_sample.NEIGHBOURS} points nearest"
            " to the click."
        )
    space = cached_analysis.latent_space_of(store, run)
    with st.container(border=True, key="map_made"):
        try:
            bits = synthetic.decode(store, space, z, 0)
        except MorphError as err:
            st.error(str(err), icon=":material/error:")
            return
        synthetic.show(bits, "What the model puts at the empty place", run=run)
        st.caption(how)
        with st.container(horizontal=True):
            st.page_link(
                "pages/model.py",
                label="On the Model page",
                icon=":material/tune:",
                query_params={"run": str(run.id), "z": _numbers(z)},
            )
            st.button(
                "Let it go", icon=":material/close:", type="tertiary", on_click=selection.leave_spot
            )
        st.markdown("**The stored frame nearest to it**")
        _nearest(store, space, z)


def _nearest(
    store: Path, space: latent_space.LatentSpace, z: Float32[np.ndarray, " latent"]
) -> None:
    frame_id = synthetic.nearest(store, space, z)
    if frame_id is not None:
        st.button(
            "Select it on the map",
            icon=":material/ads_click:",
            type="tertiary",
            on_click=selection.select,
            args=(frame_id,),
        )


def _numbers(z: Float32[np.ndarray, " latent"]) -> str:
    return ",".join(f"{each:.2f}" for each in z.tolist())


def _leave() -> None:
    """The address no longer names a frame to place; a picked one is written to it again."""
    links.drop_params(SLOT.link)
