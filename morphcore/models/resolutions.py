"""Rows and columns of the maps of `two-level`, at each resolution, for frames of any size."""

from math import gcd

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from morphcore.models.geometry import Geometry

STRIDE = 4  # px, of the layers that z is read from
ROWS_TOP = 7  # of the map at 1/16, at a height of 100 px
NEAR_WALL = ROWS_TOP // 2  # of these, the rows that are near a wall


def copies(length: int) -> int:
    """How often a periodic frame is repeated, so that it is whole steps long."""
    return STRIDE // gcd(length, STRIDE)


def margins(geometry: Geometry) -> tuple[int, int]:
    """Rows added above and below, so that 8 divides the height, or 4 where that takes fewer.

    No more than 3 on each side: z is read from no row without a pixel of the frame.
    """
    if geometry.periodic_y:
        return 0, 0
    rows = -geometry.height % 8
    rows = rows - STRIDE if rows == 7 else rows
    return rows // 2, rows - rows // 2


def levels(geometry: Geometry) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Rows and columns of the maps at 1/4, 1/8 and 1/16."""
    height, width = geometry.height + sum(margins(geometry)), geometry.width
    quarter, eighth, sixteenth = (
        (-(-height // step), -(-width // step)) for step in (STRIDE, 2 * STRIDE, 4 * STRIDE)
    )
    return quarter, eighth, sixteenth


def rows_by_wall(count: int, geometry: Geometry) -> list[int]:
    """Which row of the map at 1/16, learnt at any height, stands for each of `count` rows.

    Those near a wall stay near it; the middle is repeated or cut.
    """
    if geometry.periodic_y:
        return [NEAR_WALL] * count
    above, below = min(-(-count // 2), NEAR_WALL), min(count // 2, NEAR_WALL)
    middle = [NEAR_WALL] * (count - above - below)
    return [*range(above), *middle, *range(ROWS_TOP - below, ROWS_TOP)]


def grown(h: Float[Tensor, "b c4 h w"], size: tuple[int, int]) -> Float[Tensor, "b c h2 w2"]:
    """A map at twice the resolution, cut to its size there."""
    h = F.pixel_shuffle(h, 2)[:, :, : size[0], : size[1]]
    return h.contiguous(memory_format=torch.channels_last)


def windows(
    batch: int, geometry: Geometry, generator: torch.Generator, device: torch.device
) -> Float[Tensor, "batch 1 w4"]:
    """For each frame all its columns at 1/4, or by the toss of a coin a random half of them."""
    columns = own = -(-geometry.width // STRIDE)
    if geometry.periodic:
        columns = geometry.width * copies(geometry.width) // STRIDE
    start = torch.randint(0, columns, (batch, 1), generator=generator)
    whole = torch.randint(0, 2, (batch, 1), generator=generator).bool()
    column = (torch.arange(columns) - start) % columns
    window = whole | (column < own // 2)
    return window.float()[:, None, :].to(device)
