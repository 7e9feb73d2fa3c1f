"""Training data: bit-packed frames, unpacked to augmented batches on the device.

Frames stay packed (5,000 bytes each, 73 MB for 14,541) and are unpacked a batch at a time where
they are used, so that a whole data set fits beside the model on any device.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64, UInt8
from torch import Tensor

from morphcore.frames import PackedFrames
from morphcore.types import FRAME_HEIGHT, FRAME_WIDTH

# The eight pixels of every possible byte, the first in the highest bit, as `frames.pack` has it.
_PIXELS_OF_BYTE = torch.from_numpy(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1))


@dataclass(frozen=True)
class FrameDataset:
    """Packed frames, and which of them are periodic (only those may be rolled)."""

    packed: UInt8[Tensor, "frames 5000"]
    periodic: Bool[Tensor, " frames"]

    def __len__(self) -> int:
        return len(self.packed)


@dataclass(frozen=True)
class Augmentation:
    """The augmentation of each frame of a batch: mirrored or not, then rolled to the right."""

    mirrored: Bool[Tensor, " batch"]
    pixels: Int64[Tensor, " batch"]  # 0 to 399


def on_device(
    packed: PackedFrames,
    device: torch.device,
) -> FrameDataset:
    """Put a data set on the device that is to learn from it."""
    return FrameDataset(
        torch.tensor(packed.packed, device=device), torch.tensor(packed.periodic, device=device)
    )


def unpack(packed: UInt8[Tensor, "batch 5000"]) -> UInt8[Tensor, "batch 100 400"]:
    """Pixels of 0 and 1 from packed bits: `frames.unpack`, on the device."""
    table = _PIXELS_OF_BYTE.to(packed.device)
    pixels = table.index_select(0, packed.flatten().int())  # [batch 5000, 8]
    return pixels.view(len(packed), FRAME_HEIGHT, FRAME_WIDTH)  # [batch, 100, 400]


def draw(
    periodic: Bool[Tensor, " batch"], generator: torch.Generator, *, mirror: bool, roll: bool
) -> Augmentation:
    """Draw a coin (mirror) and a shift (roll) for each frame; one with walls is never rolled."""
    batch = len(periodic)
    coins = torch.randint(0, 2, (batch,), generator=generator).bool()
    shifts = torch.randint(0, FRAME_WIDTH, (batch,), generator=generator)
    may_roll = periodic.cpu() & roll
    return Augmentation(
        mirrored=(coins & mirror).to(periodic.device),
        pixels=torch.where(may_roll, shifts, 0).to(periodic.device),
    )


def augment(
    frames: UInt8[Tensor, "batch 100 400"], how: Augmentation
) -> UInt8[Tensor, "batch 100 400"]:
    """Mirror, then roll, each frame in its own way, in one gather."""
    x = torch.arange(FRAME_WIDTH, device=frames.device)
    source = (x - how.pixels[:, None]) % FRAME_WIDTH  # [batch, 400]: where each column comes from
    source = torch.where(how.mirrored[:, None], FRAME_WIDTH - 1 - source, source)
    return frames.gather(2, source[:, None, :].expand(frames.shape))  # [batch, 100, 400]


def to_input(frames: UInt8[Tensor, "batch 100 400"]) -> Float[Tensor, "batch 1 100 400"]:
    """A model's input: floats of 0 and 1 with a channel axis."""
    return frames.float()[:, None]  # [batch, 1, 100, 400]


def training_batch(
    data: FrameDataset,
    chosen: Int64[Tensor, " batch"],
    generator: torch.Generator,
    *,
    mirror: bool,
    roll: bool,
) -> Float[Tensor, "batch 1 100 400"]:
    """The chosen frames, augmented."""
    chosen = chosen.to(data.packed.device)
    how = draw(data.periodic[chosen], generator, mirror=mirror, roll=roll)
    return to_input(augment(unpack(data.packed[chosen]), how))
