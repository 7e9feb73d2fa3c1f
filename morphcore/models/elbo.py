"""The loss that every model here is trained on: -ELBO of a binary picture, in nats per frame.

    -ELBO(x) = E_q(z|x)[-log p(x|z)] + KL(q(z|x) || p(z))

x: the frame's pixels, 0 or 1; z: its latent vector; q(z|x) = N(mean, diag(exp(logvar))): what the
encoder makes of x; p(z) = N(0, 1); p(x|z): independent pixels, white with probability
sigmoid(logit). Both parts are >= 0 and to be minimised; natural logarithms throughout.

Source: Kingma and Welling, Auto-Encoding Variational Bayes, 2014, arXiv:1312.6114; the closed form
of the KL divergence is its appendix B.
"""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


class Posterior(NamedTuple):
    """q(z|x) of each frame: a normal with independent dimensions, variance exp(logvar)."""

    mean: Float[Tensor, "batch latent"]
    logvar: Float[Tensor, "batch latent"]


class ElboTerms(NamedTuple):
    """The two parts of each frame's -ELBO."""

    recon_nats: Float[Tensor, " batch"]  # -log p(x|z), summed over pixels
    kl_nats: Float[Tensor, " batch"]  # KL(q(z|x) || p(z)), summed over latent dimensions


def bernoulli_nats(
    logits: Float[Tensor, "batch 1 h w"], x: Float[Tensor, "batch 1 h w"]
) -> Float[Tensor, " batch"]:
    """-log p(x) of binary pixels, summed over a frame; logits of 0 give ln 2 a pixel."""
    pixels = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return pixels.flatten(1).sum(1)  # [batch, 1, h, w] -> [batch, h w] -> [batch]


def kl_nats(
    mean: Float[Tensor, "batch latent"], logvar: Float[Tensor, "batch latent"]
) -> Float[Tensor, " batch"]:
    """KL(N(mean, exp(logvar)) || N(0, 1)) in closed form, summed over dimensions; never below 0."""
    return 0.5 * (mean.square() + torch.expm1(logvar) - logvar).sum(1)


def sampled_kl_nats(
    mean: Float[Tensor, "batch latent"],
    logvar: Float[Tensor, "batch latent"],
    noise: Float[Tensor, "batch latent"],
) -> Float[Tensor, " batch"]:
    """log q(z|x) - log p(z) at z = mean + exp(logvar / 2) noise; its mean over noise is `kl_nats`.

    Single values may be negative.
    """
    z = mean + torch.exp(0.5 * logvar) * noise
    return 0.5 * (z.square() - noise.square() - logvar).sum(1)


def iwae_bound(drawn: Float[Tensor, "draws batch"]) -> Float[Tensor, " batch"]:
    """-log of the mean weight of some draws: a tighter bound on -log p(x) than -ELBO, their mean.

    `drawn` is `Model.neg_log_weight` of the same frames, again and again.
    Source: Y. Burda, R. Grosse and R. Salakhutdinov, 2016, arXiv:1509.00519.
    """
    return math.log(len(drawn)) - torch.logsumexp(-drawn, dim=0)


def standard_normal(like: Tensor, generator: torch.Generator) -> Tensor:
    """Noise of a tensor's shape, on its device.

    It is drawn where the generator lives (the CPU), so that a seed means the same anywhere.
    """
    return torch.randn(like.shape, generator=generator, device=generator.device).to(like.device)


def sample(posterior: Posterior, generator: torch.Generator) -> Float[Tensor, "batch latent"]:
    """One z from each posterior, differentiable in mean and logvar."""
    noise = standard_normal(posterior.mean, generator)
    return posterior.mean + torch.exp(0.5 * posterior.logvar) * noise
