"""Train a model in the background, then index it and draw its maps.

The page sees it through the store alone: a row an epoch, a point of the training curve every few
seconds, a reconstruction grid now and then, and a checkpoint at least every half minute and
whenever the training stops, so that it can go on from there: after a pause, a stop, or the sudden
end of its process.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch

from analysis.frame_pixels import held_out_pixels
from jobs import usual
from jobs.context import Context
from jobs.index import job as indexing
from jobs.index import replicates
from jobs.specs import IndexJob, TrainJob
from jobs.train import loop as epochs
from jobs.train.loop import SAVING, SavingConfig
from jobs.train.prepare import prepare
from jobs.train.watch import Watch
from morphcore.config import MOST_EPOCHS, ConfigError, TrainConfig
from morphcore.errors import MorphError
from morphcore.models.geometry import Geometry
from morphcore.training import data_parallel, devices, schedule
from morphcore.types import SplitBy
from store import datasets, latents, projections, runs
from store.db import open_store, writing
from store.runs import Run
from wording.numbers import amount

EITHER = (
    "Give either minutes or steps: minutes are turned into a number of steps by the speed of the"
    " first ones, and steps are that number."
)
# What may change when a run is resumed; the rest made the run what it is.
ENDS = ("epochs", "minutes", "steps")
CHANGEABLE = (*ENDS, "lr", "lr_late", "lr_late_from", "lr_late_on_stall")


@dataclass(frozen=True, kw_only=True)
class TrainResult:
    """The result of a training. Field names are keys of the stored result: never rename them."""

    run: int
    dataset: str
    split: SplitBy
    epochs: int
    steps: int | None  # batches in all; None of a run of before they were counted
    minutes: float | None  # that became these steps
    seconds: float
    neg_elbo_nats_start: float  # held-out, before the first step
    neg_elbo_nats: float  # held-out, after the last epoch
    neg_elbo_nats_per_pixel: float  # a coin flip for every pixel has 0.693
    device: str | None
    frames_per_second: float | None  # median over epochs; None before the first
    weights_sha256: str | None  # equal only where all weights are; None of an older checkpoint


def run(context: Context, spec: TrainJob, saving: SavingConfig = SAVING) -> dict[str, Any]:
    """Train as `train` does; the result as JSON values."""
    return asdict(train(context, spec, saving))


def train(
    context: Context,
    spec: TrainJob,
    saving: SavingConfig = SAVING,
    watch: Watch | None = None,
) -> TrainResult:
    """Train a new run, or go on with one, then index it and draw its maps.

    A job that was resumed, and that had done all of it before, only gives its result. `watch` is
    called after every step, and may end the training by what it raises.

    Raises:
        ConfigError: if a setting is not accepted, there is neither a data set nor a run, or both
            minutes and steps.
        MorphError: if the data set is too small or serves another one, or a run is done or cannot
            change.
        Stopped, Paused: if asked for; the run goes on from there when it is resumed.
        EndedEarly: from `watch`; what was trained so far is saved.
    """
    devices.leave_room_for_the_page()
    device = devices.best_device()
    settings = spec.settings()
    if "minutes" in settings and "steps" in settings:
        raise ConfigError(EITHER)
    if spec.run is None:
        run_id = _create(context, spec.dataset, settings)
    else:
        run_id = spec.run
        _change(context, run_id, spec.dataset, settings)
    with open_store(context.store) as db:
        runs.set_device(db, run_id, _described(device, runs.run(db, run_id).config))
        run = runs.run(db, run_id)
    state = epochs.state_of(context, run, device)
    run = epochs.decided(context, run, state)
    _plan(context, run, index=spec.index)
    if not schedule.finished(state, run.config):
        epochs.train(context.stage("train"), run, state, device, saving, watch)
    elif not context.resumed and (not spec.index or _complete(context, run_id)):
        raise MorphError(
            f"{run.name} is done: {amount(state.epoch, 'epoch')}, {amount(state.steps, 'step')} in"
            f" {state.seconds / 60:.1f} minutes; give it more epochs, steps or minutes to go on."
        )
    if spec.index:
        indexing.run(context, IndexJob(run=run_id, maps=True))
    return _result(context, run_id)


def _plan(context: Context, run: Run, *, index: bool) -> None:
    """Say the stages of a training, with those of the index that it ends with."""
    with open_store(context.store) as db:
        learnt_from = len(runs.split(db, run.id).training)
        frames = datasets.by_id(db, run.dataset_id).frames
    stages = [usual.training(learnt_from, run.config)]
    if index:
        replicated = replicates.count(context.store, run.dataset_id)
        stages += usual.fitting(run.config.preset, frames, replicated)
        stages += usual.indexing(run.config.preset, frames, undescribed=0, maps=True)
    context.plan(stages)


def _described(device: torch.device, config: TrainConfig) -> str:
    """The device, on a CPU with the number of workers, on which the numbers depend."""
    geometry = Geometry(config.height, config.width, config.periodic, config.periodic_y)
    workers = data_parallel.worker_count(device, config.batch, geometry)
    words = devices.describe(device)
    return f"{words}, {amount(workers, 'worker')}" if device.type == "cpu" else words


def _create(context: Context, name: str | None, given: dict[str, Any]) -> int:
    """Create a run on a data set, with its split, for the job to go on with when it is resumed."""
    with open_store(context.store) as db:
        ready = prepare(db, name, given)
        with writing(db):  # no run whose job does not know it
            run_id = runs.create(db, ready.dataset_id, ready.config, ready.division)
            context.remember_in(db, run=run_id)
        return run_id


def _change(context: Context, run_id: int, name: str | None, given: dict[str, Any]) -> None:
    """Take over the settings with which a run is resumed, where they may change."""
    with open_store(context.store) as db:
        run = runs.run(db, run_id)
        fixed = {key: value for key, value in given.items() if key not in CHANGEABLE}
        changed = [key for key, value in fixed.items() if value != getattr(run.config, key)]
        # A name that no data set has any more is that of ours before it was renamed.
        if name != run.dataset and name in {dataset.name for dataset in datasets.all_datasets(db)}:
            changed.append("data set")
        if changed:
            raise MorphError(
                f"{run.name} keeps its {', '.join(changed)}; what a resumed run may change is"
                f" {', '.join(CHANGEABLE)}. Start a new run for the rest."
            )
        runs.set_config(db, run_id, replace(run.config, **_ends(run.config, given)))


def _ends(config: TrainConfig, given: dict[str, Any]) -> dict[str, Any]:
    """Settings with which a run goes on: an end that is new takes the place of those before.

    The very end that a run had keeps the number of steps that its minutes became.
    """
    rest = {name: value for name, value in given.items() if name not in ENDS}
    ends = {name: given[name] for name in ENDS if name in given}
    if all(value == getattr(config, name) for name, value in ends.items()):
        return rest
    return {"epochs": MOST_EPOCHS, "minutes": None, "steps": None, **ends, **rest}


def _complete(context: Context, run_id: int) -> bool:
    """Whether a run whose training is done has its latents and maps, too."""
    with open_store(context.store) as db:
        run = runs.run(db, run_id)
        if run.checkpoint_id is None:
            return True
        missing = latents.missing(db, run.checkpoint_id, run.dataset_id)
        maps = indexing.mapped_every(datasets.by_id(db, run.dataset_id).frames)
        drawn = projections.of_checkpoint(db, run.checkpoint_id)
        return not len(missing) and len(drawn) >= len(maps)


def _result(context: Context, run_id: int) -> TrainResult:
    with open_store(context.store) as db:
        run = runs.run(db, run_id)
        curve = runs.epochs(db, run_id)
        pixels = held_out_pixels(db, run)
    speeds = [metrics.frames_per_second for metrics in curve if metrics.epoch > 0]
    return TrainResult(
        run=run_id,
        dataset=run.dataset,
        split=run.config.split,
        epochs=run.epochs,
        steps=curve[-1].steps,
        minutes=run.config.minutes,
        seconds=round(curve[-1].seconds, 1),
        neg_elbo_nats_start=round(curve[0].held_out_neg_elbo_nats, 1),
        neg_elbo_nats=round(curve[-1].held_out_neg_elbo_nats, 1),
        neg_elbo_nats_per_pixel=round(curve[-1].held_out_neg_elbo_nats / pixels, 5),
        device=run.device,
        frames_per_second=round(float(np.median(speeds)), 1) if speeds else None,
        weights_sha256=run.weights_sha256,
    )
