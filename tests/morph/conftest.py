"""A small store whose model is a real one, with an embedding and a likelihood ratio."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from store.db import checkpoints_folder, open_store
from tests import known_ratio
from tests.factory import Made, build_store

AXES = 4


@pytest.fixture(scope="session")
def _interface_template(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Two trajectories of 6 frames, and a `two-level` model that has learnt nothing."""
    from morphcore.training import checkpoint, embedding_file

    path = tmp_path_factory.mktemp("interface") / "data" / "morph.sqlite"
    path.parent.mkdir()
    made = build_store(
        path, trajectories_count=2, frames=6, model=True, preset="two-level", axes=AXES
    )
    file = checkpoints_folder(path) / f"run-{made.run_id}.pt"
    read = checkpoint.load(file)
    ratio = known_ratio.embedding(axes=AXES).ratio
    known = replace(embedding_file.from_dict(read.state["axes"]), ratio=ratio)
    saved = checkpoint.save_with_embedding(file, read, known)
    with open_store(path) as db:
        db.execute(
            "UPDATE checkpoints SET size = ?, sha256 = ?, weights_sha256 = ?",
            [saved.size, saved.sha256, saved.weights_sha256],
        )
    return made


@pytest.fixture
def interface(_interface_template: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A copy of it as data/morph.sqlite of the current folder, which is a test's own."""
    shutil.copytree(_interface_template.path.parent, tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    return replace(_interface_template, path=tmp_path / "data" / "morph.sqlite")
