"""The two-covariance model: the likelihood ratio that one process made two frames, or two sets.

    y ~ N(m, B) for a process at a stage,    x ~ N(y, W) for a frame of it
    ln ratio = ln p(a, b | one y) - ln p(a) - ln p(b)

Along directions in which W is 1 and B is diagonal, v, this is a sum over axes in closed form. A
frame of another area than those that W is of has s W: half the area scatters twice as much.

Source: S. Ioffe, Probabilistic linear discriminant analysis, ECCV 2006, 531; N. Bruemmer and
E. de Villiers, The speaker partitioning problem, Odyssey 2010.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Float64


@dataclass(frozen=True)
class TwoCovariance:
    """A Gaussian of processes, and one of the frames of each."""

    mean: Float64[np.ndarray, " d"]
    between: Float64[np.ndarray, "d d"]  # of processes; may be singular
    within: Float64[np.ndarray, "d d"]  # of frames of one, positive definite

    @cached_property
    def _axes(self) -> tuple[Float64[np.ndarray, "d d"], Float64[np.ndarray, " d"]]:
        """Directions in which W is 1 and B is v."""
        from scipy.linalg import eigh

        variance, directions = eigh(self.between, self.within)
        return directions, np.clip(variance, 0, None)

    def log_ratio(
        self,
        a: Float[np.ndarray, "n d"],
        b: Float[np.ndarray, "n d"],
        scatter_a: Float[np.ndarray, " n"] | float = 1.0,
        scatter_b: Float[np.ndarray, " n"] | float = 1.0,
    ) -> Float64[np.ndarray, " n"]:
        """The natural logarithm of the ratio for each pair of frames, row by row.

        `scatter_a` and `scatter_b` multiply W for these frames.
        """
        first, second = self._along(a), self._along(b)
        s, t = (np.broadcast_to(scatter, len(first))[:, None] for scatter in (scatter_a, scatter_b))
        return self._log_ratio(first, second, s, t)

    def log_ratio_of_sets(
        self,
        a: Float[np.ndarray, "n d"],
        b: Float[np.ndarray, "m d"],
        scatter_a: float = 1.0,
        scatter_b: float = 1.0,
    ) -> float:
        """The same for two sets of frames, one sample each: all against all.

        Every frame counts as a realisation of its own, so a set is as good as its mean, with W
        divided by its number. Frames that overlap, or are of one realisation at near times, say
        less than that.
        """
        means = (self._along(a).mean(axis=0)[None], self._along(b).mean(axis=0)[None])
        scatter = (np.array([[scatter_a / len(a)]]), np.array([[scatter_b / len(b)]]))
        return float(self._log_ratio(*means, *scatter)[0])

    def _along(self, x: Float[np.ndarray, "n d"]) -> Float64[np.ndarray, "n d"]:
        directions, _ = self._axes
        out: np.ndarray = (x.astype(np.float64) - self.mean) @ directions
        return out

    def _log_ratio(
        self,
        a: Float64[np.ndarray, "n d"],
        b: Float64[np.ndarray, "n d"],
        s: Float64[np.ndarray, "n 1"],
        t: Float64[np.ndarray, "n 1"],
    ) -> Float64[np.ndarray, " n"]:
        """Gaussians of variance v + s and v + t, and of both together with covariance v."""
        _, v = self._axes
        determinant = v * (s + t) + s * t
        apart = a**2 / (v + s) + b**2 / (v + t)
        together = ((v + t) * a**2 + (v + s) * b**2 - 2 * v * a * b) / determinant
        logs = np.log(v + s) + np.log(v + t) - np.log(determinant)
        out: np.ndarray = 0.5 * (logs + apart - together).sum(axis=1)
        return out
