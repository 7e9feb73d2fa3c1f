"""The likelihood ratio that one process made two frames, or two sets of them, by a run's model.

It is of frames that the model can tell something of: for others, and where the model has no
calibrated ratio, there is none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from morphcore.errors import MorphError
from morphcore.statistics.feature_embedding import FeatureEmbedding, LearntFrom
from morphcore.statistics.ratio_calibration import LogRatios
from morphcore.types import Latents
from store import checkpoint_files
from store.checkpoints import Checkpoint


class PriorError(MorphError):
    """A prior that is no probability between 0 and 1."""


@dataclass(frozen=True)
class Ratio:
    """A natural log of a likelihood ratio, with the 95 % interval of its calibration.

    Above 0: more probable if one process made both at about one time than if two of the data set's
    did. `capped` is 1 where more cannot be known ("at least"), -1 where less cannot, else 0.
    `realisations` and `cells` are what it was learnt from; 0 of halves of frames.
    """

    value: float
    low: float
    high: float
    capped: int
    learnt_from: LearntFrom
    realisations: int
    cells: int

    def posterior(self, prior: float) -> tuple[float, float, float]:
        """The probability of one process, by what it was before: itself, low and high.

        Raises:
            PriorError: if the prior is not between 0 and 1.
        """
        check_prior(prior)
        against = (1 - prior) / prior
        value, low, high = (
            1 / (1 + against * exp(-each)) for each in (self.value, self.low, self.high)
        )
        return value, low, high


# The embedding of a checkpoint: `load_embedding`, or one that keeps it.
EmbeddingReader = Callable[[Path, Checkpoint], FeatureEmbedding | None]


def load_embedding(store: Path, checkpoint: Checkpoint) -> FeatureEmbedding | None:
    """Read a checkpoint's embedding, without building its model; None where it has none.

    Imports torch, which its file is read with, where there is something to read.

    Raises:
        CheckpointError: if the file is missing, was changed, or cannot be read.
    """
    if not checkpoint.has_embedding:
        return None
    return read_embedding(checkpoint_files.path_of(store, checkpoint), checkpoint.sha256)


def read_embedding(file: Path, sha256: str) -> FeatureEmbedding | None:
    """Read the embedding of a checkpoint's file that must have this hash; None: it has none.

    Raises:
        CheckpointError: if the file is missing, was changed, or cannot be read.
    """
    from morphcore.training import checkpoint, embedding_file  # with torch

    state = checkpoint.load(file, sha256).state
    return embedding_file.from_dict(state["axes"]) if "axes" in state else None


def check_prior(prior: float) -> None:
    """Check that a prior is a probability by which both answers are possible.

    Raises:
        PriorError: if it is not between 0 and 1.
    """
    if not 0 < prior < 1:
        raise PriorError(f"The prior is {prior:g}; accepted is a probability between 0 and 1.")


def of_pair(embedding: FeatureEmbedding | None, a: Latents, b: Latents) -> Ratio | None:
    """The ratio of two embedded frames, in one row each; None where the model has none."""
    return of_sets(embedding, [a], [b])


def of_sets(
    embedding: FeatureEmbedding | None, a: Sequence[Latents], b: Sequence[Latents]
) -> Ratio | None:
    """The ratio of two sets of embedded frames, each of one sample, all against all.

    Each frame counts as a film of its own. None where the model has no ratio.
    """
    if embedding is None or embedding.ratio is None:
        return None
    ratios = embedding.ratio.of_sets(_means(a), _means(b), within_a=_within(a), within_b=_within(b))
    return _ratio(embedding, ratios)


def _means(frames: Sequence[Latents]) -> Float64[np.ndarray, "n axes"]:
    return np.concatenate([each.mean for each in frames]).astype(np.float64)


def _within(frames: Sequence[Latents]) -> float:
    """By what the scatter within a process is multiplied for frames of another field of view.

    The log variance along an embedding is ln of the model's area over the frame's. The mean of
    frames has the mean of their covariances, over their number.
    """
    return float(np.mean([np.exp(each.logvar[:, 0], dtype=np.float64) for each in frames]))


def _ratio(embedding: FeatureEmbedding, ratios: LogRatios) -> Ratio:
    value, low, high = (float(each[0]) for each in (ratios.value, ratios.low, ratios.high))
    return Ratio(
        value=value,
        low=low,
        high=high,
        capped=int(ratios.capped[0]),
        learnt_from=embedding.learnt_from,
        realisations=embedding.realisations,
        cells=embedding.cells,
    )
