"""Training as a generator: one `EpochMetrics` after every pass over the training frames.

The caller logs, saves and stops; it may stop in the middle of an epoch, by raising from `progress`.
Everything that the next step depends on is in `TrainingState`, so a training that was saved and
restored goes on to the very same numbers (bit for bit on a CPU with as many workers). No number
depends on a clock but one: minutes become a number of steps, once, in the first of them.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import torch
from jaxtyping import Int64
from torch import Tensor

from morphcore.config import TrainConfig
from morphcore.models.base import Model
from morphcore.models.geometry import SIMULATED, batch_frames, evaluated_step
from morphcore.progress import Progress, ignore, part
from morphcore.training import devices
from morphcore.training.data_parallel import Replicas, child_generator, parallel_map
from morphcore.training.dataset import FrameDataset, FrameGroup, model_input, training_batch
from morphcore.training.pace import LEAST_MEASURED_STEPS, MEASURED_SHARE, UNTYPICAL_STEPS, Pace
from morphcore.training.schedule import (
    WARM_UP_STEPS,
    finished,
    learning_rate,
    total_steps,
    undecided,
)
from morphcore.training.state import Sums, TrainingState
from morphcore.types import EpochMetrics

STALL_SHARE = 0.002  # a gain of less than 0.2 % in `stall_epochs` epochs counts as none
EVALUATION_BATCH = 64  # of 100 x 400; more no longer fit a CPU's cache
# Norm, nats, for frames of 100 x 400, of others by their pixels; a larger one is shortened: one
# odd batch undoes no hour.
MOST_GRADIENT = 200.0


class ElboMeans(NamedTuple):
    """Means over frames, nats per frame: reconstruction and KL."""

    recon: float
    kl: float


def epochs(
    state: TrainingState,
    config: TrainConfig,
    training: FrameDataset,
    held_out: FrameDataset,
    *,
    progress: Progress = ignore,
    workers: int = 1,
    pace: Pace | None = None,
    on_decided: Callable[[TrainConfig], None] | None = None,
) -> Iterator[EpochMetrics]:
    """Train until `finished`, and yield the model's metrics after every epoch.

    A new training first yields epoch 0: the model before its first step (no frame was trained on,
    so its speed is 0). Held-out figures, and the training figures of epoch 0, are of up to 512
    frames, always the same, evenly spaced. When the steps end in the middle of an epoch, that epoch
    ends there. `progress` gets the share of the epoch that is done, after every batch; what it
    raises ends the training with a state that can be saved. Each batch is shared by `workers`.

    Minutes become steps within the first 50 steps, in which no rate depends on their number, and
    `on_decided` gets the settings that then hold: to train with these from the start gives the same
    model. `pace` is kept up to date.
    """
    batch_count = training.batch_count(config.batch)
    pace = Pace(batch_count) if pace is None else pace
    clock = _Throughput(state)
    held_out = _evenly_spaced(held_out)

    def measure(data: FrameDataset, share: float) -> ElboMeans:
        standing = part(progress, share, share)  # it is no part of the epoch, but can be stopped
        return evaluate(state.model, data, config.seed, standing, workers=workers)

    def metrics_of(means: ElboMeans, held: ElboMeans, epoch: int, speed: float) -> EpochMetrics:
        rate = learning_rate(state, config, total_steps(state, config, batch_count))
        return _metrics(state, rate, means, held, epoch=epoch, speed=speed)

    if state.epoch == 0 and state.order is None:
        training_means = measure(_evenly_spaced(training), 0.0)
        clock.tick()
        held_out_means = measure(held_out, 0.0)
        took = clock.tick()
        yield metrics_of(training_means, held_out_means, 0, 0.0)
        pace.epoch_end = took + clock.tick()

    with Replicas(state.model, workers) as replicas:
        while not finished(state, config):
            if state.order is None:
                state.order = torch.randperm(len(training), generator=state.generator)
            batches = training.batches(state.order, config.batch)
            while state.step < len(batches):
                rate = learning_rate(state, config, total_steps(state, config, batch_count))
                _step(state, config, rate, training, batches[state.step], replicas)
                pace.step_took(clock.tick())
                if undecided(config) and (steps := _steps_by_now(state, config, pace)):
                    config = replace(config, steps=steps)
                    if on_decided is not None:
                        on_decided(config)
                progress(state.step / len(batches))
                if finished(state, config):
                    break
            clock.tick()
            held_out_means = measure(held_out, 1.0)
            took = clock.tick()
            sums = state.sums
            training_means = ElboMeans(sums.recon_nats / sums.frames, sums.kl_nats / sums.frames)
            epoch, speed = state.epoch + 1, sums.frames / sums.seconds
            metrics = metrics_of(training_means, held_out_means, epoch, speed)
            _end_epoch(state, config, metrics)
            yield metrics
            pace.epoch_end = took + clock.tick()


def _steps_by_now(state: TrainingState, config: TrainConfig, pace: Pace) -> int | None:
    """The number of steps that the minutes are, once enough is known of the speed; None before."""
    assert config.minutes is not None
    whole = config.minutes * 60
    enough = pace.measured >= LEAST_MEASURED_STEPS and state.seconds >= MEASURED_SHARE * whole
    if state.steps < WARM_UP_STEPS and not enough:
        return None
    left = max(0.0, whole - state.seconds)
    more = pace.steps_within(left)
    if more is None or pace.measured <= UNTYPICAL_STEPS:  # resumed at the very end of the rise
        more = int(left * state.steps / state.seconds)
    return max(1, state.steps + more)


def evaluate(
    model: Model,
    data: FrameDataset,
    seed: int,
    progress: Progress = ignore,
    *,
    workers: int = 1,
) -> ElboMeans:
    """Evaluate a model: both means over all frames, as they are.

    The noise is the same at every call, so that a curve moves only because the model does.
    """
    generator = torch.Generator().manual_seed(seed)
    batches = [
        FrameGroup(packed, group.geometry)
        for group in data.selected()
        for packed in torch.split(group.packed, batch_frames(EVALUATION_BATCH, group.geometry))
    ]
    tasks = [(batch, child_generator(generator)) for batch in batches]
    half = model.half_precision and devices.half_precision(batches[0].packed.device)
    model.eval()

    def sums_of_batch(task: tuple[FrameGroup, torch.Generator]) -> ElboMeans:
        batch, noise = task
        device = batch.packed.device.type
        with torch.no_grad(), torch.autocast(device, torch.bfloat16, enabled=half):
            terms = model.terms(model_input(batch), batch.geometry, noise)
        return ElboMeans(terms.recon_nats.sum().item(), terms.kl_nats.sum().item())

    recon = kl = 0.0
    for done, nats in enumerate(parallel_map(sums_of_batch, tasks, count=workers), 1):
        recon, kl = recon + nats.recon, kl + nats.kl
        progress(done / len(tasks))
    return ElboMeans(recon / len(data), kl / len(data))


def _evenly_spaced(data: FrameDataset) -> FrameDataset:
    """Frames evenly spaced over all, so over all trajectories: enough to evaluate a model."""
    return data.every(evaluated_step(len(data), data.pixels))


def _step(
    state: TrainingState,
    config: TrainConfig,
    rate: float,
    training: FrameDataset,
    chosen: Int64[Tensor, " batch"],
    replicas: Replicas,
) -> None:
    """Train on one batch: the state is whole before and after, never in between."""
    begun = time.perf_counter()
    for group in state.optimiser.param_groups:
        group["lr"] = rate
    x, geometry = training_batch(
        training, chosen, state.generator, mirror=config.mirror, roll=config.roll
    )
    half = state.model.half_precision and devices.half_precision(x.device)
    terms = replicas.backward(x, geometry, state.generator, half=half)
    if config.schedule == "cosine":
        most = MOST_GRADIENT * geometry.pixels / SIMULATED.pixels
        torch.nn.utils.clip_grad_norm_(state.model.parameters(), most)
    state.optimiser.step()
    state.sums.recon_nats += terms.recon_nats.sum().item()
    state.sums.kl_nats += terms.kl_nats.sum().item()
    state.sums.frames += len(chosen)
    state.sums.seconds += time.perf_counter() - begun
    state.step += 1
    state.steps += 1


def _metrics(
    state: TrainingState,
    rate: float,
    training: ElboMeans,
    held_out: ElboMeans,
    *,
    epoch: int,
    speed: float,
) -> EpochMetrics:
    return EpochMetrics(
        epoch=epoch,
        seconds=state.seconds,
        learning_rate=rate,
        frames_per_second=speed,
        training_recon_nats=training.recon,
        training_kl_nats=training.kl,
        held_out_recon_nats=held_out.recon,
        held_out_kl_nats=held_out.kl,
        steps=state.steps,
    )


def _end_epoch(state: TrainingState, config: TrainConfig, metrics: EpochMetrics) -> None:
    state.epoch += 1
    state.step, state.order, state.sums = 0, None, Sums()
    if metrics.held_out_neg_elbo_nats < state.best_nats * (1 - STALL_SHARE):
        state.best_nats, state.best_epoch = metrics.held_out_neg_elbo_nats, state.epoch
    elif state.epoch - state.best_epoch >= config.stall_epochs:
        state.late = True


class _Throughput:
    """Adds the time since it was last looked at to the state's, the caller's own work included."""

    def __init__(self, state: TrainingState) -> None:
        self.state, self.last = state, time.perf_counter()

    def tick(self) -> float:
        """Add the time since the last tick; returns it, in seconds."""
        now = time.perf_counter()
        passed, self.last = now - self.last, now
        self.state.seconds += passed
        return passed
