"""A model in use: embed frames, and write the model for other programs."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32

from exports import model_files
from morph import frames as framing
from morph.frames import Frames
from morphcore.config import TrainConfig
from morphcore.types import Latents

if TYPE_CHECKING:
    from morphcore.models.base import Model as Network
    from morphcore.training.checkpoint import CheckpointFile


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """A model from its file: a checkpoint (.pt), or what `write_safetensors` wrote.

    The file is read when it is first needed, with torch; then that takes seconds.
    """

    file: Path
    sha256: str | None = None  # that the file must have; None: any that can be read

    @cached_property
    def checkpoint(self) -> "CheckpointFile":
        """The content of the file: settings, weights, embedding.

        Raises:
            CheckpointError: if it is missing, was changed, or is none of Morph's.
        """
        from morphcore.training import checkpoint, weights_file

        if self.file.suffix == weights_file.ENDING:
            return weights_file.load(self.file)
        return checkpoint.load(self.file, self.sha256)

    @cached_property
    def network(self) -> "Network":
        """The torch module, on the CPU.

        Raises:
            CheckpointError: as `checkpoint`, or if the weights do not fit the settings.
        """
        import torch

        return self.checkpoint.model(torch.device("cpu"))

    @property
    def config(self) -> TrainConfig:
        """The settings that it was trained with, the size of its frames among them."""
        return self.checkpoint.config

    def embed(
        self, frames: Frames, *, periodic: bool = False, periodic_y: bool = False
    ) -> Float32[np.ndarray, "n axes"]:
        """Embed frames: one vector a frame, whose distances say how alike two frames are.

        `frames`: an array [n h w] or [h w] of booleans, 0 to 1, or 0 to 255, white being high; a
        list of arrays of different sizes; or a trajectory. A pixel is a pixel of the frames that
        the model was trained on. `periodic`: the left edge continues at the right one, as in our
        own simulations; `periodic_y`: the top one at the bottom; a trajectory says so itself.

        >>> import morph
        >>> model = morph.Store("data/morph.sqlite").model()
        >>> pictures = np.random.default_rng(0).random((2, 100, 400))
        >>> model.embed(pictures).shape
        (2, 4)

        Raises:
            FrameError: if it is no array of frames.
            GeometryError: if the model does not take frames of that size.
            CheckpointError: as `network`.
        """
        return self.encode(frames, periodic=periodic, periodic_y=periodic_y).mean

    def encode(
        self, frames: Frames, *, periodic: bool = False, periodic_y: bool = False
    ) -> Latents:
        """Encode frames to embedding and z, each by mean and log variance; ids are 0, 1, 2, ...

        >>> import morph
        >>> model = morph.Store("data/morph.sqlite").model()
        >>> latents = model.encode(np.random.default_rng(0).random((2, 100, 400)))
        >>> latents.mean.shape, latents.z.mean.shape
        ((2, 4), (2, 16))

        Raises:
            FrameError, GeometryError, CheckpointError: as `embed`.
        """
        from morphcore.embedding.encoding import encode_frames

        packed = framing.packed(frames, periodic=periodic, periodic_y=periodic_y)
        return encode_frames(self.network, np.arange(len(packed), dtype=np.int64), packed)

    def write_onnx(self, out: str | Path) -> float:
        """Write the encoder as ONNX; how far onnxruntime is from torch by it, at most.

        `frames`, float32 [batch h w] of 0 and 1 and of the size and edges that the model was
        trained on, become `embedding` [batch axes], `z_mean` and `z_logvar` [batch latent].

        Raises:
            OnnxMissing: if onnx, onnxscript or onnxruntime is not installed.
            OnnxDiffers: if onnxruntime does not give what torch gives, within rounding.
            MorphError: if `out` exists or cannot be written.
        """
        return model_files.write_onnx(self.checkpoint, Path(out))

    def write_safetensors(self, out: str | Path) -> None:
        """Write weights, embedding and settings as safetensors, which `load_model` reads too.

        Raises:
            MorphError: if `out` exists or cannot be written.
        """
        model_files.write_safetensors(self.checkpoint, Path(out))


def load_model(file: str | Path) -> Model:
    """Load a model from a file: a checkpoint (.pt), or safetensors that Morph wrote.

    >>> import morph
    >>> morph.Store("data/morph.sqlite").model().write_safetensors("alone.safetensors")
    >>> load_model("alone.safetensors").embed(np.random.rand(1, 100, 400)).shape
    (1, 4)

    Raises:
        CheckpointError: if it is missing, cut short, or none of Morph's.
    """
    model = Model(file=Path(file))
    _ = model.network  # what is wrong with the file is said here
    return model
