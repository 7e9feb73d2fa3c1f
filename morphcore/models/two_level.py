"""Preset `two-level`: a variational autoencoder with a global latent and two local latent maps.

z      global, `latent` numbers: read from features pooled over position, so that it can hardly
       know where anything is
l2, l1 local, two maps at 1/16 and 1/8 of the resolution: they hold positions

    -ELBO(x) = E_q[-log p(x|z, l)] + KL(q(z|x) || p(z))
               + E_q[KL(q(l2|z, x) || p(l2|z)) + KL(q(l1|l2, z, x) || p(l1|l2, z))]

Frames are of any size from 64 x 64 px on. Along a periodic axis they are repeated to whole steps of
the layers that z is read from, so that a frame that is repeated has the same features.

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

from morphcore.config import LEAST_SIDE
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
from morphcore.models.geometry import Geometry
from morphcore.models.layers import (
    COLUMNS,
    ROWS,
    FilmConv,
    Modulated,
    extended,
    scaled,
    statistics,
)
from morphcore.models.local_maps import LocalPosterior, local_map
from morphcore.models.resolutions import (
    ROWS_TOP,
    STRIDE,
    copies,
    grown,
    levels,
    margins,
    rows_by_wall,
    windows,
)

FINE = 12  # channels at 1/2 of the resolution
QUARTER, EIGHTH, SIXTEENTH = 32, 48, 64  # channels at 1/4, 1/8 and 1/16
DILATIONS = (1, 2, 4, 8)  # of the layers that z is read from: they see 124 px
ROLLS = (0, 2)  # px; features are averaged over them outside of training
LOCAL_TOP, LOCAL = 8, 4  # channels of l2 and l1
HEAD = 128


class Features(NamedTuple):
    """The encoder's feature maps of each frame."""

    quarter: Float[Tensor, "b c4 h4 w4"]  # 26 x 100 of a frame of 100 x 400
    eighth: Float[Tensor, "b c8 h8 w8"]  # 13 x 50
    sixteenth: Float[Tensor, "b c16 h16 w16"]  # 7 x 25


class TwoLevel(FeatureModel):
    """Frames of 0 and 1 in, logits out, through a global vector and two local maps."""

    half_precision = True
    stochastic_decoder = True  # the local maps
    least_side = LEAST_SIDE["two-level"]

    def __init__(self, latent: int, geometry: Geometry, channels: float = 1.0) -> None:
        super().__init__()
        self.latent = latent
        self.geometry = geometry
        fine = scaled(FINE, channels, of=4)
        quarter, eighth, sixteenth = (scaled(n, channels) for n in (QUARTER, EIGHTH, SIXTEENTH))
        self.fine = nn.Conv2d(1, fine, 5, stride=2)
        self.quarter = nn.Conv2d(fine, quarter, 2, stride=2)
        self.dilated = nn.ModuleList(FilmConv(quarter, quarter, dilation=d) for d in DILATIONS)
        self.head = nn.Sequential(
            nn.Linear(2 * (fine + quarter * (1 + len(DILATIONS))), HEAD),
            nn.SiLU(),
            nn.Linear(HEAD, HEAD),
            nn.SiLU(),
            nn.Linear(HEAD, 2 * latent),
        )

        self.to_eighth = FilmConv(quarter, eighth, stride=2)
        self.eighth = FilmConv(eighth, eighth)
        self.to_sixteenth = FilmConv(eighth, sixteenth, stride=2)
        self.sixteenth = FilmConv(sixteenth, sixteenth)

        # All that p(l2|z) knows of position is how far the walls are.
        self.rows = nn.Parameter(0.1 * torch.randn(1, sixteenth, ROWS_TOP, 1))
        self.begin = Modulated(sixteenth, latent)
        self.prior_top = nn.Conv2d(sixteenth, 2 * LOCAL_TOP, 1)
        self.posterior_top = LocalPosterior(sixteenth, LOCAL_TOP)
        self.from_top = nn.Conv2d(LOCAL_TOP, sixteenth, 1)
        self.coarse = Modulated(sixteenth, latent)
        self.grow_coarse = nn.Conv2d(sixteenth, 4 * eighth, 1)
        self.middle = Modulated(eighth, latent)
        self.prior = nn.Conv2d(eighth, 2 * LOCAL, 1)
        self.posterior = LocalPosterior(eighth, LOCAL)
        self.from_local = nn.Conv2d(LOCAL, eighth, 1)
        self.joined = Modulated(eighth, latent)
        self.grow = nn.Conv2d(eighth, 4 * quarter, 1)
        self.last = Modulated(quarter, latent)
        self.to_pixels = FilmConv(quarter, STRIDE * STRIDE)
        for layer in (self.prior_top, self.prior):  # standard normals at first
            for parameter in layer.parameters():
                nn.init.zeros_(parameter)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def features(
        self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry
    ) -> Float[Tensor, "batch features"]:
        """Pooled features, the mean over equivalent frames: mirrored, or rolled by 2 px.

        Layers at 1/4 see a roll by 1 to 3 px, if only just: of four such rolls two are averaged. A
        frame that is not periodic is not rolled: the layers' grid is.
        """
        moved = ((y, shift) for shift in ROLLS for y in (x, x.flip(3)))
        features = [self._pooled(y, geometry, shift=shift)[1] for y, shift in moved]
        return torch.stack(features).mean(0)

    def read(self, features: Float[Tensor, "batch features"]) -> Posterior:
        """q(z|x) from `features`."""
        mean, logvar = self.head(features).float().chunk(2, dim=1)
        return Posterior(mean, logvar.clamp(-12, 6))

    def decode(
        self, z: Float[Tensor, "batch latent"], geometry: Geometry, generator: torch.Generator
    ) -> Float[Tensor, "batch 1 h w"]:
        """Logits of a frame with the given z, its local maps drawn from p(l|z)."""
        return self._top_down(z, None, geometry, generator).logits

    def reconstruct(
        self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry
    ) -> Float[Tensor, "batch 1 h w"]:
        """Logits of each frame, through the means of z and of both maps."""
        z = self.encode(x, geometry).mean
        return self._top_down(z, self._features(x, geometry), geometry, None).logits

    def terms(
        self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry, generator: torch.Generator
    ) -> ElboTerms:
        """Both parts of each frame's -ELBO; the KL is that of z and of both maps together."""
        if self.training:
            window = windows(len(x), geometry, generator, x.device)
            quarter, pooled = self._pooled(x, geometry, window)
            posterior = self.read(pooled)
        else:
            quarter = self._quarter(x, geometry)
            posterior = self.encode(x, geometry)
        z = sample(posterior, generator)
        out = self._top_down(z, self._from_quarter(quarter, geometry), geometry, generator)
        recon = bernoulli_nats(out.logits.float(), x)
        return ElboTerms(recon, kl_to_standard(*posterior) + out.kl_nats)

    def neg_log_weight(
        self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry, generator: torch.Generator
    ) -> Float[Tensor, " batch"]:
        """-ELBO of each frame with the KL at one draw of z and of both maps."""
        posterior = self.encode(x, geometry)
        noise = standard_normal(posterior.mean, generator)
        z = posterior.mean + torch.exp(0.5 * posterior.logvar) * noise
        out = self._top_down(z, self._features(x, geometry), geometry, generator)
        recon = bernoulli_nats(out.logits.float(), x)
        return recon + sampled_kl_nats(*posterior, noise) + out.neg_log_weight

    def _pooled(
        self,
        x: Float[Tensor, "b 1 h w"],
        geometry: Geometry,
        window: Float[Tensor, "b 1 w4"] | None = None,
        *,
        shift: int = 0,
    ) -> tuple[Float[Tensor, "b c4 h4 w4"], Float[Tensor, "b features"]]:
        """The features at 1/4, and the statistics of all features over position."""
        fine = self._fine(x, geometry, shift)
        wide = None if window is None else window.repeat_interleave(2, dim=2)
        pooled = [statistics(fine, wide)]
        h = F.silu(self.quarter(fine))  # [b, QUARTER, 26, 100]
        quarter = h
        pooled.append(statistics(h, window))
        for layer in self.dilated:
            h = h + F.silu(layer(h, geometry))
            pooled.append(statistics(h, window))
        return quarter, torch.cat(pooled, dim=1)

    def _features(self, x: Float[Tensor, "b 1 h w"], geometry: Geometry) -> Features:
        return self._from_quarter(self._quarter(x, geometry), geometry)

    def _quarter(
        self, x: Float[Tensor, "b 1 h w"], geometry: Geometry
    ) -> Float[Tensor, "b c4 h4 w4"]:
        return F.silu(self.quarter(self._fine(x, geometry)))

    def _fine(
        self, x: Float[Tensor, "b 1 h w"], geometry: Geometry, shift: int = 0
    ) -> Float[Tensor, "b c2 h2 w2"]:
        """The first features, of a frame in whole steps, 2 px before and 1 beyond it seen."""
        if geometry.periodic:
            x = x.roll(shift, COLUMNS).repeat(1, 1, 1, copies(geometry.width))
            x = extended(x, 2, 1, COLUMNS, periodic=True)
        else:
            after = -(geometry.width + shift) % STRIDE
            x = extended(x, shift + 2, after + 1, COLUMNS, periodic=False)
        if geometry.periodic_y:
            x = x.roll(shift, ROWS).repeat(1, 1, copies(geometry.height), 1)
            x = extended(x, 2, 1, ROWS, periodic=True)
        else:
            above, below = margins(geometry)
            x = F.pad(x, (0, 0, above + 2, below + 1), mode="replicate")
        return F.silu(self.fine(x))

    def _from_quarter(self, quarter: Float[Tensor, "b c4 h4 w4"], geometry: Geometry) -> Features:
        (rows, columns), *_ = levels(geometry)
        quarter = quarter[:, :, :rows, :columns]  # once, where the frame is repeated
        eighth = F.silu(self.to_eighth(quarter, geometry))
        eighth = eighth + F.silu(self.eighth(eighth, geometry))  # [b, EIGHTH, 13, 50]
        sixteenth = F.silu(self.to_sixteenth(eighth, geometry))
        sixteenth = sixteenth + F.silu(self.sixteenth(sixteenth, geometry))  # [b, c, 7, 25]
        return Features(quarter, eighth, sixteenth)

    def _top_down(
        self,
        z: Float[Tensor, "b latent"],
        features: Features | None,
        geometry: Geometry,
        generator: torch.Generator | None,
    ) -> "_Decoded":
        """Logits, and the nats that the local maps cost.

        With `features` the maps are those of a frame, else they are drawn from p(l|z). Without a
        `generator` nothing is drawn: means are taken.
        """
        quarter, eighth, sixteenth = levels(geometry)
        rows = self.rows[:, :, rows_by_wall(sixteenth[0], geometry)]
        h = rows.expand(len(z), -1, -1, sixteenth[1])
        h = self.begin(h.contiguous(memory_format=torch.channels_last), z, geometry)
        prior = self.prior_top(h)
        guess = None if features is None else self.posterior_top(h, features.sixteenth, geometry)
        top = local_map(prior, guess, generator)
        h = self.coarse(h + self.from_top(top.map), z, geometry)  # [b, SIXTEENTH, 7, 25]

        h = grown(self.grow_coarse(h), eighth)  # [b, EIGHTH, 13, 50]
        h = self.middle(h, z, geometry)
        prior = self.prior(h)
        guess = None if features is None else self.posterior(h, features.eighth, geometry)
        local = local_map(prior, guess, generator)
        h = self.joined(h + self.from_local(local.map), z, geometry)

        h = grown(self.grow(h), quarter)  # [b, QUARTER, 26, 100]
        h = self.last(h, z, geometry)
        logits = F.pixel_shuffle(self.to_pixels(F.silu(h), geometry), STRIDE)
        above, _ = margins(geometry)
        return _Decoded(
            logits[:, :, above : above + geometry.height, : geometry.width],
            top.kl_nats + local.kl_nats,
            top.neg_log_weight + local.neg_log_weight,
        )


class _Decoded(NamedTuple):
    """Logits, and what the local maps cost in nats: on average over draws, and at this one."""

    logits: Float[Tensor, "b 1 h w"]
    kl_nats: Float[Tensor, " b"]
    neg_log_weight: Float[Tensor, " b"]
