import numpy as np

from morphcore.types import Scatter
from store import datasets, scatter
from store.db import open_store
from tests.factory import Made


def test_what_is_added_comes_back_and_stays_as_it_is(made: Made) -> None:
    first = Scatter(np.array([3, 9]), np.array([0.5, 1.25], dtype=np.float32))
    with open_store(made.path) as db:
        assert len(scatter.of_checkpoint(db, made.checkpoint_id).frame_ids) == 0
        scatter.add(db, made.checkpoint_id, first)
        scatter.add(db, made.checkpoint_id, Scatter(first.frame_ids, first.distance * 2))
        stored = scatter.of_checkpoint(db, made.checkpoint_id)
    assert stored.frame_ids.tolist() == [3, 9]
    assert stored.distance.tolist() == [0.5, 1.25]


def test_it_goes_with_its_data_set(made: Made) -> None:
    with open_store(made.path) as db:
        distances = Scatter(np.array([3]), np.ones(1, dtype=np.float32))
        scatter.add(db, made.checkpoint_id, distances)
        datasets.delete(db, made.dataset_id)
        assert db.conn.execute("SELECT count(*) FROM scatter").fetchone()[0] == 0
