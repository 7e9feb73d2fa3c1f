"""Fit the discriminants that a run's latents are stored along, once its training has ended.

What chance is, is learnt from replicates of the training cells where there are some, and estimated
from the halves of frames where not (`docs/decisions/010-chance-from-replicates.md`).

They are part of the model, so they are saved with it, as a checkpoint of its own.
"""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np

from jobs import usual
from jobs.context import Context
from jobs.index import replicates, split_half
from jobs.index.chunk import ModelFile
from morphcore.errors import MorphError
from morphcore.models.base import FeatureModel
from morphcore.scattering.transform import FEATURES as SCATTERING
from morphcore.statistics import discriminants
from morphcore.statistics.axes_choice import (
    OF_LEARNT_AND_FIXED,
    Choice,
    CrossValidated,
    cross_validate,
)
from morphcore.statistics.discriminants import Discriminants
from morphcore.statistics.feature_embedding import FeatureEmbedding
from morphcore.statistics.likelihood_ratio import FOLDS, Transform, fit_likelihood_ratio
from morphcore.statistics.realisations import WIDTHS, Realisations
from morphcore.training import checkpoint, devices
from morphcore.training.checkpoint import CheckpointFile
from store import checkpoints, datasets, runs
from store.db import checkpoints_folder, open_store
from store.fencing import NotOwner
from store.runs import Run

# A fit for each fold of each choice that cross-validation tries.
_FITS = FOLDS * (len(WIDTHS) + len(OF_LEARNT_AND_FIXED))
NO_RETRIEVAL = (
    "Retrieval is measured on replicates of the training cells, by the preset two-level; make"
    ' replicates with: python -m jobs simulate --replicates "DATA SET"'
)


def newest(store: Path, run: Run) -> CheckpointFile:
    """Load a run's newest good checkpoint.

    Raises:
        MorphError: if there is none.
        CheckpointError: if its file is missing, changed or cut short.
    """
    if run.checkpoint_id is None:
        raise MorphError(f"{run.name} has no saved model yet; train it for at least one epoch.")
    return of_checkpoint(store, run.checkpoint_id)


def of_checkpoint(store: Path, checkpoint_id: int) -> CheckpointFile:
    """Load a checkpoint.

    Raises:
        CheckpointError: if its file is missing, changed or cut short.
    """
    with open_store(store) as db:
        row = checkpoints.by_id(db, checkpoint_id)
    return checkpoint.load(checkpoints_folder(store) / row.file, row.sha256)


def file_of(store: Path, checkpoint_id: int, *, device: str) -> ModelFile:
    """A checkpoint as a value that travels, its model to be rebuilt on a device.

    Raises:
        CheckpointError: if its file is missing.
    """
    with open_store(store) as db:
        row = checkpoints.by_id(db, checkpoint_id)
    content = checkpoint.content_of(checkpoints_folder(store) / row.file)
    return ModelFile(row.file, row.sha256, content, device)


def ensure(context: Context, run: Run) -> Run:
    """Fit the embedding of a run's newest model where it lacks one, or where replicates are new.

    Returns the run as it is then: a model with another embedding is another checkpoint, and its
    frames are to be encoded anew. With too few frames to fit one, z embeds a frame itself.

    Raises:
        MorphError: as `newest`.
        CheckpointError: as `newest`, or if the disk is full.
    """
    loaded = newest(context.store, run)
    model = loaded.model(devices.best_device())
    if not isinstance(model, FeatureModel):
        return run
    frames = replicates.of_run(context.store, run)
    if model.embedding is not None and not _more(frames, model.embedding):
        return run
    with open_store(context.store) as db:
        own = datasets.by_id(db, run.dataset_id).frames
    more = 0 if frames is None else len(frames.packed)
    context.plan(usual.fitting(run.config.preset, own, more))
    reading = split_half.read(context.stage("halves"), run, model)
    if reading is None:
        return run
    axes = None
    if frames is not None:
        replicated = replicates.read(context.stage("realisations"), frames, model)
    fitting = context.stage("axes")
    if frames is not None:
        axes = _by_replicates(fitting, replicated, reading)
    if axes is None and model.embedding is not None:
        return run
    axes = axes or _by_halves(reading, model.latent)
    if axes is None:
        return run
    with open_store(context.store) as db:
        assert run.checkpoint_id is not None
        before = checkpoints.by_id(db, run.checkpoint_id)
    file = f"{Path(before.file).stem}-axes{context.file_suffix()}.pt"
    folder = checkpoints_folder(context.store)
    saved = checkpoint.save_with_embedding(folder / file, loaded, axes)
    try:
        with open_store(context.store) as db:
            checkpoint_id = checkpoints.add(
                db,
                run.id,
                epoch=before.epoch,
                file=file,
                size=saved.size,
                sha256=saved.sha256,
                weights_sha256=saved.weights_sha256,
                has_embedding=True,
            )
            unused = checkpoints.drop_unused(db, run.id)
            run = runs.run(db, run.id)
    except NotOwner:
        (folder / file).unlink(missing_ok=True)
        raise
    for name in unused:
        (folder / name).unlink(missing_ok=True)
    halves = reading.features
    along = replace(halves, left=axes.transform(halves.left), right=axes.transform(halves.right))
    split_half.keep(context.store, checkpoint_id, along)
    return run


def _more(frames: replicates.Frames | None, embedding: FeatureEmbedding) -> bool:
    """Whether there are more realisations than an embedding was learnt from."""
    return frames is not None and frames.realisations > embedding.realisations


def _by_replicates(
    context: Context, frames: Realisations, reading: split_half.Read
) -> FeatureEmbedding | None:
    """Fit axes and ratio to realisations; None where there are too few."""
    try:
        chosen = _cross_validated(context, frames, reading).choice
        axes = _fit(reading, frames, chosen)
    except discriminants.TooFewRealisations:
        return None
    if not chosen.noise:
        words = (
            "flipped pixels count as a difference: without seeing them, fewer of these processes"
            " would be recognised"
        )
        context.progress(0.8, words, note=words)
    try:
        ratio = fit_likelihood_ratio(frames, lambda some: _fit(reading, some, chosen).transform)
    except MorphError:  # too few of anything, in a fold if not in all
        ratio = None
    return FeatureEmbedding(
        axes,
        scattering=True,
        learnt_from="replicates",
        realisations=frames.realisations,
        cells=len(np.unique(frames.cells)),
        ratio=ratio,
    )


def _cross_validated(
    context: Context, frames: Realisations, reading: split_half.Read
) -> CrossValidated:
    fits = itertools.count()

    def fit(some: Realisations, choice: Choice) -> Transform:
        context.progress(next(fits) / _FITS, "fitting the embedding")
        return _fit(reading, some, choice).transform

    return cross_validate(frames, fit, ridges=OF_LEARNT_AND_FIXED, noise=True)


def _fit(reading: split_half.Read, some: Realisations, choice: Choice) -> Discriminants:
    learnt = some.features.shape[1] - SCATTERING
    config = replace(
        discriminants.BY_REALISATIONS,
        ridge=np.repeat(choice.ridge, (learnt, SCATTERING)),
        noise_weight=float(choice.noise),
    )
    return discriminants.fit_by_realisations(
        some, choice.axes, reading.nuisances, width=choice.width, config=config
    )


def retrieval(context: Context, run: Run) -> float:
    """Measure how often a run's newest model finds the cell of a frame among its replicates.

    That is the share of hits by which the axes of its embedding are chosen: by cross-validation,
    over cells that the run has trained on.

    Raises:
        MorphError: if the model has no such embedding, or there are too few replicates or frames.
    """
    model = newest(context.store, run).model(devices.best_device())
    frames = replicates.of_run(context.store, run)
    if not isinstance(model, FeatureModel) or frames is None:
        raise MorphError(NO_RETRIEVAL)
    reading = split_half.read(context.part(0.0, 0.4), run, model)
    if reading is None:
        raise MorphError(NO_RETRIEVAL)
    known = replicates.read(context.part(0.4, 0.8), frames, model)
    return _cross_validated(context.part(0.8, 1.0), known, reading).hits


def _by_halves(reading: split_half.Read, most: int) -> FeatureEmbedding | None:
    """Fit axes and ratio to halves of frames; None where there are too few.

    The ratio's axes were chosen on the same trajectories, as there are often too few to spare some.
    """
    try:
        axes = discriminants.fit_discriminants(reading.features, most, reading.nuisances)
    except discriminants.TooFewHalves:
        return None
    try:
        ratio = fit_likelihood_ratio(reading.sides, lambda _: axes.transform, area=0.5)
    except MorphError:
        ratio = None
    return FeatureEmbedding(axes, scattering=True, learnt_from="halves", ratio=ratio)
