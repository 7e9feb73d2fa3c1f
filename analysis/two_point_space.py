"""Frames embedded by their two-point statistics alone, as by the baseline `two_point_pca16`."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from analysis.attached import AttachedFrames, load_scaled
from analysis.frame_embedding import FrameEmbedding
from analysis.frame_query import FrameQuery
from analysis.latent_space import LatentSpace
from morphcore.frames import evenly
from morphcore.statistics.pca import FITTED_ON, PCA
from store import runs, trajectories
from store.db import open_store

SECONDS_A_FRAME = 1.2e-3  # on one core of 2026
CHUNK = 16  # frames at once: their transforms fit a CPU's cache


@dataclass(frozen=True, kw_only=True)
class TwoPointSpace:
    """Frames embedded by the principal axes of their both-white probabilities."""

    frames: FrameEmbedding
    pca: PCA

    def embed(self, query: FrameQuery) -> Float32[np.ndarray, " axes"]:
        """The coordinates of a frame."""
        from morphcore.descriptors.two_point import both_white

        features = both_white(
            query.bits[None], np.array([query.periodic]), np.array([query.periodic_y])
        )
        coords: np.ndarray = self.pca.transform(features)[0].astype(np.float32)
        return coords


def load_two_point_space(store: Path, space: LatentSpace) -> TwoPointSpace:
    """Embed a run's frames by their two-point statistics; seconds for thousands of frames.

    The axes are those of the frames that the run has learnt from, as on the Quality page. Frames
    of attached data sets are there too, at the model's pixel size.
    """
    from morphcore.statistics import pca

    features = _features(store, space)
    with open_store(store) as db:
        training = runs.split(db, space.run.id).training
    learnt_from = np.flatnonzero(
        np.isin(space.frames.frame_ids, training) & ~space.frames.unseparated
    )
    if not len(learnt_from):
        learnt_from = np.arange(len(features))
    fitted = pca.fit_pca(features[learnt_from[evenly(len(learnt_from), FITTED_ON)]])
    coords = fitted.transform(features).astype(np.float32)
    own = space.frames.with_coords(coords, np.arange(len(coords)))
    others = []
    for each in space.attached:
        rows = np.arange(len(each.frames))
        seen = fitted.transform(_attached_features(store, each)).astype(np.float32)
        others.append(each.frames.with_coords(seen, rows))
    return TwoPointSpace(frames=own.joined(others), pca=fitted)


def _features(store: Path, space: LatentSpace) -> Float32[np.ndarray, "frames 182"]:
    from morphcore.descriptors import two_point

    ids = space.frames.frame_ids
    out = np.empty((len(ids), len(two_point.LAGS_X) * len(two_point.LAGS_Y)), dtype=np.float32)
    with open_store(store) as db:
        for begin in range(0, len(ids), CHUNK):
            chunk = slice(begin, begin + CHUNK)
            for rows, packed in trajectories.packed(db, ids[chunk]).parts:
                out[begin + rows] = two_point.both_white(
                    packed.bits(), packed.periodic, packed.periodic_y
                )
    return out


def _attached_features(store: Path, attached: AttachedFrames) -> Float32[np.ndarray, "frames 182"]:
    from morphcore.descriptors import two_point

    count = len(attached.frames)
    out = np.empty((count, len(two_point.LAGS_X) * len(two_point.LAGS_Y)), dtype=np.float32)
    for begin in range(0, count, CHUNK):
        chunk = np.arange(begin, min(count, begin + CHUNK))
        for rows, packed in load_scaled(store, attached, chunk).parts:
            out[begin + rows] = two_point.both_white(packed.bits(), packed.periodic)
    return out
