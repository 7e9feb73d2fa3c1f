import numpy as np

from morphcore.types import ReconstructionError
from store import datasets, recon_nats
from store.db import open_store
from tests.factory import Made


def test_what_is_added_comes_back_and_stays_as_it_is(made: Made) -> None:
    first = ReconstructionError(np.array([3, 9]), np.array([50.5, 1250.25], dtype=np.float32))
    with open_store(made.path) as db:
        assert len(recon_nats.of_checkpoint(db, made.checkpoint_id).frame_ids) == 0
        recon_nats.add(db, made.checkpoint_id, first)
        recon_nats.add(db, made.checkpoint_id, ReconstructionError(first.frame_ids, first.nats * 2))
        stored = recon_nats.of_checkpoint(db, made.checkpoint_id)
        assert recon_nats.count(db, made.checkpoint_id) == 2
        assert len(recon_nats.missing(db, made.checkpoint_id)) == 118
    assert stored.frame_ids.tolist() == [3, 9]
    assert stored.nats.tolist() == [50.5, 1250.25]


def test_it_goes_with_its_data_set(made: Made) -> None:
    with open_store(made.path) as db:
        errors = ReconstructionError(np.array([3]), np.ones(1, dtype=np.float32))
        recon_nats.add(db, made.checkpoint_id, errors)
        datasets.delete(db, made.dataset_id)
        assert db.conn.execute("SELECT count(*) FROM recon_nats").fetchone()[0] == 0
