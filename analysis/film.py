"""A trajectory's frames in one text for the player in the browser: gray, and black or white.

A pixel is one byte: its gray in 32 steps between the lowest and the highest of its frame, times
two, plus one where it counts as white. So a frame with a range of 31 gray levels or less is exact,
and a flat one stays flat. Each frame but the first is its difference from the one before, modulo
256: frames change little, so differences deflate well. 255 frames of 400 x 100 px are 1 to 1.5 MB.
"""

import base64
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from morphcore import frames as framing
from store import trajectories
from store.db import open_store

MOST_PIXELS = 2**26  # of all frames together: 255 of 512 x 512; larger films are sent smaller
_STEPS = 31
_LEVEL = 6  # of deflation: half a second for 255 frames, kept in the cache


@dataclass(frozen=True)
class Film:
    """Frames as text: base64 of deflated bytes, and the size in px in which they are sent."""

    frames: str
    shape: tuple[int, int]
    ranges: tuple[tuple[int, int], ...]  # gray levels of the first and the last step, by frame


def load(store: Path, trajectory_id: int) -> Film:
    """Read a trajectory's film from the store, a frame at a time."""
    with open_store(store) as db:
        frame_ids = trajectories.frame_ids_of(db, trajectory_id).tolist()
        info = trajectories.frame_info(db, frame_ids[0]).trajectory
        gray = (trajectories.frame(db, frame_id) for frame_id in frame_ids)
        return encode(gray, sent_shape(info.shape, len(frame_ids)), info.threshold)


def sent_shape(shape: tuple[int, int], count: int) -> tuple[int, int]:
    """The size in which `count` frames of this size are sent.

    >>> sent_shape((100, 400), 255), sent_shape((2048, 2048), 64)
    ((100, 400), (1024, 1024))
    """
    height, width = shape
    factor = min(1.0, (MOST_PIXELS / (height * width * count)) ** 0.5)
    return max(1, int(height * factor)), max(1, int(width * factor))


def encode(
    gray: Iterable[UInt8[np.ndarray, "h w"]], shape: tuple[int, int], threshold: float = 0.5
) -> Film:
    """Encode gray frames, each brought to `shape` by averaging over area."""
    deflated, text = zlib.compressobj(_LEVEL), bytearray()
    ranges: list[tuple[int, int]] = []
    before = np.zeros(shape, dtype=np.uint8)
    for frame in gray:
        frame = framing.resize(frame, shape)
        low, high = _range(frame)
        ranges.append((low, high))
        levels = np.arange(256)
        steps = np.rint((levels - low) * (_STEPS / max(high - low, 1))).clip(0, _STEPS)
        white = framing.binarise(levels.astype(np.uint8)[None], threshold)[0]
        pixels = (steps.astype(np.uint8) << 1 | white)[frame]
        text += deflated.compress((pixels - before).tobytes())
        before = pixels
    text += deflated.flush()
    return Film(base64.b64encode(text).decode("ascii"), shape, tuple(ranges))


def _range(frame: UInt8[np.ndarray, "h w"]) -> tuple[int, int]:
    """The gray levels between which a frame is sent.

    Wide ones are rounded outwards, so that they change seldom and differences stay small.
    """
    low, high = int(frame.min()), int(frame.max())
    if high - low > _STEPS:
        low, high = low // 8 * 8, min(-(-high // 8) * 8, 255)
    return low, high
