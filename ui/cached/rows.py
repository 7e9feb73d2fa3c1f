"""Cached rows of the store: frames, trajectories, descriptors, latents."""

from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Int64, UInt8

from analysis import film
from analysis.film import Film
from morphcore.types import Descriptors, Latents, ReconstructionError
from store import descriptors, latents, recon_nats, runs, trajectories
from store.db import default_path, identity, open_store
from store.trajectories import FrameTable, TrajectoryInfo

HOUR = 3600


def store_path() -> Path:
    """The store that this server shows; what was kept of another one in its place is forgotten."""
    store = default_path()
    now = identity(store)
    shown = _shown()
    if shown.setdefault(store, now) != now:
        st.cache_data.clear()
        st.cache_resource.clear()
        _shown()[store] = now
        st.toast(
            "Another store was put in the place of the one before.", icon=":material/swap_horiz:"
        )
    return store


@st.cache_resource(show_spinner=False)
def _shown() -> dict[Path, str]:
    """The identity of the store that is shown."""
    return {}


@st.cache_data(ttl=HOUR, max_entries=512, show_spinner=False)
def png(store: Path, frame_id: int) -> bytes:
    """A frame's gray picture as a PNG file."""
    with open_store(store) as db:
        return trajectories.png(db, frame_id)


@st.cache_data(ttl=HOUR, max_entries=512, show_spinner=False)
def gray(store: Path, frame_id: int) -> UInt8[np.ndarray, "h w"]:
    """A frame's gray picture."""
    with open_store(store) as db:
        return trajectories.frame(db, frame_id)


@st.cache_data(ttl=HOUR, max_entries=16, show_spinner=False)
def trajectory_film(store: Path, trajectory_id: int) -> Film:
    """A trajectory's frames in time order as the player takes them."""
    return film.load(store, trajectory_id)


@st.cache_data(ttl=HOUR, max_entries=8, show_spinner=False)
def trajectory_list(store: Path, dataset_id: int, frames: int) -> list[TrajectoryInfo]:
    """A data set's trajectories; `frames` is its present number of frames."""
    with open_store(store) as db:
        return trajectories.trajectories(db, dataset_id)


@st.cache_data(ttl=HOUR, max_entries=8, show_spinner=False)
def frame_table(store: Path, dataset_id: int, frames: int) -> FrameTable:
    """The facts of a data set's frames; `frames` is their present number."""
    with open_store(store) as db:
        return trajectories.frame_table(db, dataset_id)


@st.cache_data(ttl=HOUR, max_entries=8, show_spinner=False)
def descriptors_of(store: Path, dataset_id: int, frames: int) -> Descriptors:
    """The descriptors of a data set's frames; `frames` is their present number."""
    with open_store(store) as db:
        return descriptors.of_dataset(db, dataset_id)


@st.cache_data(ttl=HOUR, max_entries=8, show_spinner=False)
def held_out(store: Path, run_id: int) -> Int64[np.ndarray, " frames"]:
    """The frames that a run is judged on."""
    with open_store(store) as db:
        return runs.split(db, run_id).held_out


def lacks_z(store: Path, checkpoint_id: int) -> bool:
    """Whether a checkpoint's latents lack z, since an older version indexed its run."""
    with open_store(store) as db:
        return latents.lacks_z(db, checkpoint_id)


def latents_of(store: Path, checkpoint_id: int, count: int) -> Latents:
    """A checkpoint's latents; `count` is their present number."""
    return _latents_of(store, checkpoint_id, count, lacks_z(store, checkpoint_id))


@st.cache_data(ttl=HOUR, max_entries=4, show_spinner=False)
def _latents_of(store: Path, checkpoint_id: int, count: int, without_z: bool) -> Latents:
    with open_store(store) as db:
        return latents.of_checkpoint(db, checkpoint_id)


@st.cache_data(ttl=HOUR, max_entries=4, show_spinner=False)
def nats_of(store: Path, checkpoint_id: int, count: int) -> ReconstructionError:
    """The reconstruction error of frames by a checkpoint; `count` is their present number."""
    with open_store(store) as db:
        return recon_nats.of_checkpoint(db, checkpoint_id)
