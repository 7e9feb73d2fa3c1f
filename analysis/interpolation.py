"""The straight way between two places of a latent space, and how far from the data it leads."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32

from analysis import comparison
from analysis.latent_space import LatentSpace
from analysis.neighbours import neighbours
from morphcore.types import Neighbour


class InterpolationStep(NamedTuple):
    """A place on the way, with the stored frame nearest to it."""

    z: Float32[np.ndarray, " latent"]
    nearest: Neighbour
    far: bool  # farther off than 99 % of the set's frames are from another trajectory


def straight(
    space: LatentSpace,
    a: Float32[np.ndarray, " latent"],
    b: Float32[np.ndarray, " latent"],
    steps: int,
) -> list[InterpolationStep]:
    """`steps` places from `a` to `b`, evenly spaced, both ends among them.

    Empty where no stored frame has separated.
    """
    shares = np.linspace(0.0, 1.0, steps, dtype=np.float32)
    out = []
    for share in shares:
        z = (1 - share) * a + share * b
        found = neighbours(space, z, 1)
        if found:
            out.append(
                InterpolationStep(z, found[0], comparison.is_outlier(space, found[0].distance))
            )
    return out
