"""Cached results of `analysis`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Bool, Float64

from analysis import (
    alignment,
    comparison,
    descriptor_range,
    frame_query,
    latent_space,
    retrieval_examples,
    set_comparison,
)
from analysis import latent_path as latent_paths
from analysis.alignment import TimeAlignment
from analysis.comparison import Comparison, ComparisonReference
from analysis.descriptor_range import DataRange, Standing
from analysis.descriptor_space import DescriptorSpace, load_descriptor_space
from analysis.frame_embedding import SearchOptions
from analysis.frame_query import FrameQuery
from analysis.latent_path import LatentPath
from analysis.latent_space import LatentSpace
from analysis.likelihood_ratio import Ratio
from analysis.retrieval_examples import RetrievalExample
from analysis.search import SearchResult, search_latents
from analysis.search import ratios as search_ratios
from analysis.set_comparison import SetComparison
from analysis.two_point_space import TwoPointSpace, load_two_point_space
from morphcore.frames import SizedFrames
from morphcore.statistics.feature_embedding import FeatureEmbedding
from morphcore.types import Latents, TimeUnit
from store import attached, checkpoint_files, datasets, evaluations
from store.attached import Attachment
from store.checkpoints import Checkpoint
from store.db import open_store
from store.runs import IndexedRun
from ui.cached import models
from ui.cached.models import model
from ui.cached.rows import HOUR, descriptors_of, frame_table, lacks_z


def latent_space_of(store: Path, run: IndexedRun) -> LatentSpace:
    """A run's latent space; anew when more frames or their z are indexed, or others attached."""
    index = run.index
    others = attached_to(store, run)
    without_z = lacks_z(store, index.checkpoint_id)
    return _latent_space_of(store, run.id, index.checkpoint_id, index.frames, others, without_z)


def attached_to(store: Path, run: IndexedRun) -> tuple[Attachment, ...]:
    """The data sets that a run's model looks at beside its own."""
    with open_store(store) as db:
        attachments = attached.of_checkpoint(db, run.index.checkpoint_id)
    return tuple(each for each in attachments if each.frames)


@st.cache_data(ttl=HOUR, max_entries=4, show_spinner=False)
def _latent_space_of(
    store: Path,
    run_id: int,
    checkpoint_id: int,
    frames: int,
    others: tuple[Attachment, ...],
    without_z: bool,
) -> LatentSpace:
    return latent_space.load_latent_space(store, run_id)


def encode(store: Path, checkpoint: Checkpoint, frame: SizedFrames) -> Latents:
    """The posterior of a frame by a checkpoint's model; both are kept.

    Raises:
        MorphError: if the model is missing, or the frame is one colour everywhere.
    """
    file = checkpoint_files.path_of(store, checkpoint)
    return _posterior(file, checkpoint.sha256, frame)


@st.cache_data(ttl=HOUR, max_entries=64, show_spinner=False)
def _posterior(file: Path, sha256: str, frame: SizedFrames) -> Latents:
    return latent_space.posterior(model(file, sha256), frame)


def embed(store: Path, space: LatentSpace, query: FrameQuery) -> Latents:
    """The posterior of a frame, stored or encoded."""
    return frame_query.embed(store, space, query, encode)


def reference(store: Path, space: LatentSpace) -> ComparisonReference:
    """The scales of differences; anew when the run was evaluated again."""
    with open_store(store) as db:
        evaluated = evaluations.newest_whole(db, space.checkpoint.id)
    newest = 0 if evaluated is None else evaluated.id
    return _reference(space, store, space.checkpoint.id, len(space.frames), newest)


@st.cache_data(ttl=HOUR, max_entries=8, show_spinner=False)
def _reference(
    _space: LatentSpace, store: Path, checkpoint_id: int, frames: int, newest: int
) -> ComparisonReference:
    return comparison.load_reference(store, _space)


def compare(store: Path, space: LatentSpace, a: FrameQuery, b: FrameQuery) -> Comparison:
    """Compare two frames by a run's model, which is kept."""
    return comparison.compare(
        store,
        space,
        a,
        b,
        reference=reference(store, space),
        encoder=encode,
        embedding=embedding,
    )


def compare_sets(
    store: Path, space: LatentSpace, a: Sequence[FrameQuery], b: Sequence[FrameQuery]
) -> SetComparison:
    """Compare two sets of frames by a run's model, which is kept.

    Raises:
        MorphError: if a set is empty, or the model is missing.
    """
    return set_comparison.compare_sets(store, space, a, b, encoder=encode, embedding=embedding)


def embedding(store: Path, checkpoint: Checkpoint) -> FeatureEmbedding | None:
    """A checkpoint's embedding, which is kept; None where it has none.

    Raises:
        CheckpointError: if its file is missing, was changed, or cannot be read.
    """
    if not checkpoint.has_embedding:
        return None
    return models.embedding(checkpoint_files.path_of(store, checkpoint), checkpoint.sha256)


def search(
    store: Path, space: LatentSpace, query: FrameQuery, options: SearchOptions
) -> SearchResult:
    """Find the frames nearest to a query in a run's latent space; its model is kept."""
    return search_latents(store, space, query, options, encoder=encode)


def ratios(store: Path, space: LatentSpace, result: SearchResult) -> tuple[Ratio | None, ...]:
    """The likelihood ratio of each match of a search by a run's model, which is kept.

    Raises:
        MorphError: if the model is missing.
    """
    return search_ratios(store, space, result, encoder=encode, embedding=embedding)


def data_range_of(store: Path, dataset_id: int) -> DataRange | None:
    """The range of area fraction and L in a data set; None where nothing is measured."""
    with open_store(store) as db:
        frames = datasets.by_id(db, dataset_id).frames
    return _data_range(store, dataset_id, frames)


@st.cache_data(ttl=HOUR, max_entries=8, show_spinner=False)
def _data_range(store: Path, dataset_id: int, frames: int) -> DataRange | None:
    return descriptor_range.data_range(
        frame_table(store, dataset_id, frames), descriptors_of(store, dataset_id, frames)
    )


def standings(
    store: Path, space: LatentSpace, query: FrameQuery, names: Sequence[str]
) -> list[Standing]:
    """Where a query's descriptors stand among those of the frames that a run knows."""
    dataset_id, frames = space.run.dataset_id, len(space.frames)
    return descriptor_range.standings(
        frame_table(store, dataset_id, frames),
        descriptors_of(store, dataset_id, frames),
        frame_query.describe(store, query),
        names,
    )


def descriptor_space_of(store: Path, space: LatentSpace, names: tuple[str, ...]) -> DescriptorSpace:
    """A run's frames embedded by some of their descriptors."""
    dataset_id, others = space.run.dataset_id, _attachments(space)
    return _descriptor_space(space, store, dataset_id, len(space.frames), names, others)


def _attachments(space: LatentSpace) -> tuple[Attachment, ...]:
    return tuple(each.attachment for each in space.attached)


@st.cache_data(ttl=HOUR, max_entries=8, show_spinner=False)
def _descriptor_space(
    _space: LatentSpace,
    store: Path,
    dataset_id: int,
    frames: int,
    names: tuple[str, ...],
    others: tuple[Attachment, ...],
) -> DescriptorSpace:
    return load_descriptor_space(store, _space, names)


def two_point_space_of(store: Path, space: LatentSpace) -> TwoPointSpace:
    """A run's frames embedded by their two-point statistics; seconds, the first time."""
    checkpoint_id, count = space.checkpoint.id, len(space.frames)
    return _two_point_space(space, store, space.run.id, checkpoint_id, count, _attachments(space))


@st.cache_data(max_entries=4, show_spinner=False)
def _two_point_space(
    _space: LatentSpace,
    store: Path,
    run_id: int,
    checkpoint_id: int,
    frames: int,
    others: tuple[Attachment, ...],
) -> TwoPointSpace:
    return load_two_point_space(store, _space)


def latent_path(
    store: Path, space: LatentSpace, trajectory_id: int, time_unit: TimeUnit
) -> LatentPath:
    """A trajectory's path through a run's latent space, with its speed."""
    count = len(space.frames)
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
    """Align two trajectories by a run's latents; None where one has no separated frame."""
    same_within = reference(store, space).same_within
    return _aligned(space, store, space.checkpoint.id, len(space.frames), a, b, same_within)


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
    bits: Bool[np.ndarray, "h w"], periodic: bool, periodic_y: bool = False
) -> Float64[np.ndarray, "rows columns"]:
    """The two-point covariance of a frame at all lags up to 80 px."""
    from morphcore.descriptors.two_point import covariance  # imports scipy

    whole: np.ndarray = covariance(bits[None], periodic=periodic, periodic_y=periodic_y)[0]
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
