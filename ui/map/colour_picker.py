"""Picker of a map's colour variable, in the link as `?colour=NAME`, and its values."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

import numpy as np
import streamlit as st

from analysis.attached import AttachedFrames
from analysis.map_points import MapPoints
from charts.map import colour
from charts.map.colour import Colour
from jobs.specs import ReconstructionErrorJob
from morphcore.types import Descriptors, Posteriors
from store import recon_nats
from store.db import open_store
from store.properties import FrameProperty
from store.runs import IndexedRun
from ui import links
from ui.cached import rows as cached_rows
from ui.jobs import panel
from ui.map import attached
from ui.map.second_map import Overlap
from wording.descriptors import DESCRIPTORS

_Columns = TypeVar("_Columns", Descriptors, Posteriors)
_LINK, _KEY = "colour", "map_colour"


def choose(
    store: Path,
    run: IndexedRun,
    points: MapPoints,
    properties: Mapping[str, FrameProperty],
    *,
    second_map: bool,
) -> str:
    """Choose a map's colour variable by name; with a second map, neighbourhood overlap too."""
    latent = 0 if cached_rows.lacks_z(store, run.index.checkpoint_id) else run.config.latent
    labels = colour.options(points, latent, list(properties))
    if second_map:
        labels[colour.KEPT] = "Neighbours kept"
    name = links.linked_selectbox(
        "Colour by",
        list(labels),
        link=_LINK,
        key=_KEY,
        default="time",
        format_func=labels.__getitem__,
        session_first=True,
        help="Parameters, properties, descriptors, and what the model makes of a frame: its error,"
        " the spread of its posterior, each dimension of z. Trajectory: that of the clicked frame"
        " stands out.",
    )
    if name == colour.ERROR:
        _measure_button(store, run)
    return name


def _measure_button(store: Path, run: IndexedRun) -> None:
    """Offer to measure the reconstruction errors that the store lacks."""
    with open_store(store) as db:
        measured = recon_nats.count(db, run.index.checkpoint_id)
    if measured < run.index.frames and panel.start_button(
        store,
        "Measure the rest" if measured else "Measure",
        ReconstructionErrorJob(run=run.id),
        key="map_nats",
        icon=":material/speed:",
        help="Each frame is given back by the model once, in the background; points without a"
        " figure are gray.",
    ):
        st.rerun()


def colouring(
    store: Path,
    run: IndexedRun,
    points: MapPoints,
    frames: int,
    name: str,
    overlap: Overlap | None,
    properties: Mapping[str, FrameProperty],
    others: Sequence[AttachedFrames] = (),
) -> Colour:
    """The values of a colour variable at the points of a map; `frames`: the data set's count now.

    Errors, spreads and latents are those of `run`, whichever model the map was drawn of. `others`
    are the data sets that are shown beside the run's own; of them errors are not known.
    """
    if name.startswith(colour.PROPERTY):
        return colour.by_property(points, properties[name.removeprefix(colour.PROPERTY)])
    if name == colour.KEPT and overlap is not None:
        return colour.by_overlap(points, overlap.frame_ids, overlap.share)
    if name in DESCRIPTORS:
        own = cached_rows.descriptors_of(store, run.dataset_id, frames)
        every = [own, *(attached.descriptors(store, each) for each in others)]
        return colour.by_descriptor(name, points, _joined(every))
    if name == colour.ERROR:
        with open_store(store) as db:
            measured = recon_nats.count(db, run.index.checkpoint_id)
        nats = cached_rows.nats_of(store, run.index.checkpoint_id, measured)
        return colour.by_error(points, nats)
    if name == colour.SIGMA or name[1:].isdigit():
        index = run.index
        latents = cached_rows.latents_of(store, index.checkpoint_id, index.frames)
        encoded = [latents, *(each.latents for each in others)]
        z = [each.z for each in encoded if each.z is not None]
        ids = [each.frame_ids for each in encoded if each.z is not None]
        return colour.by_latent(name, points, np.concatenate(ids), _joined(z))
    return colour.by_fact(name, points)


def _joined(several: Sequence[_Columns]) -> _Columns:
    """Values of frames, row by row, and those of others after them."""
    first = several[0]
    names = [each.name for each in fields(first)]
    columns = {name: np.concatenate([getattr(each, name) for each in several]) for name in names}
    return type(first)(**columns)
