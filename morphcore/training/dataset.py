"""Training data: bit-packed frames, unpacked to augmented batches on the device.

Frames stay packed (5,000 bytes for 100 x 400, 73 MB for 14,541) and are unpacked a batch at a time
where they are used, so that a whole data set fits beside the model on any device. A batch is of
frames of one geometry.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64, UInt8
from torch import Tensor

from morphcore.models.geometry import Geometry, Packed, by_geometry

# The eight pixels of every possible byte, the first in the highest bit, as `frames.pack` has it.
_PIXELS_OF_BYTE = torch.from_numpy(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1))


@dataclass(frozen=True)
class FrameGroup:
    """Packed frames of one geometry."""

    packed: UInt8[Tensor, "frames bytes"]
    geometry: Geometry

    def __len__(self) -> int:
        return len(self.packed)


@dataclass(frozen=True)
class FrameDataset:
    """Frames of any sizes, in one order: those of each geometry together."""

    groups: tuple[FrameGroup, ...]
    group: Int64[np.ndarray, " frames"]  # of each frame
    row: Int64[np.ndarray, " frames"]  # of each frame, in its group

    def __len__(self) -> int:
        return len(self.group)

    @property
    def pixels(self) -> float:
        """The mean number of pixels of a frame."""
        sizes = np.array([group.geometry.pixels for group in self.groups], dtype=np.float64)
        return float(sizes[self.group].mean())

    def every(self, step: int) -> "FrameDataset":
        """Every frame whose place is a multiple of `step`."""
        return FrameDataset(self.groups, self.group[::step], self.row[::step])

    def selected(self) -> list[FrameGroup]:
        """The frames by geometry, each group in its order."""
        out = []
        for number, group in enumerate(self.groups):
            rows = torch.from_numpy(self.row[self.group == number]).to(group.packed.device)
            if len(rows):
                out.append(FrameGroup(group.packed[rows], group.geometry))
        return out

    def batches(self, order: Int64[Tensor, " frames"], batch: int) -> list[Int64[Tensor, " batch"]]:
        """Divide frames, in their order, into batches of one geometry each.

        A batch comes as soon as it has its number of frames; those left over come at the end.
        """
        if len(self.groups) == 1:
            return list(torch.split(order, batch))
        out: list[Int64[Tensor, " batch"]] = []
        waiting: list[list[int]] = [[] for _ in self.groups]
        for frame in order.tolist():
            own = waiting[int(self.group[frame])]
            own.append(frame)
            if len(own) == batch:
                out.append(torch.tensor(own))
                own.clear()
        return out + [torch.tensor(own) for own in waiting if own]

    def batch_count(self, batch: int) -> int:
        """The number of `batches` of all frames: the same in any order."""
        sizes = np.bincount(self.group, minlength=len(self.groups))
        return int(sum(-(-size // batch) for size in sizes.tolist()))

    def of_batch(self, chosen: Int64[Tensor, " batch"]) -> FrameGroup:
        """The frames of a batch, which are of one geometry."""
        numbers = chosen.numpy()
        group = self.groups[int(self.group[numbers[0]])]
        rows = torch.from_numpy(self.row[numbers]).to(group.packed.device)
        return FrameGroup(group.packed[rows], group.geometry)


@dataclass(frozen=True)
class Augmentation:
    """The augmentation of each frame of a batch: mirrored or not, then rolled right and down."""

    mirrored: Bool[Tensor, " batch"]
    right: Int64[Tensor, " batch"]  # px, 0 to the width less 1
    down: Int64[Tensor, " batch"] | None  # px, 0 to the height less 1; None: not at all


def on_device(frames: Packed, device: torch.device) -> FrameDataset:
    """Put a data set on the device that is to learn from it."""
    groups: list[FrameGroup] = []
    group = np.empty(len(frames), dtype=np.int64)
    row = np.empty(len(frames), dtype=np.int64)
    for number, alike in enumerate(by_geometry(frames)):
        groups.append(FrameGroup(torch.tensor(alike.packed, device=device), alike.geometry))
        group[alike.rows], row[alike.rows] = number, np.arange(len(alike.rows))
    return FrameDataset(tuple(groups), group, row)


def unpack(
    packed: UInt8[Tensor, "batch bytes"], shape: Sequence[int]
) -> UInt8[Tensor, "batch h w"]:
    """Pixels of 0 and 1 from packed bits: `frames.unpack`, on the device."""
    height, width = shape
    table = _PIXELS_OF_BYTE.to(packed.device)
    pixels = table.index_select(0, packed.flatten().int())  # [batch bytes, 8]
    return pixels.view(len(packed), -1)[:, : height * width].view(-1, height, width)


def draw(
    batch: int, geometry: Geometry, generator: torch.Generator, *, mirror: bool, roll: bool
) -> Augmentation:
    """Draw a coin (mirror) and shifts (roll) for each frame; no frame is rolled over a wall."""
    coins = torch.randint(0, 2, (batch,), generator=generator).bool()
    right = torch.randint(0, geometry.width, (batch,), generator=generator)
    down = None
    if geometry.periodic_y and roll:
        down = torch.randint(0, geometry.height, (batch,), generator=generator)
    may_roll = geometry.periodic and roll
    return Augmentation(
        mirrored=coins & mirror, right=right if may_roll else torch.zeros_like(right), down=down
    )


def augment(frames: UInt8[Tensor, "batch h w"], how: Augmentation) -> UInt8[Tensor, "batch h w"]:
    """Mirror, then roll, each frame in its own way, in one gather an axis."""
    device = frames.device
    _, height, width = frames.shape
    mirrored, right = how.mirrored.to(device)[:, None], how.right.to(device)[:, None]
    column = (torch.arange(width, device=device) - right) % width  # where each one comes from
    column = torch.where(mirrored, width - 1 - column, column)  # [batch, width]
    frames = frames.gather(2, column[:, None, :].expand(frames.shape))
    if how.down is None:
        return frames
    row = (torch.arange(height, device=device) - how.down.to(device)[:, None]) % height
    return frames.gather(1, row[:, :, None].expand(frames.shape))


def to_input(frames: UInt8[Tensor, "batch h w"]) -> Float[Tensor, "batch 1 h w"]:
    """A model's input: floats of 0 and 1 with a channel axis."""
    return frames.float()[:, None]  # [batch, 1, h, w]


def model_input(group: FrameGroup) -> Float[Tensor, "batch 1 h w"]:
    """A model's input from packed frames, as they are."""
    return to_input(unpack(group.packed, (group.geometry.height, group.geometry.width)))


def training_batch(
    data: FrameDataset,
    chosen: Int64[Tensor, " batch"],
    generator: torch.Generator,
    *,
    mirror: bool,
    roll: bool,
) -> tuple[Float[Tensor, "batch 1 h w"], Geometry]:
    """The chosen frames, augmented, and their geometry."""
    group = data.of_batch(chosen)
    geometry = group.geometry
    how = draw(len(group), geometry, generator, mirror=mirror, roll=roll)
    frames = unpack(group.packed, (geometry.height, geometry.width))
    return to_input(augment(frames, how)), geometry
