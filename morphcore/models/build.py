"""Settings -> a model that has not learnt anything yet."""

import torch

from morphcore.config import TrainConfig
from morphcore.models.seed import Seed


def build(config: TrainConfig) -> Seed:
    """The model of a preset; its first weights depend on `config.seed` alone."""
    with torch.random.fork_rng(devices=[]):  # torch initialises from the global generator
        torch.manual_seed(config.seed)
        return Seed(config.latent)
