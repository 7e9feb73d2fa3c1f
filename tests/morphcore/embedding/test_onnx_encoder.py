import logging
import sys
from dataclasses import replace

import numpy as np
import pytest

from morphcore.config import TrainConfig
from morphcore.embedding import onnx_encoder
from morphcore.embedding.encoding import encode_frames, readings
from morphcore.embedding.onnx_encoder import OnnxDiffers, OnnxMissing, to_onnx
from morphcore.frames import PackedFrames
from morphcore.models import two_level
from morphcore.models.base import FeatureModel, Model
from morphcore.models.build import build
from morphcore.scattering import transform
from morphcore.statistics.discriminants import Discriminants
from morphcore.statistics.feature_embedding import FeatureEmbedding
from tests.factory import blobs

ort = pytest.importorskip("onnxruntime")
onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")


@pytest.fixture(autouse=True)
def _no_trace(caplog: pytest.LogCaptureFixture) -> None:
    """A test's log would have torch describe every step of its tracing."""
    caplog.set_level(logging.CRITICAL, "torch.__trace")


def with_embedding(config: TrainConfig, packed: PackedFrames) -> FeatureModel:
    """A model embedded along its 5 directions of most variance, of features and scattering.

    Scaled to 10 units of scatter: a real embedding's frames differ by about so much.
    """
    model = build(config).eval()
    assert isinstance(model, FeatureModel)
    features = readings(model, packed, scattering=True).features.astype(np.float64)
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    _, sizes, axes = np.linalg.svd((features - mean) / spread, full_matrices=False)
    scalings = 10 * (axes[:5] / sizes[:5, None] * np.sqrt(len(features))).T / spread[:, None]
    model.embedding = FeatureEmbedding(Discriminants(mean, scalings), scattering=True)
    return model


def outputs(content: bytes, bits: np.ndarray) -> dict[str, np.ndarray]:
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(None, {"frames": bits.astype(np.float32)}), strict=True))


def test_onnxruntime_gives_what_torch_gives_for_any_number_of_frames(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A whole graph has more of the same parts, and takes a minute on busy cores.
    monkeypatch.setattr(transform, "OCTAVES", 2)
    monkeypatch.setattr(two_level, "ROLLS", (2,))
    height, width = 66, 90  # neither in whole steps of the layers
    bits = blobs(8, phi=0.5, seed=0)[1:, :height, :width] > 127
    config = TrainConfig(preset="two-level", height=height, width=width, periodic=False)
    packed = PackedFrames.of(bits, periodic=False)
    model = with_embedding(config, packed)
    made = to_onnx(model, {"run": "best"})
    for count in (1, 7):
        known = encode_frames(model, np.arange(count), packed[:count])
        z = known.z
        assert z is not None
        got = outputs(made.content, bits[:count])
        np.testing.assert_allclose(got["embedding"], known.mean, atol=1e-2)
        np.testing.assert_allclose(got["z_mean"], z.mean, atol=1e-5)
        np.testing.assert_allclose(got["z_logvar"], z.logvar, atol=1e-5)
    assert made.largest_difference < 1e-2
    graph = onnx.load_from_string(made.content)
    onnx.checker.check_model(graph)
    assert {each.key: each.value for each in graph.metadata_props}["run"] == "best"
    assert not {node.op_type for node in graph.graph.node} & {"DFT", "STFT"}


def test_a_model_without_an_embedding_of_its_own_embeds_by_z() -> None:
    model = build(TrainConfig(preset="seed", height=40, width=60)).eval()
    bits = np.random.default_rng(0).random((3, 40, 60)) > 0.5
    known = encode_frames(model, np.arange(3), PackedFrames.of(bits))
    got = outputs(to_onnx(model).content, bits)
    np.testing.assert_allclose(got["embedding"], known.mean, atol=1e-5)
    np.testing.assert_array_equal(got["embedding"], got["z_mean"])
    np.testing.assert_allclose(got["z_logvar"], known.logvar, atol=1e-5)


def test_a_graph_that_gives_something_else_is_not_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def shifted(model: Model, *rest: object) -> object:
        known = encode_frames(model, *rest)  # type: ignore[arg-type]
        return replace(known, mean=known.mean + 0.1)

    monkeypatch.setattr(onnx_encoder, "encode_frames", shifted)
    model = build(TrainConfig(preset="seed", height=40, width=60))
    with pytest.raises(OnnxDiffers, match="another embedding"):
        to_onnx(model)


@pytest.mark.parametrize("name", ["onnx", "onnxscript", "onnxruntime"])
def test_without_a_package_it_says_what_brings_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(OnnxMissing, match=rf"{name} is not installed.*requirements-exchange\.txt"):
        to_onnx(build(TrainConfig(preset="seed", height=40, width=60)))
