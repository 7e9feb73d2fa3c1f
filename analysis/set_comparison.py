"""Comparison of two sets of pictures, each of one sample: one likelihood ratio, all against all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.frame_query import Encoder, FrameQuery, embed
from analysis.latent_space import LatentSpace, encode
from analysis.likelihood_ratio import EmbeddingReader, Ratio, load_embedding, of_sets
from morphcore.errors import MorphError
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
    one_realisation: bool  # whether a set has several frames of one stored trajectory


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
    sides: list[list[SetFrame]] = []
    latents: list[list[Latents]] = []
    for queries in (a, b):
        embedded = [embed(store, space, query, encoder) for query in queries]
        frames = [
            SetFrame(query, space.is_outlier_at(each.mean[0], query_id=query.frame_id))
            for query, each in zip(queries, embedded, strict=True)
        ]
        sides.append(frames)
        latents.append(
            [each for frame, each in zip(frames, embedded, strict=True) if frame.evidence]
        )

    def answered(side: int) -> tuple[SetFrame, ...]:
        own, other = iter(latents[side]), latents[1 - side]
        if not other:
            return tuple(sides[side])
        return tuple(
            SetFrame(frame.query, frame.is_outlier, of_sets(known, [next(own)], other))
            if frame.evidence
            else frame
            for frame in sides[side]
        )

    return SetComparison(
        a=answered(0),
        b=answered(1),
        ratio=of_sets(known, *latents) if all(latents) else None,
        one_realisation=any(_repeated(store, queries) for queries in (a, b)),
    )


def _repeated(store: Path, queries: Sequence[FrameQuery]) -> bool:
    """Whether several frames of a set are of one stored trajectory."""
    ids = [query.frame_id for query in queries if query.frame_id is not None]
    with open_store(store) as db:
        owners = [trajectories.frame_info(db, frame_id).trajectory.id for frame_id in ids]
    return len(set(owners)) < len(owners)
