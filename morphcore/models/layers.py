"""Convolutions for a film: periodic along x, with walls at top and bottom."""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class _Wrap(torch.autograd.Function):
    """Go on around the film in x, by `width` columns on each side.

    As `F.pad(mode="circular")`, with a backward pass that copies once: padding, not convolving, is
    what takes the time of a small network on a CPU.
    """

    @staticmethod
    def forward(ctx: Any, h: Tensor, width: int) -> Tensor:
        ctx.width = width
        return torch.cat([h[..., -width:], h, h[..., :width]], dim=3)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        width = ctx.width
        own = grad[..., width:-width].clone(memory_format=torch.channels_last)
        own[..., :width] += grad[..., -width:]
        own[..., -width:] += grad[..., :width]
        return own, None


def wrap(h: Float[Tensor, "b c h w"], width: int) -> Float[Tensor, "b c h w2"]:
    """Go on around the film in x, by `width` columns on each side."""
    out: Tensor = _Wrap.apply(h, width)  # type: ignore[no-untyped-call]
    return out


class FilmConv(nn.Conv2d):
    """A convolution with an odd kernel: around the film in x, zeros beyond the walls in y.

    `stride` 1 keeps the size; 2 halves it, rounded up.
    """

    def __init__(
        self, channels: int, out: int, kernel: int = 3, *, stride: int = 1, dilation: int = 1
    ) -> None:
        self.reach = dilation * (kernel - 1) // 2
        super().__init__(
            channels, out, kernel, stride=stride, dilation=dilation, padding=(self.reach, 0)
        )

    def forward(self, h: Float[Tensor, "b c h w"]) -> Float[Tensor, "b o h2 w2"]:
        return super().forward(wrap(h, self.reach))


class Modulated(nn.Module):
    """A residual block whose features are scaled and shifted by z.

    Source: E. Perez et al., FiLM: Visual Reasoning with a General Conditioning Layer, 2018,
    arXiv:1709.07871; group normalisation: Y. Wu and K. He, 2018, arXiv:1803.08494.
    """

    def __init__(self, channels: int, latent: int, groups: int = 8) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels, affine=False)
        self.scale_and_shift = nn.Linear(latent, 2 * channels)
        self.first = FilmConv(channels, channels)
        self.second = FilmConv(channels, channels)
        nn.init.zeros_(self.second.weight)  # the block begins as the identity

    def forward(
        self, h: Float[Tensor, "b c h w"], z: Float[Tensor, "b latent"]
    ) -> Float[Tensor, "b c h w"]:
        scale, shift = self.scale_and_shift(z)[:, :, None, None].chunk(2, dim=1)
        inner = F.silu(self.norm(h) * (1 + scale) + shift)
        out: Tensor = h + self.second(F.silu(self.first(inner)))
        return out


def statistics(
    h: Float[Tensor, "b c h w"], window: Float[Tensor, "b 1 w"] | None = None
) -> Float[Tensor, "b c2"]:
    """Mean and standard deviation of every channel over all positions, or over a window in x.

    `window` is 1 at the columns that count and 0 elsewhere.
    """
    # Summed as float32, whatever h is: a difference of squares needs the digits.
    mean, square = (channels.mean(2, dtype=torch.float32) for channels in (h, h.square()))
    if window is None:
        mean, square = mean.mean(2), square.mean(2)
    else:
        weight = window / window.sum(2, keepdim=True)
        mean, square = (mean * weight).sum(2), (square * weight).sum(2)
    deviation = (square - mean.square()).clamp_min(0).add(1e-4).sqrt()
    return torch.cat([mean, deviation], dim=1)
