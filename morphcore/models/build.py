"""Build an untrained model from its settings."""

from collections.abc import Callable, Mapping

import torch

from morphcore.config import Preset, TrainConfig
from morphcore.models.base import Model
from morphcore.models.seed import Seed
from morphcore.models.two_level import TwoLevel

_MODELS: Mapping[Preset, Callable[[int], Model]] = {"seed": Seed, "two-level": TwoLevel}


def build(config: TrainConfig) -> Model:
    """Build the model of a preset; its first weights depend on `config.seed` alone."""
    with torch.random.fork_rng(devices=[]):  # torch initialises from the global generator
        torch.manual_seed(config.seed)
        return _MODELS[config.preset](config.latent)
