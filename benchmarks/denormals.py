"""What numbers below 1e-38 cost: python -m benchmarks.denormals --store PATH --run R

Each way takes steps of training from a trained model, and encodes, on the same frames of its data
set: with such numbers taken as zero on the workers' threads, as Morph does, and with them kept.
The ways take turns; the median of each counts.
"""

import argparse
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch

from morphcore import dataset, devices, encoding, training, workers
from morphcore.checkpoint import load_model
from morphcore.config import train_config
from morphcore.dataset import FrameDataset
from morphcore.models.base import Model
from store import runs, trajectories
from store.db import checkpoints_folder, open_store

ROUNDS = 5
WARM_UP, STEPS = 2, 14  # batches of training


@contextlib.contextmanager
def _kept() -> Iterator[None]:
    yield


def main() -> None:
    """Print frames per second of training and encoding, both ways, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--run", type=int, required=True)
    asked = parser.parse_args()
    devices.leave_room_for_the_page()
    with open_store(asked.store) as db:
        run = runs.run(db, asked.run)
        if run.indexed_id is None:
            raise SystemExit(f"{run.name} is not indexed; index it first.")
        saved = runs.checkpoint(db, run.indexed_id)
        ids = runs.split(db, run.id).training
        some = ids[np.linspace(0, len(ids) - 1, 512).round().astype(np.int64)]
        packed = trajectories.packed_bits(db, some)
    model = load_model(
        checkpoints_folder(asked.store) / saved.file, saved.sha256, torch.device("cpu")
    )
    data = dataset.on_device(packed, np.ones(len(packed), dtype=np.bool_), torch.device("cpu"))
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    speeds: dict[str, list[tuple[float, float]]] = {"kept": [], "zero": []}
    for _ in range(ROUNDS):
        for way, found in speeds.items():
            as_way = _kept if way == "kept" else workers.without_denormals
            with patch.object(workers, "without_denormals", as_way):
                model.load_state_dict(weights)
                encoded = _encoding(model, data)
                found.append((_training(model, run.preset, data), encoded))
    print(f"{run.name}, {devices.cores()} cores; the ratio is to numbers below 1e-38 kept")
    for place, what in enumerate(("training", "encoding")):
        kept, zero = (float(np.median([each[place] for each in speeds[way]])) for way in speeds)
        print(f"{what:9} {kept:6.1f} and {zero:6.1f} frames/s, {zero / kept:.2f} times")


def _training(model: Model, preset: str, data: FrameDataset) -> float:
    config = train_config("seed" if preset == "seed" else "two-level", epochs=1)
    state = training.start(config, torch.device("cpu"))
    state.model.load_state_dict(model.state_dict())
    begun = time.perf_counter()

    class Enough(Exception):
        pass

    def on_step(_share: float) -> None:
        nonlocal begun
        if state.steps <= WARM_UP:
            begun = time.perf_counter()
        if state.steps == WARM_UP + STEPS:
            raise Enough

    few = FrameDataset(data.packed[:8], data.periodic[:8])
    count = workers.of_batch(torch.device("cpu"), config.batch)
    with contextlib.suppress(Enough):
        for _ in training.epochs(state, config, data, few, on_step=on_step, workers=count):
            pass
    return STEPS * config.batch / (time.perf_counter() - begun)


def _encoding(model: Model, data: FrameDataset) -> float:
    begun = time.perf_counter()
    encoding.encode_frames(model, np.arange(len(data)), data.packed.numpy())
    return len(data) / (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
