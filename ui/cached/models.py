"""Cached models, with their decoded latents and reconstructions."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from jaxtyping import Float32

from analysis import (
    latent_space,
    likelihood_ratio,
    prior_samples,
    re_encoding,
    reconstructions,
)
from analysis.latent_space import LatentSpace
from analysis.prior_samples import SampleComparison
from analysis.reconstructions import Reconstruction
from morphcore.frames import SizedFrames
from morphcore.statistics.feature_embedding import FeatureEmbedding
from morphcore.types import BinaryFrame, Latents
from store.checkpoints import Checkpoint

if TYPE_CHECKING:
    from morphcore.embedding.re_encoding import ReEncodingErrors
    from morphcore.models.base import Model
from store import checkpoint_files
from ui.cached.rows import HOUR

PATIENCE = 0.3  # seconds that a page waits for what is measured in a thread
_MEASURING = ThreadPoolExecutor(1, "re-encoding")


@st.cache_data(ttl=HOUR, max_entries=256, show_spinner=False)
def decoded(
    file: Path, sha256: str, z: Float32[np.ndarray, " latent"], seed: int
) -> Float32[np.ndarray, "h w"]:
    """The probability of white, pixel by pixel, that a model decodes from a latent."""
    loaded = model(file, sha256)
    from morphcore.embedding import encoding  # with torch, which the model has brought

    picture: np.ndarray = encoding.decode(loaded, z[None].astype(np.float32), seed=seed)[0]
    return picture


@st.cache_data(ttl=HOUR, max_entries=256, show_spinner=False)
def encoded_again(
    file: Path, sha256: str, bits: BinaryFrame, periodic: bool, periodic_y: bool
) -> Latents:
    """The latents of a decoded picture by the model that made it, in one row."""
    loaded = model(file, sha256)
    from morphcore.embedding import re_encoding  # with torch, which the model has brought

    return re_encoding.encode_again(loaded, bits[None], periodic=periodic, periodic_y=periodic_y)


def re_encoding_errors(
    space: LatentSpace, store: Path, *, patience: float | None = None
) -> "ReEncodingErrors | None":
    """Where pictures of stored frames land; anew when more frames are indexed.

    It takes seconds to tens of seconds, in a thread, so that a page stands before it is known: None
    where it is not known within `patience` seconds (by default `PATIENCE`).

    Raises:
        MorphError: if the model is missing, or an older version indexed its run.
    """
    measured = _re_encoding_errors(space, store, space.checkpoint.id, len(space.frames))
    try:
        return measured.result(PATIENCE if patience is None else patience)
    except TimeoutError:
        return None
    except Exception:
        _re_encoding_errors.clear()
        raise


@st.cache_resource(ttl=HOUR, max_entries=8, show_spinner=False)
def _re_encoding_errors(
    _space: LatentSpace, store: Path, checkpoint_id: int, frames: int
) -> "Future[ReEncodingErrors]":
    loaded = model(checkpoint_files.path_of(store, _space.checkpoint), _space.checkpoint.sha256)
    return _MEASURING.submit(re_encoding.of_stored_frames, store, _space, loaded)


@st.cache_data(ttl=HOUR, max_entries=64, show_spinner=False)
def stochastic_decoder(file: Path, sha256: str) -> bool:
    """Whether a model's decoder draws what its z leaves open."""
    return model(file, sha256).stochastic_decoder


@st.cache_data(ttl=HOUR, max_entries=64, show_spinner=False)
def given_back(file: Path, sha256: str, frame: SizedFrames) -> Float32[np.ndarray, "h w"]:
    """A frame's reconstruction by a model: the probability of white, pixel by pixel."""
    loaded = model(file, sha256)
    from morphcore.embedding import encoding  # with torch, which the model has brought

    picture: np.ndarray = encoding.reconstruct(loaded, frame)[0]
    return picture


@st.cache_data(ttl=HOUR, max_entries=8, show_spinner="Decoding 48 held-out frames…")
def samples_from_z(
    _space: LatentSpace, store: Path, checkpoint_id: int, seed: int
) -> SampleComparison:
    """The similarity of held-out frames to samples decoded from their z."""
    loaded = model(checkpoint_files.path_of(store, _space.checkpoint), _space.checkpoint.sha256)
    return prior_samples.compare(store, _space, loaded, seed=seed)


@st.cache_data(ttl=HOUR, max_entries=16, show_spinner="Reconstructing…")
def reconstructed(
    store: Path, run_id: int, checkpoint: Checkpoint, seed: int
) -> list[Reconstruction]:
    """The reconstructions of the best, the median and the worst of some held-out frames."""
    loaded = model(checkpoint_files.path_of(store, checkpoint), checkpoint.sha256)
    return reconstructions.reconstructions(store, run_id, loaded, seed=seed)


@st.cache_resource(ttl=HOUR, max_entries=2, show_spinner="Loading the model…")
def model(file: Path, sha256: str) -> "Model":
    """The model of a checkpoint. The first one takes seconds: torch is loaded with it."""
    return latent_space.load_model(file, sha256)


@st.cache_resource(ttl=HOUR, max_entries=8, show_spinner="Reading the model's ratio…")
def embedding(file: Path, sha256: str) -> FeatureEmbedding | None:
    """The embedding of a checkpoint, with its likelihood ratio. Imports torch, the first time."""
    return likelihood_ratio.read_embedding(file, sha256)
