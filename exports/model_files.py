"""A model as other programs take it: its encoder as ONNX, its weights as safetensors."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from exports.files import require_new, written

if TYPE_CHECKING:
    from morphcore.training.checkpoint import CheckpointFile

MODEL_FILES = ("onnx", "safetensors")


def write_onnx(
    checkpoint: "CheckpointFile", out: Path, metadata: Mapping[str, str] | None = None
) -> float:
    """Write a checkpoint's encoder; by how much onnxruntime differs from torch, at most.

    Raises:
        OnnxMissing, OnnxDiffers, CheckpointError: if it cannot be made.
        MorphError: if `out` exists or cannot be written.
    """
    import torch

    from morphcore.embedding.onnx_encoder import to_onnx

    require_new(out)
    made = to_onnx(checkpoint.model(torch.device("cpu")), metadata)
    with written(out) as part:
        part.write_bytes(made.content)
    return made.largest_difference


def write_safetensors(checkpoint: "CheckpointFile", out: Path) -> None:
    """Write a checkpoint's weights, embedding and settings.

    Raises:
        MorphError: if `out` exists or cannot be written.
    """
    from morphcore.training import weights_file

    require_new(out)
    with written(out) as part:
        part.write_bytes(weights_file.to_bytes(checkpoint))
