"""Encode frames to latents, and decode latents to frames, by a trained model.

Latents are coordinates along a model's discriminants (`morphcore.statistics.discriminants`) where
it has such, and z itself where it has none.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64, Int64
from torch import Tensor

from morphcore.frames import PackedFrames, SizedFrames
from morphcore.models.base import FeatureModel, Model
from morphcore.progress import Progress, ignore, part
from morphcore.training import devices
from morphcore.training.data_parallel import child_generator, parallel_map
from morphcore.training.dataset import to_input, unpack
from morphcore.types import FRAME_SHAPE, Latents

Packed = PackedFrames | SizedFrames

# Of 512 frames, features no longer fit a CPU's cache: a batch of 64 is twice as fast there.
BATCH, CPU_BATCH = 512, 64


@dataclass(frozen=True)
class FrameElbo:
    """Both parts of each frame's -ELBO, nats, summed over pixels; natural logarithm, never < 0."""

    recon: Float64[np.ndarray, " frames"]
    kl: Float64[np.ndarray, " frames"]


class Readings(NamedTuple):
    """The features that z is read from, and q(z|x), frame by frame."""

    features: Float32[np.ndarray, "frames features"]
    mean: Float32[np.ndarray, "frames latent"]
    logvar: Float32[np.ndarray, "frames latent"]


def encode_frames(
    model: Model,
    frame_ids: Int64[np.ndarray, " frames"],
    packed: Packed,
    *,
    batch: int | None = None,
    progress: Progress = ignore,
) -> Latents:
    """Encode every frame to its latents, no noise added.

    The batch size changes the speed and the memory taken, not the result (beyond rounding).
    """
    if not isinstance(model, FeatureModel) or model.embedding is None or not len(packed):
        return posteriors(model, frame_ids, packed, batch=batch, progress=progress)
    encoded = readings(model, packed, batch=batch, progress=progress)
    embedding = model.embedding.transform(encoded.features)
    return Latents(frame_ids, embedding, model.embedding.logvar(encoded.logvar))


def readings(
    model: FeatureModel,
    packed: Packed,
    *,
    batch: int | None = None,
    progress: Progress = ignore,
) -> Readings:
    """Read the features and q(z|x) of frames, one at least."""

    def read(inputs: _Batch) -> list[Tensor]:
        features = model.features(inputs.x)
        return [features, *model.read(features)]

    return Readings(*_read_all(model, packed, batch, read, progress))


def posteriors(
    model: Model,
    frame_ids: Int64[np.ndarray, " frames"],
    packed: Packed,
    *,
    batch: int | None = None,
    progress: Progress = ignore,
) -> Latents:
    """q(z|x) of every frame, as the model has it: the KL to its prior is computed from it."""
    if not len(packed):
        none = np.empty((0, model.latent), dtype=np.float32)
        return Latents(frame_ids, none, none)

    def read(inputs: _Batch) -> list[Tensor]:
        return list(model.encode(inputs.x))

    return Latents(frame_ids, *_read_all(model, packed, batch, read, progress))


def reconstruct(
    model: Model, packed: Packed, *, batch: int | None = None
) -> Float32[np.ndarray, "frames h w"]:
    """Reconstruct frames of one size: the probability of white, pixel by pixel, nothing drawn."""
    if isinstance(packed, SizedFrames):
        packed = packed.one_size
    if not len(packed):
        return np.empty((0, *packed.shape), dtype=np.float32)

    def read(inputs: _Batch) -> list[Tensor]:
        return [torch.sigmoid(model.reconstruct(inputs.x))[:, 0]]

    (white,) = _joined(_batches(model, packed, batch, read, ignore))
    return white


def decode(
    model: Model, embedding: Float32[np.ndarray, "rows latent"], *, seed: int
) -> Float32[np.ndarray, "rows 100 400"]:
    """Decode latents such as `encode_frames` gives: the probability of white, pixel by pixel.

    What these leave open is drawn, with the same random numbers for every row: rows differ because
    their latents do.
    """
    axes = model.embedding if isinstance(model, FeatureModel) else None
    z = embedding if axes is None else axes.inverse_transform(embedding)
    device = next(model.parameters()).device
    model.eval()
    out = np.empty((len(z), *FRAME_SHAPE), dtype=np.float32)
    for row, latent in enumerate(z):
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            logits = model.decode(torch.tensor(latent[None], device=device), generator)
        out[row] = torch.sigmoid(logits)[0, 0].cpu().numpy()
    return out


def frame_elbo(
    model: Model,
    packed: Packed,
    *,
    seed: int,
    batch: int | None = None,
    progress: Progress = ignore,
) -> FrameElbo:
    """The -ELBO of every frame as it is, with one sample of its latents, drawn by `seed`.

    In single precision throughout.
    """
    if not len(packed):
        return FrameElbo(np.empty(0), np.empty(0))

    def read(inputs: _Batch) -> list[Tensor]:
        return [nats.double() for nats in model.terms(inputs.x, inputs.noise)]

    return FrameElbo(*_read_all(model, packed, batch, read, progress, seed))


class _Batch(NamedTuple):
    """Frames on the model's device, and the generator of their noise."""

    x: Float[Tensor, "batch 1 100 400"]
    noise: torch.Generator


def _read_all(
    model: Model,
    frames: Packed,
    batch: int | None,
    read: Callable[["_Batch"], list[Tensor]],
    progress: Progress,
    seed: int = 0,
) -> list[np.ndarray]:
    """Read frames of any sizes, a size at a time; the results are in the frames' order."""
    if isinstance(frames, PackedFrames):
        return _joined(_batches(model, frames, batch, read, progress, seed))
    outputs: list[np.ndarray] = []
    done = 0
    for rows, packed in frames.parts:
        within = part(progress, done / len(frames), (done + len(rows)) / len(frames))
        done += len(rows)
        results = _joined(_batches(model, packed, batch, read, within, seed))
        if not outputs:
            outputs = [np.empty((len(frames), *own.shape[1:]), own.dtype) for own in results]
        for output, own in zip(outputs, results, strict=True):
            output[rows] = own
    return outputs


def _joined(batches: Iterable[list[np.ndarray]]) -> list[np.ndarray]:
    return [np.concatenate(parts) for parts in zip(*batches, strict=True)]


def _batches(
    model: Model,
    packed: PackedFrames,
    batch: int | None,
    read: Callable[[_Batch], list[Tensor]],
    progress: Progress,
    seed: int = 0,
) -> Iterator[list[np.ndarray]]:
    """Read each batch of frames, in their order, on as many cores as there are."""
    device = next(model.parameters()).device
    batch = batch or (CPU_BATCH if device.type == "cpu" else BATCH)
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    starts = [(start, child_generator(generator)) for start in range(0, len(packed), batch)]

    def read_batch(task: tuple[int, torch.Generator]) -> list[np.ndarray]:
        start, noise = task
        chosen = torch.tensor(packed.packed[start : start + batch], device=device)
        with torch.no_grad():
            outputs = read(_Batch(to_input(unpack(chosen)), noise))
        return [output.cpu().numpy() for output in outputs]

    count = devices.cores() if device.type == "cpu" else 1
    done = 0
    for outputs in parallel_map(read_batch, starts, count=count):
        yield outputs
        done += len(outputs[0])
        progress(done / len(packed))
