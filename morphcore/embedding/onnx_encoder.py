"""A model's encoder as ONNX: frames to embedding and z, for programs that know nothing of torch.

The graph takes a batch of any number of frames of one geometry and gives what
`encoding.encode_frames` does, from products, sums and convolutions alone: scattering has its
transforms as products with matrices (`morphcore.scattering.fourier_matrices`). It is handed out
only if onnxruntime gives the same by it as torch.
"""

import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32
from torch import Tensor, nn

from morphcore.embedding.encoding import encode_frames
from morphcore.errors import MorphError
from morphcore.frames import PackedFrames
from morphcore.models.base import FeatureModel, Model
from morphcore.models.geometry import Geometry
from morphcore.scattering.fourier_matrices import FourierMatrices
from morphcore.scattering.transform import coefficients

NEEDED = ("onnx", "onnxscript", "onnxruntime")
INPUT, OUTPUTS = "frames", ("embedding", "z_mean", "z_logvar")
# Of the largest figure, or of 1 where that is less: a unit of an embedding by discriminants is the
# scatter of realisations, so what differs by so much is the same to any use.
ROUNDING = 1e-3
_CHECKED = 3  # frames of the check; the graph is traced with another number


class OnnxMissing(MorphError):
    """The packages that write and check ONNX are not installed."""


class OnnxDiffers(MorphError):
    """The graph does not give what the model gives; it is not handed out."""


@dataclass(frozen=True)
class OnnxFile:
    """The content of an ONNX file, and by how much its outputs differ from torch's at most."""

    content: bytes
    largest_difference: float  # on random frames


def to_onnx(model: Model, metadata: Mapping[str, str] | None = None) -> OnnxFile:
    """Give a model's encoder as ONNX, of frames as those that it was trained on.

    `frames`, float32 [batch h w], 0 black and 1 white, become `embedding` [batch axes], `z_mean`
    and `z_logvar` [batch latent], float32. `metadata` is added to the file's.

    Raises:
        OnnxMissing: if onnx, onnxscript or onnxruntime is not installed.
        OnnxDiffers: if onnxruntime does not give what torch gives, within rounding.
    """
    try:
        for name in NEEDED:
            import_module(name)
    except ImportError as err:
        raise OnnxMissing(
            f"Writing ONNX needs the packages {', '.join(NEEDED[:-1])} and {NEEDED[-1]}, and"
            f" {err.name} is not installed; pip install -r requirements-exchange.txt brings them."
        ) from err
    geometry = model.geometry
    encoder = _Encoder(model.eval())
    example = torch.zeros(2, geometry.height, geometry.width)
    with _quiet(), torch.no_grad():
        encoder(example)  # makes what is constant
        program = torch.onnx.export(
            encoder,
            (example,),
            dynamo=True,
            input_names=[INPUT],
            output_names=list(OUTPUTS),
            dynamic_shapes={"frames": {0: torch.export.Dim("batch", min=1)}},
            verbose=False,
        )
    assert program is not None  # with dynamo
    graph = program.model_proto
    for key, value in {**_described(geometry), **(metadata or {})}.items():
        graph.metadata_props.add(key=key, value=value)
    content = graph.SerializeToString()
    return OnnxFile(content, _check(model, content))


class _Encoder(nn.Module):
    """Frames of one geometry to their embedding and q(z|x); see `encoding.encode_frames`."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model
        known = model.embedding if isinstance(model, FeatureModel) else None
        self.fourier = FourierMatrices() if known is not None and known.scattering else None
        if known is not None:  # names of no operator: a graph has each name once
            self.register_buffer("centre", torch.from_numpy(known.discriminants.mean))
            self.register_buffer("scalings", torch.from_numpy(known.discriminants.scalings.copy()))

    def forward(
        self, frames: Float32[Tensor, "batch h w"]
    ) -> tuple[
        Float[Tensor, "batch axes"], Float[Tensor, "batch latent"], Float[Tensor, "batch latent"]
    ]:
        model, geometry = self.model, self.model.geometry
        x = frames[:, None]
        if not isinstance(model, FeatureModel) or model.embedding is None:
            mean, logvar = model.encode(x, geometry)
            return mean.clone(), mean, logvar
        features = model.features(x, geometry)
        mean, logvar = model.read(features)
        if self.fourier is not None:
            scattered = coefficients(
                frames,
                periodic=geometry.periodic,
                periodic_y=geometry.periodic_y,
                fourier=self.fourier,
            )
            features = torch.cat([features, scattered], dim=1)
        centred = features.double() - self.get_buffer("centre")
        embedding = centred @ self.get_buffer("scalings")
        return embedding.float(), mean, logvar


def _described(geometry: Geometry) -> dict[str, str]:
    return {
        "morph": "encoder",
        "frames": "0 black, 1 white",
        "periodic": json.dumps({"x": geometry.periodic, "y": geometry.periodic_y}),
    }


def _check(model: Model, content: bytes) -> float:
    """The largest difference between the graph's outputs and the model's, on random frames.

    Raises:
        OnnxDiffers: if it is more than rounding.
    """
    import onnxruntime

    geometry = model.geometry
    bits = _domains(geometry)
    packed = PackedFrames.of(bits, periodic=geometry.periodic, periodic_y=geometry.periodic_y)
    want = encode_frames(model, np.arange(len(bits)), packed)
    assert want.z is not None  # the model has just read it
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    got = session.run(list(OUTPUTS), {INPUT: bits.astype(np.float32)})
    largest = 0.0
    for name, ours, theirs in zip(
        OUTPUTS, (want.mean, want.z.mean, want.z.logvar), got, strict=True
    ):
        apart = float(np.abs(ours - theirs).max())
        if not apart <= ROUNDING * max(1.0, float(np.abs(ours).max())):
            raise OnnxDiffers(
                f"The ONNX graph gives another {name} than the model, by up to {apart:.2g}, so it"
                " is not written; the installed onnxruntime may not fit the installed torch."
            )
        largest = max(largest, apart)
    return largest


def _domains(geometry: Geometry) -> Bool[np.ndarray, "frames h w"]:
    """Frames of two colours whose domains are a few px large, of other shares of white."""
    rng = np.random.default_rng(0)
    coarse = rng.random((_CHECKED, -(-geometry.height // 6), -(-geometry.width // 6)))
    fine = np.kron(coarse, np.ones((1, 6, 6)))[:, : geometry.height, : geometry.width]
    share = np.linspace(0.4, 0.6, _CHECKED)[:, None, None]
    return np.asarray(fine < share)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's words on packages that it could serve, and on its own insides."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
