"""A chunk of frames to encode, as a value, and the model that encodes it, as the bytes of its file.

Knows no store, so that it runs anywhere.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Int64

from morphcore.embedding import encoding
from morphcore.frames import SizedFrames
from morphcore.models.base import Model
from morphcore.progress import Progress
from morphcore.training import checkpoint
from morphcore.types import Latents


@dataclass(frozen=True)
class ModelFile:
    """A checkpoint's file: its bytes, known by their hash, and the device to rebuild it on."""

    name: str
    sha256: str
    content: bytes = field(repr=False)
    device: str = "cpu"

    def model(self) -> Model:
        """The model, rebuilt once a process.

        Raises:
            CheckpointError: if the bytes do not have that hash, or are no checkpoint.
        """
        key = self.sha256, self.device
        if key not in _models:
            _models.clear()  # one is in use at a time
            read = checkpoint.read(self.content, self.name, self.sha256)
            _models[key] = read.model(torch.device(self.device))
        return _models[key]


_models: dict[tuple[str, str], Model] = {}  # this process's own


@dataclass(frozen=True)
class Chunk:
    """Frames to encode."""

    frame_ids: Int64[np.ndarray, " frames"]
    packed: SizedFrames

    def __len__(self) -> int:
        return len(self.frame_ids)

    def __str__(self) -> str:
        return f"{len(self):,} frames"


def encode_chunk(file: ModelFile, chunk: Chunk, _: Progress) -> Latents:
    """Encode a chunk; it takes seconds, and says nothing meanwhile."""
    return encoding.encode_frames(file.model(), chunk.frame_ids, chunk.packed)
