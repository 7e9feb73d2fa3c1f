"""The axes that a latent space is measured along: in units of the scatter between realisations.

In the z of a model that was trained for its bound alone, much of a distance is chance: two films of
one and the same physics differ along every axis, along some widely and along others hardly at all.
So z is turned and scaled until that scatter is alike in all directions: whitened by the
within-class covariance, as in Fisher's discriminant analysis (A. Hatch, S. Kajarekar and
A. Stolcke, Within-class covariance normalization, Interspeech 2006). The axes are those along which
frames differ most against it, the most telling first. What counts as one class needs no label: the
two halves of a frame (`morphcore.scatter`).

    S = E[d d^T] / 4,  d = z(left) - z(right), less what the difference in composition explains
    place = T^T z,     T^T S T = 1

A half has half of the area, hence twice a film's variance, and a difference doubles it again.
"""

import numpy as np
from jaxtyping import Float32, Float64

from morphcore import scatter
from morphcore.scatter import Halves

# Added to the scatter along every axis, as a share of the mean variance of z: an axis along which
# halves agree to the last digit is not infinitely telling.
FLOOR = 1e-5


class TooFewHalves(ValueError):
    """Fewer frames than latent dimensions have halves, so their scatter has no covariance."""


def fit(of: Halves) -> Float64[np.ndarray, "latent latent"]:
    """T of the module's head, a column an axis, from the halves of some frames as z has them.

    Raises:
        TooFewHalves: if there are not more frames than latent dimensions, or z never differs.
    """
    count, latent = of.left.shape
    middle = (of.left.astype(np.float64) + of.right) / 2
    total = np.cov(middle.T).reshape(latent, latent) if count > latent else np.zeros((1, 1))
    if count <= latent or not np.trace(total) > 0:
        raise TooFewHalves(f"{count} frames do not tell the scatter of {latent} dimensions.")
    apart = scatter.apart(of)
    within = apart.T @ apart / (4 * count) + FLOOR * np.trace(total) / latent * np.eye(latent)
    variance, directions = np.linalg.eigh(within)
    white = directions / np.sqrt(variance)
    _, turned = np.linalg.eigh(white.T @ total @ white)
    axes: np.ndarray = white @ turned[:, ::-1]
    # Of the two senses that an axis has, always the same one.
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(latent)])
    return axes


def places(
    z: Float32[np.ndarray, "rows latent"], axes: Float64[np.ndarray, "latent latent"]
) -> Float32[np.ndarray, "rows latent"]:
    """Where z is along the axes."""
    out: np.ndarray = (z.astype(np.float64) @ axes).astype(np.float32)
    return out


def halves(of: Halves, axes: Float64[np.ndarray, "latent latent"]) -> Halves:
    """The halves of frames along the axes."""
    return Halves(of.frame_ids, places(of.left, axes), places(of.right, axes), of.fraction_apart)


def deviations(
    logvar: Float32[np.ndarray, "rows latent"], axes: Float64[np.ndarray, "latent latent"]
) -> Float32[np.ndarray, "rows latent"]:
    """The log variance along every axis of a z whose own numbers are independent."""
    variance = np.exp(logvar.astype(np.float64)) @ axes**2
    out: np.ndarray = np.log(variance).astype(np.float32)
    return out


def back(
    places: Float32[np.ndarray, "rows latent"], axes: Float64[np.ndarray, "latent latent"]
) -> Float32[np.ndarray, "rows latent"]:
    """z of places along the axes."""
    z: np.ndarray = np.linalg.solve(axes.T, places.astype(np.float64).T).T.astype(np.float32)
    return z
