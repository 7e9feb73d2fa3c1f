"""What the stages of jobs usually take, in seconds on two cores, by how much they have to do.

Measured over the demo (12 films of 128 frames, 500 steps) on two cores without a GPU, and brought
to the pace of a quiet machine by what its simulations took. A running job corrects them by its own
pace (`jobs.stages`), and by what the jobs before it took.
"""

import os

from jobs.simulate import duration, further, plan
from jobs.simulate.task import SimulationTask
from jobs.specs import DemoJob
from jobs.stages import Stage
from morphcore.config import Preset, TrainConfig, train_config
from morphcore.simulation.cells import DEMO_CELLS
from morphcore.statistics import split_half

CORES = 2  # of the machine that the rates are of
# Seconds a frame of 100 x 400, to train on and to encode:
TRAINING: dict[Preset, float] = {"two-level": 0.0155, "seed": 0.006}
ENCODING: dict[Preset, float] = {"two-level": 0.015, "seed": 0.003}
READING_HALF = 0.009  # of a frame, and its scattering
HALVES_MORE = 400  # of halves that are rolled, or have noise
FITTING = (2.0, 0.012)  # and more a frame of replicates
DESCRIBING = 0.007
MAPPING = 0.002
# An evaluation: so many seconds, and more a frame.
READING_TWINS = (2.0, 0.009)
HELD_OUT_ELBO = 0.01
NEIGHBOURS = (1.5, 0.0055)
BASELINES = (6.0, 0.038)
FIGURES = (1.0, 0.0005)
DEMO_FEWER = 25  # frames of a twin or a replicate of the demo


def training(frames: int, config: TrainConfig) -> Stage:
    """Estimate a training on `frames` frames an epoch."""
    batches = max(1, -(-frames // config.batch))
    ends = [config.epochs * batches]
    if config.steps is not None:
        ends.append(config.steps)
    usual = (
        min(ends) * config.batch * TRAINING[config.preset] * CORES / max(CORES, os.cpu_count() or 1)
    )
    return Stage("train", usual if config.minutes is None else 60 * config.minutes)


def trials(count: int, frames: int, config: TrainConfig) -> Stage:
    """Estimate so many trials, each a training as `training` estimates one."""
    return Stage("trials", count * training(frames, config).usual)


def fitting(preset: Preset, frames: int, replicates: int) -> list[Stage]:
    """The stages that fit the embedding of a model to halves of `frames` and to replicates."""
    if preset == "seed":
        return []
    stages = [Stage("halves", READING_HALF * (4 * split_half.sampled(frames) + HALVES_MORE))]
    if replicates:
        stages.append(Stage("realisations", ENCODING[preset] * replicates))
    return [*stages, Stage("axes", FITTING[0] + FITTING[1] * replicates)]


def indexing(preset: Preset, frames: int, *, undescribed: int, maps: bool) -> list[Stage]:
    """The stages that index `frames` with a model whose embedding is fitted."""
    stages = [Stage("encode", ENCODING[preset] * frames)]
    if undescribed:
        stages.append(Stage("describe", DESCRIBING * undescribed))
    return [*stages, Stage("maps", MAPPING * frames)] if maps else stages


def evaluating(frames: int, held_out: int) -> list[Stage]:
    """The stages that evaluate a run on `frames`, of which some are held out."""
    return [
        Stage("twins-read", READING_TWINS[0] + READING_TWINS[1] * frames),
        Stage("elbo", HELD_OUT_ELBO * held_out),
        Stage("neighbours", NEIGHBOURS[0] + NEIGHBOURS[1] * frames),
        Stage("baselines", BASELINES[0] + BASELINES[1] * frames),
        Stage("figures", FIGURES[0] + FIGURES[1] * frames),
    ]


def demo(spec: DemoJob) -> list[Stage]:
    """The stages of a demo."""
    cells, fewer = DEMO_CELLS[: spec.cells], DEMO_FEWER

    def films(count: int, frames: int) -> list[SimulationTask]:
        return list(
            plan.plan_originals(
                "thin-film",
                trajectories=count * len(cells),
                frames=min(frames, spec.frames),
                schedule="geometric",
                last_step=spec.last_step,
                seed=spec.seed,
                cells=cells,
                realisations=count,
            ).tasks
        )

    originals = films(2, spec.frames)
    frames = len(originals) * spec.frames
    config = train_config(preset=spec.preset, steps=spec.steps, seed=spec.seed)
    replicates = films(further.REALISATIONS, fewer)
    return [
        Stage("simulate", duration.of_tasks(originals)),
        Stage("replicates", duration.of_tasks(replicates)),
        training(frames, config),
        *fitting(spec.preset, frames, len(replicates) * min(fewer, spec.frames) + frames // 4),
        *indexing(spec.preset, frames, undescribed=0, maps=True),
        Stage("twins", duration.of_tasks(films(1, fewer))),
        *evaluating(frames, frames // 5),
    ]
