"""Encode frames to their embedding and z, and decode z to frames, by a trained model.

Frames are embedded along a model's discriminants (`morphcore.statistics.discriminants`) where it
has such, and by z itself where it has none. What is decoded is always z.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64, Int64
from torch import Tensor

from morphcore.models.base import FeatureModel, Model
from morphcore.models.geometry import Geometry, Packed, batch_frames, by_geometry
from morphcore.progress import Progress, ignore
from morphcore.scattering.transform import scatter
from morphcore.training import devices
from morphcore.training.data_parallel import child_generator, parallel_map
from morphcore.training.dataset import FrameGroup, model_input
from morphcore.types import Latents, Posteriors

# Of 512 frames, features no longer fit a CPU's cache: a batch of 64 is twice as fast there. Of
# frames larger than 100 x 400 fewer are taken.
BATCH, CPU_BATCH = 512, 64


@dataclass(frozen=True)
class FrameElbo:
    """Both parts of each frame's -ELBO, nats, summed over pixels; natural logarithm, never < 0."""

    recon: Float64[np.ndarray, " frames"]
    kl: Float64[np.ndarray, " frames"]


class Readings(NamedTuple):
    """Features, those that z is read from first, and q(z|x), frame by frame."""

    features: Float32[np.ndarray, "frames features"]
    mean: Float32[np.ndarray, "frames latent"]
    logvar: Float32[np.ndarray, "frames latent"]


def encode_frames(
    model: Model,
    frame_ids: Int64[np.ndarray, " frames"],
    frames: Packed,
    *,
    batch: int | None = None,
    progress: Progress = ignore,
) -> Latents:
    """Encode every frame to its embedding and its z in one pass of the network, no noise added.

    Along an embedding of the model's own, the log variance is that of realisations: 0 for a frame
    as large as those that the model was trained on, ln 2 for one of half the area.
    The batch size changes the speed and the memory taken, not the result (beyond rounding).

    Raises:
        GeometryError: if the model does not take frames of that size.
    """
    if not isinstance(model, FeatureModel) or model.embedding is None or not len(frames):
        z = posteriors(model, frames, batch=batch, progress=progress)
        return Latents(frame_ids, z.mean, z.logvar)
    scattering = model.embedding.scattering
    encoded = readings(model, frames, scattering=scattering, batch=batch, progress=progress)
    embedding = model.embedding.transform(encoded.features)
    logvar = np.zeros_like(embedding)
    for alike in by_geometry(frames):
        logvar[alike.rows] = np.log(model.geometry.pixels / alike.geometry.pixels)
    return Latents(frame_ids, embedding, logvar, Posteriors(encoded.mean, encoded.logvar))


def readings(
    model: FeatureModel,
    frames: Packed,
    *,
    scattering: bool = False,
    batch: int | None = None,
    progress: Progress = ignore,
) -> Readings:
    """Read the features and q(z|x) of frames, one at least.

    With `scattering`, the network's features are followed by those of wavelet scattering.

    Raises:
        GeometryError: if the model does not take frames of that size.
    """

    def read(inputs: _Batch) -> list[Tensor]:
        features = model.features(inputs.x, inputs.geometry)
        posterior = model.read(features)
        if scattering:
            edges = inputs.geometry.periodic, inputs.geometry.periodic_y
            scattered = scatter(inputs.x[:, 0], periodic=edges[0], periodic_y=edges[1])
            features = torch.cat([features, scattered], dim=1)
        return [features, *posterior]

    return Readings(*_read(model, frames, batch, read, progress))


def posteriors(
    model: Model, frames: Packed, *, batch: int | None = None, progress: Progress = ignore
) -> Posteriors:
    """q(z|x) of every frame, as the model has it: the KL to its prior is computed from it.

    Raises:
        GeometryError: if the model does not take frames of that size.
    """
    if not len(frames):
        none = np.empty((0, model.latent), dtype=np.float32)
        return Posteriors(none, none)

    def read(inputs: _Batch) -> list[Tensor]:
        return list(model.encode(inputs.x, inputs.geometry))

    return Posteriors(*_read(model, frames, batch, read, progress))


def whole_batches(
    frames: Packed, batches: int, *, batch: int = CPU_BATCH
) -> Iterator[Int64[np.ndarray, " rows"]]:
    """Divide frames into parts of so many batches, by their rows.

    Encoded part by part, with the same batch size, they are encoded in the very batches in which
    they are all at once.
    """
    for alike in by_geometry(frames):
        step = batches * batch_frames(batch, alike.geometry)
        for start in range(0, len(alike.rows), step):
            yield alike.rows[start : start + step]


def reconstruct(
    model: Model, frames: Packed, *, batch: int | None = None
) -> list[Float32[np.ndarray, "h w"]]:
    """Reconstruct frames: the probability of white, pixel by pixel, nothing drawn.

    Raises:
        GeometryError: if the model does not take frames of that size.
    """

    def read(inputs: _Batch) -> list[Tensor]:
        return [torch.sigmoid(model.reconstruct(inputs.x, inputs.geometry))[:, 0]]

    white: dict[int, np.ndarray] = {}
    for task, (pictures,) in _batches(model, frames, batch, read, ignore):
        white.update(zip(task.rows.tolist(), pictures, strict=True))
    return [white[row] for row in range(len(frames))]


def decode(
    model: Model,
    z: Float32[np.ndarray, "rows latent"],
    *,
    seed: int,
    geometry: Geometry | None = None,
) -> Float32[np.ndarray, "rows h w"]:
    """Decode z to frames: the probability of white, pixel by pixel.

    What z leaves open is drawn, with the same random numbers for every row: rows differ because
    their z does. Without a geometry, frames are as those that the model was trained on.

    Raises:
        GeometryError: if the model does not make frames of that size.
    """
    geometry = geometry or model.geometry
    model.require(geometry)
    device = next(model.parameters()).device
    model.eval()

    def decode_row(latent: Float32[np.ndarray, " latent"]) -> np.ndarray:
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            logits = model.decode(torch.tensor(latent[None], device=device), geometry, generator)
        white: np.ndarray = torch.sigmoid(logits)[0, 0].cpu().numpy()
        return white

    out = np.empty((len(z), geometry.height, geometry.width), dtype=np.float32)
    count = devices.cores() if device.type == "cpu" else 1
    for row, white in enumerate(parallel_map(decode_row, z, count=count)):
        out[row] = white
    return out


def frame_elbo(
    model: Model,
    frames: Packed,
    *,
    seed: int,
    batch: int | None = None,
    progress: Progress = ignore,
) -> FrameElbo:
    """The -ELBO of every frame as it is, with one sample of its latents, drawn by `seed`.

    In single precision throughout.

    Raises:
        GeometryError: if the model does not take frames of that size.
    """
    if not len(frames):
        return FrameElbo(np.empty(0), np.empty(0))

    def read(inputs: _Batch) -> list[Tensor]:
        return [nats.double() for nats in model.terms(inputs.x, inputs.geometry, inputs.noise)]

    return FrameElbo(*_read(model, frames, batch, read, progress, seed))


class _Batch(NamedTuple):
    """Frames of one geometry on the model's device, and the generator of their noise."""

    x: Float[Tensor, "batch 1 h w"]
    geometry: Geometry
    noise: torch.Generator


class _Task(NamedTuple):
    """A batch that is to be read: its rows among all frames."""

    rows: Int64[np.ndarray, " batch"]
    group: FrameGroup
    noise: torch.Generator


def _read(
    model: Model,
    frames: Packed,
    batch: int | None,
    read: Callable[[_Batch], list[Tensor]],
    progress: Progress,
    seed: int = 0,
) -> list[np.ndarray]:
    """What is read of every frame, in their order; these give the same shapes at any size."""
    tasks, outputs = [], []
    for task, output in _batches(model, frames, batch, read, progress, seed):
        tasks.append(task.rows)
        outputs.append(output)
    order = np.argsort(np.concatenate(tasks))
    return [np.concatenate(parts)[order] for parts in zip(*outputs, strict=True)]


def _batches(
    model: Model,
    frames: Packed,
    batch: int | None,
    read: Callable[[_Batch], list[Tensor]],
    progress: Progress,
    seed: int = 0,
) -> Iterator[tuple[_Task, list[np.ndarray]]]:
    """Read the frames batch by batch, on as many cores as there are."""
    device = next(model.parameters()).device
    batch = batch or (CPU_BATCH if device.type == "cpu" else BATCH)
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    tasks = []
    for alike in by_geometry(frames):
        model.require(alike.geometry)
        step = batch_frames(batch, alike.geometry)
        for start in range(0, len(alike.rows), step):
            part = torch.from_numpy(alike.packed[start : start + step])
            group = FrameGroup(part, alike.geometry)
            rows = alike.rows[start : start + step]
            tasks.append(_Task(rows, group, child_generator(generator)))

    def read_batch(task: _Task) -> tuple[_Task, list[np.ndarray]]:
        geometry = task.group.geometry
        x = model_input(FrameGroup(task.group.packed.to(device), geometry))
        with torch.no_grad():
            outputs = read(_Batch(x, geometry, task.noise))
        return task, [output.cpu().numpy() for output in outputs]

    count = devices.cores() if device.type == "cpu" else 1
    done = 0
    for task, outputs in parallel_map(read_batch, tasks, count=count):
        yield task, outputs
        done += len(task.rows)
        progress(done / len(frames))
