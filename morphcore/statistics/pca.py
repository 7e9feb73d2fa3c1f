"""Principal component analysis: the directions in which features of frames spread most.

Fitted once, on some frames, and then the same for all: a new value that transforms any features.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64

DIMENSIONS = 16  # as many as a model's latents
FITTED_ON = 2000  # frames, evenly chosen, are enough
_LEAST_VARIANCE = 1e-9  # of the widest axis, for another to be one at all


@dataclass(frozen=True)
class PCA:
    """The mean of the features it was fitted on, and the axes along which these spread most."""

    mean: Float[np.ndarray, " dims"]
    components: Float[np.ndarray, "axes dims"]  # unit vectors, the widest first

    def transform(
        self, features: Float[np.ndarray, "frames dims"]
    ) -> Float64[np.ndarray, "frames axes"]:
        """Coordinates along the axes, in the features' own unit."""
        coords: np.ndarray = ((features - self.mean) @ self.components.T).astype(np.float64)
        return coords


def fit_pca(features: Float[np.ndarray, "frames dims"], count: int = DIMENSIONS) -> PCA:
    """Fit at most `count` axes, each pointing to where its largest component is positive.

    There are fewer where frames spread along fewer. Overwrites the features: 2,000 frames as pixels
    are 320 MB.
    """
    from sklearn import decomposition

    frames, dims = features.shape
    mean = features.mean(axis=0)
    features -= mean
    if not features.any():
        return PCA(mean, np.eye(1, dims, dtype=features.dtype))
    count, dtype = min(count, frames, dims), features.dtype
    if dims <= frames:
        features, solver = features.astype(np.float64), "covariance_eigh"
    else:  # ARPACK: 2,000 x 40,000 in seconds, from a first vector that is always the same
        solver = "arpack" if count < frames else "full"
    fitted = decomposition.PCA(count, svd_solver=solver, copy=False, random_state=0).fit(features)
    variance = fitted.explained_variance_
    kept = variance > _LEAST_VARIANCE * variance[0]
    return PCA(mean, fitted.components_[kept].astype(dtype))
