"""Where a training ends, and the learning rate on the way there: by steps, never by a clock."""

import math
from dataclasses import replace

from morphcore.config import TrainConfig
from morphcore.training.state import TrainingState

WARM_UP_STEPS = 50
LEAST_RATE = 1e-3  # of the highest: the last steps of a cosine still learn something


def total_steps(state: TrainingState, config: TrainConfig, batches: int) -> int | None:
    """The number of steps of the whole training, by epochs or steps, whichever ends it.

    `batches` are those of an epoch. None where minutes still have to become steps.
    """
    if undecided(config):
        return None
    # An epoch that the steps have ended early counts as one, however few of them it had.
    begun = state.steps - state.step
    by_epochs = begun + max(0, config.epochs - state.epoch) * batches
    return by_epochs if config.steps is None else min(by_epochs, config.steps)


def undecided(config: TrainConfig) -> bool:
    """Whether minutes still have to become a number of steps."""
    return config.minutes is not None and config.steps is None


def finished(state: TrainingState, config: TrainConfig) -> bool:
    """Whether the epochs or the steps are done, whichever comes first."""
    if state.epoch >= config.epochs:
        return True
    return config.steps is not None and state.steps >= config.steps


def decided_by_own_speed(state: TrainingState, config: TrainConfig) -> TrainConfig:
    """Turn minutes into steps by the speed of a training that has some behind it.

    Those of a training that has none are left for `epochs` to decide. So a run that was ended by
    the clock, as runs once were, is done.
    """
    over = config.minutes is not None and state.seconds >= config.minutes * 60
    if not undecided(config) or not state.steps or (state.steps < WARM_UP_STEPS and not over):
        return config
    assert config.minutes is not None
    left = max(0.0, config.minutes * 60 - state.seconds)
    return replace(config, steps=state.steps + round(left * state.steps / state.seconds))


def learning_rate(state: TrainingState, config: TrainConfig, total: int | None) -> float:
    """The rate of the next step, of a training of `total` steps.

    "step": `lr`, or `lr_late` from the chosen epoch or a stall on. "cosine": half a cosine from
    `lr` down, after a linear rise, which is the same whatever the total. I. Loshchilov and F.
    Hutter, SGDR, 2017, arXiv:1608.03983.
    """
    if config.schedule == "cosine":
        if state.steps < WARM_UP_STEPS or total is None:
            return config.lr * min(1.0, (state.steps + 1) / WARM_UP_STEPS)
        share = (state.steps - WARM_UP_STEPS) / max(1, total - WARM_UP_STEPS)
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, share)))
        return config.lr * max(fall, LEAST_RATE)
    chosen = config.lr_late_from is not None and state.epoch + 1 >= config.lr_late_from
    stalled = config.lr_late_on_stall and state.late
    return config.lr_late if chosen or stalled else config.lr
