"""Fit the discriminants that a run's latents are stored along, once its training has ended.

They are part of the model, so they are saved with it, as a checkpoint of its own.
"""

from dataclasses import replace
from pathlib import Path

from jobs.context import Context
from jobs.index import split_half
from morphcore.errors import MorphError
from morphcore.models.base import FeatureModel
from morphcore.statistics import discriminants
from morphcore.training import checkpoint, devices
from morphcore.training.checkpoint import CheckpointFile
from store import checkpoints, runs
from store.db import checkpoints_folder, open_store
from store.runs import Run


def newest(store: Path, run: Run) -> CheckpointFile:
    """Load a run's newest checkpoint.

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


def ensure(context: Context, run: Run) -> Run:
    """Fit the discriminants of a run's newest model where it lacks them; seconds on a CPU.

    Returns the run as it is then. With too few frames to fit them, z embeds a frame itself.

    Raises:
        MorphError: as `newest`.
        CheckpointError: as `newest`, or if the disk is full.
    """
    loaded = newest(context.store, run)
    model = loaded.model(devices.best_device())
    if not isinstance(model, FeatureModel) or model.embedding is not None:
        return run
    reading = split_half.read(context, run, model)
    if reading is None:
        return run
    try:
        axes = discriminants.fit_discriminants(reading.features, model.latent, reading.moved)
    except discriminants.TooFewHalves:
        return run
    with open_store(context.store) as db:
        assert run.checkpoint_id is not None
        before = checkpoints.by_id(db, run.checkpoint_id)
    file = f"{Path(before.file).stem}-axes.pt"
    folder = checkpoints_folder(context.store)
    saved = checkpoint.save_with_embedding(folder / file, loaded, axes)
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
    for name in unused:
        (folder / name).unlink(missing_ok=True)
    halves = reading.features
    along = replace(halves, left=axes.transform(halves.left), right=axes.transform(halves.right))
    split_half.keep(context.store, checkpoint_id, along)
    return run
