"""A second map beside the first: which one, clicks heard in both, and what stays neighbours."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from jaxtyping import Float32, Int64

from analysis.map_points import MapPoints
from morphcore.frames import rows_of
from store import projections, runs
from store.db import open_store
from store.projections import Map
from store.runs import IndexedRun
from ui import links
from ui.cached import maps as cached_maps
from ui.cached import rows as cached_rows
from ui.map import selection
from wording.maps import label

_LINK, _KEY, _HEARD = "beside", "map_beside", "map_beside_heard"


@dataclass(frozen=True)
class SecondMap:
    """The second map, and the model it was drawn of."""

    run: IndexedRun
    stored: Map

    @property
    def key(self) -> str:
        """Its chart's widget key."""
        return f"map-beside-{self.stored.id}"


@dataclass(frozen=True)
class Overlap:
    """How much of each frame's neighbourhood both share, 0 to 1; of separated frames on both."""

    frame_ids: Int64[np.ndarray, " frames"]
    share: Float32[np.ndarray, " frames"]


def choose(store: Path, run: IndexedRun, stored: Map, frames: int) -> SecondMap | None:
    """A picker of another map of the same data set, of this model or another; None for none."""
    found = {each.stored.id: each for each in _others(store, run, stored)}
    if not found:
        return None

    def name(each: int) -> str:
        other = found[each]
        of = "" if other.run.id == run.id else f"{other.run.name}: "
        return of + label(other.stored, frames)

    chosen = links.linked_selectbox(
        "Beside it",
        list(found),
        link=_LINK,
        key=_KEY,
        default=None,
        format_func=name,
        session_first=True,
        placeholder="no second map",
        help="A second map of the same frames: of another model, or drawn in another way. A click"
        " in one rings the frame in both.",
    )
    return None if chosen is None else found[chosen]


def on_selection(beside: SecondMap) -> None:
    """Select what was clicked in the second map since it was last heard."""
    event: Any = st.session_state.get(beside.key)
    pick = event["selection"].get("pick") if event else None
    if not pick:
        return
    heard, now = st.session_state.get(_HEARD), (beside.key, int(pick[0]["id"]))
    if heard != now:
        st.session_state[_HEARD] = now
        selection.select_externally(now[1])


def ring(points: MapPoints, frame_id: int | None) -> str:
    """The selected frame and its trajectory, as the charts' signal `shown`."""
    if frame_id is None:
        return ""
    rows = np.flatnonzero(points.frame_ids == frame_id)
    owner = int(points.trajectory_ids[rows[0]]) if len(rows) else 0
    return f"{frame_id} {owner}"


def overlap(
    store: Path, run: IndexedRun, stored: Map, beside: SecondMap, points: MapPoints
) -> Overlap:
    """Of two models what their latents share; of two maps of one model what these share."""
    spaces = []
    for of, drawn in ((run, stored), (beside.run, beside.stored)):
        if beside.run.id == run.id:
            projection = cached_maps.map_points(store, drawn.id)
            spaces.append((projection.frame_ids, projection.coords))
        else:
            latents = cached_rows.latents_of(store, of.index.checkpoint_id, of.index.frames)
            spaces.append((latents.frame_ids, latents.mean))
    frame_ids = points.frame_ids[~points.unseparated]
    for ids in (
        cached_maps.map_points(store, beside.stored.id).frame_ids,
        *(each[0] for each in spaces),
    ):
        frame_ids = frame_ids[np.isin(frame_ids, ids)]
    first, second = (values[rows_of(ids, frame_ids)] for ids, values in spaces)
    key = (stored.id, beside.stored.id, len(frame_ids))
    return Overlap(frame_ids, cached_maps.overlap(key, first, second))


def words(run: IndexedRun, beside: SecondMap, found: Overlap) -> str:
    """How much the neighbourhoods share, in a line."""
    where = "on both maps" if beside.run.id == run.id else "in both models' latent spaces"
    return (
        f"Of a frame's 10 nearest {where}, the mean Jaccard overlap is"
        f" **{float(found.share.mean()):.2f}** over {len(found.share):,} frames."
    )


def _others(store: Path, run: IndexedRun, stored: Map) -> list[SecondMap]:
    """The other maps of this model, then those of other models of the same data set."""
    with open_store(store) as db:
        fitting = [other for other in runs.all_indexed(db) if other.dataset_id == run.dataset_id]
        fitting.sort(key=lambda other: other.id != run.id)
        return [
            SecondMap(other, drawn)
            for other in fitting
            for drawn in projections.of_checkpoint(db, other.index.checkpoint_id)
            if drawn.id != stored.id
        ]
