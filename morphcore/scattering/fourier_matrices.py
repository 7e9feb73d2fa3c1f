"""Discrete Fourier transforms as products with matrices of real numbers.

Slower than fast transforms, but of nothing except products and sums: what a graph for another
program may hold, which knows neither complex numbers nor transforms.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from morphcore.scattering.wavelets import Window


class FourierMatrices(nn.Module):
    """The transforms of `transform.Fourier`; spectra are tensors [batch fields 2 h w].

    The 2 are real and imaginary part. Whatever is constant is a buffer, made when it is first
    needed, so that a graph which is traced after a first call holds each of them once.
    """

    def __init__(self) -> None:
        super().__init__()
        self._windows: list[Window] = []

    def spectra(self, fields: Float[Tensor, "batch n h w"]) -> Float[Tensor, "batch n 2 h w"]:
        """The transforms of n real fields of each frame."""
        zeros = torch.zeros_like(fields)
        return self._transform(torch.stack([fields, zeros], dim=2), inverse=False)

    def real(
        self, spectra: Float[Tensor, "batch n 2 h w"], window: Window
    ) -> Float[Tensor, "batch rows columns"]:
        """The real part of the field that a window of the first spectrum holds."""
        return self._fields(spectra[:, :1], [window])[:, 0, 0, 0]

    def moduli(
        self, spectra: Float[Tensor, "batch n 2 h w"], windows: Sequence[Window]
    ) -> Float[Tensor, "batch windows rows columns"]:
        """The moduli of the fields that windows of the first spectrum hold."""
        return self._fields(spectra[:, :1], windows)[:, 0].square().sum(2).sqrt()

    def mean_moduli(
        self,
        spectra: Float[Tensor, "batch n 2 h w"],
        windows: Sequence[Window],
        pairs: Sequence[tuple[int, int]],
        columns: int,
    ) -> Float[Tensor, "batch pairs"]:
        """The means of moduli over so many columns, of pairs of a spectrum and a window.

        All pairs are computed, which is one product, and those that are asked for taken.
        """
        moduli = self._fields(spectra, windows).square().sum(3).sqrt()
        means = moduli[..., :columns].mean((3, 4)).flatten(1)
        asked = np.array([one * len(windows) + other for one, other in pairs])
        name = "pairs_" + "_".join(map(str, asked.tolist()))
        return means.index_select(1, self._constant(name, asked))

    def _fields(
        self, spectra: Float[Tensor, "batch n 2 h w"], windows: Sequence[Window]
    ) -> Float[Tensor, "batch n windows 2 rows columns"]:
        """What windows of spectra hold, transformed back."""
        parts, responses = [], []
        for window in windows:
            number = self._number(window)
            rows = self._constant(f"rows_{number}", window.rows)
            columns = self._constant(f"columns_{number}", window.columns)
            parts.append(spectra.index_select(-2, rows).index_select(-1, columns))
            real, imaginary = window.response.real, window.response.imag
            # What both parts give to the real one, and what to the imaginary one.
            responses.append([[real, -imaginary], [imaginary, real]])
        name = "response_" + "_".join(str(self._number(window)) for window in windows)
        response = self._constant(name, np.array(responses, dtype=np.float32))
        part = torch.stack(parts, dim=2)  # [batch n windows 2 rows columns]
        return self._transform((part[:, :, :, None] * response).sum(4), inverse=True)

    def _number(self, window: Window) -> int:
        """The number of a window among those seen; it is kept, so that it stays the same object."""
        for number, each in enumerate(self._windows):
            if each is window:
                return number
        self._windows.append(window)
        return len(self._windows) - 1

    def _constant(self, name: str, values: np.ndarray) -> Tensor:
        if name not in self._buffers:
            self.register_buffer(name, torch.from_numpy(values))
        return self.get_buffer(name)

    def _transform(
        self, parts: Float[Tensor, "*batch 2 h w"], *, inverse: bool
    ) -> Float[Tensor, "*batch 2 h w"]:
        """The transform along both axes; the inverse one divided by the number of its points."""
        height, width = parts.shape[-2:]
        sense = -1 if inverse else 1
        cos_x, sin_x = self._matrix("cos", width), self._matrix("sin", width)
        cos_y, sin_y = self._matrix("cos", height), self._matrix("sin", height)
        real, imaginary = parts.unbind(-3)
        real, imaginary = (
            real @ cos_x + sense * (imaginary @ sin_x),
            imaginary @ cos_x - sense * (real @ sin_x),
        )
        real, imaginary = (
            cos_y @ real + sense * (sin_y @ imaginary),
            cos_y @ imaginary - sense * (sin_y @ real),
        )
        out = torch.stack([real, imaginary], dim=-3)
        return out / (height * width) if inverse else out

    def _matrix(self, kind: Literal["cos", "sin"], length: int) -> Float[Tensor, "n n"]:
        """cos or sin of 2 pi j k / n; of j k modulo n, lest large angles lose digits."""
        index = np.arange(length)
        angle = 2 * np.pi * (np.outer(index, index) % length) / length
        values = np.cos(angle) if kind == "cos" else np.sin(angle)
        return self._constant(f"{kind}_{length}", values.astype(np.float32))
