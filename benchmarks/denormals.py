"""Cost of numbers below 1e-38: python -m benchmarks.denormals --store PATH --run R

A training begun from a trained model, and encoding by it, on the same frames of its data set: with
such numbers taken as zero while workers compute, as Morph does, and with them kept. The ways take
turns; the median of each counts.
"""

import argparse
import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch

from benchmarks.trained import model_and_frames
from benchmarks.workers import speed
from morphcore.embedding import encoding
from morphcore.training import data_parallel, dataset, devices

ROUNDS = 5
FRAMES = 512


@contextlib.contextmanager
def _kept() -> Iterator[None]:
    yield


def main() -> None:
    """Print frames per second of training and encoding, both ways, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--run", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=5, help="of each training")
    options = parser.parse_args()
    devices.leave_room_for_the_page()
    run, model, packed = model_and_frames(options.store, options.run, "training", FRAMES)
    cpu = torch.device("cpu")
    data = dataset.on_device(packed, cpu)
    config = replace(run.config, epochs=10_000, minutes=None, steps=None)
    count = data_parallel.worker_count(cpu, config.batch)
    training: dict[str, list[float]] = {"kept": [], "zero": []}
    coding: dict[str, list[float]] = {"kept": [], "zero": []}
    for _ in range(ROUNDS):
        for way in training:
            as_way = _kept if way == "kept" else data_parallel.without_denormals
            with patch.object(data_parallel, "without_denormals", as_way):
                weights = model.state_dict()
                training[way].append(speed(config, data, count, options.seconds, weights))
                begun = time.perf_counter()
                encoding.encode_frames(model, np.arange(FRAMES), packed)
                coding[way].append(FRAMES / (time.perf_counter() - begun))
    print(f"{run.name}, {devices.cores()} cores; below 1e-38: kept, zero, and the ratio")
    for what, speeds in {"training": training, "encoding": coding}.items():
        kept, zero = (float(np.median(values)) for values in speeds.values())
        print(f"{what} {kept:6.1f} and {zero:6.1f} frames/s, {zero / kept:.2f} times")


if __name__ == "__main__":
    main()
