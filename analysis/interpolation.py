"""Linear interpolation between the z of two frames, judged by where its pictures land.

A picture's own embedding, of it encoded again, says which stored frame it is like, whether any is,
and how far it is from the picture before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32

from analysis import re_encoding
from analysis.frame_embedding import SearchOptions
from analysis.latent_space import LatentSpace
from analysis.re_encoding import Landing
from morphcore.types import Latents, Neighbour

if TYPE_CHECKING:
    from morphcore.embedding.re_encoding import ReEncodingErrors

NEAR_COPY = 0.5  # of the scatter between realisations: pictures that lie nearer are near-copies


@dataclass(frozen=True)
class InterpolationStep:
    """A decoded picture of the interpolation, by its own embedding."""

    landing: Landing
    nearest: Neighbour  # the stored frame that the picture is nearest to
    far: bool  # farther from it than 99 % of the set's frames are from another trajectory
    near_copy: bool | None  # of the step before; None for the first, or where no unit is known


def straight(
    a: Float32[np.ndarray, " latent"], b: Float32[np.ndarray, " latent"], steps: int
) -> Float32[np.ndarray, "steps latent"]:
    """Interpolate `steps` z from `a` to `b`, evenly spaced, both ends among them."""
    shares = np.linspace(0.0, 1.0, steps, dtype=np.float32)[:, None]
    way: np.ndarray = (1 - shares) * a + shares * b
    return way


def judge(
    space: LatentSpace,
    ends: tuple[Latents, Latents],
    way: Float32[np.ndarray, "steps latent"],
    landed: Sequence[Latents],
    errors: "ReEncodingErrors",
) -> list[InterpolationStep]:
    """Judge the pictures of a way between two frames by their latents, a row each.

    Both ends are asked for by a frame's embedding, what lies between by z alone. Empty where no
    stored frame has separated.
    """
    out = []
    for number, (z, latents) in enumerate(zip(way, landed, strict=True)):
        if number in (0, len(way) - 1):
            end = ends[0] if number == 0 else ends[1]
            lands = re_encoding.landing(errors, "embedding", end.mean[0], latents.mean[0])
        else:
            lands = re_encoding.landing(errors, "z", z, space.z_of(latents).mean[0])
        neighbours = space.frames.nearest(latents.mean[0], SearchOptions(k=1))
        if lands is None or not neighbours:
            return []
        copy = _near_copy(space, landed[number - 1], latents) if number else None
        far = space.is_outlier(neighbours[0].distance)
        out.append(InterpolationStep(lands, neighbours[0], far, copy))
    return out


def _near_copy(space: LatentSpace, before: Latents, latents: Latents) -> bool | None:
    apart = np.linalg.norm(latents.mean - before.mean, axis=1)
    units = space.noise_units(apart, before.mean, latents.mean)
    return None if units is None else units[0] < NEAR_COPY
