"""The evaluate job on a small store: what it finds, keeps and says."""

from pathlib import Path

import numpy as np
import pytest

from jobs import runner
from store import datasets as dataset_table
from store import evaluations, runs, trajectories
from store.db import open_store
from tests.factory import Made, build_store, trajectory


@pytest.fixture
def modelled(store: Path) -> Made:
    return build_store(store, trajectories_count=4, frames=16, model=True)


def add_twins(made: Made) -> None:
    """One more trajectory of every cell, of other noise."""
    with open_store(made.path) as db:
        infos = trajectories.trajectories(db, made.dataset_id)
        for info in infos:
            db.execute("UPDATE trajectories SET cell = ? WHERE id = ?", [f"{info.phi}", info.id])
        db.conn.commit()
        twins = dataset_table.create(db, "twins", "simulated", {}, made.dataset_id)
        for number, info in enumerate(infos):
            film = trajectory(info.name, phi=info.phi or 0.5, frames=6, seed=50 + number)
            added = trajectories.add(db, twins, film)
            db.execute("UPDATE trajectories SET cell = ? WHERE id = ?", [f"{info.phi}", added])
        db.conn.commit()


def test_a_run_is_judged_beside_the_baselines_and_it_is_kept(modelled: Made):
    add_twins(modelled)
    heard: list[float] = []
    job = runner.run_here(
        modelled.path, "evaluate", {"run": modelled.run_id}, lambda each: heard.append(each.share)
    )
    assert job.state == "done", job.error
    result = job.result or {}
    names = {
        "twin@1",
        "twin@5",
        "D@5",
        "topology@5",
        "r2_log_L",
        "roll@1",
        "mirror@1",
        "neg_elbo_nats",
    }
    assert names <= set(result["metrics"])
    assert {"random", "pixels", "f_logL", "descriptors"} <= set(result["baselines"])
    assert result["baselines"]["descriptors"]["roll@1"] == 1.0
    assert result["split"]["by"] == "trajectory"
    assert not result["split"]["leaking"]
    low, high = result["intervals"]["twin@5"]
    assert 0 <= low <= result["metrics"]["twin@5"] <= high <= 1
    assert heard == sorted(heard)
    with open_store(modelled.path) as db:
        kept = evaluations.newest_whole(db, modelled.checkpoint_id)
        evaluations.add(db, modelled.checkpoint_id, {"same_params@1": 0.5})  # as the demo does
        still = evaluations.newest_whole(db, modelled.checkpoint_id)
    assert kept == still
    assert kept is not None
    assert kept.metrics["metrics"] == result["metrics"]
    assert len(kept.metrics["latent"]["kl_nats"]) == 16
    assert sum(each["frames"] for each in kept.metrics["nats_by_length"]) > 0

    again = runner.run_here(modelled.path, "evaluate", {"run": modelled.run_id, "seed": 0}, None)
    assert (again.result or {})["metrics"] == result["metrics"]


def test_without_twins_it_says_how_to_make_them(modelled: Made):
    job = runner.run_here(modelled.path, "evaluate", {"run": modelled.run_id}, None)
    assert job.state == "done", job.error
    result = job.result or {}
    assert "twin@5" not in result["metrics"]
    assert any('simulate --twins "blobs"' in note for note in result["notes"])


def test_real_frames_are_queries(modelled: Made, tmp_path: Path):
    folder = tmp_path / "real"
    folder.mkdir()
    film = trajectory("photo", phi=0.52, frames=4, seed=9)
    np.save(folder / "photo.npy", film.frames[1:])
    args = {"run": modelled.run_id, "frames": str(folder)}
    job = runner.run_here(modelled.path, "evaluate", args, None)
    assert job.state == "done", job.error
    metrics = (job.result or {})["metrics"]
    assert metrics["real"]["frames"] == 3
    assert metrics["real"]["abs_df"] >= 0


def test_what_cannot_be_judged_is_told(modelled: Made, tmp_path: Path):
    args = {"run": modelled.run_id, "frames": str(tmp_path / "nowhere")}
    assert runner.run_here(modelled.path, "evaluate", args, None).state == "failed"
    with open_store(modelled.path) as db:
        db.execute("DELETE FROM latents")
        db.conn.commit()
        assert runs.run(db, modelled.run_id).indexed_id is None
    job = runner.run_here(modelled.path, "evaluate", {"run": modelled.run_id}, None)
    assert "index it first" in (job.error or "")
