"""Embeddings whose likelihood ratio is known, and saved models that have one."""

from dataclasses import replace

import numpy as np

from morphcore.statistics.discriminants import Discriminants
from morphcore.statistics.feature_embedding import FeatureEmbedding
from morphcore.statistics.likelihood_ratio import LikelihoodRatio
from morphcore.statistics.ratio_calibration import RatioCalibration
from morphcore.statistics.two_covariance import TwoCovariance
from store.db import checkpoints_folder, open_store
from tests.factory import Made

AXES = 16
UPPER = float(np.log(45))


def model(between: float = 9.0, axes: int = AXES) -> TwoCovariance:
    """Classes that scatter by `between`, and frames by 1 within one, along every axis."""
    return TwoCovariance(np.zeros(axes), between * np.eye(axes), np.eye(axes))


def embedding(between: float = 9.0, axes: int = AXES, shift: float = 0.0) -> FeatureEmbedding:
    """An embedding whose calibrated ratios are its model's, times exp(`shift`); 45 at most.

    The two draws of its calibration lie a factor of 2 above and below.
    """
    curve = np.array([1.0, shift, 0.0, 0.0])
    apart = np.array([0.0, np.log(2.0), 0.0, 0.0])
    calibration = RatioCalibration(
        curve, np.stack([curve - apart, curve + apart]), lower=-UPPER, upper=UPPER
    )
    return FeatureEmbedding(
        Discriminants(np.zeros(axes), np.eye(axes)),
        learnt_from="replicates",
        realisations=162,
        cells=54,
        ratio=LikelihoodRatio(model(between, axes), calibration),
    )


def give_ratio(made: Made, known: FeatureEmbedding) -> None:
    """Give the store's model an embedding with a ratio; its stored latents become those along it.

    The model is a checkpoint of weights that have learnt nothing (imports torch).
    """
    import torch

    from morphcore.config import TrainConfig
    from morphcore.training import checkpoint
    from morphcore.training import state as training_state

    file = checkpoints_folder(made.path) / "known.pt"
    config = TrainConfig(preset="seed", split="trajectory")
    checkpoint.save(file, config, training_state.start(config, torch.device("cpu")))
    saved = checkpoint.save_with_embedding(file, checkpoint.load(file), known)
    with open_store(made.path) as db:
        db.execute(
            "UPDATE checkpoints SET file = ?, size = ?, sha256 = ?, has_embedding = 1 WHERE id = ?",
            [file.name, saved.size, saved.sha256, made.checkpoint_id],
        )


def without_ratio(known: FeatureEmbedding) -> FeatureEmbedding:
    """The same embedding, not calibrated."""
    return replace(known, ratio=None)
