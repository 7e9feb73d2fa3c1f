"""Replicates: what an index learns chance from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from jobs import foreground
from jobs.index import replicates
from jobs.specs import IndexJob
from morphcore.descriptors.measure import measure
from morphcore.models.base import FeatureModel
from morphcore.statistics.feature_embedding import FeatureEmbedding
from morphcore.training import checkpoint
from store import checkpoints, datasets, descriptors, jobs, latents, runs, trajectories
from store.db import checkpoints_folder, open_store
from tests.factory import Made, build_store, trajectory

CELLS, FRAMES, REALISATIONS = 6, 8, 3


def add_replicates(made: Made) -> int:
    """Further realisations of every cell of the store's data set; the id of their data set."""
    with open_store(made.path) as db:
        dataset_id = datasets.create(
            db, "blobs replicates", "simulated", {}, replicates_of=made.dataset_id
        )
        for info in trajectories.trajectories(db, made.dataset_id):
            assert info.phi is not None
            assert info.chi is not None
            for number in range(REALISATIONS):
                one = trajectory(
                    f"{info.name}-replicate{number}",
                    phi=info.phi,
                    chi=info.chi,
                    frames=FRAMES,
                    seed=1000 + 10 * info.id + number,
                )
                trajectories.add(db, dataset_id, replace(one, cell=info.cell))
        table = trajectories.frame_table(db, dataset_id)
        bits = trajectories.packed(db, table.frame_ids).one_size.bits()
        descriptors.add(db, measure(table.frame_ids, bits))
    return dataset_id


@pytest.fixture
def made(store: Path) -> Made:
    """A store whose run has a two-level model, no latents, and a cell a trajectory."""
    built = build_store(
        store, trajectories_count=CELLS, frames=FRAMES, model=True, preset="two-level"
    )
    with open_store(store) as db, db.atomic():
        db.execute("DELETE FROM latents")
        db.execute("UPDATE trajectories SET cell = name")
    return built


def index(made: Made) -> tuple[runs.Run, FeatureEmbedding | None]:
    """Index the run; it and its model's embedding."""
    job = foreground.run_here(made.path, IndexJob(run=made.run_id))
    assert job.state == "done", job.error
    with open_store(made.path) as db:
        run = runs.run(db, made.run_id)
        assert run.index is not None
        row = checkpoints.by_id(db, run.index.checkpoint_id)
    model = checkpoint.load_model(
        checkpoints_folder(made.path) / row.file, row.sha256, torch.device("cpu")
    )
    assert isinstance(model, FeatureModel)
    return run, model.embedding


def test_frames_are_of_training_cells_alone_and_of_all_their_realisations(made: Made):
    add_replicates(made)
    with open_store(made.path) as db:
        run = runs.run(db, made.run_id)
        held_out = set(runs.split(db, made.run_id).held_out.tolist())
        table = trajectories.frame_table(db, made.dataset_id)
    frames = replicates.of_run(made.path, run)
    assert frames is not None
    held = {
        owner
        for id, owner in zip(table.frame_ids.tolist(), table.trajectory_ids.tolist(), strict=True)
        if id in held_out
    }
    known = frames.known
    assert held
    assert not held & set(known.trajectories.tolist())
    assert len(np.unique(known.cells)) == CELLS - len(held)
    of_cell = [len(np.unique(known.trajectories[known.cells == c])) for c in np.unique(known.cells)]
    assert of_cell == [1 + REALISATIONS] * (CELLS - len(held))
    assert len(frames.packed) == len(known)


def test_without_replicates_chance_is_estimated_from_halves(made: Made):
    with open_store(made.path) as db:
        assert replicates.of_run(made.path, runs.run(db, made.run_id)) is None
    _, embedding = index(made)
    assert embedding is not None
    assert (embedding.learnt_from, embedding.realisations) == ("halves", 0)
    assert embedding.scattering


def test_with_replicates_the_embedding_and_its_ratio_are_learnt_from_them(made: Made):
    add_replicates(made)
    run, embedding = index(made)
    assert embedding is not None
    assert embedding.learnt_from == "replicates"
    assert embedding.realisations == embedding.cells * (1 + REALISATIONS)
    assert embedding.ratio is not None
    assert run.index is not None
    with open_store(made.path) as db:
        stored = latents.of_checkpoint(db, run.index.checkpoint_id)
    assert stored.mean.shape[1] == embedding.discriminants.scalings.shape[1]
    assert stored.z is not None
    assert stored.z.mean.shape[1] == 16


def test_replicates_that_come_later_give_another_embedding_once_and_its_stages_count_them(
    made: Made,
):
    assert replicates.count(made.path, made.dataset_id) == 0
    first, by_halves = index(made)
    add_replicates(made)
    assert replicates.count(made.path, made.dataset_id) == CELLS * FRAMES * (1 + REALISATIONS)
    second, embedding = index(made)
    assert by_halves is not None
    assert embedding is not None
    assert (by_halves.learnt_from, embedding.learnt_from) == ("halves", "replicates")
    assert second.checkpoint_id != first.checkpoint_id
    with open_store(made.path) as db:
        later, earlier = jobs.all_jobs(db)[:2]
    assert [stage.key for stage in earlier.stages] == ["halves", "axes", "encode"]
    assert [stage.key for stage in later.stages] == ["halves", "realisations", "axes", "encode"]
    assert {stage.state for stage in (*earlier.stages, *later.stages)} == {"done"}
    third, _ = index(made)
    assert third.checkpoint_id == second.checkpoint_id
