"""Properties of the model of every preset."""

import pytest
import torch

from morphcore.config import PRESETS, Preset, train_config
from morphcore.models.build import build
from morphcore.models.geometry import SIMULATED


@pytest.mark.parametrize("preset", PRESETS)
def test_a_stochastic_decoder_is_one_whose_draws_differ(preset: Preset) -> None:
    model = build(train_config(preset, latent=4))
    z = torch.zeros(1, 4)
    with torch.no_grad():
        first, again, reseeded = (
            model.decode(z, SIMULATED, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1)
        )
    assert torch.equal(first, again)
    assert torch.equal(first, reseeded) is not model.stochastic_decoder
