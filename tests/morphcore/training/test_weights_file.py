import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from morphcore.config import TrainConfig
from morphcore.embedding.encoding import encode_frames
from morphcore.frames import PackedFrames
from morphcore.training import checkpoint, embedding_file, weights_file
from morphcore.training import state as training_state
from morphcore.training.checkpoint import CheckpointError, CheckpointFile
from tests import known_ratio

CPU = torch.device("cpu")


@pytest.fixture
def saved(tmp_path: Path) -> CheckpointFile:
    """The checkpoint of a model that has learnt nothing, with an embedding and its ratio."""
    config = TrainConfig(preset="two-level", height=64, width=80, steps=7)
    file = tmp_path / "model.pt"
    checkpoint.save(file, config, training_state.start(config, CPU))
    checkpoint.save_with_embedding(file, checkpoint.load(file), known_ratio.embedding(axes=3))
    return checkpoint.load(file)


@pytest.fixture
def file(saved: CheckpointFile, tmp_path: Path) -> Path:
    out = tmp_path / "model.safetensors"
    out.write_bytes(weights_file.to_bytes(saved))
    return out


def test_another_program_reads_the_weights_by_their_names(
    saved: CheckpointFile, file: Path
) -> None:
    read = load_file(file)
    weights = saved.state["weights"]
    assert {name for name in read if not name.startswith("embedding.")} == set(weights)
    for name, values in weights.items():
        np.testing.assert_array_equal(read[name], values.numpy())


def test_the_model_comes_back_whole(saved: CheckpointFile, file: Path) -> None:
    read = weights_file.load(file)
    assert read.config == saved.config
    assert checkpoint.weights_sha256(read.state["weights"]) == checkpoint.weights_sha256(
        saved.state["weights"]
    )
    known, ours = (embedding_file.from_dict(each.state["axes"]) for each in (saved, read))
    assert (ours.learnt_from, ours.realisations, ours.cells) == ("replicates", 162, 54)
    np.testing.assert_array_equal(ours.discriminants.scalings, known.discriminants.scalings)
    assert ours.ratio is not None
    assert known.ratio is not None
    np.testing.assert_array_equal(ours.ratio.model.between, known.ratio.model.between)
    np.testing.assert_array_equal(ours.ratio.calibration.draws, known.ratio.calibration.draws)


def test_a_model_without_an_embedding_encodes_as_before(tmp_path: Path) -> None:
    config = TrainConfig(preset="two-level", height=64, width=80)
    checkpoint.save(tmp_path / "m.pt", config, training_state.start(config, CPU))
    saved = checkpoint.load(tmp_path / "m.pt")
    (tmp_path / "m.safetensors").write_bytes(weights_file.to_bytes(saved))
    read = weights_file.load(tmp_path / "m.safetensors")
    assert "axes" not in read.state
    packed = PackedFrames.of(np.random.default_rng(0).random((3, 64, 80)) > 0.5)
    want, ours = (encode_frames(each.model(CPU), np.arange(3), packed) for each in (saved, read))
    np.testing.assert_array_equal(ours.mean, want.mean)


def test_it_holds_no_state_of_a_training(file: Path) -> None:
    read = weights_file.load(file)
    with pytest.raises(CheckpointError, match="do not fit"):
        read.resume(read.config, CPU)


def test_what_is_no_file_of_ours_is_said(file: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="does not exist"):
        weights_file.load(tmp_path / "none.safetensors")
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="cut short"):
        weights_file.load(cut)
    other = tmp_path / "other.safetensors"
    save_file({"a": np.zeros(3)}, other)
    with pytest.raises(CheckpointError, match="no settings of Morph's"):
        weights_file.load(other)
    newer = {"format": weights_file.FORMAT, "config": json.dumps({"depth": 3}), "embedding": "{}"}
    save_file({"a": np.zeros(3)}, other, newer)
    with pytest.raises(CheckpointError, match="does not know"):
        weights_file.load(other)
