"""Linear interpolation between two latents, and its distance from the data step by step."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32

from analysis.frame_embedding import SearchOptions
from analysis.latent_space import LatentSpace
from morphcore.types import Neighbour


class InterpolationStep(NamedTuple):
    """A latent of the interpolation, with the stored frame nearest to it."""

    z: Float32[np.ndarray, " latent"]
    nearest: Neighbour
    far: bool  # farther off than 99 % of the set's frames are from another trajectory


def straight(
    space: LatentSpace,
    a: Float32[np.ndarray, " latent"],
    b: Float32[np.ndarray, " latent"],
    steps: int,
) -> list[InterpolationStep]:
    """Interpolate `steps` latents from `a` to `b`, evenly spaced, both ends among them.

    Empty where no stored frame has separated.
    """
    shares = np.linspace(0.0, 1.0, steps, dtype=np.float32)
    out = []
    for share in shares:
        z = (1 - share) * a + share * b
        neighbours = space.frames.nearest(z, SearchOptions(k=1))
        if neighbours:
            nearest = neighbours[0]
            out.append(InterpolationStep(z, nearest, space.is_outlier(nearest.distance)))
    return out
