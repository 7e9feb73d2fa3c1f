"""Maps: frames on a plane by t-SNE or PCA of their latents.

t-SNE keeps near frames near; how far apart two groups lie and how large a group looks mean nothing.
PCA is the linear view along the two directions in which the latents spread most, true to scale.
openTSNE does the descent (it calls back, so that a map shows its progress and can be stopped), on
exact neighbours (docs/decisions/002-no-vector-index.md). Equal input and seed give equal bits.

Source: van der Maaten and Hinton, J. Mach. Learn. Res. 9, 2579, 2008; trees: van der Maaten, 2014.
"""

import os
from dataclasses import replace

import numpy as np
from jaxtyping import Float64

from morphcore.config import ProjectionConfig
from morphcore.errors import MorphError
from morphcore.progress import Progress, ignore, part
from morphcore.statistics.nearest import Groups, nearest
from morphcore.statistics.pca import fit_pca
from morphcore.types import Latents, Projection

LEAST_FRAMES = 8  # below this no perplexity of 2 or more is left
_NEIGHBOURS_PER_PERPLEXITY = 3
_EXAGGERATED_STEPS, _STEPS = 250, 500  # and a learning rate of N / 12, N: Belkina et al., 2019
_EXAGGERATION = 12.0
_STEPS_PER_CALL = 5
_FIRST_SPREAD = 1e-4  # standard deviation of the first axis at the start; Kobak and Berens, 2019
_JITTER = 0.01  # of that: what the seed decides
_SAME = 1e-4  # of the latents' spread: what lies nearer is equal, but for rounding
_DISC = 0.06  # of the map's extent: the radius of a disc that held all of its frames
_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))
_NEIGHBOURS_SHARE = 0.12  # of the time that a map takes


class TooFewFrames(MorphError):
    """Not enough frames for a map; the message says how many it takes."""


def applied(config: ProjectionConfig, frames: int) -> ProjectionConfig:
    """The settings that `fit` uses on a number of frames, under which a map is stored.

    The perplexity is held below a third of the frames, and PCA has neither perplexity nor seed.

    Raises:
        TooFewFrames: for t-SNE of fewer than 8 frames, or a map of none.
    """
    if config.method == "pca":
        if frames < 1:
            raise TooFewFrames("A map needs at least one frame.")
        plain = ProjectionConfig()
        return replace(config, perplexity=plain.perplexity, seed=plain.seed)
    if frames < LEAST_FRAMES:
        raise TooFewFrames(
            f"A t-SNE map needs at least {LEAST_FRAMES} frames and there are {frames};"
            " take more frames of each trajectory, or draw a PCA map."
        )
    return replace(config, perplexity=min(config.perplexity, (frames - 1) / 3))


def fit(latents: Latents, config: ProjectionConfig, progress: Progress = ignore) -> Projection:
    """Fit a map of frames to their latents; equal input and seed give equal bits.

    `config.every` is not looked at: the caller chooses the frames.

    Raises:
        TooFewFrames: as `applied`.
    """
    config = applied(config, len(latents.frame_ids))
    progress(0.0)
    mean = latents.mean.astype(np.float64)
    coords = _pca(mean) if config.method == "pca" else _tsne_of_distinct(mean, config, progress)
    progress(1.0)
    return Projection(latents.frame_ids, coords.astype(np.float32))


def _pca(points: Float64[np.ndarray, "n latent"]) -> Float64[np.ndarray, "n 2"]:
    """Scores along the two widest directions, in the latents' own unit; 0 where there are none."""
    scores = fit_pca(points.copy(), 2).transform(points)
    out = np.zeros((len(points), 2))
    out[:, : scores.shape[1]] = scores
    return out


def _tsne_of_distinct(
    points: Float64[np.ndarray, "n latent"], config: ProjectionConfig, report: Progress
) -> Float64[np.ndarray, "n 2"]:
    """t-SNE of the distinct latents; frames of equal latents lie in a disc around their point.

    Hundreds of frames that are not yet separated have one and the same latent. As points of
    their own they would be each other's only neighbours, and t-SNE would push them far away.
    """
    spread = float(points.std()) or 1.0
    _, first, group = np.unique(
        np.round(points / (_SAME * spread)), axis=0, return_index=True, return_inverse=True
    )
    group = group.reshape(-1)
    if len(first) < LEAST_FRAMES or len(first) == len(points):
        return _tsne(points, config, report)
    coords = _tsne(points[first], applied(config, len(first)), report)
    extent = float(np.ptp(coords, axis=0).max())
    out: np.ndarray = coords[group]
    for repeated in np.flatnonzero(np.bincount(group) > 1):
        rows = np.flatnonzero(group == repeated)
        order = np.arange(len(rows))  # a sunflower: evenly over the disc, the same every time
        radius = _DISC * extent * np.sqrt((order + 0.5) / len(points))
        angle = order * _GOLDEN_ANGLE
        out[rows] += radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return out


def _tsne(
    points: Float64[np.ndarray, "n latent"], config: ProjectionConfig, report: Progress
) -> Float64[np.ndarray, "n 2"]:
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    threads = max(1, (os.cpu_count() or 1) - 1)  # a layout's threads wait for each other
    count = min(len(points) - 1, int(_NEIGHBOURS_PER_PERPLEXITY * config.perplexity))
    own = np.arange(len(points), dtype=np.int64)
    searching = part(report, 0.0, _NEIGHBOURS_SHARE)
    neighbours = nearest(points, points, count, groups=Groups(own, own), progress=searching)
    affinities = PerplexityBasedNN(
        knn_index=PrecomputedNeighbors(neighbours.rows, neighbours.distances),
        perplexity=config.perplexity,
        n_jobs=threads,
    )
    steps_before = 0

    def callback(step: int, _error: float, _embedding: object) -> None:
        done = (steps_before + step) / (_EXAGGERATED_STEPS + _STEPS)
        report(_NEIGHBOURS_SHARE + (1 - _NEIGHBOURS_SHARE) * done)

    embedding = TSNEEmbedding(
        _start(points, config.seed),
        affinities,
        negative_gradient_method="bh",
        n_jobs=threads,
        callbacks=callback,
        callbacks_every_iters=_STEPS_PER_CALL,
    )
    for steps, exaggeration in ((_EXAGGERATED_STEPS, _EXAGGERATION), (_STEPS, 1.0)):
        embedding.optimize(
            steps, exaggeration=exaggeration, learning_rate="auto", momentum=0.8, inplace=True
        )
        steps_before += steps
    return np.array(embedding, dtype=np.float64)


def _start(points: Float64[np.ndarray, "n latent"], seed: int) -> Float64[np.ndarray, "n 2"]:
    """PCA, scaled down, with a little seeded noise."""
    scores = _pca(points)
    spread = scores[:, 0].std()
    noise = np.random.default_rng(seed).standard_normal(scores.shape) * _JITTER
    return (scores / (spread if spread > 0 else 1.0) + noise) * _FIRST_SPREAD
