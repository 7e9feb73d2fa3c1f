"""Linear discriminants of features between processes: a frame's embedding.

    S = W + sum over nuisances of a E[m m^T] / 2 + B / b + c I,    T^T S T = 1
    embedding = T^T (features - mean)

W  scatter of a frame within its process at its stage: of realisations, where a simulator made
   several (`morphcore.statistics.realisations`), else of the halves of frames, E[d d^T] / 4
B  scatter between these; from halves it is E[w w^T], that of all frames
d  features(left half) - features(right half), less what composition explains; a half has half of
   the area, hence twice a frame's variance, and a difference doubles it again
m  features(changed frame) - features(frame), where m shall not be seen: the frame is rolled by some
   pixels, or some of its pixels are flipped
w  features of both halves together, less their mean over frames
T  directions of most B relative to S, best first
a, b, c  `roll_weight` or `noise_weight`, `most_variance` and `ridge` of `DiscriminantConfig`

Features are standardised; B / b is a resolution. Why not z itself:
docs/decisions/001-embedding-by-discriminants.md; why realisations: 010-chance-from-replicates.md.

Source: C. R. Rao, The utilization of multiple measurements in problems of biological
classification, J. R. Stat. Soc. B 10, 159, 1948; A. Hatch, S. Kajarekar and A. Stolcke,
Within-class covariance normalization, Interspeech 2006.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Float64

from morphcore.errors import MorphError
from morphcore.statistics import split_half
from morphcore.statistics.realisations import BIN, Realisations, class_scatter
from morphcore.statistics.split_half import Halves


@dataclass(frozen=True, kw_only=True)
class DiscriminantConfig:
    """Regularisation of discriminants: additions to the scatter of realisations."""

    # For every standardised feature, or for each, as a share of the variance between frames: one in
    # which halves agree to the last digit has no infinite weight.
    ridge: float | Float64[np.ndarray, " features"] = 1e-3
    roll_weight: float = 30.0  # what a roll does shall not be seen: it counts for more than scatter
    noise_weight: float = 1.0  # of flipped pixels: it counts as scatter
    most_variance: float = 2000.0  # between frames along any axis: a resolution


DEFAULT = DiscriminantConfig()
# By cross-validation over training cells: docs/trials.md. Flipped pixels are left to `axes_choice`.
BY_REALISATIONS = DiscriminantConfig(ridge=3e-3, most_variance=20_000.0)


class TooFewHalves(MorphError):
    """Too few frames have halves, or these never differ, so their scatter has no covariance."""


class TooFewRealisations(MorphError):
    """Too few realisations share a process, or they never differ."""


@dataclass(frozen=True)
class Nuisances:
    """By how much features change with a frame in what shall not be seen; any number of rows."""

    rolled: Float[np.ndarray, "rolls features"]  # along the film
    noisy: Float[np.ndarray, "noises features"]  # some pixels flipped


@dataclass(frozen=True)
class Discriminants:
    """Directions in which frames differ most against the scatter of realisations, best first."""

    mean: Float64[np.ndarray, " features"]  # the mean frame
    scalings: Float64[np.ndarray, "features axes"]

    def transform(self, features: Float[np.ndarray, "n features"]) -> Float32[np.ndarray, "n axes"]:
        """Embed frames by their features."""
        out: np.ndarray = ((features.astype(np.float64) - self.mean) @ self.scalings).astype(
            np.float32
        )
        return out


def fit_discriminants(
    halves: Halves,
    count: int,
    nuisances: Nuisances | None = None,
    *,
    config: DiscriminantConfig = DEFAULT,
) -> Discriminants:
    """Fit at most `count` discriminants to the halves of some frames, by any features.

    Raises:
        TooFewHalves: if there are not more frames than discriminants, or no feature ever differs.
    """
    cuts, frames = len(halves.left), len(np.unique(halves.frame_ids))
    middle = np.concatenate([halves.left, halves.right]).astype(np.float64)
    spread = middle.std(axis=0) if cuts else np.zeros(0)
    varies = spread > 1e-9 * np.abs(middle).max(initial=0.0)
    count = min(count, int(varies.sum()))
    if frames <= count or not count:
        raise TooFewHalves(f"{frames} frames do not determine {count} discriminants.")
    inverse = np.where(varies, 1 / np.where(varies, spread, 1.0), 0.0)
    centre = middle.mean(axis=0)
    whole = ((halves.left.astype(np.float64) + halves.right) / 2 - centre) * inverse
    between = whole.T @ whole / cuts
    apart = split_half.apart(halves) * inverse
    scalings = _directions(between, apart.T @ apart / (4 * cuts), count, nuisances, inverse, config)
    return Discriminants(centre, scalings)


def fit_by_realisations(
    frames: Realisations,
    count: int,
    nuisances: Nuisances | None = None,
    *,
    width: float = BIN,
    config: DiscriminantConfig = BY_REALISATIONS,
) -> Discriminants:
    """Fit at most `count` discriminants to frames of several realisations, by any features.

    `width` of a class in ln t, as in `class_scatter`.

    Raises:
        TooFewRealisations: if fewer than two classes have two realisations, or no feature differs.
    """
    x = frames.features.astype(np.float64)
    spread = x.std(axis=0) if len(x) else np.zeros(0)
    varies = spread > 1e-9 * np.abs(x).max(axis=0, initial=0.0)
    inverse = np.where(varies, 1 / np.where(varies, spread, 1.0), 0.0)
    centre = x.mean(axis=0) if len(x) else spread
    scatter = class_scatter(frames.of((x - centre) * inverse), width)
    count = min(count, int(varies.sum()), scatter.classes - 1, scatter.freedom - 1)
    if count < 1:
        raise TooFewRealisations(
            f"{scatter.classes} classes with {scatter.freedom} realisations more than that do not"
            " determine a discriminant."
        )
    scalings = _directions(scatter.between, scatter.within, count, nuisances, inverse, config)
    return Discriminants(centre, scalings)


def _directions(
    between: Float64[np.ndarray, "features features"],
    within: Float64[np.ndarray, "features features"],
    count: int,
    nuisances: Nuisances | None,
    inverse: Float64[np.ndarray, " features"],
    config: DiscriminantConfig,
) -> Float64[np.ndarray, "features axes"]:
    """The directions T of features as they are; both scatters are of standardised ones."""
    from scipy.linalg import eigh

    ridge = np.diag(np.broadcast_to(config.ridge, inverse.shape))
    within = within + ridge + between / config.most_variance
    if nuisances is not None:
        weighted = (
            (nuisances.rolled, config.roll_weight),
            (nuisances.noisy, config.noise_weight),
        )
        for change, weight in weighted:
            jitter = change.astype(np.float64) * inverse
            within += weight * jitter.T @ jitter / (2 * max(1, len(jitter)))
    _, ascending = eigh(between, within)  # of variance 1 by `within`
    scalings = ascending[:, : -count - 1 : -1]
    # Of the two senses that an axis has, always the same one.
    scalings = scalings * np.sign(scalings[np.abs(scalings).argmax(axis=0), np.arange(count)])
    out: np.ndarray = inverse[:, None] * scalings
    return out
