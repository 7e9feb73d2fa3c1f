"""The protocol of every model: all that training, encoding and the pages rely on.

The frames of a batch are all of one geometry, which comes with them.
"""

from abc import ABC, abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor, nn

from morphcore.config import LEAST_SIDE
from morphcore.models.elbo import ElboTerms, Posterior
from morphcore.models.geometry import SIMULATED, Geometry, GeometryError
from morphcore.statistics.discriminants import Discriminants


class Model(nn.Module, ABC):
    """Frames of 0 and 1 in; a latent vector of `latent` numbers each; logits of white out."""

    latent: int
    geometry = SIMULATED  # of the frames that it was built for, which it decodes unless told
    least_side = LEAST_SIDE["seed"]  # px, of the frames that it takes
    # Whether its layers bear bfloat16 where the device is faster with it.
    half_precision = False
    # Whether `decode` draws something that z leaves open.
    stochastic_decoder = False

    def require(self, geometry: Geometry) -> None:
        """Make sure that frames of a geometry can be encoded.

        Raises:
            GeometryError: if they are too small.
        """
        if min(geometry.height, geometry.width) < self.least_side:
            raise GeometryError(
                f"The frames are {geometry.width} x {geometry.height} px; this model takes them"
                f" from {self.least_side} x {self.least_side} px on."
            )

    @abstractmethod
    def encode(self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry) -> Posterior:
        """q(z|x) of each frame, without noise."""

    @abstractmethod
    def decode(
        self, z: Float[Tensor, "batch latent"], geometry: Geometry, generator: torch.Generator
    ) -> Float[Tensor, "batch 1 h w"]:
        """Logits of a frame with the given z; whatever z leaves open is drawn."""

    @abstractmethod
    def reconstruct(
        self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry
    ) -> Float[Tensor, "batch 1 h w"]:
        """Logits of each frame, through the means of all that it is coded by."""

    @abstractmethod
    def neg_log_weight(
        self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry, generator: torch.Generator
    ) -> Float[Tensor, " batch"]:
        """-ELBO of each frame with the KL at one draw, too: minus the log of the draw's weight.

        Its mean over draws is the sum of `terms`; see `elbo.iwae_bound`.
        """

    @abstractmethod
    def terms(
        self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry, generator: torch.Generator
    ) -> ElboTerms:
        """Both parts of each frame's -ELBO, with one sample of what it is coded by."""


class FeatureModel(Model):
    """A model that embeds frames by discriminants of the features that z is read from.

    See `morphcore.statistics.discriminants`.
    """

    # None as long as it was not fitted: then z is the embedding.
    embedding: Discriminants | None = None

    @abstractmethod
    def features(
        self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry
    ) -> Float[Tensor, "batch features"]:
        """The features that z is read from."""

    @abstractmethod
    def read(self, features: Float[Tensor, "batch features"]) -> Posterior:
        """q(z|x) from `features`."""

    def encode(self, x: Float[Tensor, "batch 1 h w"], geometry: Geometry) -> Posterior:
        """q(z|x) of each frame, without noise."""
        return self.read(self.features(x, geometry))
