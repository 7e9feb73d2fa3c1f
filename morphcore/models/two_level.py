"""Preset `two-level`: a variational autoencoder with a global latent and two local latent maps.

z      global, `latent` numbers: read from features pooled over position, so that it can hardly
       know where anything is
l2, l1 local, two maps at 1/16 and 1/8 of the resolution: they hold positions

    -ELBO(x) = E_q[-log p(x|z, l)] + KL(q(z|x) || p(z))
               + E_q[KL(q(l2|z, x) || p(l2|z)) + KL(q(l1|l2, z, x) || p(l1|l2, z))]

One bound, in nats. p(l|z) is learnt: z saves nats of l. In training, half of the frames give z from
a random half of their length, so that z is rewarded for what both halves share; the bound stays
one, since q(z|x) may be any distribution. The embedding is made of `features`:
docs/decisions/001-embedding-by-discriminants.md; ablations: docs/trials.md.

Source: C. K. Sonderby et al., Ladder Variational Autoencoders, 2016, arXiv:1602.02282.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from morphcore.models.base import FeatureModel
from morphcore.models.elbo import (
    ElboTerms,
    Posterior,
    bernoulli_nats,
    sample,
    sampled_kl_nats,
    standard_normal,
)
from morphcore.models.elbo import kl_nats as kl_to_standard
from morphcore.models.layers import FilmConv, Modulated, statistics, wrap
from morphcore.types import FRAME_HEIGHT, FRAME_WIDTH

FINE = 12  # channels at 1/2 of the resolution
QUARTER, EIGHTH, SIXTEENTH = 32, 48, 64  # channels at 1/4, 1/8 and 1/16
DILATIONS = (1, 2, 4, 8)  # of the layers that z is read from: they see 124 px
ROLLS = (0, 2)  # px; features are averaged over them outside of training
LOCAL_TOP, LOCAL = 8, 4  # channels of l2 and l1
MARGIN = 2  # rows added above and below, so that 4 and 8 divide the height
ROWS_TOP = 7  # of the map at 1/16
STRIDE = 4
HEAD = 128


class Features(NamedTuple):
    """The encoder's feature maps of each frame."""

    quarter: Float[Tensor, "b c4 26 100"]
    eighth: Float[Tensor, "b c8 13 50"]
    sixteenth: Float[Tensor, "b c16 7 25"]


class TwoLevel(FeatureModel):
    """Frames of 0 and 1 in, logits out, through a global vector and two local maps."""

    half_precision = True
    stochastic_decoder = True  # the local maps

    def __init__(self, latent: int = 16) -> None:
        super().__init__()
        self.latent = latent
        self.fine = nn.Conv2d(1, FINE, 5, stride=2)
        self.quarter = nn.Conv2d(FINE, QUARTER, 2, stride=2)
        self.dilated = nn.ModuleList(FilmConv(QUARTER, QUARTER, dilation=d) for d in DILATIONS)
        self.head = nn.Sequential(
            nn.Linear(2 * (FINE + QUARTER * (1 + len(DILATIONS))), HEAD),
            nn.SiLU(),
            nn.Linear(HEAD, HEAD),
            nn.SiLU(),
            nn.Linear(HEAD, 2 * latent),
        )

        self.to_eighth = FilmConv(QUARTER, EIGHTH, stride=2)
        self.eighth = FilmConv(EIGHTH, EIGHTH)
        self.to_sixteenth = FilmConv(EIGHTH, SIXTEENTH, stride=2)
        self.sixteenth = FilmConv(SIXTEENTH, SIXTEENTH)

        # All that p(l2|z) knows of position is how far the walls are.
        self.rows = nn.Parameter(0.1 * torch.randn(1, SIXTEENTH, ROWS_TOP, 1))
        self.begin = Modulated(SIXTEENTH, latent)
        self.prior_top = nn.Conv2d(SIXTEENTH, 2 * LOCAL_TOP, 1)
        self.posterior_top = _Guess(SIXTEENTH, LOCAL_TOP)
        self.from_top = nn.Conv2d(LOCAL_TOP, SIXTEENTH, 1)
        self.coarse = Modulated(SIXTEENTH, latent)
        self.grow_coarse = nn.Conv2d(SIXTEENTH, 4 * EIGHTH, 1)
        self.middle = Modulated(EIGHTH, latent)
        self.prior = nn.Conv2d(EIGHTH, 2 * LOCAL, 1)
        self.posterior = _Guess(EIGHTH, LOCAL)
        self.from_local = nn.Conv2d(LOCAL, EIGHTH, 1)
        self.joined = Modulated(EIGHTH, latent)
        self.grow = nn.Conv2d(EIGHTH, 4 * QUARTER, 1)
        self.last = Modulated(QUARTER, latent)
        self.to_pixels = FilmConv(QUARTER, STRIDE * STRIDE)
        for layer in (self.prior_top, self.prior):  # standard normals at first
            for parameter in layer.parameters():
                nn.init.zeros_(parameter)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def features(self, x: Float[Tensor, "batch 1 100 400"]) -> Float[Tensor, "batch features"]:
        """Pooled features, the mean over equivalent frames: mirrored, or rolled by 2 px.

        Layers at 1/4 see a roll by 1 to 3 px, if only just: of four such rolls two are averaged.
        """
        moved = (y for shift in ROLLS for y in (x.roll(shift, 3), x.roll(shift, 3).flip(3)))
        features = [self._pooled(y)[1] for y in moved]
        return torch.stack(features).mean(0)

    def read(self, features: Float[Tensor, "batch features"]) -> Posterior:
        """q(z|x) from `features`."""
        mean, logvar = self.head(features).float().chunk(2, dim=1)
        return Posterior(mean, logvar.clamp(-12, 6))

    def decode(
        self, z: Float[Tensor, "batch latent"], generator: torch.Generator
    ) -> Float[Tensor, "batch 1 100 400"]:
        """Logits of a frame with the given z, its local maps drawn from p(l|z)."""
        return self._top_down(z, None, generator).logits

    def reconstruct(self, x: Float[Tensor, "batch 1 100 400"]) -> Float[Tensor, "batch 1 100 400"]:
        """Logits of each frame, through the means of z and of both maps."""
        return self._top_down(self.encode(x).mean, self._features(x), None).logits

    def terms(self, x: Float[Tensor, "batch 1 100 400"], generator: torch.Generator) -> ElboTerms:
        """Both parts of each frame's -ELBO; the KL is that of z and of both maps together."""
        if self.training:
            quarter, pooled = self._pooled(x, _windows(len(x), generator, x.device))
            posterior = self.read(pooled)
        else:
            quarter = self._quarter(x)
            posterior = self.encode(x)
        z = sample(posterior, generator)
        out = self._top_down(z, self._from_quarter(quarter), generator)
        recon = bernoulli_nats(out.logits.float(), x)
        return ElboTerms(recon, kl_to_standard(*posterior) + out.kl_nats)

    def neg_log_weight(
        self, x: Float[Tensor, "batch 1 100 400"], generator: torch.Generator
    ) -> Float[Tensor, " batch"]:
        """-ELBO of each frame with the KL at one draw of z and of both maps."""
        posterior = self.encode(x)
        noise = standard_normal(posterior.mean, generator)
        z = posterior.mean + torch.exp(0.5 * posterior.logvar) * noise
        out = self._top_down(z, self._features(x), generator)
        recon = bernoulli_nats(out.logits.float(), x)
        return recon + sampled_kl_nats(*posterior, noise) + out.neg_log_weight

    def _pooled(
        self, x: Float[Tensor, "b 1 100 400"], window: Float[Tensor, "b 1 100"] | None = None
    ) -> tuple[Float[Tensor, "b c4 26 100"], Float[Tensor, "b features"]]:
        """The features at 1/4, and the statistics of all features over position."""
        fine = self._fine(x)
        wide = None if window is None else window.repeat_interleave(2, dim=2)
        pooled = [statistics(fine, wide)]
        h = F.silu(self.quarter(fine))  # [b, QUARTER, 26, 100]
        quarter = h
        pooled.append(statistics(h, window))
        for layer in self.dilated:
            h = h + F.silu(layer(h))
            pooled.append(statistics(h, window))
        return quarter, torch.cat(pooled, dim=1)

    def _features(self, x: Float[Tensor, "b 1 100 400"]) -> Features:
        return self._from_quarter(self._quarter(x))

    def _quarter(self, x: Float[Tensor, "b 1 100 400"]) -> Float[Tensor, "b c4 26 100"]:
        return F.silu(self.quarter(self._fine(x)))

    def _fine(self, x: Float[Tensor, "b 1 100 400"]) -> Float[Tensor, "b c2 52 200"]:
        """The first features; the walls' rows are repeated so that 4 and 8 divide the height."""
        x = F.pad(wrap(x, 2), (0, 0, MARGIN + 2, MARGIN + 1), mode="replicate")
        return F.silu(self.fine(x[..., :-1]))

    def _from_quarter(self, quarter: Float[Tensor, "b c4 26 100"]) -> Features:
        eighth = F.silu(self.to_eighth(quarter))
        eighth = eighth + F.silu(self.eighth(eighth))  # [b, EIGHTH, 13, 50]
        sixteenth = F.silu(self.to_sixteenth(eighth))
        sixteenth = sixteenth + F.silu(self.sixteenth(sixteenth))  # [b, SIXTEENTH, 7, 25]
        return Features(quarter, eighth, sixteenth)

    def _top_down(
        self,
        z: Float[Tensor, "b latent"],
        features: Features | None,
        generator: torch.Generator | None,
    ) -> "_Decoded":
        """Logits, and the nats that the local maps cost.

        With `features` the maps are those of a frame, else they are drawn from p(l|z). Without a
        `generator` nothing is drawn: means are taken.
        """
        h = self.rows.expand(len(z), -1, -1, FRAME_WIDTH // 16)
        h = self.begin(h.contiguous(memory_format=torch.channels_last), z)
        prior = self.prior_top(h)
        guess = None if features is None else self.posterior_top(h, features.sixteenth)
        top = _local(prior, guess, generator)
        h = self.coarse(h + self.from_top(top.map), z)  # [b, SIXTEENTH, 7, 25]

        h = F.pixel_shuffle(self.grow_coarse(h), 2)[:, :, :-1]  # [b, EIGHTH, 13, 50]
        h = self.middle(h.contiguous(memory_format=torch.channels_last), z)
        prior = self.prior(h)
        guess = None if features is None else self.posterior(h, features.eighth)
        local = _local(prior, guess, generator)
        h = self.joined(h + self.from_local(local.map), z)

        h = F.pixel_shuffle(self.grow(h), 2)  # [b, QUARTER, 26, 100]
        h = self.last(h.contiguous(memory_format=torch.channels_last), z)
        logits = F.pixel_shuffle(self.to_pixels(F.silu(h)), STRIDE)
        return _Decoded(
            logits[:, :, MARGIN : MARGIN + FRAME_HEIGHT],
            top.kl_nats + local.kl_nats,
            top.neg_log_weight + local.neg_log_weight,
        )


class _Decoded(NamedTuple):
    """Logits, and what the local maps cost in nats: on average over draws, and at this one."""

    logits: Float[Tensor, "b 1 100 400"]
    kl_nats: Float[Tensor, " b"]
    neg_log_weight: Float[Tensor, " b"]


class _Guess(nn.Module):
    """q of a local map: from what is known from above, and what the frame shows."""

    def __init__(self, channels: int, local: int) -> None:
        super().__init__()
        self.join = FilmConv(2 * channels, channels)
        self.out = nn.Conv2d(channels, 2 * local, 1)

    def forward(
        self, above: Float[Tensor, "b c h w"], seen: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, "b l2 h w"]:
        out: Tensor = self.out(F.silu(self.join(torch.cat([above, seen], dim=1))))
        return out


class _Local(NamedTuple):
    """A local map, and what it costs in nats: on average over draws, and at this one."""

    map: Float[Tensor, "b l h w"]
    kl_nats: Float[Tensor, " b"]
    neg_log_weight: Float[Tensor, " b"]


def _local(
    prior: Float[Tensor, "b l2 h w"],
    guess: Float[Tensor, "b l2 h w"] | None,
    generator: torch.Generator | None,
) -> _Local:
    """A local map from q, and what it costs against p; from p itself where there is no frame."""
    mean, logvar = _normal(prior)
    # q is relative to p.
    shift, logratio = (torch.zeros_like(mean),) * 2 if guess is None else _normal(guess)
    noise = torch.zeros_like(mean) if generator is None else standard_normal(mean, generator)
    relative = shift + torch.exp(0.5 * logratio) * noise
    flat = shift.flatten(1), logratio.flatten(1)
    return _Local(
        map=mean + torch.exp(0.5 * logvar) * relative,
        kl_nats=kl_to_standard(*flat),
        neg_log_weight=sampled_kl_nats(*flat, noise.flatten(1)),
    )


def _normal(
    out: Float[Tensor, "b l2 h w"],
) -> tuple[Float[Tensor, "b l h w"], Float[Tensor, "b l h w"]]:
    mean, logvar = out.float().chunk(2, dim=1)
    return mean, logvar.clamp(-10, 4)


def _windows(
    batch: int, generator: torch.Generator, device: torch.device
) -> Float[Tensor, "batch 1 100"]:
    """For each frame all its columns at 1/4, or by the toss of a coin a random half of them."""
    columns = FRAME_WIDTH // STRIDE
    start = torch.randint(0, columns, (batch, 1), generator=generator)
    whole = torch.randint(0, 2, (batch, 1), generator=generator).bool()
    column = (torch.arange(columns) - start) % columns
    window = whole | (column < columns // 2)
    return window.float()[:, None, :].to(device)
