"""A model's embedding of frames: axes of which features, and what these were learnt from."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32

from morphcore.statistics.discriminants import Discriminants
from morphcore.statistics.likelihood_ratio import LikelihoodRatio

LearntFrom = Literal["replicates", "halves"]


@dataclass(frozen=True)
class FeatureEmbedding:
    """Discriminants of a model's features, with the likelihood ratio along them.

    `scattering`: features are the network's, then those of wavelet scattering; else the network's
    alone, as in older models. `realisations`: how many trajectories of how many `cells` the scatter
    within a process was learnt from; 0 where halves of frames stood in for them.
    """

    discriminants: Discriminants
    scattering: bool = False
    learnt_from: LearntFrom = "halves"
    realisations: int = 0
    cells: int = 0
    ratio: LikelihoodRatio | None = None  # None where too little is known to calibrate it

    def transform(self, features: Float[np.ndarray, "n features"]) -> Float32[np.ndarray, "n axes"]:
        """Embed frames by their features."""
        return self.discriminants.transform(features)
