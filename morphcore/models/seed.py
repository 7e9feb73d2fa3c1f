"""Preset `seed`: the proof of concept's convolutional variational autoencoder.

Encoder: 2 convolutional and 2 dense layers, to 16 means and 16 log-variances. Decoder: 2 dense and
2 transposed convolutional layers, to one logit a pixel. Its latent holds mostly the positions of
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
from morphcore.types import FRAME_HEIGHT, FRAME_WIDTH

# The layers' sizes are ours: the proof of concept does not give its own. They were chosen by the
# held-out -ELBO reached in equal CPU time on 57 x 255 frames: twice as many dense units gain 250
# nats at equal frames, but cost a quarter more time and twice the disk.
FINE, COARSE = 16, 32  # channels at 1/4 and at 1/20 of the resolution
DENSE = 256
STRIDE_FINE, STRIDE_COARSE = 4, 5  # together 20, which divides both 100 and 400
H = FRAME_HEIGHT // (STRIDE_FINE * STRIDE_COARSE)  # 5
W = FRAME_WIDTH // (STRIDE_FINE * STRIDE_COARSE)  # 20


class Seed(Model):
    """Frames of 0 and 1 in, logits out, through `latent` numbers."""

    def __init__(self, latent: int = 16) -> None:
        super().__init__()
        self.latent = latent
        self.conv_fine = nn.Conv2d(1, FINE, kernel_size=5, stride=STRIDE_FINE, padding=1)
        self.conv_coarse = nn.Conv2d(FINE, COARSE, kernel_size=5, stride=STRIDE_COARSE)
        self.dense_in = nn.Linear(COARSE * H * W, DENSE)
        self.to_posterior = nn.Linear(DENSE, 2 * latent)

        self.from_latent = nn.Linear(latent, DENSE)
        self.dense_out = nn.Linear(DENSE, COARSE * H * W)
        self.grow_coarse = nn.ConvTranspose2d(COARSE, FINE, kernel_size=5, stride=STRIDE_COARSE)
        # 6 wide at stride 4: neighbouring patches overlap by a pixel on each side, no seams.
        self.grow_fine = nn.ConvTranspose2d(FINE, 1, kernel_size=6, stride=STRIDE_FINE, padding=1)
        # On a CPU, convolutions are 2 to 3 times faster with channels last.
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def encode(self, x: Float[Tensor, "batch 1 100 400"]) -> Posterior:
        """q(z|x) of each frame."""
        h = F.relu(self.conv_fine(x))  # [batch, FINE, 25, 100]
        h = F.relu(self.conv_coarse(h))  # [batch, COARSE, 5, 20]
        h = F.relu(self.dense_in(h.flatten(1)))  # [batch, COARSE 5 20] -> [batch, DENSE]
        mean, logvar = self.to_posterior(h).chunk(2, dim=1)  # 2 x [batch, latent]
        return Posterior(mean, logvar)

    def decode(
        self, z: Float[Tensor, "batch latent"], generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch 1 100 400"]:
        """Logits of white, pixel by pixel; z leaves nothing open, so nothing is drawn."""
        del generator
        h = F.relu(self.from_latent(z))  # [batch, DENSE]
        h = F.relu(self.dense_out(h))  # [batch, COARSE 5 20]
        h = h.view(-1, COARSE, H, W)  # [batch, COARSE, 5, 20]
        h = h.contiguous(memory_format=torch.channels_last)
        h = F.relu(self.grow_coarse(h))  # [batch, FINE, 25, 100]
        logits: Tensor = self.grow_fine(h)  # [batch, 1, 100, 400]
        return logits

    def reconstruct(self, x: Float[Tensor, "batch 1 100 400"]) -> Float[Tensor, "batch 1 100 400"]:
        """Logits of each frame, through its posterior mean."""
        return self.decode(self.encode(x).mean)

    def terms(self, x: Float[Tensor, "batch 1 100 400"], generator: torch.Generator) -> ElboTerms:
        """Both parts of each frame's -ELBO, with one sample of z."""
        posterior = self.encode(x)
        logits = self.decode(sample(posterior, generator))
        return ElboTerms(bernoulli_nats(logits, x), kl_nats(*posterior))

    def neg_log_weight(
        self, x: Float[Tensor, "batch 1 100 400"], generator: torch.Generator
    ) -> Float[Tensor, " batch"]:
        """-ELBO of each frame with the KL at one draw of z."""
        posterior = self.encode(x)
        noise = standard_normal(posterior.mean, generator)
        logits = self.decode(posterior.mean + torch.exp(0.5 * posterior.logvar) * noise)
        return bernoulli_nats(logits, x) + sampled_kl_nats(*posterior, noise)
