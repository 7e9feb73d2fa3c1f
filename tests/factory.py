"""Small real stores for tests: smoothed noise that coarsens, cut at its fraction; PCA as latents.

It is no simulation and no model, but every table holds what the real walk would put there, so that
a page or a query can be tested in well under a second, without torch.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from morphcore import frames as framing
from morphcore import splits
from morphcore.config import Preset, ProjectionConfig, TrainConfig
from morphcore.descriptors.measure import measure
from morphcore.types import FRAME_SHAPE, Descriptors, EpochMetrics, Latents, Projection, Trajectory
from store import checkpoints, datasets, descriptors, latents, projections, runs, trajectories
from store.db import checkpoints_folder, open_store

NO_MODEL = b"no model"
NO_SHA256 = hashlib.sha256(NO_MODEL).hexdigest()


def blobs(frames: int, *, phi: float, seed: int, coarsest: float = 12.0) -> np.ndarray:
    """Gray frames [frames, 100, 400] whose white domains grow from 2 to `coarsest` px."""
    noise = np.random.default_rng(seed).standard_normal(FRAME_SHAPE)
    out = np.zeros((frames, *FRAME_SHAPE), dtype=np.uint8)
    for index, sigma in enumerate(np.geomspace(2.0, coarsest, frames)):
        smooth = gaussian_filter(noise, sigma, mode=("nearest", "wrap"))
        out[index] = np.where(smooth >= np.quantile(smooth, 1 - phi), 255, 0)
    out[0] = 255  # not yet separated
    return out


def trajectory(
    name: str, *, phi: float = 0.5, chi: float = 2.4, frames: int = 20, seed: int = 0
) -> Trajectory:
    """A trajectory of `blobs` with steps 20, 40, ..."""
    return Trajectory(
        name=name,
        frames=blobs(frames, phi=phi, seed=seed),
        times=np.arange(1, frames + 1) * 20.0,
        params={"phi": phi, "chi": chi},
    )


@dataclass(frozen=True)
class Made:
    """What `build_store` put into the store."""

    path: Path
    dataset_id: int
    run_id: int
    checkpoint_id: int
    map_ids: tuple[int, int]  # every 5th frame; all frames


def build_store(
    path: Path,
    *,
    trajectories_count: int = 6,
    frames: int = 20,
    model: bool = False,
    preset: Preset = "seed",
    axes: int | None = None,
) -> Made:
    """A store with a data set, a finished run with curves, latents of all frames and two maps.

    With `model`, its checkpoint is a real one (imports torch): the preset with its first weights,
    by which the latents were encoded; with `axes`, it has an embedding of its own, along so many
    random directions of its features. Else its file, none.pt, holds none, and PCA stands in.
    """
    with open_store(path) as db:
        dataset_id = datasets.create(db, "blobs", "simulated", {})
        for number in range(trajectories_count):
            phi, chi = 0.5 + 0.02 * (number // 2), 2.4 + 0.4 * (number % 2)
            made = trajectory(
                f"phi{phi:.3f}-chi{chi:.1f}-r1", phi=phi, chi=chi, frames=frames, seed=number
            )
            trajectories.add(db, dataset_id, made)
        table = trajectories.frame_table(db, dataset_id)
        bits = trajectories.packed(db, table.frame_ids).one_size.bits()
        descriptors.add(db, measure(table.frame_ids, bits))

        config = TrainConfig(preset=preset, epochs=12, split="trajectory")
        division = splits.split(
            table.frame_ids,
            table.trajectory_ids,
            by="trajectory",
            held_out_share=0.2,
            rng=np.random.default_rng(0),
        )
        run_id = runs.create(db, dataset_id, config, division)
        runs.set_device(db, run_id, "cpu")
        for epoch in range(1, 13):
            nats = 8_000 + 18_000 * 0.7**epoch
            runs.add_epoch(
                db,
                run_id,
                EpochMetrics(epoch, epoch * 2.0, 1e-3, 300.0, nats, 12.0, nats * 1.1, 12.0),
            )
        file, size, sha256, coords, z = "none.pt", len(NO_MODEL), NO_SHA256, _pca(bits), None
        checkpoints_folder(path).mkdir(exist_ok=True)
        if not model:
            (checkpoints_folder(path) / file).write_bytes(NO_MODEL)
        if model:
            file = f"run-{run_id}.pt"
            size, sha256, encoded = _untrained(checkpoints_folder(path) / file, config, bits, axes)
            coords, z = encoded.mean, encoded.own_z
        checkpoint_id = checkpoints.add(
            db,
            run_id,
            epoch=12,
            file=file,
            size=size,
            sha256=sha256,
            has_embedding=z is not None,
        )
        latents.add(
            db,
            checkpoint_id,
            Latents(table.frame_ids, coords, np.full_like(coords, -2.0), z),
        )
        map_ids = []
        for every in (5, 1):
            chosen = table.index % every == 0
            places = Projection(table.frame_ids[chosen], coords[chosen, :2])
            map_config = ProjectionConfig(method="pca", every=every)
            map_ids.append(projections.add(db, checkpoint_id, map_config, places))
    return Made(path, dataset_id, run_id, checkpoint_id, (map_ids[0], map_ids[1]))


def add_run(made: Made, name: str) -> int:
    """One more run on the same data, indexed with the same latents; its id."""
    with open_store(made.path) as db:
        first = runs.run(db, made.run_id)
        run_id = runs.create(db, made.dataset_id, first.config, runs.split(db, made.run_id))
        runs.rename(db, run_id, name)
        for each in runs.epochs(db, made.run_id):
            runs.add_epoch(db, run_id, each)
        checkpoint_id = checkpoints.add(
            db, run_id, epoch=12, file="none.pt", size=len(NO_MODEL), sha256=NO_SHA256
        )
        latents.add(db, checkpoint_id, latents.of_checkpoint(db, made.checkpoint_id))
    return run_id


def described(frame_ids: np.ndarray, fraction: np.ndarray, length: np.ndarray) -> Descriptors:
    """Descriptors of which only fraction and L matter."""
    ones = np.ones(len(frame_ids), dtype=np.float32)
    return Descriptors(frame_ids, fraction, length, *[ones] * 10)


def _pca(bits: np.ndarray) -> np.ndarray:
    small = bits.reshape(len(bits), 10, 10, 40, 10).mean((2, 4)).reshape(len(bits), -1)
    u, s, _ = np.linalg.svd(small - small.mean(0), full_matrices=False)
    coords: np.ndarray = (u[:, :16] * s[:16]).astype(np.float32)
    return coords


def _untrained(
    file: Path, config: TrainConfig, bits: np.ndarray, axes: int | None
) -> tuple[int, str, Latents]:
    """Save a model that has learnt nothing; its size, its hash and where it places frames."""
    import torch

    from morphcore.embedding import encoding
    from morphcore.models.base import FeatureModel
    from morphcore.statistics.discriminants import Discriminants
    from morphcore.statistics.feature_embedding import FeatureEmbedding
    from morphcore.training import checkpoint
    from morphcore.training import state as training_state

    state = training_state.start(config, torch.device("cpu"))
    saved = checkpoint.save(file, config, state)
    model, packed = state.model, framing.PackedFrames.of(bits)
    if axes is not None:
        assert isinstance(model, FeatureModel)
        read = encoding.readings(model, packed, scattering=False)
        features = read.features.astype(np.float64)
        turn = np.random.default_rng(0).standard_normal((features.shape[1], axes))
        model.embedding = FeatureEmbedding(Discriminants(features.mean(axis=0), turn))
        saved = checkpoint.save_with_embedding(file, checkpoint.load(file), model.embedding)
    encoded = encoding.encode_frames(model, np.arange(len(bits), dtype=np.int64), packed)
    return saved.size, saved.sha256, encoded
