"""A model's view of a film that is annealed: its embedding, its unit, and its likelihood ratio.

The discriminants of an embedding are scaled so that realisations of one process have the variance 1
along each; so two of them differ by sqrt(2 axes), root mean square, which is the unit here.
"""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float32

from analysis import likelihood_ratio
from morph.model import Model
from morphcore.errors import MorphError
from morphcore.statistics.feature_embedding import FeatureEmbedding
from morphcore.types import Latents

_SQUEEZED = 5.0  # asinh(74), so that what is 74 deviations away is seen as 1


@dataclass(frozen=True, eq=False)
class EmbeddedView:
    """A trained model that looks at binary frames of one size, periodic in x.

    Raises:
        MorphError: if the model has no embedding, or no likelihood ratio where one is asked for.
        CheckpointError: if its file cannot be used.
    """

    model: Model
    ratio: bool = False  # whether ratios will be asked for
    embedding: FeatureEmbedding = field(init=False, repr=False)

    def __post_init__(self) -> None:
        from morphcore.training import embedding_file  # with torch

        saved = self.model.checkpoint.state.get("axes")
        if saved is None:
            raise MorphError(
                "The model has no embedding yet, so its distances have no unit; accepted is one"
                " that has been indexed."
            )
        embedding = embedding_file.from_dict(saved)
        if self.ratio and embedding.ratio is None:
            raise MorphError(
                "The model has no calibrated likelihood ratio; accepted are one that has, or the"
                " reward 'embedding'."
            )
        object.__setattr__(self, "embedding", embedding)

    @property
    def axes(self) -> int:
        """The number of axes of the embedding."""
        return int(self.embedding.discriminants.scalings.shape[1])

    def look(self, bits: Bool[np.ndarray, "h w"]) -> Latents:
        """Embed a frame.

        Raises:
            GeometryError: if the model does not take frames of that size.
        """
        return self.model.encode(bits, periodic=True)

    def distance(self, a: Latents, b: Latents) -> float:
        """The distance of two frames, in that of two realisations of one process."""
        apart = float(np.linalg.norm(a.mean[0].astype(np.float64) - b.mean[0]))
        return apart / float(np.sqrt(2 * self.axes))

    def log_ratio(self, a: Latents, b: Latents) -> float:
        """The natural log of the likelihood ratio that one process made both frames."""
        ratio = likelihood_ratio.of_pair(self.embedding, a, b)
        assert ratio is not None  # by __post_init__
        return ratio.value

    @property
    def least_ratio(self) -> float:
        """The lowest ratio that the calibration knows."""
        assert self.embedding.ratio is not None
        return self.embedding.ratio.calibration.lower


def squeezed(latents: Latents) -> Float32[np.ndarray, " axes"]:
    """An embedding as it is observed: of about 1, and finite however unlike a frame is."""
    out: np.ndarray = np.clip(np.arcsinh(latents.mean[0]) / _SQUEEZED, -3, 3)
    return out.astype(np.float32)
