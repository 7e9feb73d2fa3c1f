"""Samples of z beside twins and any other frame, on a small store."""

from pathlib import Path

import pytest

from analysis import latent_space, prior_samples
from store import checkpoint_files, datasets, trajectories
from store.db import open_store
from tests.factory import Made, build_store, trajectory


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Made:
    path = tmp_path_factory.mktemp("store") / "morph.sqlite"
    return build_store(path, trajectories_count=3, frames=6, model=True, preset="two-level")


def compared(path: Path, run_id: int) -> prior_samples.SampleComparison:
    space = latent_space.load_latent_space(path, run_id)
    file = checkpoint_files.path_of(path, space.checkpoint)
    model = latent_space.load_model(file, space.checkpoint.sha256)
    return prior_samples.compare(path, space, model, seed=0)


def test_it_is_measured_on_separated_held_out_frames(modelled: Made):
    comparison = compared(modelled.path, modelled.run_id)
    assert comparison.frames == 5  # of the one trajectory that is held out, all but the first
    assert comparison.twins is None
    # An untrained model knows nothing of frames: its samples are farther off than any frame is.
    assert comparison.samples.two_point_error > comparison.random.two_point_error > 0


def test_twins_are_taken_where_there_are_any(modelled: Made):
    """The data set's own trajectories stand for twins here: a frame could not have a nearer one."""
    with open_store(modelled.path) as db:
        twins = datasets.create(db, "twins", "simulated", {}, twin_of=modelled.dataset_id)
        for number, own in enumerate(trajectories.trajectories(db, modelled.dataset_id)):
            again = trajectory(own.name, phi=own.phi or 0.5, frames=6, seed=number)
            trajectories.add(db, twins, again)
        db.execute("UPDATE trajectories SET cell = name")
    comparison = compared(modelled.path, modelled.run_id)
    assert comparison.twins is not None
    assert comparison.twins.two_point_error == 0
