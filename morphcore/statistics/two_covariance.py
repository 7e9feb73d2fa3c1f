"""The two-covariance model of classes and their frames, and the likelihood ratio that it gives.

    y ~ N(m, B)    the mean of a class
    x ~ N(y, W)    its frames, independent of each other where y is known

    ln ratio = ln p(a, b | one class) - ln p(a) - ln p(b)

V with V^T W V = I and V^T B V = diag(psi) takes a frame to axes along which it varies by psi
between classes and by 1 within one, so the ratio is a sum over axes. Of a set of frames of one
class it is the mean that tells about y, with a part of W: sets are compared as frames are.

Also called probabilistic linear discriminant analysis. Sources: S. Ioffe, Probabilistic linear
discriminant analysis, ECCV 2006; N. Bruemmer and E. de Villiers, The speaker partitioning problem,
Odyssey 2010.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Float64

# By how much W is to be multiplied, for each frame or for all: 2 for frames of half the area.
Scatter = Float64[np.ndarray, " n"] | float


@dataclass(frozen=True)
class TwoCovariance:
    """The mean of all classes, and the covariances between classes and within one."""

    mean: Float64[np.ndarray, " d"]
    between: Float64[np.ndarray, "d d"]  # may be singular
    within: Float64[np.ndarray, "d d"]  # positive definite

    def scaled(self, scale: Float64[np.ndarray, " d"]) -> "TwoCovariance":
        """The model of frames whose coordinates are multiplied by `scale`, axis by axis."""
        square = scale[:, None] * scale
        return TwoCovariance(scale * self.mean, square * self.between, square * self.within)

    def log_ratio(
        self,
        a: Float[np.ndarray, "n d"],
        b: Float[np.ndarray, "n d"],
        *,
        within_a: Scatter = 1.0,
        within_b: Scatter = 1.0,
    ) -> Float64[np.ndarray, " n"]:
        """The natural log of the likelihood ratio, pair by pair.

        `within_a` and `within_b` multiply W.

        Raises:
            numpy.linalg.LinAlgError: if W is not positive definite.
        """
        one, crossed, square_a, square_b = self._coefficients(within_a, within_b)
        x, y = self._along_axes(a), self._along_axes(b)
        axes = one + crossed * x * y - square_a * x**2 - square_b * y**2
        out: np.ndarray = axes.sum(axis=1)
        return out

    def log_ratio_of_sets(
        self,
        a: Float[np.ndarray, "n d"],
        b: Float[np.ndarray, "m d"],
        *,
        within_a: float = 1.0,
        within_b: float = 1.0,
    ) -> float:
        """The same for two sets, each of frames of one class: all against all.

        Frames are taken as independent. Pictures of one spot, or of one simulated realisation at
        near times, are nearly copies and make the ratio far too sure: give one frame of each.
        """
        ratio = self.log_ratio(
            self._mean(a),
            self._mean(b),
            within_a=within_a / len(a),
            within_b=within_b / len(b),
        )
        return float(ratio[0])

    @staticmethod
    def _mean(frames: Float[np.ndarray, "n d"]) -> Float64[np.ndarray, "1 d"]:
        return np.asarray(frames.mean(axis=0, dtype=np.float64, keepdims=True))

    @cached_property
    def _axes(self) -> tuple[Float64[np.ndarray, "d d"], Float64[np.ndarray, " d"]]:
        """V and psi."""
        white = np.linalg.inv(np.linalg.cholesky(self.within))
        psi, turned = np.linalg.eigh(white @ self.between @ white.T)
        return white.T @ turned, np.maximum(psi, 0.0)

    def _along_axes(self, frames: Float[np.ndarray, "n d"]) -> Float64[np.ndarray, "n d"]:
        return np.asarray((frames.astype(np.float64) - self.mean) @ self._axes[0])

    def _coefficients(
        self, within_a: Scatter, within_b: Scatter
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Those of 1, x y, -x^2 and -y^2 in the log ratio along each axis, [n or 1, d]."""
        psi = self._axes[1]
        var_a, var_b = (psi + np.reshape(within, (-1, 1)) for within in (within_a, within_b))
        left = var_a * var_b - psi**2  # the determinant of both frames' covariance
        return (
            np.log(var_a * var_b / left) / 2,
            psi / left,
            (var_b / left - 1 / var_a) / 2,
            (var_a / left - 1 / var_b) / 2,
        )
