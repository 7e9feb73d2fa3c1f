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


@pytest.mark.parametrize("preset", PRESETS)
def test_channels_widen_the_convolutions_alone_and_once_is_as_usual(preset: Preset) -> None:
    def shapes(channels: float) -> dict[str, tuple[int, ...]]:
        model = build(train_config(preset, latent=4, channels=channels))
        return {name: tuple(weights.shape) for name, weights in model.state_dict().items()}

    usual, half, wide = shapes(1.0), shapes(0.5), shapes(1.5)
    assert usual.keys() == half.keys() == wide.keys()
    narrow = {name for name in usual if half[name] != usual[name]}
    assert any("weight" in name and len(usual[name]) == 4 for name in narrow)
    for name in narrow:
        pairs = zip(half[name], usual[name], wide[name], strict=True)
        assert all(a <= b <= c for a, b, c in pairs)
    x = torch.zeros(1, 1, 100, 400)
    with torch.no_grad():
        model = build(train_config(preset, latent=4, channels=0.5))
        assert model.encode(x, SIMULATED).mean.shape == (1, 4)
        assert model.reconstruct(x, SIMULATED).shape == x.shape
