"""Scattering coefficients of orders 1 and 2, in bands of height and in each phase.

    U1_j,t = |x * psi_j,t|               U2_j,t,k,s = |U1_j,t * psi_k,s|,  k > j

A frame's features, fractions as they are and the rest as logarithms:

    area fraction                       in three bands of height: a film's surfaces differ
    mean of U1                          in the same bands, by scale and direction
    mean of U1 in white and in black    by scale and direction: phases differ
    mean of U2                          by both scales and directions

x goes around where edges join and on as its mirror image elsewhere. Directions t and -t are
averaged: a frame and its mirror image along the film are one. Upside down is another frame, and so
is the exchange of the phases.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any, Protocol

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32
from torch import Tensor

from morphcore.scattering.wavelets import DIRECTIONS, OCTAVES, Window, low_pass, wavelets
from morphcore.types import FRAME_HEIGHT, FRAME_WIDTH

BANDS = 3  # of height: at the top, in the middle, at the bottom, each going over into the next
AT_ONCE = 8  # frames of 100 x 400: what of them fits a cache
FLOOR = 1e-6  # of a coefficient, below its logarithm
_MIRRORED = [-t % DIRECTIONS for t in range(DIRECTIONS)]  # the direction of each, seen in a mirror
_SINGLE = [t for t in range(DIRECTIONS) if t <= _MIRRORED[t]]
_PAIRS = [
    (t, s)
    for t, s in product(range(DIRECTIONS), repeat=2)
    if (t, s) <= (_MIRRORED[t], _MIRRORED[s])
]
FEATURES = BANDS + OCTAVES * len(_SINGLE) * (BANDS + 2) + OCTAVES * (OCTAVES - 1) // 2 * len(_PAIRS)


class Fourier(Protocol):
    """The transforms that coefficients are made of; spectra are in a form of their own.

    The windows that are asked for at once are all of one size, and make fields of that size.
    """

    def spectra(self, fields: Float[Tensor, "batch n h w"]) -> Any:
        """The transforms of n real fields of each frame."""

    def real(self, spectra: Any, window: Window) -> Float[Tensor, "batch rows columns"]:
        """The real part of the field that a window of the first spectrum holds."""

    def moduli(
        self, spectra: Any, windows: Sequence[Window]
    ) -> Float[Tensor, "batch windows rows columns"]:
        """The moduli of the fields that windows of the first spectrum hold."""

    def mean_moduli(
        self,
        spectra: Any,
        windows: Sequence[Window],
        pairs: Sequence[tuple[int, int]],
        columns: int,
    ) -> Float[Tensor, "batch pairs"]:
        """The means of such moduli over so many columns, of pairs of a spectrum and a window."""


class FastFourier:
    """Fast transforms; spectra are complex tensors."""

    def spectra(self, fields: Float[Tensor, "batch n h w"]) -> Sequence[Tensor]:
        """The transforms of n real fields of each frame."""
        spectra: tuple[Tensor, ...] = torch.fft.fft2(fields).unbind(1)
        return spectra

    def real(
        self, spectra: Sequence[Tensor], window: Window
    ) -> Float[Tensor, "batch rows columns"]:
        """The real part of the field that a window of the first spectrum holds."""
        return _back(spectra[0], window).real

    def moduli(
        self, spectra: Sequence[Tensor], windows: Sequence[Window]
    ) -> Float[Tensor, "batch windows rows columns"]:
        """The moduli of the fields that windows of the first spectrum hold."""
        return torch.stack([_back(spectra[0], each).abs() for each in windows], dim=1)

    def mean_moduli(
        self,
        spectra: Sequence[Tensor],
        windows: Sequence[Window],
        pairs: Sequence[tuple[int, int]],
        columns: int,
    ) -> Float[Tensor, "batch pairs"]:
        """The means of moduli over so many columns, of pairs of a spectrum and a window."""
        fields = (_back(spectra[one], windows[other]) for one, other in pairs)
        return torch.stack([each.abs()[..., :columns].mean((1, 2)) for each in fields], dim=1)


_FAST = FastFourier()


def scatter(
    x: Float[Tensor, "batch h w"], *, periodic: bool, periodic_y: bool
) -> Float32[Tensor, "batch features"]:
    """Compute the features of frames of 0 and 1, all of one size and with the same edges.

    Few frames at a time: their fields shall fit a processor's cache.
    """
    most = max(1, AT_ONCE * FRAME_HEIGHT * FRAME_WIDTH // (x.shape[1] * x.shape[2]))
    if not len(x):
        return x.new_empty((0, FEATURES))
    parts = torch.split(x, most)
    return torch.cat(
        [coefficients(part, periodic=periodic, periodic_y=periodic_y) for part in parts]
    )


def scattering(
    bits: Bool[np.ndarray, "frames h w"], *, periodic: bool = True, periodic_y: bool = False
) -> Float32[np.ndarray, "frames features"]:
    """Compute the features of frames of one size, on the CPU."""
    x = torch.from_numpy(bits.astype(np.float32))
    with torch.no_grad():
        out: np.ndarray = scatter(x, periodic=periodic, periodic_y=periodic_y).numpy()
    return out


def coefficients(
    x: Float[Tensor, "batch h w"], *, periodic: bool, periodic_y: bool, fourier: Fourier = _FAST
) -> Float32[Tensor, "batch features"]:
    """Compute the features of frames as `scatter` does, of all of them at once."""
    height, width = x.shape[1:]
    field = x if periodic else torch.cat([x, x.flip(2)], dim=2)
    field = field if periodic_y else torch.cat([field, field.flip(1)], dim=1)
    size = field.shape[1:]
    samples = [
        (max(1, round(height / 2**octave)), max(1, round(width / 2**octave)))
        for octave in range(OCTAVES)
    ]  # of the frame alone
    repeats = size[0] // height, size[1] // width
    sizes = [(repeats[0] * rows, repeats[1] * columns) for rows, columns in samples]
    spectrum = fourier.spectra(field[:, None])
    # A field beside its mirror image in y has, along -t, the mirror image of what it has along t.
    directions = list(range(DIRECTIONS)) if periodic_y else _SINGLE
    features = [_bands(x.mean(2, keepdim=True)[:, None])[:, 0]]
    first = []
    for octave in range(OCTAVES):
        rows, columns = samples[octave]
        windows = wavelets(*size, octave, sizes[octave])
        u = fourier.moduli(spectrum, [windows[t] for t in directions])
        first.append(u)
        if periodic_y:
            own = ((u + u[:, _MIRRORED]) / 2)[:, _SINGLE, :rows, :columns]
        else:
            own = ((u[:, :, :rows] + u[:, :, -rows:].flip(2)) / 2)[..., :columns]
        white = fourier.real(spectrum, low_pass(*size, sizes[octave]))[:, None, :rows, :columns]
        features.append(_log(_bands(own)))
        for phase in (white, 1 - white):
            share = phase.mean((2, 3)).clamp_min(1e-2)
            features.append(_log((own * phase).mean((2, 3)) / share))
    pairs = [(directions.index(t), s) for t, s in _PAIRS]
    mirrored = [(_MIRRORED[t], _MIRRORED[s]) for t, s in _PAIRS]
    for octave, u in enumerate(first[:-1]):
        spectra = fourier.spectra(u)
        for coarser in range(octave + 1, OCTAVES):
            columns = samples[coarser][1]
            windows = wavelets(*sizes[octave], coarser - octave, sizes[coarser])
            means = fourier.mean_moduli(spectra, windows, pairs, columns)
            if periodic_y:
                others = fourier.mean_moduli(spectra, windows, mirrored, columns)
                means = (means + others) / 2
            features.append(_log(means))
    return torch.cat([each.flatten(1) for each in features], dim=1)


def _back(spectrum: Tensor, window: Window) -> Tensor:
    """The field that a window of a spectrum holds, on the window's grid."""
    rows, columns, response = (
        torch.from_numpy(values).to(spectrum.device)
        for values in (window.rows, window.columns, window.response)
    )
    part = spectrum.index_select(-2, rows).index_select(-1, columns) * response
    field: Tensor = torch.fft.ifft2(part)
    return field


def _bands(u: Float[Tensor, "batch c rows columns"]) -> Float[Tensor, "batch c bands"]:
    """Means over the bands: each row counts for both that it lies between, by its height."""
    rows = torch.arange(u.shape[2], device=u.device)
    height = (rows + 0.5) / u.shape[2] * (BANDS - 1)
    weight = (1 - (height[:, None] - torch.arange(BANDS, device=u.device)).abs()).clamp_min(0)
    return u.mean(3) @ (weight / weight.sum(0).clamp_min(1e-6))


def _log(u: Tensor) -> Tensor:
    return (u + FLOOR).log()
