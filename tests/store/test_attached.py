"""Attached data sets: latents apart from a run's own, and gone with what they hang on."""

import numpy as np
import pytest
from sqlite_utils import Database

from morphcore.types import Latents, Posteriors
from store import attached, datasets, latents, runs, trajectories
from store.db import open_store
from tests.factory import Made, trajectory


def _attach(db: Database, made: Made) -> tuple[int, np.ndarray]:
    """A data set "film" of five frames, attached by a factor; its id and its frames."""
    dataset_id = datasets.create(db, "film", "imported", {})
    trajectory_id = trajectories.add(db, dataset_id, trajectory("a", frames=5, seed=3))
    ids = trajectories.frame_ids_of(db, trajectory_id)
    attached.attach(db, made.checkpoint_id, dataset_id, "factor", 0.5)
    return dataset_id, ids


def _latents(ids: np.ndarray) -> Latents:
    mean = np.arange(len(ids) * 4, dtype=np.float32).reshape(-1, 4)
    return Latents(ids, mean, -mean)


def test_what_is_added_comes_back_and_is_not_among_the_runs_own(made: Made):
    with open_store(made.path) as db:
        before = latents.of_checkpoint(db, made.checkpoint_id)
        dataset_id, ids = _attach(db, made)
        assert attached.missing(db, made.checkpoint_id, dataset_id).tolist() == ids.tolist()
        made_of = _latents(ids[:3])
        attached.add(db, made.checkpoint_id, dataset_id, made_of, np.full(3, 0.5))
        assert attached.missing(db, made.checkpoint_id, dataset_id).tolist() == ids[3:].tolist()
        stored = attached.latents_of(db, made.checkpoint_id, dataset_id)
        np.testing.assert_array_equal(stored.latents.mean, made_of.mean)
        np.testing.assert_array_equal(stored.latents.logvar, made_of.logvar)
        assert stored.factors.tolist() == [0.5] * 3
        (attachment,) = attached.of_checkpoint(db, made.checkpoint_id)
        assert (attachment.dataset, attachment.how, attachment.factor, attachment.frames) == (
            "film",
            "factor",
            0.5,
            3,
        )
        after = latents.of_checkpoint(db, made.checkpoint_id)
        np.testing.assert_array_equal(after.frame_ids, before.frame_ids)
        assert runs.run(db, made.run_id).indexed_frames == len(before.frame_ids)


def test_z_of_attached_frames_is_filled_in_where_it_lacks(made: Made):
    with open_store(made.path) as db:
        dataset_id, ids = _attach(db, made)
        encoded = _latents(ids)
        attached.add(db, made.checkpoint_id, dataset_id, encoded, np.full(5, 0.5))
        db.execute("UPDATE checkpoints SET has_embedding = 1")
        assert attached.latents_of(db, made.checkpoint_id, dataset_id).latents.z is None
        assert attached.missing(db, made.checkpoint_id, dataset_id).tolist() == ids.tolist()
        z = Posteriors(encoded.mean[:, :2], encoded.mean[:, :2])
        with_z = Latents(ids, encoded.mean + 1, encoded.logvar, z)
        attached.add(db, made.checkpoint_id, dataset_id, with_z, np.full(5, 0.5))
        assert not len(attached.missing(db, made.checkpoint_id, dataset_id))
        stored = attached.latents_of(db, made.checkpoint_id, dataset_id).latents
    np.testing.assert_array_equal(stored.mean, encoded.mean)
    assert stored.z is not None
    np.testing.assert_array_equal(stored.z.mean, z.mean)


def test_the_same_scale_again_keeps_latents_and_another_one_replaces_them(made: Made):
    with open_store(made.path) as db:
        dataset_id, ids = _attach(db, made)
        attached.add(db, made.checkpoint_id, dataset_id, _latents(ids), np.full(5, 0.5))
        attached.attach(db, made.checkpoint_id, dataset_id, "factor", 0.5)
        assert not len(attached.missing(db, made.checkpoint_id, dataset_id))
        attached.attach(db, made.checkpoint_id, dataset_id, "one")
        assert len(attached.missing(db, made.checkpoint_id, dataset_id)) == 5


@pytest.mark.parametrize("what", ["data set", "run", "detached"])
def test_nothing_is_left_of_what_is_gone(made: Made, what: str):
    with open_store(made.path) as db:
        dataset_id, ids = _attach(db, made)
        attached.add(db, made.checkpoint_id, dataset_id, _latents(ids), np.full(5, 0.5))
        if what == "data set":
            datasets.delete(db, dataset_id)
        elif what == "run":
            runs.delete(db, made.run_id)
        else:
            attached.detach(db, made.run_id, dataset_id)
    with open_store(made.path) as db:
        for table in ("attached_datasets", "attached_latents"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0
