"""Operations on frames: resize, binarise, pack, roll and mirror; sets of sizes.

Frames are (row, column), (100, 400) where we simulate. Gray is uint8 with 255 = white; a bit is
True for white.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int64, Num, UInt8

from morphcore.errors import MorphError
from morphcore.types import FRAME_SHAPE


class FrameError(MorphError):
    """An array that cannot be a frame; the message gives the reason and what is accepted."""


@dataclass(frozen=True)
class PackedFrames:
    """Binary frames of one size as packed bits (see `pack`), and which of their edges join.

    `periodic`: the left edge continues at the right one; `periodic_y`: the top one at the bottom.
    """

    packed: UInt8[np.ndarray, "frames bytes"]
    shape: tuple[int, int]  # height, width
    periodic: Bool[np.ndarray, " frames"]
    periodic_y: Bool[np.ndarray, " frames"]

    @staticmethod
    def of(
        bits: Bool[np.ndarray, "frames h w"], *, periodic: bool = True, periodic_y: bool = False
    ) -> "PackedFrames":
        """Pack frames whose edges are all alike."""
        height, width = bits.shape[1:]
        return PackedFrames(
            pack(bits),
            (height, width),
            np.full(len(bits), periodic),
            np.full(len(bits), periodic_y),
        )

    @property
    def pixels(self) -> int:
        """The number of pixels of a frame."""
        return self.shape[0] * self.shape[1]

    def __len__(self) -> int:
        return len(self.packed)

    def __getitem__(self, rows: Any) -> "PackedFrames":
        """Some of the frames, by a slice, a mask or their rows."""
        return PackedFrames(
            self.packed[rows], self.shape, self.periodic[rows], self.periodic_y[rows]
        )

    def bits(self) -> Bool[np.ndarray, "frames h w"]:
        """The frames, unpacked."""
        return unpack(self.packed, self.shape)


@dataclass(frozen=True)
class SizedFrames:
    """Binary frames of any sizes, in one order: those of each size packed together."""

    parts: tuple[tuple[Int64[np.ndarray, " _"], PackedFrames], ...]  # rows of the whole

    @staticmethod
    def of(packed: PackedFrames) -> "SizedFrames":
        """Frames that are all of one size."""
        return SizedFrames(((np.arange(len(packed)), packed),))

    @staticmethod
    def joined(several: "Sequence[SizedFrames]") -> "SizedFrames":
        """Frames one after the other; equal sizes come together."""
        by_shape: dict[tuple[int, int], list[tuple[np.ndarray, PackedFrames]]] = {}
        before = 0
        for frames in several:
            for rows, packed in frames.parts:
                by_shape.setdefault(packed.shape, []).append((rows + before, packed))
            before += len(frames)
        return SizedFrames(
            tuple(
                (
                    np.concatenate([rows for rows, _ in members]),
                    PackedFrames(
                        np.concatenate([packed.packed for _, packed in members]),
                        shape,
                        np.concatenate([packed.periodic for _, packed in members]),
                        np.concatenate([packed.periodic_y for _, packed in members]),
                    ),
                )
                for shape, members in by_shape.items()
            )
        )

    def __len__(self) -> int:
        return sum(len(rows) for rows, _ in self.parts)

    def __getitem__(self, which: Any) -> "SizedFrames":
        """Some of the frames, by a slice, a mask or their rows, in that order."""
        wanted = np.atleast_1d(np.arange(len(self))[which])
        parts = []
        for rows, packed in self.parts:
            own = rows_of(rows, wanted)
            chosen = np.flatnonzero(own >= 0)
            if len(chosen):
                parts.append((chosen, packed[own[chosen]]))
        return SizedFrames(tuple(parts))

    @property
    def periodic(self) -> Bool[np.ndarray, " frames"]:
        """Which frames are periodic in x."""
        periodic = np.zeros(len(self), dtype=np.bool_)
        for rows, packed in self.parts:
            periodic[rows] = packed.periodic
        return periodic

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """The sizes (height, width) that occur."""
        return tuple(packed.shape for _, packed in self.parts)

    @property
    def one_size(self) -> PackedFrames:
        """The frames, which are all of one size.

        Raises:
            FrameError: if they are of several sizes.
        """
        if len(self.parts) != 1:
            sizes = ", ".join(f"{width} x {height}" for height, width in sorted(self.shapes))
            raise FrameError(f"This needs frames of one size; there are {sizes or 'none'}.")
        rows, packed = self.parts[0]
        return packed if (np.diff(rows) > 0).all() else packed[np.argsort(rows)]


def resize(
    gray: UInt8[np.ndarray, "h w"], shape: tuple[int, int] = FRAME_SHAPE
) -> UInt8[np.ndarray, "h2 w2"]:
    """Resize a gray picture of any size to `shape`, (rows, columns), by averaging over area.

    The whole picture is stretched to fit, each axis by its own factor; nothing is cropped. Each
    new pixel is the mean of the area that it covers, parts of old pixels by their share: that keeps
    the area fraction exactly. (Pillow's box filter takes pixels whole, and made the published
    frames, 512 wide, whiter by 0.004 on average once they were binarised.)
    """
    if gray.shape == shape:
        return gray.copy()
    rows = _area_weights(gray.shape[0], shape[0])
    columns = _area_weights(gray.shape[1], shape[1])
    mean = rows @ gray.astype(np.float32) @ columns.T
    return np.asarray(np.rint(mean), dtype=np.uint8)


@lru_cache(maxsize=16)
def _area_weights(old: int, new: int) -> Float32[np.ndarray, "new old"]:
    """Compute weights: row i holds the share of each old pixel in new pixel i; rows sum to 1."""
    edges = np.arange(new + 1) * (old / new)
    low = np.maximum(edges[:-1, None], np.arange(old)[None, :])
    high = np.minimum(edges[1:, None], np.arange(1, old + 1)[None, :])
    overlap = np.clip(high - low, 0.0, None)
    return np.asarray(overlap * (new / old), dtype=np.float32)


def to_gray(values: Num[np.ndarray, "h w"] | Bool[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w"]:
    """Convert numbers to gray levels: booleans and 0-1 floats are scaled by 255, 0-255 kept.

    Raises:
        FrameError: if a value is not finite, negative or above 255.
    """
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype == np.uint8 and values.max(initial=0) > 1:
        return values
    if not np.isfinite(values).all():
        raise FrameError("it has values that are not numbers (NaN or infinite); 0 to 1 is accepted")
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 255:
        raise FrameError(
            f"its values run from {low:g} to {high:g}; accepted are 0 to 1, or 0 to 255"
        )
    scale = 255.0 if high <= 1 else 1.0
    return np.rint(values.astype(np.float64) * scale).astype(np.uint8)


def binarise(
    gray: UInt8[np.ndarray, "*batch h w"], threshold: float = 0.5
) -> Bool[np.ndarray, "*batch h w"]:
    """Threshold gray levels: white where the level, as a share of 255, is at least `threshold`."""
    white: np.ndarray = gray >= np.uint8(np.ceil(threshold * 255))
    return white


def is_unseparated(bits: Bool[np.ndarray, "*batch h w"]) -> Bool[np.ndarray, " *batch"]:
    """Whether a frame is one colour everywhere, so that nothing can have separated."""
    white = bits.sum(axis=(-2, -1))
    pixels = bits.shape[-2] * bits.shape[-1]
    unseparated: np.ndarray = np.asarray((white == 0) | (white == pixels))
    return unseparated


def pack(bits: Bool[np.ndarray, "*batch h w"]) -> UInt8[np.ndarray, "*batch bytes"]:
    """Pack eight pixels a byte, row by row, the first pixel in the highest bit.

    The last byte of a frame is filled up with zeros.
    """
    return np.packbits(bits.reshape(*bits.shape[:-2], -1), axis=-1)


def unpack(
    packed: UInt8[np.ndarray, "*batch bytes"], shape: tuple[int, int] = FRAME_SHAPE
) -> Bool[np.ndarray, "*batch h w"]:
    """Invert `pack` of frames of `shape`, (rows, columns)."""
    bits = np.unpackbits(packed, axis=-1, count=shape[0] * shape[1]).view(np.bool_)
    return bits.reshape(*packed.shape[:-1], *shape)


def roll(
    frames: Num[np.ndarray, "*batch h w"] | Bool[np.ndarray, "*batch h w"], pixels: int
) -> Num[np.ndarray, "*batch h w"] | Bool[np.ndarray, "*batch h w"]:
    """Shift to the right along x, what leaves coming back on the left. By w: the identity."""
    return np.roll(frames, pixels, axis=-1)


def mirror(
    frames: Num[np.ndarray, "*batch h w"] | Bool[np.ndarray, "*batch h w"],
) -> Num[np.ndarray, "*batch h w"] | Bool[np.ndarray, "*batch h w"]:
    """Reflect over the y-axis: left becomes right."""
    return frames[..., ::-1]


def rows_of(
    known_ids: Int64[np.ndarray, " known"], wanted_ids: Int64[np.ndarray, " wanted"]
) -> Int64[np.ndarray, " wanted"]:
    """The row of each wanted id among the known ones; -1 where it is not there.

    >>> rows_of(np.array([30, 10, 20]), np.array([10, 40, 30]))
    array([ 1, -1,  0])
    """
    if not len(known_ids):
        return np.full(len(wanted_ids), -1, dtype=np.int64)
    order = np.argsort(known_ids, kind="stable")
    position = np.searchsorted(known_ids, wanted_ids, sorter=order)
    rows = order[np.minimum(position, len(known_ids) - 1)]
    return np.where(known_ids[rows] == wanted_ids, rows, -1).astype(np.int64)


def evenly(count: int, most: int | None, *, ends: bool = False) -> Int64[np.ndarray, " chosen"]:
    """All of `count` rows, or `most` of them, evenly spaced.

    With `ends`, the last row is among them as well as the first.

    >>> evenly(10, 4), evenly(10, 4, ends=True)
    (array([0, 2, 5, 7]), array([0, 3, 6, 9]))
    """
    if most is None or count <= most:
        return np.arange(count, dtype=np.int64)
    if ends:
        return np.linspace(0, count - 1, most).round().astype(np.int64)
    return (np.arange(most, dtype=np.int64) * count) // most
