"""Small pictures of many frames in one file, for the browser to keep: 4 gray levels a pixel.

A frame of 400 x 100 px becomes 100 x 25 px, each pixel the mean of 4 x 4 of its binary ones: 625
bytes, so that 14,535 frames are 9 MB, which deflate to a third. The file is deflated: the length of
its head in 4 bytes, the head in JSON, then for each size the frame ids and the packed pixels.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from math import ceil, sqrt

import numpy as np
from jaxtyping import Bool, Int64, UInt8
from sqlite_utils import Database

from morphcore.frames import SizedFrames
from store import trajectories

PIXELS = 2500  # of a thumbnail, at most
MOST = 2**26  # of all together: those of more than 27,000 frames are smaller
_LEVELS = 4
_AT_ONCE = 256  # frames whose pixels are in memory together
_LEVEL = 1  # of deflation: the next ones take longer and save little


def load(db: Database, frame_ids: Int64[np.ndarray, " frames"]) -> bytes:
    """The file of stored frames.

    Raises:
        UnknownFrame: if one of them is not in the store.
    """
    starts = range(0, len(frame_ids), _AT_ONCE)
    chunks = (frame_ids[start : start + _AT_ONCE] for start in starts)
    pixels = min(PIXELS, MOST // max(1, len(frame_ids)))
    return encode(((ids, trajectories.packed(db, ids)) for ids in chunks), pixels)


def encode(
    chunks: Iterable[tuple[Int64[np.ndarray, " frames"], SizedFrames]], pixels: int = PIXELS
) -> bytes:
    """Encode frames, in chunks with their ids, as one file; `pixels` of each at most."""
    head: list[dict[str, int]] = []
    body: list[bytes] = []
    for frame_ids, frames in chunks:
        for rows, packed in frames.parts:
            small = shrink(packed.bits(), pixels)
            head.append({"count": len(rows), "height": small.shape[1], "width": small.shape[2]})
            body += [frame_ids[rows].astype("<i4").tobytes(), pack(small).tobytes()]
    return zlib.compress(_headed({"parts": head}) + b"".join(body), _LEVEL)


def decode(file: bytes) -> Iterator[tuple[int, UInt8[np.ndarray, "h w"]]]:
    """The frame ids of a file with their thumbnails, in levels 0 to 3."""
    text = zlib.decompress(file)
    at = 4 + int.from_bytes(text[:4], "little")
    for part in json.loads(text[4:at])["parts"]:
        count, shape = part["count"], (part["height"], part["width"])
        ids = np.frombuffer(text, "<i4", count, at)
        at += ids.nbytes
        each = ceil(shape[0] * shape[1] / 4)
        packed = np.frombuffer(text, np.uint8, count * each, at).reshape(count, each)
        at += packed.nbytes
        pixels = (packed[:, :, None] >> np.array([6, 4, 2, 0])) & 3
        flat = pixels.reshape(count, -1)[:, : shape[0] * shape[1]].astype(np.uint8)
        yield from zip(ids.tolist(), flat.reshape(count, *shape), strict=True)


def shrink(
    bits: Bool[np.ndarray, "frames h w"], pixels: int = PIXELS
) -> UInt8[np.ndarray, "frames h2 w2"]:
    """Frames in levels 0 to 3, each pixel the mean of a square; what is over at the edges is cut.

    >>> shrink(np.eye(100, dtype=bool)[None]).shape
    (1, 50, 50)
    """
    count, height, width = bits.shape
    factor = max(1, ceil(sqrt(height * width / max(1, pixels))))
    factor = min(factor, height, width)
    rows, columns = height // factor, width // factor
    squares = bits[:, : rows * factor, : columns * factor]
    squares = squares.reshape(count, rows, factor, columns, factor)
    white = squares.sum(axis=4, dtype=np.uint16).sum(axis=2)
    levels: np.ndarray = np.rint(white * ((_LEVELS - 1) / factor**2)).astype(np.uint8)
    return levels


def pack(levels: UInt8[np.ndarray, "frames h w"]) -> UInt8[np.ndarray, "frames bytes"]:
    """Four pixels a byte, the first in the highest bits; each frame fills whole bytes."""
    flat = levels.reshape(len(levels), -1)
    fours = np.pad(flat, ((0, 0), (0, -flat.shape[1] % 4))).reshape(len(levels), -1, 4)
    packed: np.ndarray = (fours << np.array([6, 4, 2, 0], dtype=np.uint8)).sum(
        axis=2, dtype=np.uint8
    )
    return packed


def _headed(head: object) -> bytes:
    text = json.dumps(head).encode()
    return len(text).to_bytes(4, "little") + text
