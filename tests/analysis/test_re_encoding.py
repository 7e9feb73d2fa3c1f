"""Landings beside those of stored frames, and which frames these are."""

from pathlib import Path

import numpy as np
import pytest

from analysis import latent_space, re_encoding
from analysis.latent_space import LatentSpace, MissingZ
from morphcore.embedding.re_encoding import ReEncodingErrors
from store import checkpoint_files
from store.db import open_store
from tests.factory import Made, build_store

ERRORS = ReEncodingErrors(
    decoded=np.linspace(0, 10, 101, dtype=np.float32),
    decoded_in_z=np.linspace(0, 1, 101, dtype=np.float32),
    reconstructed=np.linspace(0, 2, 101, dtype=np.float32),
)


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LatentSpace]:
    path = tmp_path_factory.mktemp("store") / "morph.sqlite"
    made = build_store(path, trajectories_count=3, frames=6, model=True, preset="two-level", axes=3)
    return path, latent_space.load_latent_space(path, made.run_id)


@pytest.mark.parametrize(
    ("asked", "usual", "limit"),
    [("embedding", 5.0, 9.5), ("z", 0.5, 0.95), ("reconstruction", 1.0, 1.9)],
)
def test_each_kind_of_picture_is_judged_by_its_own(asked: str, usual: float, limit: float):
    def landing(far: float) -> re_encoding.Landing:
        found = re_encoding.landing(ERRORS, asked, np.zeros(2, "f4"), np.float32([far, 0]))
        assert found is not None
        return found

    assert landing(1.0).distance == pytest.approx(1.0)
    assert (landing(1.0).usual, landing(1.0).limit) == pytest.approx((usual, limit))
    assert not landing(0.99 * limit).astray
    assert landing(1.01 * limit).astray


def test_separated_frames_tell_what_is_near(space: tuple[Path, LatentSpace]):
    path, latents = space
    model = latent_space.load_model(
        checkpoint_files.path_of(path, latents.checkpoint), latents.checkpoint.sha256
    )
    every = re_encoding.of_stored_frames(path, latents, model)
    assert len(every.decoded) == 15  # the first of each trajectory has not separated
    few = re_encoding.of_stored_frames(path, latents, model, frames=4)
    for some, whole in zip(vars(few).values(), vars(every).values(), strict=True):
        assert len(some) == 4
        # Each frame's own distance, whatever others are measured with it.
        assert np.abs(some[:, None] - whole).min(axis=1) == pytest.approx(0, abs=1e-3)


def test_a_run_without_z_is_to_be_indexed_again(made: Made):
    with open_store(made.path) as db:
        db.execute("UPDATE checkpoints SET has_embedding = 1")
    space = latent_space.load_latent_space(made.path, made.run_id)
    with pytest.raises(MissingZ, match="index the run again"):
        _ = space.z
