"""A model's weights as safetensors: a file that other programs read, and that runs no code.

Weights have the names that the model gives them; `embedding.` begins those of the arrays that its
embedding consists of. The header holds the settings and the embedding's plain values as JSON, so
that the file rebuilds its model alone; it has no state of a training, which cannot go on from it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from morphcore.config import ConfigError, TrainConfig
from morphcore.training.checkpoint import CheckpointError, CheckpointFile

FORMAT = "morph-weights-1"
ENDING = ".safetensors"
_EMBEDDING = "embedding."


def to_bytes(checkpoint: CheckpointFile) -> bytes:
    """Give the weights and the embedding of a checkpoint as the content of a safetensors file."""
    from safetensors.torch import save

    arrays, values = dict(checkpoint.state["weights"]), {}
    for name, value in _flat(checkpoint.state.get("axes", {}), _EMBEDDING):
        if isinstance(value, torch.Tensor):
            arrays[name] = value
        else:
            values[name] = value
    header = {
        "format": FORMAT,
        "config": json.dumps(asdict(checkpoint.config)),
        "embedding": json.dumps(values),
    }
    # Convolutions lie channels last in memory; the file has them in the order of their axes.
    return save({name: each.detach().cpu().contiguous() for name, each in arrays.items()}, header)


def load(path: Path) -> CheckpointFile:
    """Read a safetensors file that Morph wrote: its model is as that of the checkpoint.

    Raises:
        CheckpointError: if it is missing, cut short or none of ours.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as err:
        raise CheckpointError(f"The model file {path} does not exist.") from err
    except (OSError, SafetensorError) as err:
        raise CheckpointError(
            f"{path.name} is cut short or no safetensors file; accepted is one that Morph wrote."
        ) from err
    if header.get("format") != FORMAT:
        raise CheckpointError(
            f"{path.name} has no settings of Morph's in it; accepted is a safetensors file that"
            " Morph wrote."
        )
    weights = {name: each for name, each in arrays.items() if not name.startswith(_EMBEDDING)}
    embedding = {name: each for name, each in arrays.items() if name.startswith(_EMBEDDING)}
    try:
        state: dict[str, Any] = {"weights": weights}
        embedding |= json.loads(header["embedding"])
        if embedding:
            state["axes"] = _nested(embedding)
        return CheckpointFile(TrainConfig(**json.loads(header["config"])), state)
    except (TypeError, KeyError, ValueError, ConfigError) as err:
        raise CheckpointError(
            f"{path.name} has settings that this version of Morph does not know: {err}."
        ) from err


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Invert `_flat`."""
    out: dict[str, Any] = {}
    for name, value in flat.items():
        *outer, last = name.removeprefix(_EMBEDDING).split(".")
        at = out
        for each in outer:
            at = at.setdefault(each, {})
        at[last] = value
    return out
