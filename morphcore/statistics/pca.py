"""Principal axes: the directions in which features of frames spread most, by which they are told.

Fitted once, on some frames, and then the same for all: a new value that projects any features.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64

DIMENSIONS = 16  # as many as a model's latents
FITTED_ON = 2000  # frames, evenly chosen, are enough


@dataclass(frozen=True)
class PCA:
    """Where features are measured from, and along what."""

    mean: Float[np.ndarray, " dims"]
    directions: Float[np.ndarray, "dims axes"]  # unit vectors, the widest first

    def project(self, features: Float[np.ndarray, "frames dims"]) -> Float64[np.ndarray, "n axes"]:
        """Each frame's place along the axes, in the features' own unit."""
        places: np.ndarray = ((features - self.mean) @ self.directions).astype(np.float64)
        return places


def fit_pca(features: Float[np.ndarray, "frames dims"], count: int = DIMENSIONS) -> PCA:
    """The axes of some frames' features; overwrites them: 2,000 frames as pixels are 320 MB."""
    mean = features.mean(axis=0)
    features -= mean
    return PCA(mean, principal_directions(features, count))


def principal_directions(
    centred: Float[np.ndarray, "frames dims"], count: int
) -> Float[np.ndarray, "dims count"]:
    """Unit vectors along which centred rows spread most, the widest first.

    By the smaller of both products of the matrix with itself, so 2,000 x 40,000 take seconds.
    """
    if centred.shape[1] <= centred.shape[0]:
        _, vectors = np.linalg.eigh(centred.T.astype(np.float64) @ centred)
        out: np.ndarray = vectors[:, ::-1][:, :count].astype(centred.dtype)
        return out
    values, vectors = np.linalg.eigh((centred @ centred.T).astype(np.float64))
    kept = vectors[:, ::-1][:, :count][:, values[::-1][:count] > 1e-9 * values[-1]]
    directions: np.ndarray = centred.T @ kept.astype(centred.dtype)
    directions /= np.linalg.norm(directions, axis=0)
    return directions
