"""The nats job: what training would report, once a frame, for the frames that are indexed."""

import numpy as np
import pytest
import torch

from jobs import foreground, reconstruction_error
from jobs.specs import ReconstructionErrorJob
from morphcore.embedding import encoding
from morphcore.training import checkpoint
from store import checkpoints, latents, recon_nats, trajectories
from store.db import checkpoints_folder, open_store
from tests.factory import Made, build_store


@pytest.fixture
def trained(store) -> Made:
    return build_store(store, trajectories_count=2, frames=8, model=True)


def test_every_indexed_frame_gets_its_nats_once(trained: Made, monkeypatch) -> None:
    monkeypatch.setattr(reconstruction_error, "CHUNK", 5)
    with open_store(trained.path) as db, db.atomic():
        db.execute("DELETE FROM latents WHERE frame_id = 3")
    first = foreground.run_here(trained.path, ReconstructionErrorJob(run=trained.run_id), None)
    assert first.state == "done", first.error
    assert (first.result or {})["frames"] == 15
    with open_store(trained.path) as db:
        stored = recon_nats.of_checkpoint(db, trained.checkpoint_id)
        indexed = latents.of_checkpoint(db, trained.checkpoint_id).frame_ids
        row = checkpoints.by_id(db, trained.checkpoint_id)
        packed = trajectories.packed(db, stored.frame_ids[:5]).one_size
    assert stored.frame_ids.tolist() == indexed.tolist()
    model = checkpoint.load_model(
        checkpoints_folder(trained.path) / row.file, row.sha256, torch.device("cpu")
    )
    expected = encoding.frame_elbo(model, packed, seed=reconstruction_error.SEED).recon
    assert stored.nats[:5] == pytest.approx(expected, rel=1e-4)
    assert np.isfinite(stored.nats).all()
    again = foreground.run_here(trained.path, ReconstructionErrorJob(run=trained.run_id), None)
    assert (again.result or {})["frames"] == 0


def test_a_run_without_latents_is_told_to_be_indexed(made: Made) -> None:
    with open_store(made.path) as db, db.atomic():
        db.execute("DELETE FROM latents")
    job = foreground.run_here(made.path, ReconstructionErrorJob(run=made.run_id), None)
    assert job.state == "failed"
    assert "index it first" in (job.error or "")
