"""Evaluate a run's latent space by the protocol, beside baselines on the same frames, and keep it.

The checkpoint that is indexed is evaluated, by its stored latents. Twins, rolled, mirrored and
real frames are not in the index: the model encodes them here.
"""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Float32

from jobs import usual
from jobs.cluster.executor import chosen
from jobs.context import Context
from jobs.evaluate import (
    baseline_task,
    calibration,
    elbo,
    map_trust,
    property_figures,
    results,
    symmetry,
)
from jobs.evaluate.frame_sets import RealFramesSource
from jobs.evaluate.setup import EvaluationTask, build_task, twin_sets
from jobs.executors.base import InThisProcess
from jobs.index import job as index
from jobs.index import split_half
from jobs.specs import EvaluateJob
from jobs.stages import Stage
from morphcore.embedding import encoding, latent_usage
from morphcore.embedding.rescaling import parse_choice
from morphcore.errors import MorphError
from morphcore.evaluation import baselines, protocol
from morphcore.evaluation.protocol import Embedding, FrameSet
from morphcore.evaluation.result import Evaluation, LatentUsage
from morphcore.frames import evenly
from morphcore.models.base import FeatureModel, Model
from morphcore.statistics.likelihood_ratio import LikelihoodRatio, fit_likelihood_ratio
from morphcore.training import devices
from morphcore.training.checkpoint import load_model
from store import checkpoint_files, checkpoints, datasets, descriptors, evaluations, runs
from store.db import checkpoints_folder, open_store
from store.runs import IndexedRun

MOST_OF_Z = 256  # frames that the latent dimensions are evaluated on
ANSWER = (
    "metrics",
    "baselines",
    "intervals",
    "properties",
    "split",
    "separated",
    "differences",
    "learnt",
    "notes",
    "seconds",
)  # of what is kept


def run(context: Context, spec: EvaluateJob) -> dict[str, Any]:
    """Compute all metrics of a run and of the baselines, and store them.

    Raises:
        NotIndexed: if the run has no latents yet.
        DamagedModel: if its model is missing or changed.
        TooFewSeparated: if too few frames have separated.
        MorphError: if the real frames cannot be read, or there is no property to group by.
        UnknownRun: if there is no such run.
        ClusterError: if the cluster that was asked for cannot be used.
        Stopped, Paused: if asked for; nothing is kept.
    """
    begun = time.monotonic()
    devices.leave_room_for_the_page()
    indexed = checkpoint_files.require_good_index(context.store, spec.run)
    with open_store(context.store) as db:
        property_figures.check_group(db, indexed.dataset_id, spec.group)
    checkpoint_id = indexed.index.checkpoint_id
    context.plan(_stages(context, indexed))
    first = context.stage("twins-read")
    _measure_missing(first.part(0.0, 0.1), indexed)

    def reading(_share: float) -> None:
        first.progress(0.1, "reading frames and latents")

    reading(0.0)
    real = None
    if spec.frames:
        across, up = spec.pixel_size or (1.0, 1.0)
        real = RealFramesSource(
            path=Path(spec.frames),
            pixel_size=None if spec.pixel_size is None else (across, up),
            scale=parse_choice(spec.scale),
        )
    task = build_task(context.store, indexed, real, spec.seed, reading, spec.separated)
    model = _model(context, indexed)
    embedding = _embedding(first.part(0.3, 0.95), task, model)
    split_half.ensure(first.part(0.95, 1.0), indexed, checkpoint_id, model)
    held_out = elbo.held_out(context.stage("elbo"), task, model, spec.seed)
    searched = context.stage("neighbours")

    def searching(share: float) -> None:
        searched.progress(0.2 * share, "finding neighbours in the latent space")

    searching(0.0)
    result = protocol.evaluate(embedding, task.protocol, progress=searching)
    seen = symmetry.ratios(searched.part(0.2, 1.0), task, model, embedding)
    baseline_results = _baselines(context.stage("baselines"), task, spec.cluster)
    by_baseline = {name: baseline.result for name, baseline in baseline_results.items()}
    last = context.stage("figures")
    predicted = property_figures.of_run(last.part(0.0, 0.5), indexed, spec.group, spec.seed)
    last.progress(0.5, "judging the map")
    evaluation = Evaluation(
        metrics={**result.figures, **seen, **held_out.metrics},
        real=result.real,
        baselines=results.baseline_figures(baseline_results),
        chance=results.twin_chance(task.protocol),
        split=results.evaluated_frames(indexed.config.split, task.protocol),
        nats_by_length=held_out.by_length,
        latent=_latent_usage(last, task, model),
        noise=calibration.calibrate(context.store, task, embedding),
        map=map_trust.map_trust(context.store, task),
        hubs=results.hubs(result),
        properties=predicted.figures,
        notes=(*task.notes, *_outdated(task, model), held_out.note, *predicted.notes),
        seed=spec.seed,
        seconds=round(time.monotonic() - begun, 1),
        separated=spec.separated,
        differences=results.differences(result, by_baseline, spec.seed),
        detection=results.detection({results.MODEL: result, **by_baseline}),
        learnt=results.learnt(model),
    )
    with open_store(context.store) as db:
        evaluations.add(db, checkpoint_id, evaluation)
    kept = evaluation.to_json()
    return {"run": spec.run, **{name: kept[name] for name in ANSWER}}


def _stages(context: Context, run: IndexedRun) -> list[Stage]:
    with open_store(context.store) as db:
        frames = datasets.by_id(db, run.dataset_id).frames
        held_out = len(runs.split(db, run.id).held_out)
    return usual.evaluating(frames, min(held_out, elbo.MOST_FRAMES))


def _measure_missing(context: Context, run: IndexedRun) -> None:
    """Measure descriptors of the data set and its twins where an older store lacks them."""
    with open_store(context.store) as db:
        ids = [run.dataset_id, *(dataset.id for dataset in twin_sets(db, run))]
        missing = [descriptors.missing(db, dataset_id) for dataset_id in ids]
    for order, frame_ids in enumerate(missing):
        if len(frame_ids):
            begin, end = order / len(missing), (order + 1) / len(missing)
            index.measure(context.part(begin, end), frame_ids)


def _model(context: Context, run: IndexedRun) -> Model:
    """Load the model that the latents are of, which need not be the run's newest."""
    with open_store(context.store) as db:
        checkpoint = checkpoints.by_id(db, run.index.checkpoint_id)
    file = checkpoints_folder(context.store) / checkpoint.file
    return load_model(file, checkpoint.sha256, devices.best_device())


def _embedding(context: Context, task: EvaluationTask, model: Model) -> Embedding:
    """Embed the frame sets: the data set's latents as stored, the rest by the model."""
    twins, rolled = task.protocol.twins, task.protocol.rolled
    mirrored, real = task.protocol.mirrored, task.protocol.real
    total = sum(len(sample) for sample in (twins, rolled, mirrored, real) if sample is not None)
    done = 0

    def encode(sample: FrameSet) -> np.ndarray:
        nonlocal done
        before, stage = done, f"encoding twins, moved and real frames, {total:,} in all"
        latents = encoding.encode_frames(
            model,
            sample.frame_ids,
            sample.packed,
            progress=lambda share: context.progress((before + share * len(sample)) / total, stage),
        )
        done += len(sample)
        return latents.mean.astype(np.float64)

    ratio = _ratio(task, model, encode)
    return Embedding(
        frames=task.stored.mean.astype(np.float64),
        twins=encode(twins) if twins is not None else None,
        rolled=encode(rolled) if rolled is not None else None,
        mirrored=encode(mirrored),
        real=encode(real) if real is not None else None,
        scoring=None if ratio is None else ratio.model,
        calibration=None if ratio is None else ratio.calibration,
    )


def _ratio(
    task: EvaluationTask, model: Model, encode: Callable[[FrameSet], np.ndarray]
) -> LikelihoodRatio | None:
    """The model's own likelihood ratio; of one that embeds by z, as fitted to realisations."""
    if isinstance(model, FeatureModel) and model.embedding is not None:
        return model.embedding.ratio
    if task.protocol.realisations is None:
        return None
    frames = task.protocol.realisations
    try:
        embedded = baselines.realisations_of(frames, encode(frames))
        return fit_likelihood_ratio(embedded, lambda _: _as_it_is)
    except MorphError:  # too few of anything
        return None


def _outdated(task: EvaluationTask, model: Model) -> list[str]:
    """A note where there are replicates that the model's embedding was not learnt from."""
    if not isinstance(model, FeatureModel) or model.embedding is None:
        return []
    if task.protocol.realisations is None or model.embedding.learnt_from == "replicates":
        return []
    return [
        f"{task.run.name} was indexed before its data set had replicates, so it has not learnt from"
        f" them; index it again: python -m jobs index --run {task.run.id}"
    ]


def _as_it_is(features: Float[np.ndarray, "n axes"]) -> Float32[np.ndarray, "n axes"]:
    return features.astype(np.float32)


def _baselines(
    context: Context, task: EvaluationTask, cluster: str | None
) -> dict[str, baselines.BaselineResult]:
    one_size = len(task.protocol.frames.packed.shapes) == 1
    names = [name for name in baselines.NAMES if one_size or not baselines.needs_one_size(name)]
    groups = baseline_task.groups(names)
    weights = [baseline_task.weight(group) for group in groups]
    found: dict[str, baselines.BaselineResult] = {}

    def judging(shares: list[float], note: str | None = None) -> None:
        done = sum(weight * share for weight, share in zip(weights, shares, strict=False))
        at = next((each for each, share in enumerate(shares) if share < 1), len(groups) - 1)
        stage = f"judging the {baseline_task.group_name(groups[at])}"
        context.progress(done / sum(weights), stage, note=note)

    with chosen(cluster, InThisProcess()) as executor:
        judged = executor.map(
            baseline_task.judge,
            groups,
            shared=task.protocol,
            report=judging,
            name=baseline_task.group_name,
        )
        with closing(judged):
            for results_of_group in judged:
                found.update(results_of_group)
    return {name: found[name] for name in names}


def _latent_usage(context: Context, task: EvaluationTask, model: Model) -> LatentUsage:
    """The usage of the latent dimensions over separated frames: of z, not of the embedding."""
    context.progress(0.5, "judging the latent dimensions")
    frames = task.protocol.frames
    rows = evenly(len(frames), MOST_OF_Z)
    usage = latent_usage.dimensions(encoding.posteriors(model, frames.packed[rows]))
    return LatentUsage(
        active=usage.active,
        kl_nats=tuple(usage.kl_nats.tolist()),
        variance=tuple(usage.variance.tolist()),
    )
