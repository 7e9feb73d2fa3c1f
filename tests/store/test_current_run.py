"""The current run: the chosen one, else the newest that is indexed."""

import numpy as np

from morphcore.config import TrainConfig
from morphcore.types import Split
from store import current_run, runs
from store.db import open_store
from tests.factory import Made, add_run


def test_the_newest_indexed_run_is_current_until_another_is_chosen(made: Made) -> None:
    newer = add_run(made, "newer")
    with open_store(made.path) as db:
        nothing = np.array([], dtype=np.int64)
        runs.create(db, made.dataset_id, TrainConfig(), Split("frame", nothing, nothing))
        assert current_run.of(db) == newer  # one that is not indexed cannot be
        current_run.choose(db, made.run_id)
        assert current_run.of(db) == made.run_id
        current_run.choose(db, newer)
        current_run.choose(db, made.run_id)  # again and again
        assert current_run.of(db) == made.run_id


def test_a_deleted_run_is_not_current_and_is_again_when_it_comes_back(made: Made) -> None:
    newer = add_run(made, "newer")
    with open_store(made.path) as db:
        current_run.choose(db, made.run_id)
        runs.bin_(db, made.run_id)
        assert current_run.of(db) == newer
        runs.restore(db, made.run_id)
        assert current_run.of(db) == made.run_id
        runs.delete(db, made.run_id)
        assert current_run.of(db) == newer
        runs.delete(db, newer)
        assert current_run.of(db) is None
