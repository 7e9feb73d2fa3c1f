"""Frames -> latents, and latents -> frames: a trained model put to use.

Latents are places along a model's axes (`morphcore.sphering`) where it has such, and z itself where
it has none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64, Int64, UInt8
from torch import Tensor

from morphcore.dataset import to_input, unpack
from morphcore.models.base import Model, SpheredModel
from morphcore.types import FRAME_SHAPE, Latents

# Of 512 frames, features no longer fit a CPU's cache: a batch of 64 is twice as fast there.
BATCH, CPU_BATCH = 512, 64


@dataclass(frozen=True)
class FrameNats:
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
    packed: UInt8[np.ndarray, "frames 5000"],
    *,
    batch: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Latents:
    """Where every frame is, no noise added; `progress` hears how many frames are done.

    The batch size changes the speed and the memory taken, not the result (beyond rounding).
    """
    if not isinstance(model, SpheredModel) or model.axes is None or not len(packed):
        return posteriors(model, frame_ids, packed, batch=batch, progress=progress)
    found = readings(model, packed, batch=batch, progress=progress)
    places, logvar = model.axes.places(found.features), model.axes.logvar(found.logvar)
    return Latents(frame_ids, places, logvar)


def readings(
    model: SpheredModel,
    packed: UInt8[np.ndarray, "frames 5000"],
    *,
    batch: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Readings:
    """What a model reads of frames, one at least."""
    parts = []
    for start, x in _inputs(model, packed, batch):
        with torch.no_grad():
            features = model.features(x)
            posterior = model.read(features)
        parts.append([each.cpu().numpy() for each in (features, *posterior)])
        if progress:
            progress(start + len(x))
    return Readings(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def posteriors(
    model: Model,
    frame_ids: Int64[np.ndarray, " frames"],
    packed: UInt8[np.ndarray, "frames 5000"],
    *,
    batch: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Latents:
    """q(z|x) of every frame, as the model has it: what the KL to its prior is told from."""
    means = np.empty((len(packed), model.latent), dtype=np.float32)
    logvars = np.empty_like(means)
    for start, x in _inputs(model, packed, batch):
        with torch.no_grad():
            posterior = model.encode(x)
        means[start : start + len(x)] = posterior.mean.cpu().numpy()
        logvars[start : start + len(x)] = posterior.logvar.cpu().numpy()
        if progress:
            progress(start + len(x))
    return Latents(frame_ids, means, logvars)


def reconstruct(
    model: Model, packed: UInt8[np.ndarray, "frames 5000"], *, batch: int | None = None
) -> Float32[np.ndarray, "frames 100 400"]:
    """The probability of white, pixel by pixel, as a model gives each frame back, nothing drawn."""
    out = np.empty((len(packed), *FRAME_SHAPE), dtype=np.float32)
    for start, x in _inputs(model, packed, batch):
        with torch.no_grad():
            logits = model.reconstruct(x)
        out[start : start + len(x)] = torch.sigmoid(logits)[:, 0].cpu().numpy()
    return out


def decode(
    model: Model, places: Float32[np.ndarray, "rows latent"], *, seed: int
) -> Float32[np.ndarray, "rows 100 400"]:
    """The probability of white, pixel by pixel, of frames at places such as `encode_frames` gives.

    What these leave open is drawn, with the same random numbers for every row: rows differ because
    their places do.
    """
    axes = model.axes if isinstance(model, SpheredModel) else None
    z = places if axes is None else axes.z(places)
    device = next(model.parameters()).device
    model.eval()
    out = np.empty((len(z), *FRAME_SHAPE), dtype=np.float32)
    for row, each in enumerate(z):
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            logits = model.decode(torch.tensor(each[None], device=device), generator)
        out[row] = torch.sigmoid(logits)[0, 0].cpu().numpy()
    return out


def frame_nats(
    model: Model,
    packed: UInt8[np.ndarray, "frames 5000"],
    *,
    seed: int,
    batch: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> FrameNats:
    """The -ELBO of every frame as it is, with one sample of its latents, drawn by `seed`.

    In single precision throughout; `progress` hears how many frames are done.
    """
    generator = torch.Generator().manual_seed(seed)
    recon = np.empty(len(packed))
    kl = np.empty(len(packed))
    for start, x in _inputs(model, packed, batch):
        with torch.no_grad():
            terms = model.terms(x, generator)
        recon[start : start + len(x)] = terms.recon_nats.double().cpu().numpy()
        kl[start : start + len(x)] = terms.kl_nats.double().cpu().numpy()
        if progress:
            progress(start + len(x))
    return FrameNats(recon, kl)


def _inputs(
    model: Model, packed: UInt8[np.ndarray, "frames 5000"], batch: int | None
) -> Iterator[tuple[int, Float[Tensor, "batch 1 100 400"]]]:
    """Batches on the model's device, each with the place of its first frame."""
    device = next(model.parameters()).device
    batch = batch or (CPU_BATCH if device.type == "cpu" else BATCH)
    model.eval()
    for start in range(0, len(packed), batch):
        part = torch.tensor(packed[start : start + batch], device=device)
        yield start, to_input(unpack(part))
