"""The training loop of a run: train, and keep its figures, grids and checkpoints."""

import time
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int64

from jobs.context import Context, Paused, Stopped
from jobs.train import forming_map, reconstruction_grid
from jobs.train.curve import TrainingCurve
from jobs.train.watch import EndedEarly, Watch, Watched
from morphcore.config import TrainConfig
from morphcore.frames import SizedFrames
from morphcore.training import checkpoint, data_parallel, dataset, schedule
from morphcore.training import loop as training
from morphcore.training import state as training_state
from morphcore.training.dataset import FrameDataset
from morphcore.training.pace import Pace
from morphcore.training.state import TrainingState
from morphcore.types import EpochMetrics
from store import (
    checkpoint_files,
    checkpoints,
    forming_maps,
    runs,
    training_curve,
    trajectories,
)
from store.checkpoints import Checkpoint
from store.db import checkpoints_folder, open_store
from store.fencing import NotOwner
from store.runs import Run
from wording.training import in_minutes, progress_stage


@dataclass(frozen=True, kw_only=True)
class SavingConfig:
    """The intervals at which a training saves checkpoints and reconstruction grids."""

    checkpoint_seconds: float = 30.0
    # A grid every 5 s, later every 12 % of the time so far: some 60 of them in three hours.
    grid_seconds: float = 5.0
    grid_share: float = 0.12


SAVING = SavingConfig()


def state_of(context: Context, run: Run, device: torch.device) -> TrainingState:
    """Load the state of a run's training: its newest good checkpoint, or as it is at the start.

    Figures of epochs after that checkpoint (its process was killed, or a newer one is damaged) are
    forgotten: they come again.

    Raises:
        CheckpointError: if each checkpoint is missing, changed or cut short.
    """
    if run.checkpoint_id is None:
        state = training_state.start(run.config, device)
    else:
        row = _newest_good(context, run, run.checkpoint_id)
        saved = checkpoint.load(checkpoints_folder(context.store) / row.file, row.sha256)
        state = saved.resume(run.config, device)
    with open_store(context.store) as db:
        if state.epoch and not state.steps:  # saved before steps were counted
            division = runs.split(db, run.id)
            batches = -(-len(division.training) // run.config.batch)
            state.steps = state.epoch * batches + state.step
        runs.forget_after(db, run.id, state.epoch)
        training_curve.forget_after(db, run.id, state.steps)
    return state


def _newest_good(context: Context, run: Run, newest_id: int) -> Checkpoint:
    """The checkpoint to go on from; the damaged ones after it are said, and deleted."""
    good = checkpoint_files.newest_good(context.store, run.id)
    with open_store(context.store) as db:
        if good is None:
            return checkpoints.by_id(db, newest_id)  # to load it says what is wrong
        words = checkpoint_files.damage(context.store, replace(runs.run(db, run.id), index=None))
        if good.id == newest_id and words is None:
            return good
        unused = checkpoints.drop_after(db, run.id, good.id)
    for name in unused:
        (checkpoints_folder(context.store) / name).unlink(missing_ok=True)
    context.progress(0.0, words or "", note=words)
    return good


def decided(context: Context, run: Run, state: TrainingState) -> Run:
    """Turn a run's minutes into steps by its own speed, where it has some behind it; store it."""
    config = schedule.decided_by_own_speed(state, run.config)
    return run if config == run.config else _keep(context, run, state, config)


def _keep(context: Context, run: Run, state: TrainingState, config: TrainConfig) -> Run:
    """Store the number of steps that a run's minutes became, and say it."""
    with open_store(context.store) as db:
        runs.set_config(db, run.id, config)
    assert config.steps is not None
    assert config.minutes is not None
    words = in_minutes(config.steps, config.minutes)
    context.progress(min(1.0, state.steps / config.steps), words, note=words)
    return replace(run, config=config)


def train(
    context: Context,
    run: Run,
    state: TrainingState,
    device: torch.device,
    saving: SavingConfig = SAVING,
    watch: Watch | None = None,
) -> None:
    """Train until the run's epochs or steps are done; its state is saved however it ends.

    Raises:
        EndedEarly: from `watch`.
        Stopped, Paused: as the user asked; the run goes on from there when it is resumed.
        CheckpointError: if the disk is full.
    """
    with open_store(context.store) as db:
        division = runs.split(db, run.id)
        table = trajectories.frame_table(db, run.dataset_id)
        shown = reconstruction_grid.choose(table, division.measured)
        mapped = forming_map.choose(table, division)
        pictures = _Pictures(
            shown, trajectories.packed(db, shown), mapped, trajectories.packed(db, mapped)
        )

        def data(ids: Int64[np.ndarray, " frames"]) -> FrameDataset:
            return dataset.on_device(trajectories.packed(db, ids), device)

        training_frames, held_out = data(division.training), data(division.measured)
    workers = data_parallel.worker_count(device, run.config.batch, state.model.geometry)
    pace = Pace(training_frames.batch_count(run.config.batch))
    work = _Work(context, run, state, saving, pictures, pace)

    def measure(most: int) -> float:
        some = held_out.every(-(-len(held_out) // most))
        return sum(training.evaluate(state.model, some, run.config.seed, workers=workers))

    def on_step(share: float) -> None:
        work.on_step(share)
        if watch is not None:
            watch(Watched(state, work.total, measure))

    try:
        for metrics in training.epochs(
            state,
            run.config,
            training_frames,
            held_out,
            progress=on_step,
            workers=workers,
            pace=pace,
            on_decided=work.on_decided,
        ):
            work.on_epoch(metrics)
    except (Stopped, Paused, EndedEarly):
        work.save()
        raise
    work.draw()
    work.save()


class _Pictures(NamedTuple):
    """The frames that are drawn while a model trains: reconstructed, and placed on a map."""

    shown: Int64[np.ndarray, " columns"]
    shown_frames: SizedFrames
    mapped: Int64[np.ndarray, " frames"]
    mapped_frames: SizedFrames


class _Work:
    """A training under way: when it was last saved and drawn."""

    def __init__(
        self,
        context: Context,
        run: Run,
        state: TrainingState,
        saving: SavingConfig,
        pictures: _Pictures,
        pace: Pace,
    ) -> None:
        self.context, self.run, self.state, self.saving = context, run, state, saving
        self.pictures, self.pace = pictures, pace
        self.curve = TrainingCurve(context.store, run.id, state, pace.batches)
        self.saved_at = time.monotonic()
        self.saved = (state.epoch, state.step) if run.checkpoint_id else None
        self.drawn_at = -np.inf  # in the run's own seconds
        self.drawn_epoch: int | None = None

    @property
    def total(self) -> int | None:
        """The number of steps of the whole training, where it is known by now."""
        return schedule.total_steps(self.state, self.run.config, self.pace.batches)

    def on_step(self, _share_of_epoch: float) -> None:
        """After every batch: save a checkpoint when due, report progress, raise on a stop."""
        self.curve.on_step()
        if time.monotonic() - self.saved_at >= self.saving.checkpoint_seconds:
            self.save()
        state, config = self.state, self.run.config
        total = self.total
        left: float | None
        if total is None:
            assert config.minutes is not None
            seconds = config.minutes * 60
            share, left = state.seconds / seconds, max(0.0, seconds - state.seconds)
        else:
            share, left = state.steps / total, self.pace.seconds_left(total - state.steps)
        epoch = min(state.epoch + 1, config.epochs)
        stage = progress_stage(state.steps, total, epoch)
        self.context.progress(min(1.0, share), stage, left, topic=f"epoch {epoch}")

    def on_decided(self, config: TrainConfig) -> None:
        """Once the minutes are a number of steps: store it, and say it."""
        self.run = _keep(self.context, self.run, self.state, config)

    def on_epoch(self, metrics: EpochMetrics) -> None:
        """After every epoch: store its figures, and a reconstruction grid when due."""
        with open_store(self.context.store) as db:
            runs.add_epoch(db, self.run.id, metrics)
        wait = max(self.saving.grid_seconds, self.saving.grid_share * metrics.seconds)
        if metrics.epoch <= 1 or metrics.seconds - self.drawn_at >= wait:
            self.draw()

    def draw(self) -> None:
        """Store a reconstruction grid of the shown frames, and the map as it is by now."""
        if self.drawn_epoch == self.state.epoch:
            return
        model, epoch, frames = self.state.model, self.state.epoch, self.pictures
        picture = reconstruction_grid.draw(model, frames.shown_frames)
        with open_store(self.context.store) as db:
            before = forming_maps.newest(db, self.run.id)
        places = None
        if before is not None and np.array_equal(before.frame_ids, frames.mapped):
            places = before.coords
        drawn = forming_map.draw(model, epoch, frames.mapped, frames.mapped_frames, places)
        with open_store(self.context.store) as db:
            ids = frames.shown.tolist()
            runs.add_reconstruction_grid(
                db, self.run.id, runs.ReconstructionGrid(epoch, ids, picture)
            )
            if len(drawn.frame_ids):
                forming_maps.add(db, self.run.id, drawn)
        self.drawn_at, self.drawn_epoch = self.state.seconds, self.state.epoch

    def save(self) -> None:
        """Save a checkpoint, unless nothing has happened since the last; drop those not needed."""
        self.saved_at = time.monotonic()
        self.curve.flush()
        position = (self.state.epoch, self.state.step)
        if position == self.saved:
            return
        # Batches and the claim are part of the name: an older file, perhaps an indexed one, is
        # never replaced, nor is that of the process that has taken this job over.
        within = f"-batch-{self.state.step}" if self.state.step else ""
        name = f"run-{self.run.id}-epoch-{self.state.epoch}{within}"
        file = f"{name}{self.context.file_suffix()}.pt"
        folder = checkpoints_folder(self.context.store)
        saved = checkpoint.save(folder / file, self.run.config, self.state)
        try:
            with open_store(self.context.store) as db:
                checkpoints.add(
                    db,
                    self.run.id,
                    epoch=self.state.epoch,
                    file=file,
                    size=saved.size,
                    sha256=saved.sha256,
                    weights_sha256=saved.weights_sha256,
                )
                unused = checkpoints.drop_unused(db, self.run.id)
        except NotOwner:
            (folder / file).unlink(missing_ok=True)
            raise
        for name in unused:
            (folder / name).unlink(missing_ok=True)
        self.saved = position
