"""Usage of a latent space (active dimensions, their KL) and the trustworthiness of its map."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int64

from morphcore.types import Posteriors

LEAST_VARIANCE = 0.01  # of the posterior mean over frames, for a dimension to count as active
NEIGHBOURS = 5


@dataclass(frozen=True)
class Dimensions:
    """KL divergence and variance of each latent dimension, over frames."""

    kl_nats: Float64[np.ndarray, " latent"]  # mean KL(q(z|x) || N(0, 1)), never below 0
    variance: Float64[np.ndarray, " latent"]  # of the posterior mean

    @property
    def active(self) -> int:
        """Number of active units: Burda, Grosse and Salakhutdinov, 2016, arXiv:1509.00519."""
        return int((self.variance > LEAST_VARIANCE).sum())


def channel_capacity_nats(z: Posteriors) -> Float64[np.ndarray, " latent"]:
    """Information on a frame in every dimension of z, whatever its scale; at least one frame.

    The capacity of a Gaussian channel, log(1 + signal / noise) / 2: the signal is the variance of
    the posterior mean over frames, the noise the mean of the posterior's variance.
    """
    signal = z.mean.astype(np.float64).var(axis=0)
    noise = np.exp(z.logvar.astype(np.float64)).mean(axis=0)
    nats: np.ndarray = 0.5 * np.log1p(signal / noise)
    return nats


def dimensions(z: Posteriors) -> Dimensions:
    """The KL divergence and the spread of every dimension of z; at least one frame."""
    mean, logvar = z.mean.astype(np.float64), z.logvar.astype(np.float64)
    kl: np.ndarray = 0.5 * (mean**2 + np.expm1(logvar) - logvar).mean(axis=0)
    variance: np.ndarray = mean.var(axis=0)
    return Dimensions(kl, variance)


def trustworthiness(
    points: Float[np.ndarray, "n dims"],
    coords: Float[np.ndarray, "n 2"],
    *,
    k: int = NEIGHBOURS,
    apart: Int64[np.ndarray, " n"] | None = None,
) -> float:
    """Trustworthiness of a map: 1 where its neighbours are those of the space that it shows.

    Every point that the map puts among the `k` nearest costs by how much further down the list of
    true neighbours it is; 0 would be the worst map that there can be, a random one is at about a
    half. With `apart` (trajectories), points of equal number are never neighbours, on the map and
    in truth: neighbours in time flatter every map. NaN where too few points are left.

    Source: J. Venna and S. Kaski, Neighborhood preservation in nonlinear projection methods, 2001.
    Exact, in memory for n x n distances: meant for maps of hundreds to a few thousand points.
    """
    count = len(points)
    barred = np.eye(count, dtype=np.bool_)
    if apart is not None:
        barred |= apart[:, None] == apart[None, :]
    true_rank = _ranks(points.astype(np.float64), barred)
    map_rank = _ranks(coords.astype(np.float64), barred)
    others = count - barred.sum(axis=1)
    worst = k * (2 * others - 3 * k + 1) / 2  # all k map neighbours at the far end of the list
    defined = others >= 2 * k  # below that, the worst case is another one
    if not defined.any():
        return float("nan")
    wrong = np.where((map_rank <= k) & ~barred, np.maximum(true_rank - k, 0), 0).sum(axis=1)
    return float(1 - (wrong[defined] / worst[defined]).mean())


def _ranks(points: Float64[np.ndarray, "n dims"], barred: np.ndarray) -> Int64[np.ndarray, "n n"]:
    """Row i: the rank of each other point in the order of distance from i, the nearest 1."""
    from scipy.spatial.distance import cdist
    from scipy.stats import rankdata

    apart = np.where(barred, np.inf, cdist(points, points, "sqeuclidean"))
    ranks: np.ndarray = rankdata(apart, method="ordinal", axis=1).astype(np.int64)
    return ranks
