"""Scatter of features within a process at one stage, and between processes, from realisations.

A class is a cell in a bin of ln t, and holds frames of several realisations of it. Frames of a wide
bin differ by what time does to a process, too; those of a narrow one by chance alone. Frames of one
realisation in a bin are nearly the same picture, so it is realisations that are counted:

    W = sum over classes and realisations of (m_cr - m_c) (m_cr - m_c)^T / (realisations - classes)
        + E[(x - m_cr) (x - m_cr)^T]
    B = Cov(m_c) - W_m mean(1 / n_c)

x     features of a frame; m_cr its realisation's mean in the class; m_c the mean of these
W     of two frames of one process at about one time; W_m is its first term
B     of the classes' means themselves, less what n_c realisations leave them uncertain by

Source: S. Ioffe, Probabilistic linear discriminant analysis, ECCV 2006, 531.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64

# Of ln t: as far apart as frames are that count as of one time (`pairs.NEAR_IN_TIME`).
BIN = 0.5
WIDTHS = (BIN, BIN / 2, BIN / 4)  # that may be chosen among


@dataclass(frozen=True)
class Realisations:
    """Features of frames of several realisations of the same processes."""

    features: Float[np.ndarray, "frames features"]
    cells: Int64[np.ndarray, " frames"]  # equal for equal physics and parameters
    log_times: Float64[np.ndarray, " frames"]
    trajectories: Int64[np.ndarray, " frames"]  # the realisation that a frame is of

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, which: Bool[np.ndarray, " frames"]) -> "Realisations":
        return Realisations(
            self.features[which],
            self.cells[which],
            self.log_times[which],
            self.trajectories[which],
        )

    @property
    def realisations(self) -> int:
        """How many trajectories they are of."""
        return len(np.unique(self.trajectories))

    @staticmethod
    def joined(several: "Sequence[Realisations]") -> "Realisations":
        """Frames one after the other."""
        names = ("features", "cells", "log_times", "trajectories")
        return Realisations(
            *(np.concatenate([getattr(each, name) for each in several]) for name in names)
        )

    def of(self, features: Float[np.ndarray, "frames features"]) -> "Realisations":
        """The same frames by other features."""
        return Realisations(features, self.cells, self.log_times, self.trajectories)


@dataclass(frozen=True)
class ClassScatter:
    """Covariances within and between classes, and how many of what they were counted from."""

    within: Float64[np.ndarray, "features features"]
    between: Float64[np.ndarray, "features features"]
    classes: int  # of two realisations or more
    freedom: int  # realisations in these, less the classes


def class_scatter(frames: Realisations, width: float = BIN) -> ClassScatter:
    """Compute the scatter within and between classes; `width` is that of a bin, in ln t.

    Classes of one realisation tell of neither; without any other both are zero.
    """
    x = frames.features.astype(np.float64)
    bins = np.floor(frames.log_times / width).astype(np.int64)
    labels = np.stack([frames.cells, bins, frames.trajectories], axis=1)
    groups, own = np.unique(labels, axis=0, return_inverse=True)  # a realisation in a class
    own = own.ravel()
    means = _means(x, own, len(groups))
    _, classes, members = np.unique(groups[:, :2], axis=0, return_inverse=True, return_counts=True)
    classes = classes.ravel()
    known = members >= 2
    dims = x.shape[1]
    if not known.any():
        return ClassScatter(np.zeros((dims, dims)), np.zeros((dims, dims)), 0, 0)
    of_classes = _means(means, classes, len(members))
    apart = (means - of_classes[classes])[known[classes]]
    freedom = int(members[known].sum() - known.sum())
    between_realisations = apart.T @ apart / freedom
    along = (x - means[own])[known[classes[own]]]
    centred = of_classes[known] - of_classes[known].mean(axis=0)
    uncertain = between_realisations * float((1 / members[known]).mean())
    return ClassScatter(
        within=between_realisations + along.T @ along / len(along),
        between=_positive(centred.T @ centred / max(1, known.sum() - 1) - uncertain),
        classes=int(known.sum()),
        freedom=freedom,
    )


def _means(
    x: Float64[np.ndarray, "n d"], groups: Int64[np.ndarray, " n"], count: int
) -> Float64[np.ndarray, "groups d"]:
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(count))
    out: np.ndarray = np.add.reduceat(x[order], starts, axis=0)
    return out / np.bincount(groups, minlength=count)[:, None]


def _positive(matrix: Float64[np.ndarray, "d d"]) -> Float64[np.ndarray, "d d"]:
    """The nearest covariance: without negative variance along any direction."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    out: np.ndarray = (vectors * np.clip(values, 0, None)) @ vectors.T
    return out
