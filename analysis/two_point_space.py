"""Frames placed by their two-point statistics alone, as the baseline `two_point_pca16` does it."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32

from analysis.frame_query import FrameQuery
from analysis.latent_space import LatentSpace
from morphcore import frames
from morphcore.embedding import distances
from morphcore.statistics.pca import FITTED_ON, Axes
from morphcore.types import Latents
from store import runs, trajectories
from store.db import open_store

SECONDS_A_FRAME = 1.2e-3  # on one core of 2026
CHUNK = 16  # frames at once: their transforms fit a CPU's cache


@dataclass(frozen=True)
class TwoPointSpace:
    """A space whose axes are principal ones of both-white probabilities, and these axes."""

    space: LatentSpace  # `latents` are places of the frames; there is no posterior
    axes: Axes


def two_point_space(store: Path, space: LatentSpace) -> TwoPointSpace:
    """A run's frames by their two-point statistics; seconds for thousands of frames.

    The axes are those of the frames that the run has learnt from, as on the Quality page.
    """
    from morphcore.evaluation.protocol import evenly
    from morphcore.statistics import pca

    features = _features(store, space)
    with open_store(store) as db:
        training = runs.split(db, space.run.id).training
    learnt_from = np.flatnonzero(np.isin(space.latents.frame_ids, training) & ~space.unseparated)
    if not len(learnt_from):
        learnt_from = np.arange(len(features))
    some = learnt_from[evenly(len(learnt_from), FITTED_ON)]
    axes = pca.axes(features[some])
    places = axes.project(features).astype(np.float32)
    latents = Latents(space.latents.frame_ids, places, np.zeros_like(places))
    separated = Latents(*(each[~space.unseparated] for each in vars(latents).values()))
    pairs = distances.random_pair_distances(separated if len(separated.frame_ids) else latents)
    return TwoPointSpace(
        replace(space, latents=latents, random_pair_distances=pairs, scale=None), axes
    )


def embed(by: TwoPointSpace, asked: FrameQuery) -> Float32[np.ndarray, " axes"]:
    """Where a frame is in a space of two-point statistics."""
    from morphcore.descriptors.two_point import both_white

    features = both_white(asked.bits[None], np.array([asked.periodic]))
    out: np.ndarray = by.axes.project(features)[0].astype(np.float32)
    return out


def _features(store: Path, space: LatentSpace) -> Float32[np.ndarray, "frames 182"]:
    from morphcore.descriptors import two_point

    ids = space.latents.frame_ids
    out = np.empty((len(ids), len(two_point.LAGS_X) * len(two_point.LAGS_Y)), dtype=np.float32)
    with open_store(store) as db:
        walls = {
            each.id
            for each in trajectories.trajectories(db, space.run.dataset_id)
            if not each.periodic
        }
        periodic: Bool[np.ndarray, " frames"] = ~np.isin(space.trajectory_ids, list(walls))
        for begin in range(0, len(ids), CHUNK):
            here = slice(begin, begin + CHUNK)
            bits = frames.unpack(trajectories.packed_bits(db, ids[here]))
            out[here] = two_point.both_white(bits, periodic[here])
    return out
