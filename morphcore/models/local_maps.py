"""Local latent maps: q of one, relative to its prior, and what it costs."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from morphcore.models.elbo import kl_nats, sampled_kl_nats, standard_normal
from morphcore.models.geometry import Geometry
from morphcore.models.layers import FilmConv


class LocalPosterior(nn.Module):
    """q of a local map: from what is known from above, and what the frame shows."""

    def __init__(self, channels: int, local: int) -> None:
        super().__init__()
        self.join = FilmConv(2 * channels, channels)
        self.out = nn.Conv2d(channels, 2 * local, 1)

    def forward(
        self,
        above: Float[Tensor, "b c h w"],
        seen: Float[Tensor, "b c h w"],
        geometry: Geometry,
    ) -> Float[Tensor, "b l2 h w"]:
        out: Tensor = self.out(F.silu(self.join(torch.cat([above, seen], dim=1), geometry)))
        return out


class LocalMap(NamedTuple):
    """A local map, and what it costs in nats: on average over draws, and at this one."""

    map: Float[Tensor, "b l h w"]
    kl_nats: Float[Tensor, " b"]
    neg_log_weight: Float[Tensor, " b"]


def local_map(
    prior: Float[Tensor, "b l2 h w"],
    guess: Float[Tensor, "b l2 h w"] | None,
    generator: torch.Generator | None,
) -> LocalMap:
    """A local map from q, and what it costs against p; from p itself where there is no frame."""
    mean, logvar = _normal(prior)
    # q is relative to p.
    shift, logratio = (torch.zeros_like(mean),) * 2 if guess is None else _normal(guess)
    noise = torch.zeros_like(mean) if generator is None else standard_normal(mean, generator)
    relative = shift + torch.exp(0.5 * logratio) * noise
    flat = shift.flatten(1), logratio.flatten(1)
    return LocalMap(
        map=mean + torch.exp(0.5 * logvar) * relative,
        kl_nats=kl_nats(*flat),
        neg_log_weight=sampled_kl_nats(*flat, noise.flatten(1)),
    )


def _normal(
    out: Float[Tensor, "b l2 h w"],
) -> tuple[Float[Tensor, "b l h w"], Float[Tensor, "b l h w"]]:
    mean, logvar = out.float().chunk(2, dim=1)
    return mean, logvar.clamp(-10, 4)
