"""The axes of a run's latents: measured once by the index, saved with the model."""

from pathlib import Path

import numpy as np
import pytest
import torch

from jobs import foreground
from jobs.context import Context
from jobs.index import split_half
from jobs.specs import IndexJob, TrainJob
from morphcore import frames
from morphcore.embedding import encoding
from morphcore.models.base import FeatureModel
from morphcore.statistics import discriminants
from morphcore.statistics import split_half as scatter
from morphcore.statistics.discriminants import Nuisances
from morphcore.training import checkpoint
from store import checkpoints, jobs, latents, runs, trajectories
from store import scatter as scatter_table
from store.db import checkpoints_folder, open_store
from tests.factory import Made, build_store


@pytest.fixture
def trained(store: Path) -> Made:
    """A store whose run has a two-level model and no latents."""
    made = build_store(store, trajectories_count=4, frames=14, model=True, preset="two-level")
    with open_store(store) as db, db.atomic():
        db.execute("DELETE FROM latents")
    return made


def indexed(made: Made) -> runs.Run:
    job = foreground.run_here(made.path, IndexJob(run=made.run_id))
    assert job.state == "done", job.error
    with open_store(made.path) as db:
        return runs.run(db, made.run_id)


def model_of(made: Made, checkpoint_id: int) -> FeatureModel:
    with open_store(made.path) as db:
        row = checkpoints.by_id(db, checkpoint_id)
    file = checkpoints_folder(made.path) / row.file
    model = checkpoint.load_model(file, row.sha256, torch.device("cpu"))
    assert isinstance(model, FeatureModel)
    return model


def test_an_index_measures_them_and_saves_them_with_the_model(trained: Made):
    before = model_of(trained, trained.checkpoint_id)
    run = indexed(trained)
    assert before.embedding is None
    assert run.index is not None
    assert run.index.checkpoint_id == run.checkpoint_id != trained.checkpoint_id
    model = model_of(trained, run.index.checkpoint_id)
    assert model.embedding is not None
    for name, weights in model.state_dict().items():
        assert torch.equal(weights, before.state_dict()[name])
    with open_store(trained.path) as db:
        stored = latents.of_checkpoint(db, run.index.checkpoint_id)
        packed = trajectories.packed(db, stored.frame_ids).one_size
    readings = encoding.readings(model, packed, scattering=model.embedding.scattering)
    np.testing.assert_allclose(
        stored.mean, model.embedding.transform(readings.features), rtol=1e-3, atol=1e-2
    )
    assert not stored.logvar.any()  # realisations scatter by 1 along each
    z = encoding.posteriors(before, packed)
    assert stored.own_z is not None
    np.testing.assert_allclose(stored.own_z.mean, z.mean, atol=1e-4)
    np.testing.assert_allclose(stored.own_z.logvar, z.logvar, atol=1e-4)
    of_model, of_before = (
        encoding.decode(each, stored.own_z.mean[:1], seed=1) for each in (model, before)
    )
    np.testing.assert_array_equal(of_model, of_before)


def test_the_unit_is_measured_along_them_and_twins_of_halves_scatter_alike(trained: Made):
    run = indexed(trained)
    assert run.index is not None
    with open_store(trained.path) as db:
        stored = scatter_table.of_checkpoint(db, run.index.checkpoint_id)
        packed = trajectories.packed(db, stored.frame_ids).one_size
        training = runs.split(db, run.id).training
    assert set(stored.frame_ids.tolist()) <= set(training.tolist())
    model = model_of(trained, run.index.checkpoint_id)
    cuts = scatter.cuts(packed.bits(), np.ones(len(packed), dtype=np.bool_))
    ids = stored.frame_ids[cuts.rows]
    assert len(ids) == 2 * len(stored.frame_ids)
    left, right = (
        encoding.encode_frames(model, ids, frames.PackedFrames.of(half)).mean
        for half in (cuts.left, cuts.right)
    )
    white = cuts.left.mean((1, 2)) - cuts.right.mean((1, 2))
    expected = scatter.of_frames(scatter.Halves(ids, left, right, white))
    np.testing.assert_array_equal(stored.frame_ids, expected.frame_ids)
    np.testing.assert_allclose(stored.distance, expected.distance, rtol=1e-2)


def test_they_are_measured_once(trained: Made):
    first = indexed(trained)
    again = indexed(trained)
    assert again.checkpoint_id == first.checkpoint_id
    with open_store(trained.path) as db:
        files = [row["file"] for row in db.query("SELECT file FROM checkpoints")]
    folder = checkpoints_folder(trained.path)
    assert sorted(each.name for each in folder.iterdir()) == sorted(files)


def test_an_index_fills_in_the_z_that_an_older_version_did_not_store(trained: Made):
    run = indexed(trained)
    assert run.index is not None
    checkpoint_id = run.index.checkpoint_id
    with open_store(trained.path) as db:
        before = latents.of_checkpoint(db, checkpoint_id)
        db.execute("UPDATE latents SET mean = logvar, z_mean = NULL, z_logvar = NULL")
        assert latents.of_checkpoint(db, checkpoint_id).z is None
        assert latents.missing(db, checkpoint_id, run.dataset_id).tolist() == (
            before.frame_ids.tolist()
        )
    assert indexed(trained).checkpoint_id == checkpoint_id
    with open_store(trained.path) as db:
        after = latents.of_checkpoint(db, checkpoint_id)
    assert before.own_z is not None
    assert after.own_z is not None
    np.testing.assert_array_equal(after.own_z.mean, before.own_z.mean)
    assert not after.mean.any()  # a stored embedding stays as it is


def test_a_model_of_an_older_version_opens_and_its_maps_to_z_are_ignored(trained: Made):
    run = indexed(trained)
    assert run.checkpoint_id is not None
    with open_store(trained.path) as db:
        row = checkpoints.by_id(db, run.checkpoint_id)
    file = checkpoints_folder(trained.path) / row.file
    older = torch.load(file, weights_only=True)
    older["state"]["axes"]["z_by_place"] = torch.zeros(16, 16)
    torch.save(older, file)
    model = checkpoint.load(file).model(torch.device("cpu"))
    assert isinstance(model, FeatureModel)
    assert model.embedding is not None
    np.testing.assert_array_equal(
        model.embedding.discriminants.scalings, older["state"]["axes"]["turn"].numpy()
    )


def test_a_training_goes_on_from_such_a_checkpoint(trained: Made):
    run = indexed(trained)
    job = foreground.run_here(trained.path, TrainJob(run=trained.run_id, epochs=1, index=False))
    # The factory's run has done no step: its one epoch is trained now.
    assert job.state == "done", job.error
    with open_store(trained.path) as db:
        newest = runs.run(db, trained.run_id).checkpoint_id
    assert newest is not None
    assert newest != run.checkpoint_id
    assert model_of(trained, newest).embedding is None  # of weights that are no more


def test_too_few_frames_leave_z_as_it_is(store: Path):
    made = build_store(store, trajectories_count=2, frames=5, model=True, preset="two-level")
    run = indexed(made)
    assert run.checkpoint_id == made.checkpoint_id


def test_the_proof_of_concept_has_none(store: Path):
    made = build_store(store, trajectories_count=4, frames=14, model=True)
    run = indexed(made)
    assert run.checkpoint_id == made.checkpoint_id


@pytest.mark.parametrize("change", ["rolled", "noisy"])
def test_what_a_nuisance_changes_is_measured_and_counts_against_a_direction(
    trained: Made, change: str
):
    with open_store(trained.path) as db:
        job = jobs.enqueue(db, "index", {"run": trained.run_id})
        jobs.claim(db, job.id)
        run = runs.run(db, trained.run_id)
    context = Context(trained.path, job.id)
    reading = split_half.read(context, run, model_of(trained, trained.checkpoint_id))
    assert reading is not None
    none = np.empty((0, reading.features.left.shape[1]), dtype=np.float32)
    changed = getattr(reading.nuisances, change)
    assert changed.any()
    seeing, blind = (
        discriminants.fit_discriminants(
            reading.features, 16, Nuisances(**({"rolled": none, "noisy": none} | {change: each}))
        )
        for each in (none, changed)
    )
    jitter = [np.linalg.norm(changed @ axes.scalings, axis=1).mean() for axes in (seeing, blind)]
    assert jitter[1] < jitter[0]
