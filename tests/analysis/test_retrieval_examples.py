"""The same queries under several embeddings."""

import numpy as np

from analysis.retrieval_examples import retrieval_examples
from store import descriptors, runs, trajectories
from store.db import open_store
from tests.factory import Made, build_store


def test_neighbours_are_of_other_trajectories_and_the_nearest_there(store):
    made: Made = build_store(store)
    found = retrieval_examples(store, made.run_id, seed=0)
    assert len(found) == 3
    with open_store(store) as db:
        table = trajectories.frame_table(db, made.dataset_id)
        known = descriptors.of_dataset(db, made.dataset_id)
        held_out = runs.split(db, made.run_id).held_out
    owner = dict(zip(table.frame_ids.tolist(), table.trajectory_ids.tolist(), strict=True))
    bare = set(table.frame_ids[table.unseparated].tolist())
    place = {frame_id: row for row, frame_id in enumerate(known.frame_ids.tolist())}
    axes = np.stack([known.fraction, np.log(known.length)], axis=1).astype(float)
    usable = np.isfinite(axes).all(axis=1)
    axes /= axes[usable].std(axis=0)
    for each in found:
        assert each.query in held_out
        assert set(each.neighbours) == {"the model", "fraction and L", "all descriptors"}
        for ids in each.neighbours.values():
            assert len(set(ids)) == 3
            assert not {owner[id] for id in ids} & {owner[each.query]}
            assert not set(ids) & bare
        others = [id for id in place if owner[id] != owner[each.query] and usable[place[id]]]
        apart = {
            id: float(np.linalg.norm(axes[place[id]] - axes[place[each.query]])) for id in others
        }
        nearest = min(apart.values())
        assert apart[each.neighbours["fraction and L"][0]] <= nearest + 1e-6
    assert retrieval_examples(store, made.run_id, seed=0) == found
    assert [each.query for each in retrieval_examples(store, made.run_id, seed=1)] != [
        each.query for each in found
    ]
