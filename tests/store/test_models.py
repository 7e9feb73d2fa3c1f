"""Runs, latents, maps, descriptors: what hangs on a model comes back as it went in."""

import json

import numpy as np
import pytest

from morphcore.config import ProjectionConfig
from morphcore.types import EpochMetrics, Latents, Posteriors, Projection
from store import checkpoints, descriptors, evaluations, latents, projections, runs
from store.db import open_store
from tests.evaluated import evaluation
from tests.factory import Made, described


def test_latents_are_little_endian_float32_and_survive_the_round_trip(made: Made) -> None:
    with open_store(made.path) as db:
        checkpoint_id = checkpoints.add(db, made.run_id, epoch=13, file="b.pt", size=1, sha256="0")
        mean = np.random.default_rng(0).standard_normal((2, 16)).astype(np.float32)
        latents.add(db, checkpoint_id, Latents(np.array([2, 1]), mean, -mean))
        (blob,) = db.conn.execute(
            "SELECT mean FROM latents WHERE checkpoint_id = ? AND frame_id = 2", [checkpoint_id]
        ).fetchone()
        assert blob == mean[0].astype("<f4").tobytes()
        back = latents.of_checkpoint(db, checkpoint_id)
    assert back.frame_ids.tolist() == [1, 2]
    assert (back.mean == mean[::-1]).all()
    assert (back.logvar == -mean[::-1]).all()


def test_a_stored_latent_is_never_overwritten(made: Made) -> None:
    with open_store(made.path) as db:
        before = latents.of_checkpoint(db, made.checkpoint_id)
        changed = Latents(before.frame_ids, before.mean + 1, before.logvar)
        latents.add(db, made.checkpoint_id, changed)
        assert (latents.of_checkpoint(db, made.checkpoint_id).mean == before.mean).all()


def test_z_is_stored_beside_an_embedding_of_any_number_of_axes(made: Made) -> None:
    rng = np.random.default_rng(0)
    ids = np.array([2, 1])
    embedding = rng.standard_normal((2, 8)).astype(np.float32)
    z = rng.standard_normal((2, 16)).astype(np.float32)
    stored = Latents(ids, embedding, np.zeros_like(embedding), Posteriors(z, -z))
    with open_store(made.path) as db:
        checkpoint_id = checkpoints.add(
            db, made.run_id, epoch=13, file="b.pt", size=1, sha256="0", has_embedding=True
        )
        latents.add(db, checkpoint_id, stored)
        back = latents.of_checkpoint(db, checkpoint_id)
        assert not latents.lacks_z(db, checkpoint_id)
    assert back.z is not None
    np.testing.assert_array_equal(back.mean, embedding[::-1])
    np.testing.assert_array_equal(back.z.mean, z[::-1])
    np.testing.assert_array_equal(back.z.logvar, -z[::-1])
    first = back.subset(np.array([1]))
    assert first.z is not None
    np.testing.assert_array_equal(first.z.mean, z[:1])


def test_without_an_embedding_of_its_own_z_is_stored_once(made: Made) -> None:
    with open_store(made.path) as db:
        stored = latents.of_checkpoint(db, made.checkpoint_id)
        (count,) = db.execute("SELECT count(z_mean) + count(z_logvar) FROM latents").fetchone()
    assert count == 0
    assert stored.own_z is None
    assert stored.z is not None
    assert stored.z.mean is stored.mean


def test_latents_that_lack_z_are_missing_get_it_and_stay_else_as_they_are(made: Made) -> None:
    with open_store(made.path) as db:
        db.execute("UPDATE checkpoints SET has_embedding = 1")
        before = latents.of_checkpoint(db, made.checkpoint_id)
        assert before.z is None
        assert latents.lacks_z(db, made.checkpoint_id)
        ids = latents.missing(db, made.checkpoint_id, made.dataset_id)
        assert ids.tolist() == before.frame_ids.tolist()
        z = Posteriors(before.mean[:, :3] + 1, before.mean[:, :3])
        first = Latents(ids, before.mean + 1, before.logvar, z).subset(np.arange(5))
        latents.add(db, made.checkpoint_id, first)
        assert latents.missing(db, made.checkpoint_id, made.dataset_id).tolist() == ids[5:].tolist()
        assert latents.of_checkpoint(db, made.checkpoint_id).z is None  # of all frames or of none
        latents.add(db, made.checkpoint_id, Latents(ids, before.mean + 1, before.logvar, z))
        after = latents.of_checkpoint(db, made.checkpoint_id)
        assert not latents.lacks_z(db, made.checkpoint_id)
    np.testing.assert_array_equal(after.mean, before.mean)
    assert after.z is not None
    np.testing.assert_array_equal(after.z.mean, z.mean)


def test_missing_names_what_is_left_to_encode(made: Made) -> None:
    with open_store(made.path) as db:
        assert len(latents.missing(db, made.checkpoint_id, made.dataset_id)) == 0
        db.execute("DELETE FROM latents WHERE frame_id IN (3, 4)")
        left = latents.missing(db, made.checkpoint_id, made.dataset_id)
        assert left.tolist() == [3, 4]


def test_a_run_carries_its_settings_its_split_and_where_it_stands(made: Made) -> None:
    with open_store(made.path) as db:
        run = runs.run(db, made.run_id)
        split = runs.split(db, made.run_id)
        epochs = runs.epochs(db, made.run_id)
    assert run.config.split == split.by == "trajectory"
    assert (run.epochs, run.indexed_frames, run.checkpoint_id) == (12, 120, made.checkpoint_id)
    assert run.neg_elbo_nats == pytest.approx(epochs[-1].held_out_neg_elbo_nats)
    assert len(split.held_out) == 20
    assert not set(split.held_out.tolist()) & set(split.training.tolist())


def test_latents_are_counted_without_reading_their_vectors(made: Made) -> None:
    with open_store(made.path) as db:
        asked: list[str] = []
        db.conn.set_trace_callback(asked.append)
        runs.all_runs(db)
        db.conn.set_trace_callback(None)
        (sql,) = (each for each in asked if "count(*)" in each)
        plan = [row[3] for row in db.conn.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert any("latents_checkpoint" in step for step in plan), plan


def test_an_older_index_stays_in_use_until_a_newer_one_is_whole(made: Made) -> None:
    with open_store(made.path) as db:
        old = runs.run(db, made.run_id)
        runs.add_epoch(db, made.run_id, EpochMetrics(13, 99.0, 1e-4, 1.0, 1.0, 2.0, 3.0, 4.0))
        newest = checkpoints.add(db, made.run_id, epoch=13, file="new.pt", size=1, sha256="1" * 64)
        stored = latents.of_checkpoint(db, made.checkpoint_id)
        for count in (0, 100, 120):
            part = Latents(stored.frame_ids[:count], stored.mean[:count], stored.logvar[:count])
            latents.add(db, newest, part)
            run = runs.run(db, made.run_id)
            assert (run.epochs, run.neg_elbo_nats, run.checkpoint_id) == (13, 7.0, newest)
            whole = count == 120
            assert run.index == runs.Index(
                checkpoint_id=newest if whole else made.checkpoint_id,
                epoch=13 if whole else 12,
                neg_elbo_nats=7.0 if whole else old.neg_elbo_nats,
                frames=120,
            )


def test_an_epoch_done_again_replaces_the_first(made: Made) -> None:
    again = EpochMetrics(12, 99.0, 1e-4, 1.0, 1.0, 2.0, 3.0, 4.0)
    with open_store(made.path) as db:
        runs.add_epoch(db, made.run_id, again)
        assert runs.epochs(db, made.run_id)[-1] == again
        assert len(runs.epochs(db, made.run_id)) == 12


def test_strips_are_found_by_epoch_or_the_newest(made: Made) -> None:
    with open_store(made.path) as db:
        assert runs.reconstruction_grid(db, made.run_id) is None
        for epoch in (1, 5):
            runs.add_reconstruction_grid(
                db, made.run_id, runs.ReconstructionGrid(epoch, [1, 2], bytes([epoch]))
            )
        assert runs.reconstruction_grid_epochs(db, made.run_id) == [1, 5]
        newest, first = (
            runs.reconstruction_grid(db, made.run_id),
            runs.reconstruction_grid(db, made.run_id, 1),
        )
    assert newest is not None
    assert newest.png == b"\x05"
    assert first == runs.ReconstructionGrid(1, [1, 2], b"\x01")


def test_an_unindexed_older_checkpoint_is_dropped_and_an_indexed_one_stays(made: Made) -> None:
    with open_store(made.path) as db:
        for epoch in (13, 14, 15):  # the newest two stay
            file = f"e{epoch}.pt"
            checkpoints.add(db, made.run_id, epoch=epoch, file=file, size=1, sha256="0")
        assert checkpoints.drop_unused(db, made.run_id) == ["e13.pt"]
        assert checkpoints.by_id(db, made.checkpoint_id).epoch == 12


def test_maps_are_stored_once_and_come_back(made: Made) -> None:
    projection = Projection(np.array([5, 9]), np.array([[0.5, -1], [2, 3]], dtype=np.float32))
    config = ProjectionConfig(method="tsne", every=7)
    with open_store(made.path) as db:
        first = projections.add(db, made.checkpoint_id, config, projection)
        assert projections.add(db, made.checkpoint_id, config, projection) == first
        back = projections.points(db, first)
        stored = projections.of_checkpoint(db, made.checkpoint_id)[-1]
    assert (back.frame_ids.tolist(), back.coords.tolist()) == ([5, 9], [[0.5, -1], [2, 3]])
    assert (stored.config, stored.points) == (config, 2)


def test_descriptors_keep_an_infinite_length_and_are_not_overwritten(made: Made) -> None:
    with open_store(made.path) as db:
        stored = descriptors.of_dataset(db, made.dataset_id)
        assert np.isinf(stored.length).sum() == 6  # the first frame of each
        ones = np.ones(1, dtype=np.float32)
        descriptors.add(db, described(stored.frame_ids[:1], ones * 0.25, ones))
        assert np.isinf(descriptors.of_dataset(db, made.dataset_id).length[0])
        assert len(descriptors.missing(db, made.dataset_id)) == 0


def test_the_newest_evaluation_wins_and_the_older_stay(made: Made) -> None:
    with open_store(made.path) as db:
        assert evaluations.newest_whole(db, made.checkpoint_id) is None
        evaluations.add(db, made.checkpoint_id, evaluation(twins=False))
        added = evaluations.add(db, made.checkpoint_id, evaluation())
        newest = evaluations.newest_whole(db, made.checkpoint_id)
        assert newest is not None
        assert (newest.id, newest.checkpoint_id) == (added, made.checkpoint_id)
        assert newest.evaluation == evaluation()
        assert db.table("evaluations").count == 2


def test_an_evaluation_is_found_behind_what_the_demo_measured_later(made: Made) -> None:
    with open_store(made.path) as db:
        evaluations.add_figures(db, made.checkpoint_id, {"same_params@1": 0.1})
        assert evaluations.newest_whole(db, made.checkpoint_id) is None
        evaluations.add(db, made.checkpoint_id, evaluation())
        evaluations.add_figures(db, made.checkpoint_id, {"same_params@1": 0.2})
        newest = evaluations.newest_whole(db, made.checkpoint_id)
        assert newest is not None
        assert newest.evaluation == evaluation()
        rows = [json.loads(row["metrics"]) for row in db.table("evaluations").rows]
    assert rows == [{"same_params@1": 0.1}, evaluation().to_json(), {"same_params@1": 0.2}]


def test_an_unknown_run_lists_those_that_there_are(made: Made) -> None:
    with open_store(made.path) as db, pytest.raises(runs.UnknownRun, match=f"are: {made.run_id}"):
        runs.run(db, 77)
