"""Discrete Fourier transforms as products with matrices of real numbers.

Slower than fast transforms, but of nothing except products and sums: what a graph for another
program may hold, which knows neither complex numbers nor transforms.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from morphcore.scattering.wavelets import Window

# A spectrum as its real and its imaginary part.
Parts = tuple[Float[Tensor, "batch h w"], Float[Tensor, "batch h w"]]


class FourierMatrices:
    """The transforms of `transform.Fourier`; a spectrum is a pair of real tensors."""

    def spectra(self, fields: Float[Tensor, "batch n h w"]) -> Sequence[Parts]:
        """The transforms of n real fields of each frame, one after the other."""
        cos_y, sin_y = _matrices(fields.shape[2], fields)
        cos_x, sin_x = _matrices(fields.shape[3], fields)
        real, imaginary = fields @ cos_x, -(fields @ sin_x)
        real, imaginary = cos_y @ real + sin_y @ imaginary, cos_y @ imaginary - sin_y @ real
        return [(real[:, at], imaginary[:, at]) for at in range(fields.shape[1])]

    def modulus(self, spectrum: Parts, window: Window) -> Float[Tensor, "batch n m"]:
        """The moduli of the field that a window of a spectrum holds."""
        real, imaginary = _back(spectrum, window)
        return (real.square() + imaginary.square()).sqrt()

    def real(self, spectrum: Parts, window: Window) -> Float[Tensor, "batch n m"]:
        """The real part of the field that a window of a spectrum holds."""
        return _back(spectrum, window)[0]


def _back(spectrum: Parts, window: Window) -> Parts:
    rows, columns, response = window.rows, window.columns, window.response
    real, imaginary = (
        part.index_select(1, torch.from_numpy(rows)).index_select(2, torch.from_numpy(columns))
        for part in spectrum
    )
    by_real, by_imaginary = (
        torch.from_numpy(np.ascontiguousarray(part)) for part in (response.real, response.imag)
    )
    real, imaginary = (
        real * by_real - imaginary * by_imaginary,
        real * by_imaginary + imaginary * by_real,
    )
    cos_y, sin_y = _matrices(len(rows), real)
    cos_x, sin_x = _matrices(len(columns), real)
    real, imaginary = real @ cos_x - imaginary @ sin_x, real @ sin_x + imaginary @ cos_x
    real, imaginary = cos_y @ real - sin_y @ imaginary, cos_y @ imaginary + sin_y @ real
    share = 1 / (len(rows) * len(columns))
    return real * share, imaginary * share


def _matrices(length: int, like: Tensor) -> tuple[Tensor, Tensor]:
    cos, sin = (torch.from_numpy(each) for each in _numbers(length))
    return cos.to(like.device), sin.to(like.device)


@lru_cache(maxsize=64)
def _numbers(
    length: int,
) -> tuple[Float32[np.ndarray, "n n"], Float32[np.ndarray, "n n"]]:
    """cos and sin of 2 pi j k / n; of j k modulo n, so that nothing is lost to large angles."""
    index = np.arange(length)
    angle = 2 * np.pi * (np.outer(index, index) % length) / length
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
