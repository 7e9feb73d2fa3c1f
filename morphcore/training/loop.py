"""Training as a generator: one `EpochMetrics` after every pass over the training frames.

The caller logs, saves and stops; it may stop in the middle of an epoch, by raising from `progress`.
Everything that the next step depends on is in `TrainingState`, so a training that was saved and
restored goes on to the very same numbers (bit for bit on a CPU with as many workers).
"""

import math
import time
from collections.abc import Iterator
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
from morphcore.training.state import Sums, TrainingState
from morphcore.types import EpochMetrics

STALL_SHARE = 0.002  # a gain of less than 0.2 % in `stall_epochs` epochs counts as none
EVALUATION_BATCH = 64  # of 100 x 400; more no longer fit a CPU's cache
WARM_UP_STEPS = 50
LEAST_RATE = 1e-3  # of the highest: the last steps of a cosine still learn something
# Norm, nats, for frames of 100 x 400, of others by their pixels; a larger one is shortened: one
# odd batch undoes no hour.
MOST_GRADIENT = 200.0


class ElboMeans(NamedTuple):
    """Means over frames, nats per frame: reconstruction and KL."""

    recon: float
    kl: float


def finished(state: TrainingState, config: TrainConfig) -> bool:
    """Whether the epochs are done or the minutes over, whichever comes first."""
    if state.epoch >= config.epochs:
        return True
    return config.minutes is not None and state.seconds >= config.minutes * 60


def share_done(state: TrainingState, config: TrainConfig) -> float:
    """The share of the training that is done, 0 to 1, by epochs or minutes, whichever is more."""
    within = 0.0 if state.order is None else state.sums.frames / len(state.order)
    share = (state.epoch + min(1.0, within)) / config.epochs
    if config.minutes is not None:
        share = max(share, state.seconds / (config.minutes * 60))
    return min(1.0, share)


def learning_rate(state: TrainingState, config: TrainConfig) -> float:
    """The rate of the next step.

    "step": `lr`, or `lr_late` from the chosen epoch or a stall on. "cosine": half a cosine from
    `lr` down, after a linear rise. I. Loshchilov and F. Hutter, SGDR, 2017, arXiv:1608.03983.
    """
    if config.schedule == "cosine":
        rise = min(1.0, (state.steps + 1) / WARM_UP_STEPS)
        fall = 0.5 * (1 + math.cos(math.pi * share_done(state, config)))
        return config.lr * max(rise * fall, LEAST_RATE)
    chosen = config.lr_late_from is not None and state.epoch + 1 >= config.lr_late_from
    stalled = config.lr_late_on_stall and state.late
    return config.lr_late if chosen or stalled else config.lr


def epochs(
    state: TrainingState,
    config: TrainConfig,
    training: FrameDataset,
    held_out: FrameDataset,
    *,
    progress: Progress = ignore,
    workers: int = 1,
) -> Iterator[EpochMetrics]:
    """Train until `finished`, and yield the model's metrics after every epoch.

    A new training first yields epoch 0: the model before its first step (no frame was trained on,
    so its speed is 0). Held-out figures, and the training figures of epoch 0, are of up to 512
    frames, always the same, evenly spaced. When the minutes end in the middle of an epoch, that
    epoch ends there. `progress` gets the share of the epoch that is done, after every batch; what
    it raises ends the training with a state that can be saved. Each batch is shared by `workers`.
    """
    clock = _Throughput(state)
    held_out = _evenly_spaced(held_out)

    def measure(data: FrameDataset, share: float) -> ElboMeans:
        standing = part(progress, share, share)  # it is no part of the epoch, but can be stopped
        return evaluate(state.model, data, config.seed, standing, workers=workers)

    if state.epoch == 0 and state.order is None:
        training_means = measure(_evenly_spaced(training), 0.0)
        held_out_means = measure(held_out, 0.0)
        clock.tick()
        yield _metrics(state, config, training_means, held_out_means, epoch=0, speed=0.0)

    with Replicas(state.model, workers) as replicas:
        while not finished(state, config):
            if state.order is None:
                state.order = torch.randperm(len(training), generator=state.generator)
            batches = training.batches(state.order, config.batch)
            while state.step < len(batches):
                _step(state, config, training, batches[state.step], clock, replicas)
                progress(state.step / len(batches))
                if finished(state, config):
                    break
            held_out_means = measure(held_out, 1.0)
            clock.tick()
            sums = state.sums
            training_means = ElboMeans(sums.recon_nats / sums.frames, sums.kl_nats / sums.frames)
            epoch, speed = state.epoch + 1, sums.frames / sums.seconds
            metrics = _metrics(
                state, config, training_means, held_out_means, epoch=epoch, speed=speed
            )
            _end_epoch(state, config, metrics)
            yield metrics


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
    training: FrameDataset,
    chosen: Int64[Tensor, " batch"],
    clock: "_Throughput",
    replicas: Replicas,
) -> None:
    """Train on one batch: the state is whole before and after, never in between."""
    begun = time.perf_counter()
    for group in state.optimiser.param_groups:
        group["lr"] = learning_rate(state, config)
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
    clock.tick()


def _metrics(
    state: TrainingState,
    config: TrainConfig,
    training: ElboMeans,
    held_out: ElboMeans,
    *,
    epoch: int,
    speed: float,
) -> EpochMetrics:
    return EpochMetrics(
        epoch=epoch,
        seconds=state.seconds,
        learning_rate=learning_rate(state, config),
        frames_per_second=speed,
        training_recon_nats=training.recon,
        training_kl_nats=training.kl,
        held_out_recon_nats=held_out.recon,
        held_out_kl_nats=held_out.kl,
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

    def tick(self) -> None:
        now = time.perf_counter()
        self.state.seconds += now - self.last
        self.last = now
