"""Preset `seed`: the proof of concept's convolutional variational autoencoder.

Encoder: 2 convolutional and 2 dense layers, to 16 means and 16 log-variances. Decoder: 2 dense and
2 transposed convolutional layers, to one logit a pixel. It is built for one size of frames, which
go on beyond their edges to whole steps of its layers. Its latent holds mostly the positions of
domains; why it stays: docs/decisions/006-the-seed-preset-stays.md.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from morphcore.models.base import Model
from morphcore.models.elbo import (
    ElboTerms,
    Posterior,
    bernoulli_nats,
    kl_nats,
    sample,
    sampled_kl_nats,
    standard_normal,
)
from morphcore.models.geometry import Geometry, GeometryError
from morphcore.models.layers import COLUMNS, ROWS, extended, scaled

# The layers' sizes are ours: the proof of concept does not give its own. They were chosen by the
# held-out -ELBO reached in equal CPU time on 57 x 255 frames: twice as many dense units gain 250
# nats at equal frames, but cost a quarter more time and twice the disk.
FINE, COARSE = 16, 32  # channels at 1/4 and at 1/20 of the resolution
DENSE = 256
STRIDE_FINE, STRIDE_COARSE = 4, 5
STRIDE = STRIDE_FINE * STRIDE_COARSE  # 20, which divides both 100 and 400


class Seed(Model):
    """Frames of 0 and 1 in, logits out, through `latent` numbers."""

    def __init__(self, latent: int, geometry: Geometry, channels: float = 1.0) -> None:
        super().__init__()
        fine, deep = scaled(FINE, channels), scaled(COARSE, channels)
        self.latent = latent
        self.geometry = geometry
        self.rows = -(-geometry.height // STRIDE)  # 5 of 100
        self.columns = -(-geometry.width // STRIDE)  # 20 of 400
        coarse = deep * self.rows * self.columns
        self.conv_fine = nn.Conv2d(1, fine, kernel_size=5, stride=STRIDE_FINE, padding=1)
        self.conv_coarse = nn.Conv2d(fine, deep, kernel_size=5, stride=STRIDE_COARSE)
        self.dense_in = nn.Linear(coarse, DENSE)
        self.to_posterior = nn.Linear(DENSE, 2 * latent)

        self.from_latent = nn.Linear(latent, DENSE)
        self.dense_out = nn.Linear(DENSE, coarse)
        self.grow_coarse = nn.ConvTranspose2d(deep, fine, kernel_size=5, stride=STRIDE_COARSE)
        # 6 wide at stride 4: neighbouring patches overlap by a pixel on each side, no seams.
        self.grow_fine = nn.ConvTranspose2d(fine, 1, kernel_size=6, stride=STRIDE_FINE, padding=1)
        # On a CPU, convolutions are 2 to 3 times faster with channels last.
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def require(self, geometry: Geometry) -> None:
        """Make sure that frames of a geometry can be encoded.

        Raises:
            GeometryError: if they are not of the size that the model is built for.
        """
        own = self.geometry
        if (geometry.height, geometry.width) != (own.height, own.width):
            raise GeometryError(
                f"The frames are {geometry.width} x {geometry.height} px; this model, of the preset"
                f" seed, takes {own.width} x {own.height} px alone. The preset two-level takes any"
                " size from 64 x 64 px on."
            )

    def encode(self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry) -> Posterior:
        """q(z|x) of each frame."""
        h = F.relu(self.conv_fine(self._in_whole_steps(x, geometry)))  # [batch, FINE, 25, 100]
        h = F.relu(self.conv_coarse(h))  # [batch, COARSE, 5, 20]
        h = F.relu(self.dense_in(h.flatten(1)))  # [batch, COARSE 5 20] -> [batch, DENSE]
        mean, logvar = self.to_posterior(h).chunk(2, dim=1)  # 2 x [batch, latent]
        return Posterior(mean, logvar)

    def decode(
        self,
        z: Float[Tensor, "batch latent"],
        geometry: Geometry | None = None,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "batch 1 h w"]:
        """Logits of white, pixel by pixel; z leaves nothing open, so nothing is drawn."""
        del geometry, generator  # the size is the one that it is built for
        h = F.relu(self.from_latent(z))  # [batch, DENSE]
        h = F.relu(self.dense_out(h))  # [batch, COARSE 5 20]
        h = h.view(
            -1, self.conv_coarse.out_channels, self.rows, self.columns
        )  # [batch, COARSE, 5, 20]
        h = h.contiguous(memory_format=torch.channels_last)
        h = F.relu(self.grow_coarse(h))  # [batch, FINE, 25, 100]
        logits: Tensor = self.grow_fine(h)  # [batch, 1, 100, 400]
        return logits[:, :, : self.geometry.height, : self.geometry.width]

    def reconstruct(
        self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry
    ) -> Float[Tensor, "batch 1 h w"]:
        """Logits of each frame, through its posterior mean."""
        return self.decode(self.encode(x, geometry).mean)

    def terms(
        self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry, generator: torch.Generator
    ) -> ElboTerms:
        """Both parts of each frame's -ELBO, with one sample of z."""
        posterior = self.encode(x, geometry)
        logits = self.decode(sample(posterior, generator))
        return ElboTerms(bernoulli_nats(logits, x), kl_nats(*posterior))

    def neg_log_weight(
        self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry, generator: torch.Generator
    ) -> Float[Tensor, " batch"]:
        """-ELBO of each frame with the KL at one draw of z."""
        posterior = self.encode(x, geometry)
        noise = standard_normal(posterior.mean, generator)
        logits = self.decode(posterior.mean + torch.exp(0.5 * posterior.logvar) * noise)
        return bernoulli_nats(logits, x) + sampled_kl_nats(*posterior, noise)

    def _in_whole_steps(
        self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry
    ) -> Float[Tensor, "batch 1 h2 w2"]:
        """The frame, gone on beyond its right and bottom edges to whole steps of the layers."""
        down, right = -geometry.height % STRIDE, -geometry.width % STRIDE
        if right:
            x = extended(x, 0, right, COLUMNS, periodic=geometry.periodic)
        if down:
            x = extended(x, 0, down, ROWS, periodic=geometry.periodic_y)
        return x
