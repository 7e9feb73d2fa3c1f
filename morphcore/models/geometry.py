"""The geometry of a batch of frames: their size, and which of their edges join."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64, UInt8

from morphcore.errors import MorphError
from morphcore.frames import PackedFrames, SizedFrames
from morphcore.types import FRAME_HEIGHT, FRAME_WIDTH

Packed = PackedFrames | SizedFrames


class GeometryError(MorphError):
    """Frames of a size that a model does not take; the message says which it does."""


@dataclass(frozen=True)
class Geometry:
    """The size of frames in px, and their edges; by default those of our own simulations.

    `periodic`: the left edge continues at the right one; `periodic_y`: the top one at the bottom.
    """

    height: int = FRAME_HEIGHT
    width: int = FRAME_WIDTH
    periodic: bool = True
    periodic_y: bool = False

    @property
    def pixels(self) -> int:
        """The number of pixels of a frame."""
        return self.height * self.width


SIMULATED = Geometry()  # of our own simulations


MOST_EVALUATED, LEAST_EVALUATED = 512, 16  # frames that a curve's point is measured on


class Alike(NamedTuple):
    """Frames of one geometry among others."""

    rows: Int64[np.ndarray, " frames"]  # where they are among the others, ascending
    geometry: Geometry
    packed: UInt8[np.ndarray, "frames bytes"]


def by_geometry(frames: Packed) -> Iterator[Alike]:
    """Divide frames into those of one geometry each: what can be one batch."""
    if isinstance(frames, PackedFrames):
        frames = SizedFrames.of(frames)
    for rows, packed in frames.parts:
        height, width = packed.shape
        edges = 2 * packed.periodic_y.astype(np.int64) + packed.periodic
        for kind in np.unique(edges)[::-1].tolist():
            own = np.flatnonzero(edges == kind)
            own = own[np.argsort(rows[own], kind="stable")]
            geometry = Geometry(height, width, bool(kind & 1), bool(kind & 2))
            yield Alike(rows[own], geometry, packed.packed[own])


def evaluated_step(frames: int, pixels: float) -> int:
    """Of how many held-out frames one is evaluated after every epoch, where there are many.

    512 of 100 x 400 are, and of larger ones as many pixels; `pixels` is the mean of a frame.
    """
    most = max(
        LEAST_EVALUATED, min(MOST_EVALUATED, int(MOST_EVALUATED * SIMULATED.pixels / pixels))
    )
    return max(1, -(-frames // most))


def batch_frames(at_100_by_400: int, geometry: Geometry) -> int:
    """The number of frames of a geometry with as many pixels as so many of 100 x 400, 1 at least.

    Of smaller frames no more are taken.
    """
    most = at_100_by_400 * SIMULATED.pixels // geometry.pixels
    return max(1, min(at_100_by_400, most))
