"""The table of data sets names the models that were trained on each, and those that look at it."""

from store import attached, datasets, runs
from store.db import open_store
from tests.factory import Made
from ui.datasets import view


def test_models_that_look_at_a_data_set_are_named(made: Made) -> None:
    with open_store(made.path) as db:
        name = runs.run(db, made.run_id).name
        other = datasets.create(db, "own films", "imported", {})
        attached.attach(db, made.checkpoint_id, other, "one")
    assert view.models_by_dataset(made.path) == {
        made.dataset_id: [name],
        other: [f"attached to {name}"],
    }
