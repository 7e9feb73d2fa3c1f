"""The same queries under several embeddings."""

import numpy as np

from analysis.retrieval_examples import retrieval_examples
from store import descriptors, runs, trajectories
from store.db import open_store
from tests.factory import Made, build_store


def test_neighbours_are_of_other_trajectories_and_the_nearest_there(store):
    made: Made = build_store(store)
    examples = retrieval_examples(store, made.run_id, seed=0)
    assert len(examples) == 3
    with open_store(store) as db:
        table = trajectories.frame_table(db, made.dataset_id)
        measured = descriptors.of_dataset(db, made.dataset_id)
        held_out = runs.split(db, made.run_id).held_out
    owner = dict(zip(table.frame_ids.tolist(), table.trajectory_ids.tolist(), strict=True))
    unseparated = set(table.frame_ids[table.unseparated].tolist())
    row_of = {frame_id: row for row, frame_id in enumerate(measured.frame_ids.tolist())}
    axes = np.stack([measured.fraction, np.log(measured.length)], axis=1).astype(float)
    usable = np.isfinite(axes).all(axis=1)
    axes /= axes[usable].std(axis=0)
    for example in examples:
        assert example.query in held_out
        assert set(example.neighbours) == {"the model", "area fraction and L", "all descriptors"}
        for ids in example.neighbours.values():
            assert len(set(ids)) == 3
            assert not {owner[id] for id in ids} & {owner[example.query]}
            assert not set(ids) & unseparated
        others = [id for id in row_of if owner[id] != owner[example.query] and usable[row_of[id]]]
        apart = {
            id: float(np.linalg.norm(axes[row_of[id]] - axes[row_of[example.query]]))
            for id in others
        }
        nearest = min(apart.values())
        assert apart[example.neighbours["area fraction and L"][0]] <= nearest + 1e-6
    assert retrieval_examples(store, made.run_id, seed=0) == examples
    assert [example.query for example in retrieval_examples(store, made.run_id, seed=1)] != [
        example.query for example in examples
    ]
