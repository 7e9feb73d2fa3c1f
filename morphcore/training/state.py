"""The state of a training: model, optimiser, random numbers, and how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from morphcore.config import TrainConfig
from morphcore.models.base import Model
from morphcore.models.build import build

WEIGHT_DECAY = 0.01


@dataclass(kw_only=True)
class Sums:
    """Running sums of an epoch that is under way, weighted by frames."""

    frames: int = 0
    recon_nats: float = 0.0
    kl_nats: float = 0.0
    seconds: float = 0.0  # in steps alone


@dataclass(kw_only=True)
class TrainingState:
    """The whole state of a training. `epochs` moves it on in place, step by step."""

    model: Model
    optimiser: torch.optim.Optimizer
    generator: torch.Generator  # order, augmentation and noise; on the CPU whatever the device
    epoch: int = 0  # done
    step: int = 0  # batches done of the next epoch
    steps: int = 0  # batches done in all
    order: Int64[Tensor, " training"] | None = None  # the frames of the epoch under way
    sums: Sums = field(default_factory=Sums)
    seconds: float = 0.0
    best_nats: float = float("inf")  # held-out -ELBO that the next gain is measured from
    best_epoch: int = 0
    late: bool = False  # the learning rate went down for good, by a stall


def start(config: TrainConfig, device: torch.device) -> TrainingState:
    """The state before the first step; it depends on `config.seed` alone."""
    model = build(config).to(device)
    return TrainingState(
        model=model,
        optimiser=_optimiser(model, config),
        generator=torch.Generator().manual_seed(config.seed),
    )


def to_dict(state: TrainingState) -> dict[str, Any]:
    """The state as tensors and plain values, for a checkpoint."""
    return {
        "weights": state.model.state_dict(),
        "optimiser": state.optimiser.state_dict(),
        "random": state.generator.get_state(),
        "order": state.order,
        "sums": vars(state.sums).copy(),
        **{name: getattr(state, name) for name in _PLAIN},
    }


def from_dict(config: TrainConfig, saved: Mapping[str, Any], device: torch.device) -> TrainingState:
    """The state that `to_dict` was given, on any device."""
    state = start(config, device)
    state.model.load_state_dict(saved["weights"])
    state.optimiser.load_state_dict(saved["optimiser"])
    state.generator.set_state(saved["random"].cpu())
    state.order = saved["order"]
    state.sums = Sums(**saved["sums"])
    for name in _PLAIN:
        setattr(state, name, saved.get(name, getattr(state, name)))
    return state


_PLAIN = ("epoch", "step", "steps", "seconds", "best_nats", "best_epoch", "late")


def _optimiser(model: Model, config: TrainConfig) -> torch.optim.Optimizer:
    """Adam as the proof of concept had it, with "cosine" Adam with decoupled weight decay."""
    if config.schedule == "cosine":
        return torch.optim.AdamW(
            model.parameters(), lr=config.lr, weight_decay=WEIGHT_DECAY, fused=True
        )
    return torch.optim.Adam(model.parameters(), lr=config.lr, fused=True)
