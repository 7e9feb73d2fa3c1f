"""Checkpoints rebuild their model alone; bad files are refused in words."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from morphcore import frames
from morphcore.config import TrainConfig
from morphcore.embedding import encoding
from morphcore.frames import PackedFrames
from morphcore.models.geometry import SIMULATED, Geometry
from morphcore.training import checkpoint
from morphcore.training import state as training_state
from morphcore.training.checkpoint import CheckpointError
from tests.factory import blobs

CPU = torch.device("cpu")
CONFIG = TrainConfig(latent=5, seed=8, epochs=3, minutes=1.5)


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A checkpoint's bytes."""
    path = tmp_path_factory.mktemp("saved") / "a.pt"
    checkpoint.save(path, CONFIG, training_state.start(CONFIG, CPU))
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "models" / "run-1-epoch-2.pt"


def test_a_file_rebuilds_its_model_alone(path: Path):
    state = training_state.start(CONFIG, CPU)
    saved = checkpoint.save(path, CONFIG, state)
    model = checkpoint.load_model(path, saved.sha256, CPU)
    packed = PackedFrames.of(frames.binarise(blobs(3, phi=0.5, seed=0)))
    ids = np.arange(3, dtype=np.int64)
    latents = encoding.encode_frames(model, ids, packed)
    expected = encoding.encode_frames(state.model, ids, packed)
    assert model.latent == 5
    assert np.array_equal(latents.mean, expected.mean)
    assert checkpoint.load(path).config == CONFIG


def test_size_and_hash_are_those_of_the_file(path: Path):
    import hashlib

    saved = checkpoint.save(path, CONFIG, training_state.start(CONFIG, CPU))
    assert saved.size == path.stat().st_size
    assert saved.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_config_is_plain_values(path: Path):
    checkpoint.save(path, CONFIG, training_state.start(CONFIG, CPU))
    raw = torch.load(path, weights_only=True)
    assert raw["config"]["latent"] == 5
    assert raw["config"]["minutes"] == 1.5


def test_nothing_is_left_beside_the_file(path: Path):
    checkpoint.save(path, CONFIG, training_state.start(CONFIG, CPU))
    checkpoint.save(path, CONFIG, training_state.start(CONFIG, CPU))
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_failed_write_keeps_the_older_file(path: Path, monkeypatch: pytest.MonkeyPatch):
    checkpoint.save(path, CONFIG, training_state.start(CONFIG, CPU))
    before = path.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    config = TrainConfig(latent=6)
    with pytest.raises(CheckpointError, match=r"could not be saved \(No space left on device\)"):
        checkpoint.save(path, config, training_state.start(config, CPU))
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_missing_file(path: Path):
    with pytest.raises(CheckpointError, match=r"run-1-epoch-2\.pt is missing from"):
        checkpoint.load(path)


@pytest.mark.parametrize("index", [0, 1000, -1000, -1])
def test_a_changed_byte(path: Path, index: int):
    saved = checkpoint.save(path, CONFIG, training_state.start(CONFIG, CPU))
    content = bytearray(path.read_bytes())
    content[index] ^= 1
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="was changed or cut short since Morph saved it"):
        checkpoint.load(path, saved.sha256)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_truncated_file_without_a_hash(path: Path, content: bytes, share: float):
    path.parent.mkdir()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(CheckpointError, match="is cut short or no model file"):
        checkpoint.load(path)


class _Evil:
    def __reduce__(self):
        return os.mkdir, ("evil",)


def test_a_file_that_would_run_code_is_refused_and_runs_none(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    path.parent.mkdir()
    monkeypatch.chdir(path.parent)
    torch.save({"format": checkpoint.FORMAT, "config": _Evil()}, path)
    with pytest.raises(CheckpointError, match="cut short or no model file"):
        checkpoint.load(path)
    path.write_bytes(pickle.dumps(_Evil(), protocol=2))
    with pytest.raises(CheckpointError, match="cut short or no model file"):
        checkpoint.load(path)
    assert not Path("evil").exists()


@pytest.mark.parametrize(
    "content",
    [{"weights": torch.zeros(3)}, torch.zeros(3), [1, 2], {"format": "morph-checkpoint-9"}],
)
def test_another_program_s_file(path: Path, content: object):
    path.parent.mkdir()
    torch.save(content, path)
    with pytest.raises(CheckpointError, match="no checkpoint of this version of Morph"):
        checkpoint.load(path)


@pytest.mark.parametrize("text", [b"hello", b"\x89PNG\r\n\x1a\n" + b"0" * 100])
def test_a_text_or_a_picture(path: Path, text: bytes):
    path.parent.mkdir()
    path.write_bytes(text)
    with pytest.raises(CheckpointError, match="cut short or no model file"):
        checkpoint.load(path)


def test_unknown_settings_and_weights_that_do_not_fit(path: Path, content: bytes):
    path.parent.mkdir()
    path.write_bytes(content)
    raw = torch.load(path, weights_only=True)
    torch.save({**raw, "config": {**raw["config"], "colour": "red"}}, path)
    with pytest.raises(CheckpointError, match="settings that this version of Morph does not know"):
        checkpoint.load(path)
    torch.save({**raw, "config": {**raw["config"], "latent": 6}}, path)
    with pytest.raises(CheckpointError, match="do not fit its settings"):
        checkpoint.load(path).model(CPU)
    with pytest.raises(CheckpointError, match="do not fit its settings"):
        checkpoint.load(path).resume(TrainConfig(latent=6), CPU)
    del raw["state"]["random"]
    torch.save(raw, path)
    with pytest.raises(CheckpointError, match="do not fit its settings"):
        checkpoint.load(path).resume(CONFIG, CPU)


def test_another_learning_rate_forgets_a_stall(path: Path):
    from dataclasses import replace

    state = training_state.start(CONFIG, CPU)
    state.late, state.epoch, state.best_nats, state.best_epoch = True, 40, 9000.0, 20
    checkpoint.save(path, CONFIG, state)
    same = checkpoint.load(path).resume(replace(CONFIG, epochs=99), CPU)
    assert (same.late, same.best_nats) == (True, 9000.0)
    changed = checkpoint.load(path).resume(replace(CONFIG, lr=5e-4), CPU)
    assert (changed.late, changed.best_nats, changed.best_epoch) == (False, float("inf"), 40)


def test_a_file_of_a_version_that_knew_one_size_opens_as_of_100_by_400(path: Path):
    checkpoint.save(path, CONFIG, training_state.start(CONFIG, CPU))
    raw = torch.load(path, weights_only=True)
    for name in ("height", "width", "periodic", "periodic_y"):
        del raw["config"][name]
    torch.save(raw, path)
    model = checkpoint.load(path).model(CPU)
    assert model.geometry == SIMULATED == Geometry(100, 400, True, False)


def test_a_model_of_another_size_is_built_for_it_again(path: Path):
    config = TrainConfig(latent=5, height=64, width=90, periodic=False)
    saved = checkpoint.save(path, config, training_state.start(config, CPU))
    model = checkpoint.load_model(path, saved.sha256, CPU)
    assert model.geometry == Geometry(64, 90, False)
    z = np.zeros((1, 5), dtype=np.float32)
    assert encoding.decode(model, z, seed=0).shape == (1, 64, 90)


def test_equal_weights_have_one_hash_whatever_the_clock_says(tmp_path: Path) -> None:
    state = training_state.start(CONFIG, CPU)
    first = checkpoint.save(tmp_path / "a.pt", CONFIG, state)
    state.seconds = 60.0
    later = checkpoint.save(tmp_path / "b.pt", CONFIG, state)
    assert first.weights_sha256 == later.weights_sha256
    assert first.sha256 != later.sha256
    loaded = checkpoint.load(tmp_path / "b.pt")
    assert checkpoint.weights_sha256(loaded.state["weights"]) == first.weights_sha256
    with torch.no_grad():
        next(state.model.parameters()).flatten()[0] += 1e-6
    assert checkpoint.save(tmp_path / "c.pt", CONFIG, state).weights_sha256 != first.weights_sha256
