"""A trained model to measure with, and some frames of its data set."""

from pathlib import Path
from typing import Literal

import numpy as np
import torch

from morphcore.frames import PackedFrames
from morphcore.models.base import Model
from morphcore.training.checkpoint import load_model
from store import checkpoints, runs, trajectories
from store.db import checkpoints_folder, open_store
from store.runs import Run


def model_and_frames(
    store: Path, run_id: int, part: Literal["training", "held_out"], count: int
) -> tuple[Run, Model, PackedFrames]:
    """Load the model of a run's latents, on the CPU, and evenly spaced packed frames of a part."""
    with open_store(store) as db:
        run = runs.indexed(db, run_id)
        saved = checkpoints.by_id(db, run.index.checkpoint_id)
        ids = getattr(runs.split(db, run.id), part)
        chosen = ids[np.linspace(0, len(ids) - 1, count).round().astype(np.int64)]
        packed = trajectories.packed(db, chosen).one_size
    file = checkpoints_folder(store) / saved.file
    return run, load_model(file, saved.sha256, torch.device("cpu")), packed
