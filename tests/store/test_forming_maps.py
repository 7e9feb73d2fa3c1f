"""Maps of a training: kept by epoch, and gone with what they are of."""

import numpy as np

from store import forming_maps, runs
from store.db import open_store
from store.forming_maps import FormingMap
from tests.factory import Made


def a_map(epoch: int) -> FormingMap:
    coords = np.array([[epoch, 2.5], [0, -1]], dtype=np.float32)
    return FormingMap(epoch, np.array([3, 7]), coords)


def test_the_newest_map_up_to_an_epoch_is_found(made: Made) -> None:
    with open_store(made.path) as db:
        assert forming_maps.newest(db, made.run_id) is None
        for epoch in (0, 4, 9):
            forming_maps.add(db, made.run_id, a_map(epoch))
        found = [forming_maps.newest(db, made.run_id, epoch) for epoch in (None, 4, 8)]
        assert [each.epoch for each in found if each] == [9, 4, 4]
        newest = forming_maps.newest(db, made.run_id)
        assert newest is not None
        np.testing.assert_array_equal(newest.frame_ids, [3, 7])
        np.testing.assert_array_equal(newest.coords, a_map(9).coords)


def test_what_a_resumed_training_lacks_is_forgotten(made: Made) -> None:
    with open_store(made.path) as db:
        for epoch in (2, 5):
            forming_maps.add(db, made.run_id, a_map(epoch))
        runs.forget_after(db, made.run_id, 3)
        newest = forming_maps.newest(db, made.run_id)
        assert newest is not None
        assert newest.epoch == 2
