"""The nearest frames to a frame, and frames or sets compared, as JSON values for the command line.

No queued job: an answer takes milliseconds once the model is loaded, and a stored frame's needs no
model at all, since its latents are stored.
"""

from collections.abc import Sequence
from dataclasses import asdict
from math import exp
from pathlib import Path
from typing import Any

from analysis import comparison, set_comparison
from analysis.attached import attachment_named
from analysis.frame_embedding import SearchOptions
from analysis.frame_query import FrameQuery, embed, parse_target
from analysis.latent_space import LatentSpace, load_latent_space
from analysis.likelihood_ratio import Ratio, check_prior
from analysis.property_prediction import predict_properties
from analysis.search import search_latents
from morphcore.config import ConfigError
from morphcore.embedding.rescaling import ScaleChoice, parse_choice
from store import properties
from store.db import open_store
from store.runs import IndexedRun
from wording import comparison as comparison_words
from wording import likelihood_ratio as ratio_words
from wording.comparison import verdict
from wording.likelihood_ratio import CAPPED, RatioText


def query(
    store: Path,
    run_id: int,
    target: str,
    k: int,
    *,
    same_trajectory: bool = False,
    one_per_trajectory: bool = False,
    gallery: Sequence[str] = (),
    scale: str | None = None,
) -> dict[str, Any]:
    """Find the `k` stored frames nearest to a file or to `frame:ID`, by a run's model.

    They are of the run's data set, or of those named by `gallery`. `scale` says how the query was
    brought to the model's pixels, if it is not of that data set.

    Raises:
        ConfigError: if `k` is below 1.
        MorphError: if the target is no frame or has not separated.
        UnknownRun, UnknownFrame, UnknownDataset: if there is none of that number or name.
        NotIndexed: if the run has no latents yet.
        NotAttached: if its model has not looked at a data set of `gallery`.
        ScaleError: if `scale` is not accepted.
    """
    if k < 1:
        raise ConfigError(f"k is {k}; accepted is 1 or more")
    space = load_latent_space(store, run_id)
    options = SearchOptions(
        k=k,
        same_trajectory=same_trajectory,
        one_per_trajectory=one_per_trajectory,
        datasets=_datasets(store, space.run, gallery) if gallery else None,
    )
    frame = parse_target(store, space.run, target, _choice(scale))
    result = search_latents(store, space, frame, options)
    return {
        "neighbours": [asdict(match) for match in result.matches],
        "scale": frame.scale,
        "properties": _predictions(store, space, frame),
    }


def _predictions(store: Path, space: LatentSpace, frame: FrameQuery) -> list[dict[str, Any]]:
    """Predict the properties of a frame from the 10 nearest; none where no data set has any."""
    frames = space.everything
    with open_store(store) as db:
        if not any(properties.of_dataset(db, each) for each in set(frames.dataset_ids.tolist())):
            return []
    coords = embed(store, space, frame).mean[0]
    predicted = predict_properties(store, space.run, frames, frame, coords)
    return [asdict(made) for made in predicted]


def _datasets(store: Path, run: IndexedRun, names: Sequence[str]) -> frozenset[int]:
    with open_store(store) as db:
        return frozenset(
            run.dataset_id if name == run.dataset else attachment_named(db, run, name).dataset_id
            for name in names
        )


def _choice(scale: str | None) -> ScaleChoice | None:
    return None if scale is None else parse_choice(scale)


def compare(
    store: Path,
    run_id: int,
    a: str,
    b: str,
    *,
    scale: str | None = None,
    prior: float | None = None,
) -> dict[str, Any]:
    """Compare two frames (files or `frame:ID`) by a run's model and by their descriptors.

    `answer` says the ratio, or why there is none (`ratio` is None then). `verdict`, by distance
    alone, is there only without a ratio; `units` is None for a run that an older version indexed.
    `prior` is the probability that one process made both, before. The rest is as in
    `comparison.Comparison`; a file's domain length leaves out the seam between its last and first
    column. `scale` says of each how it was brought to the model's pixels; None for one of the
    model's own data set.

    Raises:
        MorphError: if one is no frame or one colour everywhere.
        PriorError: if the prior is not between 0 and 1.
        UnknownRun, UnknownFrame: if there is none of that number.
        NotIndexed: if the run has no latents yet.
    """
    if prior is not None:
        check_prior(prior)
    space = load_latent_space(store, run_id)
    result = comparison.compare(
        store,
        space,
        parse_target(store, space.run, a, _choice(scale), early=True),
        parse_target(store, space.run, b, _choice(scale), early=True),
        reference=comparison.load_reference(store, space),
    )
    return {
        **_ratio(result.ratio, comparison_words.ratio(result, prior), prior),
        "distance": result.distance,
        "uncertainty": result.uncertainty,
        "percentile": result.percentile,
        "step_percentile": result.step_percentile,
        "units": result.units,
        "same_within": result.same_within,
        "calibrated": result.calibrated,
        "verdict": verdict(result),
        "scale": {"a": result.a.query.scale, "b": result.b.query.scale},
        "unlike_all": [name for name, frame in ((a, result.a), (b, result.b)) if frame.is_outlier],
        "descriptors": {
            difference.name: {
                "a": difference.a,
                "b": difference.b,
                "delta_sigma": difference.sigmas,
            }
            for difference in result.differences
        },
    }


def compare_sets(
    store: Path,
    run_id: int,
    a: Sequence[str],
    b: Sequence[str],
    *,
    scale: str | None = None,
    prior: float | None = None,
) -> dict[str, Any]:
    """Compare two sets of pictures (files or `frame:ID`), each of one sample, by a run's model.

    `frames_a` and `frames_b` have each frame's own ratio with all of the other set. The rest is as
    in `compare`.

    Raises:
        MorphError: as `compare`, or if the model's file is missing.
    """
    if prior is not None:
        check_prior(prior)
    space = load_latent_space(store, run_id)
    sides = [
        [parse_target(store, space.run, each, _choice(scale), early=True) for each in targets]
        for targets in (a, b)
    ]
    result = set_comparison.compare_sets(store, space, *sides)
    return {
        **_ratio(result.ratio, ratio_words.sets(result, prior), prior),
        **{
            f"frames_{name}": [
                {
                    "frame": target,
                    "counted": frame.evidence,
                    "ratio": _figures(frame.ratio),
                    "scale": frame.query.scale,
                }
                for target, frame in zip(targets, frames, strict=True)
            ]
            for name, targets, frames in (("a", a, result.a), ("b", b, result.b))
        },
    }


def _ratio(ratio: Ratio | None, text: RatioText, prior: float | None) -> dict[str, Any]:
    """A ratio in words and figures, with the posterior where there is a prior."""
    after = None if ratio is None or prior is None else ratio.posterior(prior)[0]
    return {
        "answer": text.whole,
        "ratio": _figures(ratio),
        "posterior": after,
    }


def _figures(ratio: Ratio | None) -> dict[str, Any] | None:
    """A ratio (not its logarithm) and its interval; `capped` is "at least", "at most" or None."""
    if ratio is None:
        return None
    return {
        "value": exp(ratio.value),
        "low": exp(ratio.low),
        "high": exp(ratio.high),
        "capped": CAPPED.get(ratio.capped),
        "learnt_from": ratio.learnt_from,
        "realisations": ratio.realisations,
        "cells": ratio.cells,
    }
