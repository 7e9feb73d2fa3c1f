"""The index job: latents and descriptors of every frame, once."""

from pathlib import Path

import numpy as np
import pytest
import torch

from jobs import foreground
from jobs.context import JobProgress
from jobs.index import job as index
from jobs.specs import IndexJob
from morphcore import frames
from morphcore.descriptors import measure
from morphcore.embedding import encoding
from morphcore.statistics.split_half import Halves
from morphcore.statistics.split_half import cuts as cuts_of
from morphcore.statistics.split_half import of_frames as scatter_of
from morphcore.training import checkpoint
from store import checkpoints, descriptors, jobs, latents, projections, runs, scatter, trajectories
from store.db import checkpoints_folder, open_store
from tests.factory import Made, build_store, trajectory


@pytest.fixture
def trained(store: Path) -> Made:
    """A store whose run has a real model, but neither latents nor descriptors."""
    made = build_store(store, trajectories_count=3, frames=16, model=True)
    with open_store(store) as db, db.atomic():
        db.execute("DELETE FROM latents")
        db.execute("DELETE FROM descriptors")
        first = trajectories.trajectories(db, made.dataset_id)[0].id
        db.execute("UPDATE trajectories SET periodic = 0 WHERE id = ?", [first])
    return made


def _index(made: Made, listener=None):
    return foreground.run_here(made.path, IndexJob(run=made.run_id), listener)


def test_every_frame_gets_what_the_model_says_and_its_descriptors(trained: Made):
    job = _index(trained)
    assert job.state == "done", job.error
    assert (job.result or {})["frames"] == 48
    with open_store(trained.path) as db:
        stored = latents.of_checkpoint(db, trained.checkpoint_id)
        measured = descriptors.of_dataset(db, trained.dataset_id)
        row = checkpoints.by_id(db, trained.checkpoint_id)
        packed = trajectories.packed(db, stored.frame_ids).one_size
        table = trajectories.frame_table(db, trained.dataset_id)
    model = checkpoint.load_model(
        checkpoints_folder(trained.path) / row.file, row.sha256, torch.device("cpu")
    )
    expected = encoding.encode_frames(model, stored.frame_ids, packed)
    assert set(stored.frame_ids.tolist()) == set(table.frame_ids.tolist())
    np.testing.assert_allclose(stored.mean, expected.mean, atol=1e-5)
    np.testing.assert_allclose(stored.logvar, expected.logvar, atol=1e-5)
    with open_store(trained.path) as db:
        distances = scatter.of_checkpoint(db, trained.checkpoint_id)
    with open_store(trained.path) as db:
        training = runs.split(db, trained.run_id).training
    separated = table.frame_ids[~table.unseparated]
    assert set(distances.frame_ids.tolist()) == set(separated.tolist()) & set(training.tolist())
    indexed = np.isin(stored.frame_ids, distances.frame_ids)
    first = table.trajectory_ids.min()  # has walls
    owners = dict(zip(table.frame_ids.tolist(), table.trajectory_ids.tolist(), strict=True))
    periodic = np.array([owners[frame_id] != first for frame_id in distances.frame_ids.tolist()])
    assert 0 < periodic.sum() < len(periodic)
    cuts = cuts_of(packed[indexed].bits(), periodic)
    ids = distances.frame_ids[cuts.rows]
    left, right = (
        encoding.encode_frames(model, ids, frames.PackedFrames.of(half)).mean
        for half in (cuts.left, cuts.right)
    )
    white = cuts.left.mean((1, 2)) - cuts.right.mean((1, 2))
    expected = scatter_of(Halves(ids, left, right, white))
    np.testing.assert_array_equal(distances.frame_ids, expected.frame_ids)
    np.testing.assert_allclose(distances.distance, expected.distance, rtol=1e-3)
    walls = table.trajectory_ids == table.trajectory_ids.min()
    with open_store(trained.path) as db:
        for mask, periodic in ((walls, False), (~walls, True)):
            ids = table.frame_ids[mask]
            bits = trajectories.packed(db, ids).one_size.bits()
            truth = measure.measure(ids, bits, periodic=periodic)
            rows = np.isin(measured.frame_ids, ids)
            np.testing.assert_array_equal(measured.frame_ids[rows], ids)
            np.testing.assert_allclose(measured.length[rows], truth.length)
            np.testing.assert_allclose(measured.fraction[rows], truth.fraction)


def test_indexing_again_does_nothing_and_a_grown_data_set_only_what_is_new(trained: Made):
    _index(trained)
    assert (_index(trained).result or {})["frames"] == 0
    with open_store(trained.path) as db:
        trajectories.add(db, trained.dataset_id, trajectory("late", frames=12, seed=9))
        before = latents.of_checkpoint(db, trained.checkpoint_id)
    assert (_index(trained).result or {})["frames"] == 12
    with open_store(trained.path) as db:
        after = latents.of_checkpoint(db, trained.checkpoint_id)
        assert len(descriptors.missing(db, trained.dataset_id)) == 0
    np.testing.assert_array_equal(after.mean[:48], before.mean)
    assert len(after.frame_ids) == 60


@pytest.mark.parametrize(("few", "expected"), [(48, [(1, 48), (25, 3)]), (49, [(1, 48)])])
def test_an_index_with_maps_draws_all_frames_and_of_many_every_25th(
    trained: Made, few: int, expected: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(index, "FEW", few)
    with open_store(trained.path) as db, db.atomic():
        db.execute("DELETE FROM projections")
    job = foreground.run_here(trained.path, IndexJob(run=trained.run_id, maps=True))
    assert job.state == "done", job.error
    with open_store(trained.path) as db:
        drawn = projections.of_checkpoint(db, trained.checkpoint_id)
    assert sorted((each.config.every, each.points) for each in drawn) == expected


def test_what_a_stopped_index_has_done_is_kept(trained: Made, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(index, "CHUNK", 10)

    def stop(_progress: JobProgress) -> None:
        with open_store(trained.path) as db:
            jobs.request(db, jobs.pending(db)[0].id, "stop")

    job = _index(trained, stop)
    assert job.state == "stopped"
    with open_store(trained.path) as db:
        done = len(latents.of_checkpoint(db, trained.checkpoint_id).frame_ids)
    assert done in (10, 20, 30, 40)
    assert (_index(trained).result or {})["frames"] == 48 - done


def test_a_model_that_was_changed_or_never_saved_is_told(trained: Made):
    with open_store(trained.path) as db:
        row = checkpoints.by_id(db, trained.checkpoint_id)
    file = checkpoints_folder(trained.path) / row.file
    file.write_bytes(file.read_bytes()[:-1])
    job = _index(trained)
    assert (job.state, job.error) == (
        "failed",
        f"The model file {row.file} was changed or cut short since Morph saved it, so it is not"
        " used; put the original back, or train again.",
    )
    with open_store(trained.path) as db:
        db.execute("DELETE FROM checkpoints")
    assert "has no saved model yet" in (_index(trained).error or "")


def test_an_unknown_run_is_told(trained: Made):
    job = foreground.run_here(trained.path, IndexJob(run=99))
    assert job.error == "There is no run 99; there are: 1."
