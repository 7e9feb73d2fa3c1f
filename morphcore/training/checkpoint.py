"""Checkpoints: one file that rebuilds its model, and its training, alone.

The file is torch's own format, read with `weights_only`, so that a file from elsewhere cannot run
code. It holds the settings as a plain dict, the weights, the optimiser, the epoch and the state of
the random numbers. It is known again by its SHA-256, kept in the store.
"""

import hashlib
import io
import pickle
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from morphcore.atomic_file import atomic_write
from morphcore.config import ConfigError, TrainConfig
from morphcore.errors import MorphError
from morphcore.models.base import FeatureModel, Model
from morphcore.models.build import build
from morphcore.statistics.feature_embedding import FeatureEmbedding
from morphcore.training import embedding_file
from morphcore.training.state import TrainingState, from_dict, to_dict

FORMAT = "morph-checkpoint-1"
_MISFITS = (RuntimeError, KeyError, TypeError, ValueError, AttributeError)
_MISFIT = "The model file's weights do not fit its settings; it was not saved by this version."


class CheckpointError(MorphError):
    """A model file that is missing, changed, cut short or none of ours; the message says which."""


@dataclass(frozen=True)
class Saved:
    """Size and hash of a file that was written, and the hash of its weights alone."""

    size: int  # bytes
    sha256: str
    weights_sha256: str


@dataclass(frozen=True)
class CheckpointFile:
    """The content of a checkpoint: the settings and the training's state as plain values."""

    config: TrainConfig
    state: Mapping[str, Any]

    def model(self, device: torch.device) -> Model:
        """The model alone, ready to encode.

        Raises:
            CheckpointError: if the weights do not fit the settings.
        """
        model = build(self.config)
        try:
            model.load_state_dict(self.state["weights"])
        except _MISFITS as err:
            raise CheckpointError(_MISFIT) from err
        if isinstance(model, FeatureModel) and "axes" in self.state:
            model.embedding = embedding_file.from_dict(self.state["axes"])
        return model.to(device).eval()

    def resume(self, config: TrainConfig, device: torch.device) -> TrainingState:
        """Restore the training's state, to go on with these settings.

        Another learning rate than before is a new try: what was known of a stall is forgotten.

        Raises:
            CheckpointError: if the state does not fit the settings.
        """
        try:
            state = from_dict(config, self.state, device)
        except _MISFITS as err:
            raise CheckpointError(_MISFIT) from err
        if config.lr != self.config.lr:
            state.late, state.best_nats, state.best_epoch = False, float("inf"), state.epoch
        return state


def save(path: Path, config: TrainConfig, state: TrainingState) -> Saved:
    """Write a training's checkpoint whole or not at all.

    Raises:
        CheckpointError: if it cannot be written, as on a full disk; an older file stays as it was.
    """
    return _write(path, CheckpointFile(config, to_dict(state)))


def save_with_embedding(
    path: Path, checkpoint: CheckpointFile, embedding: FeatureEmbedding
) -> Saved:
    """Write a checkpoint once more, its model now with the embedding by its features.

    A training that is resumed from it goes on as from the one before, and needs a new embedding.

    Raises:
        CheckpointError: as `save`.
    """
    axes = embedding_file.to_dict(embedding)
    return _write(path, CheckpointFile(checkpoint.config, {**checkpoint.state, "axes": axes}))


def _write(path: Path, checkpoint: CheckpointFile) -> Saved:
    out = io.BytesIO()
    torch.save(
        {"format": FORMAT, "config": asdict(checkpoint.config), "state": dict(checkpoint.state)},
        out,
    )
    content = out.getvalue()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as temporary:
            temporary.write_bytes(content)
    except OSError as err:
        raise CheckpointError(
            f"The model {path.name} could not be saved ({err.strerror}); what was saved before is"
            f" kept. It needs {len(content) / 1e6:.0f} MB in {path.parent}."
        ) from err
    weights = weights_sha256(checkpoint.state["weights"])
    return Saved(len(content), hashlib.sha256(content).hexdigest(), weights)


def weights_sha256(weights: Mapping[str, torch.Tensor]) -> str:
    """The hash of a model's weights: equal only where all of them are, bit for bit.

    A checkpoint's own hash differs between equal models, since it holds how long they have trained.
    """
    digest = hashlib.sha256()
    for name in sorted(weights):
        values = weights[name].detach().cpu().contiguous()
        digest.update(f"{name} {values.dtype} {tuple(values.shape)}".encode())
        digest.update(values.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def load(path: Path, expected_sha256: str | None = None) -> CheckpointFile:
    """Read a checkpoint; with a hash, only if it is the very file that was saved.

    Raises:
        CheckpointError: if it is missing, changed, cut short or no checkpoint of ours.
    """
    return read(content_of(path), path.name, expected_sha256)


def content_of(path: Path) -> bytes:
    """The bytes of a checkpoint's file.

    Raises:
        CheckpointError: if it is missing or cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as err:
        raise CheckpointError(
            f"The model file {path.name} is missing from {path.parent}; put it back,"
            " or train again."
        ) from err
    except OSError as err:
        raise CheckpointError(f"The model file {path} cannot be read: {err.strerror}.") from err


def read(content: bytes, name: str, expected_sha256: str | None = None) -> CheckpointFile:
    """Read a checkpoint from the bytes of its file, called `name`; with a hash, as `load`.

    Raises:
        CheckpointError: if they are changed, cut short or no checkpoint of ours.
    """
    if expected_sha256 is not None and hashlib.sha256(content).hexdigest() != expected_sha256:
        raise CheckpointError(
            f"The model file {name} was changed or cut short since Morph saved it, so it is"
            " not used; put the original back, or train again."
        )
    try:
        loaded = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as err:
        raise CheckpointError(
            f"{name} is cut short or no model file; accepted is a checkpoint that Morph saved."
        ) from err
    if not isinstance(loaded, dict) or loaded.get("format") != FORMAT:
        raise CheckpointError(
            f"{name} is no checkpoint of this version of Morph; accepted is a file that it"
            " saved itself."
        )
    try:
        return CheckpointFile(TrainConfig(**loaded["config"]), loaded["state"])
    except (TypeError, KeyError, ConfigError) as err:
        raise CheckpointError(
            f"{name} has settings that this version of Morph does not know: {err}."
        ) from err


def load_model(path: Path, expected_sha256: str, device: torch.device) -> Model:
    """The model of a checkpoint, ready to encode.

    Raises:
        CheckpointError: as `load` and `CheckpointFile.model`.
    """
    return load(path, expected_sha256).model(device)
