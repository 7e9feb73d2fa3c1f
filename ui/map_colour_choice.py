"""The choice of what a map is coloured by, kept in the link, and the values for it."""

from pathlib import Path

import streamlit as st

from store import recon_nats
from store.db import open_store
from store.runs import Run
from ui import cached, jobs, map_colour
from ui.map_colour import Colour
from ui.map_points import MapPoints
from ui.reasons import DESCRIPTORS

_LINK, _KEY = "colour", "map_colour"


def choose(store: Path, run: Run, points: MapPoints, frames: int) -> Colour:
    """The chosen colouring of a model's map; `frames`: how many the data set has now."""
    labels = map_colour.options(points, run.config.latent)
    state = st.session_state
    if state.get(_KEY) not in labels:
        asked = st.query_params.get(_LINK)
        state[_KEY] = asked if asked in labels else "time"
    name = st.selectbox(
        "Colour by",
        list(labels),
        format_func=labels.__getitem__,
        key=_KEY,
        persist_state="session",
        width=220,
        help="Parameters, descriptors, and what the model makes of a frame: its error, the spread"
        " of its posterior, each latent. Trajectory: that of the clicked frame stands out.",
    )
    if st.query_params.get(_LINK) != name:
        st.query_params[_LINK] = name
    return _colour(store, run, points, frames, name)


def _by_error(store: Path, run: Run, points: MapPoints) -> Colour:
    """By reconstruction error as far as that is known, and a button to measure what is not."""
    assert run.indexed_id is not None
    with open_store(store) as db:
        known = recon_nats.count(db, run.indexed_id)
    if known < run.latents and jobs.start_button(
        store,
        "Measure the rest" if known else "Measure",
        "nats",
        {"run": run.id},
        key="map_nats",
        icon=":material/speed:",
        help="Each frame is given back by the model once, in the background; points without a"
        " figure are gray.",
    ):
        st.rerun()
    return map_colour.by_error(points, cached.nats_of(store, run.indexed_id, known))


def _colour(store: Path, run: Run, points: MapPoints, frames: int, name: str) -> Colour:
    if name in DESCRIPTORS:
        known = cached.descriptors_of(store, run.dataset_id, frames)
        return map_colour.by_descriptor(name, points, known)
    if name == map_colour.ERROR:
        return _by_error(store, run, points)
    if name == map_colour.SIGMA or name[1:].isdigit():
        assert run.indexed_id is not None
        return map_colour.by_latent(
            name, points, cached.latents_of(store, run.indexed_id, run.latents)
        )
    return map_colour.by_fact(name, points)
