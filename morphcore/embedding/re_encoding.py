"""Re-encoding: how far a decoded picture lands from what was asked, when it is encoded again.

    in the embedding  |e(x') - e|    e  the embedding asked for: that of a frame, or of a place
    in z              |z(x') - z|    x' the picture decoded from z, white where that is likelier

What counts as near is told by stored frames: by pictures decoded from the z of each, what z leaves
open being drawn, and by reconstructions through all that the model codes a frame by.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float32

from morphcore.embedding import encoding
from morphcore.frames import PackedFrames, SizedFrames, pack
from morphcore.models.base import Model
from morphcore.types import Latents, Posteriors


@dataclass(frozen=True)
class ReEncodingErrors:
    """Distances at which pictures of the same stored frames land, each in ascending order."""

    decoded: Float32[np.ndarray, " frames"]  # from z alone, to the frame's embedding
    decoded_in_z: Float32[np.ndarray, " frames"]  # the same pictures, to the z that they are of
    reconstructed: Float32[np.ndarray, " frames"]  # by all levels, to the frame's embedding


def encode_again(
    model: Model, pictures: Bool[np.ndarray, "n h w"], *, periodic: bool, periodic_y: bool
) -> Latents:
    """Encode decoded pictures, of one colour or not, by the model that made them.

    Raises:
        GeometryError: if the model does not take frames of that size.
    """
    packed = PackedFrames.of(pictures, periodic=periodic, periodic_y=periodic_y)
    return encoding.encode_frames(model, np.arange(len(pictures), dtype=np.int64), packed)


def measure(
    model: Model,
    frames: SizedFrames,
    embedding: Float32[np.ndarray, "frames axes"],
    z: Posteriors,
    *,
    seed: int,
    periodic: bool,
    periodic_y: bool,
) -> ReEncodingErrors:
    """Measure where pictures of stored frames land; `seed` draws what z leaves open.

    `embedding` and `z` are the frames', row by row; the edges are those of what is decoded.
    """
    pictures = encoding.decode(model, z.mean, seed=seed) > 0.5
    decoded = encode_again(model, pictures, periodic=periodic, periodic_y=periodic_y)
    assert decoded.z is not None
    ids = np.arange(len(frames), dtype=np.int64)
    again = encoding.encode_frames(model, ids, _reconstructed(model, frames))
    return ReEncodingErrors(
        decoded=_apart(decoded.mean, embedding),
        decoded_in_z=_apart(decoded.z.mean, z.mean),
        reconstructed=_apart(again.mean, embedding),
    )


def _reconstructed(model: Model, frames: SizedFrames) -> SizedFrames:
    white = encoding.reconstruct(model, frames)
    parts = []
    for rows, packed in frames.parts:
        bits = np.stack([white[row] > 0.5 for row in rows.tolist()])
        parts.append((rows, replace(packed, packed=pack(bits))))
    return SizedFrames(tuple(parts))


def _apart(
    a: Float32[np.ndarray, "frames axes"], b: Float32[np.ndarray, "frames axes"]
) -> Float32[np.ndarray, " frames"]:
    apart: np.ndarray = np.sort(np.linalg.norm(a - b, axis=1)).astype(np.float32)
    return apart
