"""The preset `seed` and its loss, against known answers."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from morphcore.config import TrainConfig
from morphcore.models.build import build
from morphcore.models.elbo import Posterior, bernoulli_nats, kl_nats, sample
from morphcore.models.geometry import SIMULATED
from morphcore.models.seed import Seed
from morphcore.types import COIN_FLIP_NATS_PER_PIXEL

COIN_FLIP_NATS = 40_000 * COIN_FLIP_NATS_PER_PIXEL


def _frames(count: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 2, (count, 1, 100, 400), generator=generator).float()


@pytest.fixture(scope="module")
def model() -> Seed:
    return build(TrainConfig())


def test_logits_of_zero_cost_a_coin_flip_per_pixel():
    nats = bernoulli_nats(torch.zeros(3, 1, 100, 400), _frames(3))
    assert nats.shape == (3,)
    torch.testing.assert_close(nats, torch.full((3,), 40_000 * math.log(2)), rtol=1e-6, atol=0)
    assert pytest.approx(nats[0].item(), rel=1e-6) == COIN_FLIP_NATS


def test_reconstruction_agrees_with_torch_distributions():
    x = _frames(2)
    logits = torch.randn(x.shape, generator=torch.Generator().manual_seed(1)) * 5
    expected = -Bernoulli(logits=logits).log_prob(x).sum((1, 2, 3))
    torch.testing.assert_close(bernoulli_nats(logits, x), expected)


def test_certain_and_right_is_free_and_certain_and_wrong_is_dear_but_finite():
    x = _frames(1)
    right = bernoulli_nats((2 * x - 1) * 200, x)
    wrong = bernoulli_nats((1 - 2 * x) * 200, x)
    assert right.item() == pytest.approx(0.0, abs=1e-3)
    assert wrong.item() == pytest.approx(200 * 40_000, rel=1e-6)


def test_mean_of_one_in_sixteen_dimensions_costs_eight_nats():
    nats = kl_nats(torch.ones(4, 16), torch.zeros(4, 16))
    torch.testing.assert_close(nats, torch.full((4,), 8.0))


def test_kl_agrees_with_torch_distributions_and_is_never_negative():
    generator = torch.Generator().manual_seed(2)
    mean = torch.randn(50, 16, generator=generator) * 3
    logvar = torch.randn(50, 16, generator=generator) * 2
    expected = kl_divergence(Normal(mean, (logvar / 2).exp()), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(kl_nats(mean, logvar), expected)
    assert kl_nats(torch.zeros(1, 16), torch.linspace(-1e-4, 1e-4, 16)[None]).item() >= 0


def test_samples_have_the_posterior_s_mean_and_deviation():
    posterior = Posterior(torch.full((20_000, 2), 3.0), torch.full((20_000, 2), 2 * math.log(0.5)))
    z = sample(posterior, torch.Generator().manual_seed(3))
    torch.testing.assert_close(z.mean(0), torch.full((2,), 3.0), atol=0.02, rtol=0)
    torch.testing.assert_close(z.std(0), torch.full((2,), 0.5), atol=0.02, rtol=0)


def test_encoder_and_decoder_have_two_convolutional_and_two_dense_layers_each(model: Seed):
    kinds = [type(layer).__name__ for layer in model.children()]
    encoder, decoder = kinds[:4], kinds[4:]
    assert encoder == ["Conv2d", "Conv2d", "Linear", "Linear"]
    assert decoder == ["Linear", "Linear", "ConvTranspose2d", "ConvTranspose2d"]


@pytest.mark.parametrize("latent", [1, 16, 32])
def test_shapes_from_frame_to_latents_and_back(latent: int):
    model = build(TrainConfig(latent=latent))
    mean, logvar = model.encode(_frames(3), SIMULATED)
    assert mean.shape == logvar.shape == (3, latent)
    assert model.decode(mean).shape == (3, 1, 100, 400)


def test_every_output_pixel_depends_on_the_latent_and_the_latent_on_every_input_pixel(model: Seed):
    spread = model.decode(torch.randn(64, 16, generator=torch.Generator().manual_seed(4))).std(0)
    assert (spread > 0).all()
    x = _frames(8).requires_grad_()
    model.encode(x, SIMULATED).mean.abs().sum().backward()
    assert (x.grad.abs().sum((0, 1)) > 0).all()


def test_an_untrained_model_knows_nothing(model: Seed):
    with torch.no_grad():
        terms = model.terms(_frames(4), SIMULATED, torch.Generator().manual_seed(5))
    assert (terms.recon_nats + terms.kl_nats).mean().item() == pytest.approx(
        COIN_FLIP_NATS, rel=0.01
    )
    assert (terms.kl_nats >= 0).all()


def test_terms_need_only_a_generator(model: Seed):
    x = _frames(2)
    first, again, reseeded = (
        model.terms(x, SIMULATED, torch.Generator().manual_seed(seed)).recon_nats
        for seed in (6, 6, 7)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, reseeded)


def test_first_weights_depend_on_the_seed_alone_and_leave_the_global_generator_alone():
    torch.manual_seed(99)
    before = torch.random.get_rng_state()
    first = build(TrainConfig(seed=1)).state_dict()
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.manual_seed(100)
    again, reseeded = (
        build(TrainConfig(seed=1)).state_dict(),
        build(TrainConfig(seed=2)).state_dict(),
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["dense_in.weight"], reseeded["dense_in.weight"])
