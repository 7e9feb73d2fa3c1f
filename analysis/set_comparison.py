"""Comparison of two sets of pictures, each of one sample: one likelihood ratio, all against all.

Frames of one stored trajectory are nearly copies of each other, so it is films that are counted: a
trajectory counts as one frame, the mean of its own. A picture that is not stored is a film.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from analysis.frame_query import Encoder, FrameQuery, embed
from analysis.latent_space import LatentSpace, encode
from analysis.likelihood_ratio import EmbeddingReader, Ratio, load_embedding, of_sets
from morphcore.errors import MorphError
from morphcore.statistics.feature_embedding import FeatureEmbedding
from morphcore.types import Latents
from store import trajectories
from store.db import open_store


class EmptySet(MorphError):
    """A set without a frame."""


@dataclass(frozen=True)
class SetFrame:
    """One frame of a set, and what it says alone: its ratio with all frames of the other set.

    Frames that are no `evidence` are in no ratio.
    """

    query: FrameQuery
    is_outlier: bool  # nothing of another trajectory is like it
    ratio: Ratio | None = None

    @property
    def evidence(self) -> bool:
        """Whether the model can tell anything of it."""
        return not self.is_outlier and not self.query.unseparated


@dataclass(frozen=True)
class SetComparison:
    """Two sets of frames with their ratio; None: no model that has one, or a set is no evidence."""

    a: tuple[SetFrame, ...]
    b: tuple[SetFrame, ...]
    ratio: Ratio | None
    one_film: bool  # whether several frames of a set are of one trajectory, and count as one


def compare_sets(
    store: Path,
    space: LatentSpace,
    a: Sequence[FrameQuery],
    b: Sequence[FrameQuery],
    *,
    encoder: Encoder = encode,
    embedding: EmbeddingReader = load_embedding,
) -> SetComparison:
    """Compare two sets of pictures, each of one sample, by a run's model.

    Raises:
        EmptySet: if a set has no frame.
        MorphError: if the model is needed and missing, or a frame is one colour everywhere.
    """
    if not a or not b:
        raise EmptySet("A sample has no frame; accepted is one frame or more of each sample.")
    known = embedding(store, space.checkpoint)
    first, second = (_side(store, space, queries, encoder) for queries in (a, b))
    counted = first.films(), second.films()
    return SetComparison(
        a=first.answered(known, counted[1]),
        b=second.answered(known, counted[0]),
        ratio=of_sets(known, *counted) if all(counted) else None,
        one_film=first.repeated or second.repeated,
    )


@dataclass(frozen=True)
class _Side:
    """The frames of a set, row by row, with their latents and the trajectories they are of."""

    frames: Sequence[SetFrame]
    latents: Sequence[Latents]
    owners: Sequence[int | None]  # None: not stored

    @property
    def repeated(self) -> bool:
        """Whether several that count are of one trajectory."""
        return len(self.films()) < sum(frame.evidence for frame in self.frames)

    def films(self) -> list[Latents]:
        """The latents of each film that counts, in one row: means over its frames."""
        own: dict[tuple[str, int], list[Latents]] = {}
        for row, (frame, each, owner) in enumerate(
            zip(self.frames, self.latents, self.owners, strict=True)
        ):
            if frame.evidence:
                film = ("picture", row) if owner is None else ("trajectory", owner)
                own.setdefault(film, []).append(each)
        return [_mean(frames) for frames in own.values()]

    def answered(
        self, known: FeatureEmbedding | None, other: Sequence[Latents]
    ) -> tuple[SetFrame, ...]:
        """The frames, each that counts with its own ratio with the films of the other set."""
        return tuple(
            replace(frame, ratio=of_sets(known, [each], other))
            if frame.evidence and other
            else frame
            for frame, each in zip(self.frames, self.latents, strict=True)
        )


def _side(
    store: Path, space: LatentSpace, queries: Sequence[FrameQuery], encoder: Encoder
) -> _Side:
    latents = [embed(store, space, query, encoder) for query in queries]
    frames = [
        SetFrame(query, space.is_outlier_at(each.mean[0], query_id=query.frame_id))
        for query, each in zip(queries, latents, strict=True)
    ]
    with open_store(store) as db:
        owners = [
            None
            if query.frame_id is None
            else trajectories.frame_info(db, query.frame_id).trajectory.id
            for query in queries
        ]
    return _Side(frames, latents, owners)


def _mean(frames: Sequence[Latents]) -> Latents:
    """The mean of frames of one film, as large as the first of them."""
    return replace(frames[0], mean=np.mean([each.mean for each in frames], axis=0))
