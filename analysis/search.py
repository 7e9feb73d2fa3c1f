"""The stored frames nearest to a frame, in a latent space or in one of measured quantities."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from analysis.comparison import ComparisonReference, Difference, differences
from analysis.frame_embedding import FrameEmbedding, SearchOptions
from analysis.frame_query import Encoder, FrameQuery, describe, embed, seen_frame
from analysis.latent_space import LatentSpace, encode
from analysis.likelihood_ratio import EmbeddingReader, Ratio, load_embedding, of_pair
from morphcore.statistics.feature_embedding import FeatureEmbedding
from morphcore.times import plain as plain_time
from morphcore.types import Latents, Neighbour


@dataclass(frozen=True, kw_only=True)
class Match:
    """A stored frame near a query: distance and percentile as in `Neighbour`.

    `scale`: how it was brought to the model's pixels; None for a frame of the model's own data set.
    """

    frame_id: int
    trajectory: str
    index: int
    time: int | float
    distance: float
    percentile: float
    dataset: str
    scale: str | None


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """The matches of a query, the nearest first; figures of a posterior are None without one."""

    query: FrameQuery
    matches: tuple[Match, ...]
    units: tuple[float, ...] | None = None  # of the scatter between realisations, match by match
    uncertainty: float | None = None  # of the query's latent, along any one axis
    is_outlier: bool = False  # nothing of another trajectory is like the query


def search(
    embedding: FrameEmbedding,
    query: FrameQuery,
    coords: Float32[np.ndarray, " axes"],
    options: SearchOptions,
) -> SearchResult:
    """Find the frames nearest to a query's coordinates in a space without posteriors."""
    neighbours = embedding.nearest(coords, options, query_id=query.frame_id)
    return SearchResult(query=query, matches=_matches(embedding, neighbours))


def search_latents(
    store: Path,
    space: LatentSpace,
    query: FrameQuery,
    options: SearchOptions,
    *,
    encoder: Encoder = encode,
) -> SearchResult:
    """Find the frames nearest to a query in a run's latent space.

    Raises:
        MorphError: if the model is needed and missing, or the frame is one colour everywhere.
    """
    latents = embed(store, space, query, encoder)
    matches = search(space.gallery(options), query, latents.mean[0], options).matches
    return SearchResult(
        query=query,
        matches=matches,
        units=_units(space, latents, matches),
        uncertainty=uncertainty(latents),
        is_outlier=space.is_outlier_at(latents.mean[0], query_id=query.frame_id),
    )


def ratios(
    store: Path,
    space: LatentSpace,
    result: SearchResult,
    *,
    encoder: Encoder = encode,
    embedding: EmbeddingReader = load_embedding,
) -> tuple[Ratio | None, ...]:
    """The likelihood ratio of each match with the query, match by match.

    None where one of both is no evidence (unlike all that the model knows, or not separated), and
    where the model has no calibrated ratio.

    Raises:
        MorphError: if the model is missing.
    """
    none = (None,) * len(result.matches)
    if result.is_outlier or result.query.unseparated:
        return none
    known = embedding(store, space.checkpoint)
    if known is None or known.ratio is None:
        return none
    query = embed(store, space, result.query, encoder)
    return tuple(_ratio_to(space, query, match, known) for match in result.matches)


def explain(
    store: Path, space: LatentSpace, reference: ComparisonReference, result: SearchResult
) -> list[tuple[Difference, ...]]:
    """The differences of each match from the query, match by match."""
    own = describe(store, result.query)
    return [
        differences(reference, own, describe(store, seen_frame(store, space.run, match.frame_id)))
        for match in result.matches
    ]


def uncertainty(latents: Latents) -> float:
    """The standard deviation of a frame's latent, in one row, along any one direction.

    The root mean square over the dimensions.

    >>> zeros = np.zeros((1, 2), np.float32)
    >>> uncertainty(Latents(np.array([1]), zeros, zeros))
    1.0
    """
    return float(np.sqrt(np.exp(latents.logvar[0].astype(np.float64)).mean()))


def _matches(embedding: FrameEmbedding, neighbours: Sequence[Neighbour]) -> tuple[Match, ...]:
    rows = embedding.rows([neighbour.frame_id for neighbour in neighbours]).tolist()
    return tuple(
        Match(
            frame_id=neighbour.frame_id,
            trajectory=embedding.trajectory_names[int(embedding.trajectory_ids[row])],
            index=int(embedding.index[row]),
            time=plain_time(float(embedding.time[row])),
            distance=neighbour.distance,
            percentile=neighbour.percentile,
            dataset=embedding.dataset_names[int(embedding.dataset_ids[row])],
            scale=embedding.scales.get(int(embedding.trajectory_ids[row])),
        )
        for neighbour, row in zip(neighbours, rows, strict=True)
    )


def _ratio_to(
    space: LatentSpace, query: Latents, match: Match, known: FeatureEmbedding
) -> Ratio | None:
    other = space.posterior_of(match.frame_id)
    (row,) = space.everything.rows([match.frame_id])
    if (
        other is None
        or space.everything.unseparated[row]
        or space.is_outlier_at(other.mean[0], query_id=match.frame_id)
    ):
        return None
    return of_pair(known, query, other)


def _units(
    space: LatentSpace, latents: Latents, matches: Sequence[Match]
) -> tuple[float, ...] | None:
    if not matches:
        return None
    rows = space.everything.rows([match.frame_id for match in matches])
    distances = np.array([match.distance for match in matches])
    query = np.repeat(latents.mean, len(matches), axis=0)
    units = space.noise_units(distances, query, space.everything.coords[rows])
    return None if units is None else tuple(units)
