"""Build an untrained model from its settings."""

import torch

from morphcore.config import TrainConfig
from morphcore.models.base import Model
from morphcore.models.geometry import Geometry
from morphcore.models.seed import Seed
from morphcore.models.two_level import TwoLevel


def build(config: TrainConfig) -> Model:
    """Build the model of a preset; its first weights depend on `config.seed` alone."""
    with torch.random.fork_rng(devices=[]):  # torch initialises from the global generator
        torch.manual_seed(config.seed)
        geometry = Geometry(config.height, config.width, config.periodic, config.periodic_y)
        return (Seed if config.preset == "seed" else TwoLevel)(
            config.latent, geometry, config.channels
        )
