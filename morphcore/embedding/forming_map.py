"""The map of a model that is still training: its latents along their two widest directions.

PCA, turned to lie as the map before it as well as can be, so that what moves is the model, not the
axes.
"""

import numpy as np
from jaxtyping import Float, Float32, Float64


def draw(
    means: Float[np.ndarray, "frames latent"],
    before: Float[np.ndarray, "frames 2"] | None = None,
) -> Float32[np.ndarray, "frames 2"]:
    """Place frames by their latents: centred, with a mean square distance of 1 from the middle.

    `before` are the places of the same frames on the map before. Latents that are all alike lie in
    the middle.
    """
    centred = means.astype(np.float64) - means.mean(axis=0)
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    places = np.zeros((len(means), 2))
    axes = min(2, len(singular))
    places[:, :axes] = left[:, :axes] * singular[:axes]
    size = float(np.sqrt((places**2).sum(axis=1).mean()))
    if size > 0:
        places /= size
    if before is not None:
        places = places @ _turn(places, before.astype(np.float64))
    return places.astype(np.float32)


def _turn(
    places: Float64[np.ndarray, "frames 2"], before: Float64[np.ndarray, "frames 2"]
) -> Float64[np.ndarray, "2 2"]:
    """The rotation, or reflection, that brings places nearest to those before (Procrustes)."""
    left, _, right = np.linalg.svd(places.T @ before)
    turn: np.ndarray = left @ right
    return turn
