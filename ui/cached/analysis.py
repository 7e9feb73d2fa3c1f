"""Cached answers of the analysis rooms."""

from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Bool, Float64, UInt8

from analysis import alignment, comparison, descriptor_space, latent_space, retrieval_examples
from analysis import latent_path as latent_paths
from analysis import two_point_space as by_two_point
from analysis.alignment import TimeAlignment
from analysis.comparison import Yardstick
from analysis.descriptor_space import DescriptorSpace
from analysis.frame_query import FrameQuery
from analysis.latent_path import LatentPath
from analysis.latent_space import LatentSpace
from analysis.retrieval_examples import RetrievalExample
from analysis.two_point_space import TwoPointSpace
from morphcore import frames
from morphcore.types import Latents, TimeUnit
from store import evaluations
from store.db import open_store
from store.runs import IndexedRun
from ui.cached.models import model
from ui.cached.rows import HOUR


def latent_space_of(store: Path, run: IndexedRun) -> LatentSpace:
    """What queries of a run are answered from; anew when more frames are indexed."""
    return _latent_space_of(store, run.id, run.index.checkpoint_id, run.index.frames)


@st.cache_data(ttl=HOUR, max_entries=4, show_spinner=False)
def _latent_space_of(store: Path, run_id: int, checkpoint_id: int, frames: int) -> LatentSpace:
    return latent_space.load_latent_space(store, run_id)


def embed(store: Path, space: LatentSpace, asked: FrameQuery) -> Latents:
    """A frame's posterior; that of a frame that is not stored is kept by its pixels.

    Raises:
        JobError: if the model is needed and missing, or the frame is one colour everywhere.
    """
    known = None if asked.frame_id is None else latent_space.posterior_of(space, asked.frame_id)
    if known is not None:
        return known
    file = latent_space.checkpoint_file(store, space.checkpoint)
    return _posterior(file, space.checkpoint.sha256, frames.pack(asked.bits))


@st.cache_data(ttl=HOUR, max_entries=64, show_spinner=False)
def _posterior(file: Path, sha256: str, packed: UInt8[np.ndarray, " 5000"]) -> Latents:
    return latent_space.posterior(model(file, sha256), frames.unpack(packed))


def yardstick(store: Path, space: LatentSpace) -> Yardstick:
    """What differences are measured by; anew when the run was judged again."""
    with open_store(store) as db:
        found = evaluations.newest_whole(db, space.checkpoint.id)
    judged = 0 if found is None else found.id
    return _yardstick(space, store, space.checkpoint.id, len(space.unseparated), judged)


@st.cache_data(ttl=HOUR, max_entries=8, show_spinner=False)
def _yardstick(
    _space: LatentSpace, store: Path, checkpoint_id: int, count: int, judged: int
) -> Yardstick:
    return comparison.yardstick(store, _space)


def descriptor_space_of(store: Path, space: LatentSpace, names: tuple[str, ...]) -> DescriptorSpace:
    """A run's frames by some of their descriptors."""
    return _descriptor_space(space, store, space.run.dataset_id, len(space.unseparated), names)


@st.cache_data(ttl=HOUR, max_entries=8, show_spinner=False)
def _descriptor_space(
    _space: LatentSpace, store: Path, dataset_id: int, count: int, names: tuple[str, ...]
) -> DescriptorSpace:
    return descriptor_space.load_descriptor_space(store, _space, names)


def two_point_space(store: Path, space: LatentSpace) -> TwoPointSpace:
    """A run's frames by their two-point statistics; seconds, the first time."""
    return _two_point_space(space, store, space.run.id, space.checkpoint.id, len(space.unseparated))


@st.cache_data(max_entries=4, show_spinner=False)
def _two_point_space(
    _space: LatentSpace, store: Path, run_id: int, checkpoint_id: int, count: int
) -> TwoPointSpace:
    return by_two_point.two_point_space(store, _space)


def latent_path(
    store: Path, space: LatentSpace, trajectory_id: int, time_unit: TimeUnit
) -> LatentPath:
    """A trajectory's way through a run's latent space, with its speed."""
    count = len(space.unseparated)
    return _latent_path(space, store, space.checkpoint.id, count, trajectory_id, time_unit)


@st.cache_data(ttl=HOUR, max_entries=64, show_spinner=False)
def _latent_path(
    _space: LatentSpace,
    store: Path,
    checkpoint_id: int,
    count: int,
    trajectory_id: int,
    time_unit: TimeUnit,
) -> LatentPath:
    return latent_paths.of_trajectory(_space, trajectory_id, time_unit)


def aligned(store: Path, space: LatentSpace, a: int, b: int) -> TimeAlignment | None:
    """Two trajectories aligned by a run's latents; None where one has no separated frame."""
    same_within = yardstick(store, space).same_within
    return _aligned(space, store, space.checkpoint.id, len(space.unseparated), a, b, same_within)


@st.cache_data(ttl=HOUR, max_entries=32, show_spinner=False)
def _aligned(
    _space: LatentSpace,
    store: Path,
    checkpoint_id: int,
    count: int,
    a: int,
    b: int,
    same_within: float,
) -> TimeAlignment | None:
    return alignment.align(_space, a, b, same_within=same_within)


@st.cache_data(ttl=HOUR, max_entries=128, show_spinner=False)
def two_point(
    bits: Bool[np.ndarray, "100 400"], periodic: bool
) -> Float64[np.ndarray, "rows columns"]:
    """A frame's two-point covariance at all lags up to 80 px."""
    from morphcore.descriptors.two_point import covariance  # imports scipy

    whole: np.ndarray = covariance(bits[None], periodic=periodic)[0]
    return whole


def examples_of_retrieval(store: Path, run: IndexedRun, seed: int) -> list[RetrievalExample]:
    """Random queries with their neighbours by embedding; anew when more frames are indexed."""
    index = run.index
    return _examples_of_retrieval(store, run.id, index.checkpoint_id, index.frames, seed)


@st.cache_data(ttl=HOUR, max_entries=32, show_spinner=False)
def _examples_of_retrieval(
    store: Path, run_id: int, checkpoint_id: int, frames: int, seed: int
) -> list[RetrievalExample]:
    return retrieval_examples.retrieval_examples(store, run_id, seed=seed)
