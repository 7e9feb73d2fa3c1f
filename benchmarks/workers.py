"""Training speed on one core, with layers split among threads, with batches among workers.

Each way trains the same model on the same frames from the same start; the ways take turns, and the
median of each counts. With `--busy` a process beside them computes all the time, as a page or
another job may.

    python -m benchmarks.workers [--preset two-level] [--seconds 15] [--busy]
"""

import argparse
import multiprocessing
import time

import numpy as np
import torch
from torch import Tensor

from benchmarks.training import some_frames
from morphcore.config import TrainConfig, train_config
from morphcore.frames import PackedFrames
from morphcore.training import dataset, devices
from morphcore.training import loop as training
from morphcore.training import state as training_state
from morphcore.training.dataset import FrameDataset
from morphcore.training.state import TrainingState

ROUNDS = 3


class _Enough(Exception):
    """Raised in a training whose time is over."""


def main() -> None:
    """Print frames per second of the three ways, and the ratios to one core."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--preset", choices=("two-level", "seed"), default="two-level")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--busy", action="store_true")
    options = parser.parse_args()
    devices.leave_room_for_the_page()
    cores = devices.cores()
    bits = some_frames(640)
    data = dataset.on_device(PackedFrames.of(bits), torch.device("cpu"))
    ways = {"one core": (1, 1), "threads": (cores, 1), "workers": (1, cores)}
    busy_process = multiprocessing.Process(target=_compute, daemon=True)
    if options.busy:
        busy_process.start()
    speeds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, (threads, workers) in ways.items():
            torch.set_num_threads(threads)
            speeds[way].append(
                speed(train_config(options.preset, epochs=10_000), data, workers, options.seconds)
            )
    if options.busy:
        busy_process.terminate()
    beside = "beside a busy process" if options.busy else "alone"
    print(f"{options.preset}, {cores} cores, {beside}")
    one_core = float(np.median(speeds["one core"]))
    for way, values in speeds.items():
        median = float(np.median(values))
        print(f"{way:9} {median:7.1f} frames/s, {median / one_core:.2f} times one core")


def speed(
    config: TrainConfig,
    data: FrameDataset,
    workers: int,
    seconds: float,
    weights: dict[str, Tensor] | None = None,
) -> float:
    """Measure frames per second of a training, from the weights if given, after its warm-up."""
    state: TrainingState = training_state.start(config, torch.device("cpu"))
    if weights is not None:
        state.model.load_state_dict(weights)
    begun = time.perf_counter()
    first = 0  # step after the warm-up

    def on_step(share: float) -> None:
        nonlocal begun, first
        if not share or state.steps < 3:
            begun, first = time.perf_counter(), state.steps
            return
        if time.perf_counter() - begun >= seconds:
            raise _Enough

    held_out = data.every(-(-len(data) // 8))
    try:
        for _ in training.epochs(state, config, data, held_out, progress=on_step, workers=workers):
            pass
    except _Enough:
        pass
    return (state.steps - first) * config.batch / (time.perf_counter() - begun)


def _compute() -> None:
    torch.set_num_threads(1)
    a = torch.rand(500, 500)
    while True:
        a = torch.softmax(a @ a, dim=1)


if __name__ == "__main__":
    main()
