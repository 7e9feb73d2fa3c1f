"""The two-level model: one honest bound, and a z that does not know where things are."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.distributions import Bernoulli, Normal, kl_divergence

from morphcore import frames
from morphcore.config import Preset, TrainConfig, train_config
from morphcore.frames import PackedFrames
from morphcore.models.build import build
from morphcore.models.elbo import iwae_bound
from morphcore.models.geometry import SIMULATED
from morphcore.models.layers import COLUMNS, extend, statistics
from morphcore.models.resolutions import windows
from morphcore.models.two_level import TwoLevel
from morphcore.training import dataset, schedule
from morphcore.training import loop as training
from morphcore.training import state as training_state
from morphcore.types import COIN_FLIP_NATS_PER_PIXEL
from tests.factory import blobs


@pytest.fixture(scope="module")
def x() -> Tensor:
    bits = frames.binarise(np.concatenate([blobs(2, phi=phi, seed=3) for phi in (0.5, 0.6)]))
    return torch.from_numpy(bits).float()[:, None]


@pytest.fixture
def model() -> TwoLevel:
    """Not as it begins, where priors are standard normals and blocks the identity."""
    model = build(train_config("two-level", latent=6, seed=1))
    assert isinstance(model, TwoLevel)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.02 * torch.randn(parameter.shape, generator=generator)
    return model


def test_wrapping_is_torchs_circular_padding_and_so_is_its_gradient() -> None:
    h = torch.randn(2, 3, 4, 10, dtype=torch.float64, requires_grad=True)
    expected = F.pad(h, (3, 3, 0, 0), mode="circular")
    torch.testing.assert_close(extend(h, 3, COLUMNS, periodic=True), expected)
    assert torch.autograd.gradcheck(lambda values: extend(values, 3, COLUMNS, periodic=True), (h,))


def test_statistics_over_a_window_are_those_of_its_columns() -> None:
    h = torch.randn(2, 3, 5, 8)
    window = torch.zeros(2, 1, 8)
    window[0, :, 2:6] = 1
    window[1] = 1
    for row, part in ((0, h[0, :, :, 2:6]), (1, h[1])):
        mean, deviation = statistics(h, window)[row].chunk(2)
        torch.testing.assert_close(mean, part.mean((1, 2)))
        expected = (part.var((1, 2), correction=0) + 1e-4).sqrt()
        torch.testing.assert_close(deviation, expected)


def test_half_of_the_windows_are_half_of_the_frame() -> None:
    generator = torch.Generator().manual_seed(0)
    drawn = windows(1000, SIMULATED, generator, torch.device("cpu"))[:, 0]
    widths = drawn.sum(1)
    assert set(widths.tolist()) == {50.0, 100.0}
    assert 0.45 < (widths == 50).float().mean() < 0.55
    # A half is in one piece, around the edge too.
    pieces = (drawn != drawn.roll(1, dims=1)).sum(1)
    assert pieces[widths == 50].unique().tolist() == [2]


def test_the_bound_is_what_one_computes_by_hand(model: TwoLevel, x: Tensor) -> None:
    model.eval()
    seen: dict[str, Tensor] = {}
    for name in ("prior_top", "posterior_top", "prior", "posterior"):
        getattr(model, name).register_forward_hook(
            lambda _module, _inputs, out, name=name: seen.__setitem__(name, out)
        )
    with torch.no_grad():
        terms = model.terms(x, SIMULATED, torch.Generator().manual_seed(5))
        q = model.encode(x, SIMULATED)
        # The same noise, in the order in which it is drawn: z, then the maps from the top down.
        noise = torch.Generator().manual_seed(5)
        z = q.mean + (0.5 * q.logvar).exp() * torch.randn(q.mean.shape, generator=noise)
        nats = kl_divergence(
            Normal(q.mean, (0.5 * q.logvar).exp()),
            Normal(torch.zeros_like(z), torch.ones_like(z)),
        ).sum(1)
        for name in ("_top", ""):
            p_mean, p_logvar = seen["prior" + name].chunk(2, dim=1)
            shift, logratio = seen["posterior" + name].chunk(2, dim=1)
            deviation = (0.5 * p_logvar).exp()
            nats = nats + kl_divergence(
                Normal(p_mean + shift * deviation, (0.5 * (p_logvar + logratio)).exp()),
                Normal(p_mean, deviation),
            ).flatten(1).sum(1)
        logits = model._top_down(z, model._features(x, SIMULATED), SIMULATED, noise).logits
        recon = -Bernoulli(logits=logits).log_prob(x).flatten(1).sum(1)
    torch.testing.assert_close(terms.kl_nats, nats)
    torch.testing.assert_close(terms.recon_nats, recon)
    assert (terms.kl_nats > 1).all()


@pytest.mark.parametrize("preset", ["two-level", "seed"])
def test_draws_have_the_bound_as_their_mean_and_their_weights_tighten_it(
    preset: Preset, x: Tensor
) -> None:
    model = build(train_config(preset, latent=4, seed=2)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.03 * torch.randn(parameter.shape, generator=torch.Generator())
        generator = torch.Generator().manual_seed(0)
        drawn = torch.stack([model.neg_log_weight(x, SIMULATED, generator) for _ in range(48)])
        sums = torch.stack([sum(model.terms(x, SIMULATED, generator)) for _ in range(48)])
    error = (drawn.var(0) / 48 + sums.var(0) / 48).sqrt()
    assert ((drawn.mean(0) - sums.mean(0)).abs() < 4 * error + 1e-3).all()
    assert (iwae_bound(drawn) < drawn.mean(0)).all()
    torch.testing.assert_close(iwae_bound(drawn[:1]), drawn[0])


def test_an_untrained_model_flips_coins(x: Tensor) -> None:
    terms = build(train_config("two-level")).terms(x, SIMULATED, torch.Generator().manual_seed(0))
    assert (terms.recon_nats + terms.kl_nats).mean().item() == pytest.approx(
        40_000 * COIN_FLIP_NATS_PER_PIXEL, rel=0.03
    )


def test_z_is_the_same_for_the_mirror_image_and_for_rolled_frames(
    model: TwoLevel, x: Tensor
) -> None:
    model.eval()
    with torch.no_grad():
        posterior = model.encode(x, SIMULATED)
        for moved in (x.flip(3), x.roll(100, dims=3), x.roll(-36, dims=3)):
            of_moved = model.encode(moved, SIMULATED)
            torch.testing.assert_close(of_moved.mean, posterior.mean, atol=1e-5, rtol=1e-4)
            torch.testing.assert_close(of_moved.logvar, posterior.logvar, atol=1e-5, rtol=1e-4)
        # By a pixel the layers' grid shows, but little beside the differences between frames.
        step = (model.encode(x.roll(1, dims=3), SIMULATED).mean - posterior.mean).norm(dim=1)
        assert (step < 0.1 * (posterior.mean[0] - posterior.mean[-1]).norm()).all()


def test_a_frame_is_decoded_where_it_is_and_a_sample_anywhere(model: TwoLevel, x: Tensor) -> None:
    model.eval()
    with torch.no_grad():
        assert model.reconstruct(x, SIMULATED).shape == x.shape
        z = model.encode(x, SIMULATED).mean
        first, again, reseeded = (
            model.decode(z, SIMULATED, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1)
        )
    assert first.shape == x.shape
    torch.testing.assert_close(first, again)
    assert not torch.allclose(first, reseeded)


def test_every_weight_learns(model: TwoLevel, x: Tensor) -> None:
    terms = model.train().terms(x, SIMULATED, torch.Generator().manual_seed(0))
    (terms.recon_nats + terms.kl_nats).mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_it_learns_and_goes_on_where_it_was() -> None:
    packed = PackedFrames.of(frames.binarise(blobs(16, phi=0.55, seed=1)))
    data = dataset.on_device(packed, torch.device("cpu"))
    config = train_config("two-level", epochs=6, batch=8, latent=4)

    def train(state: training_state.TrainingState, until: TrainConfig) -> list[float]:
        metrics = training.epochs(state, until, data, data)
        return [row.held_out_neg_elbo_nats for row in metrics]

    whole = train(training_state.start(config, torch.device("cpu")), config)
    assert whole[-1] < whole[0]

    class Halt(Exception):
        pass

    state = training_state.start(config, torch.device("cpu"))
    halves = training.epochs(state, config, data, data)
    curve = [next(halves).held_out_neg_elbo_nats for _ in range(4)]
    again = training_state.from_dict(config, training_state.to_dict(state), torch.device("cpu"))
    assert curve + train(again, config) == whole


def test_the_rate_rises_then_falls_along_a_cosine() -> None:
    config = train_config("two-level", epochs=10, batch=10)
    state = training_state.start(config, torch.device("cpu"))
    total = schedule.total_steps(state, config, 205)
    assert total == 2050

    def rate(steps: int, total: int | None) -> float:
        state.steps = steps
        return schedule.learning_rate(state, config, total)

    assert rate(24, total) == pytest.approx(config.lr / 2)
    assert {rate(steps, None) / rate(steps, total) for steps in range(50)} == {1.0}
    assert rate(50, total) == config.lr
    assert rate(1050, total) == pytest.approx(config.lr / 2)
    assert 0 < rate(2050, total) <= 1e-3 * config.lr
    assert rate(30, 20) > 0  # a training that ends while its rate still rises
