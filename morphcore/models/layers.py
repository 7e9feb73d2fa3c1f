"""Convolutions for frames of any size, by their edges.

Along an axis without periodicity a frame goes on beyond its edges as its mirror image in x, and in
y, where a film has its walls, with zeros. Along a periodic axis it goes around.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from morphcore.models.geometry import Geometry

ROWS, COLUMNS = 2, 3  # the axes of [batch, channels, rows, columns]


def scaled(channels: int, by: float, *, of: int = 8) -> int:
    """So many times as many channels, as the nearest multiple of `of`; that at least.

    >>> scaled(32, 1.0), scaled(48, 0.75), scaled(32, 0.1)
    (32, 32, 8)
    """
    return of * max(1, round(channels * by / of))


def extended(h: Tensor, before: int, after: int, axis: int, *, periodic: bool) -> Tensor:
    """Go on beyond both ends of an axis: around it, or by its mirror image, the edge repeated.

    Neither may be longer than the axis.
    """
    length = h.shape[axis]
    if periodic:
        first, last = h.narrow(axis, length - before, before), h.narrow(axis, 0, after)
    else:
        first = h.narrow(axis, 0, before).flip(axis)
        last = h.narrow(axis, length - after, after).flip(axis)
    return torch.cat([first, h, last], dim=axis)


class _Extend(torch.autograd.Function):
    """`extended`, by as much at both ends, with a backward pass that copies once.

    Padding, not convolving, is what takes the time of a small network on a CPU.
    """

    @staticmethod
    def forward(ctx: Any, h: Tensor, width: int, axis: int, periodic: bool) -> Tensor:
        ctx.width, ctx.axis, ctx.periodic = width, axis, periodic
        return extended(h, width, width, axis, periodic=periodic)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        width, axis = ctx.width, ctx.axis
        length = grad.shape[axis] - 2 * width
        own = grad.narrow(axis, width, length).clone(memory_format=torch.channels_last)
        first, last = grad.narrow(axis, 0, width), grad.narrow(axis, width + length, width)
        if ctx.periodic:
            own.narrow(axis, 0, width).add_(last)
            own.narrow(axis, length - width, width).add_(first)
        else:
            own.narrow(axis, 0, width).add_(first.flip(axis))
            own.narrow(axis, length - width, width).add_(last.flip(axis))
        return own, None, None, None


def extend(
    h: Float[Tensor, "b c h w"], width: int, axis: int, *, periodic: bool
) -> Float[Tensor, "b c h2 w2"]:
    """Go on beyond both ends of an axis by `width`; see `extended`."""
    out: Tensor = _Extend.apply(h, width, axis, periodic)  # type: ignore[no-untyped-call]
    return out


class FilmConv(nn.Conv2d):
    """A convolution with an odd kernel that goes on beyond the edges as their geometry says.

    `stride` 1 keeps the size; 2 halves it, rounded up.
    """

    def __init__(
        self, channels: int, out: int, kernel: int = 3, *, stride: int = 1, dilation: int = 1
    ) -> None:
        self.reach = dilation * (kernel - 1) // 2
        super().__init__(
            channels, out, kernel, stride=stride, dilation=dilation, padding=(self.reach, 0)
        )

    def forward(  # type: ignore[override]
        self, h: Float[Tensor, "b c h w"], geometry: Geometry
    ) -> Float[Tensor, "b o h2 w2"]:
        h = extend(h, self.reach, COLUMNS, periodic=geometry.periodic)
        if not geometry.periodic_y:
            return super().forward(h)
        h = extend(h, self.reach, ROWS, periodic=True)
        return F.conv2d(h, self.weight, self.bias, self.stride, 0, self.dilation)


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
        self, h: Float[Tensor, "b c h w"], z: Float[Tensor, "b latent"], geometry: Geometry
    ) -> Float[Tensor, "b c h w"]:
        scale, shift = self.scale_and_shift(z)[:, :, None, None].chunk(2, dim=1)
        inner = F.silu(self.norm(h) * (1 + scale) + shift)
        inner = F.silu(self.first(inner, geometry))
        out: Tensor = h + self.second(inner, geometry)
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
