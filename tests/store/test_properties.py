from pathlib import Path

import numpy as np

from store import datasets, properties, trajectories
from store.db import open_store
from store.properties import Property
from tests.factory import Made, trajectory


def _first(made: Made) -> tuple[list[int], list[int]]:
    """The first two trajectories, and the frames of the first."""
    with open_store(made.path) as db:
        infos = trajectories.trajectories(db, made.dataset_id)
        frames = trajectories.frame_ids_of(db, infos[0].id)
        return [info.id for info in infos[:2]], frames.tolist()


def test_numbers_and_words_of_frames_come_back_by_frame(made: Made) -> None:
    _, frames = _first(made)
    with open_store(made.path) as db:
        assert properties.of_dataset(db, made.dataset_id) == []
        properties.put(db, made.dataset_id, "JSC", {frames[0]: -80.0, frames[2]: -60.5})
        properties.put(db, made.dataset_id, "batch", {frames[0]: "b", frames[1]: "a"})
        assert properties.of_dataset(db, made.dataset_id) == [
            Property("batch", "frame", 2, None, None, ("a", "b")),
            Property("JSC", "frame", 2, -80.0, -60.5),
        ]
        jsc = properties.values(db, made.dataset_id, "JSC")
        table = trajectories.frame_table(db, made.dataset_id)
        assert properties.of_frame(db, frames[0]) == {"JSC": -80.0, "batch": "b"}
    assert jsc is not None
    assert jsc.frame_ids.tolist() == table.frame_ids.tolist()
    known = np.isfinite(jsc.values)
    assert dict(zip(jsc.frame_ids[known].tolist(), jsc.values[known].tolist(), strict=True)) == {
        frames[0]: -80.0,
        frames[2]: -60.5,
    }


def test_a_trajectorys_value_holds_for_its_frames_and_a_frames_own_wins(made: Made) -> None:
    (first, _), frames = _first(made)
    with open_store(made.path) as db:
        properties.put_of_trajectory(db, first, {"E": 3.0, "operator": "NN"})
        properties.put(db, made.dataset_id, "E", {frames[1]: 4.0})
        known = properties.all_values(db, made.dataset_id)
        levels = {each.name: each.level for each in properties.of_dataset(db, made.dataset_id)}
        info = trajectories.frame_info(db, frames[0]).trajectory
        own = properties.of_frame(db, frames[1]), properties.of_frame(db, frames[2])
    row = dict(zip(known["E"].frame_ids.tolist(), known["E"].values.tolist(), strict=True))
    assert [row[frame] for frame in frames[:3]] == [3.0, 4.0, 3.0]
    assert np.isfinite(known["E"].values).sum() == len(frames)
    assert levels == {"E": "both", "operator": "trajectory"}
    assert (info.params["E"], info.labels["operator"]) == (3.0, "NN")
    assert info.params["phi"] == 0.5  # kept
    assert own == ({"E": 4.0, "operator": "NN"}, {"E": 3.0, "operator": "NN"})


def test_numbers_and_words_mixed_are_words(made: Made) -> None:
    _, frames = _first(made)
    with open_store(made.path) as db:
        properties.put(db, made.dataset_id, "state", {frames[0]: 2.0, frames[1]: "dry"})
        known = properties.values(db, made.dataset_id, "state")
    assert known is not None
    assert known.classes == ("2", "dry")


def test_parameters_of_a_simulation_are_no_properties(store: Path) -> None:
    made = trajectory("one", frames=3)
    made = type(made)("one", made.frames, made.times, {"phi": 0.5, "chi": 2.0, "realisation": 1.0})
    with open_store(store) as db:
        dataset_id = datasets.create(db, "set", "simulated", {})
        trajectories.add(db, dataset_id, made)
        assert properties.of_dataset(db, dataset_id) == []


def test_values_are_replaced_and_deleted_and_each_change_has_another_version(made: Made) -> None:
    (_first_id, second), frames = _first(made)
    versions = []
    with open_store(made.path) as db:

        def changed() -> None:
            versions.append(properties.version(db, made.dataset_id))

        changed()
        properties.put(db, made.dataset_id, "E", {frames[0]: 1.0})
        changed()
        properties.put(db, made.dataset_id, "E", {frames[0]: 2.0})
        changed()
        assert properties.of_frame(db, frames[0]) == {"E": 2.0}
        properties.put_of_trajectory(db, second, {"E": 5.0})
        changed()
        properties.put_of_trajectory(db, second, {"E": "soft"})  # no number beside its word
        changed()
        assert "E" not in trajectories.trajectories(db, made.dataset_id)[1].params
        properties.delete(db, made.dataset_id, "E")
        changed()
        assert properties.of_dataset(db, made.dataset_id) == []
        assert properties.values(db, made.dataset_id, "E") is None
    assert len(set(versions)) == len(versions)


def test_properties_go_with_their_data_set_and_are_of_no_other(made: Made) -> None:
    _, frames = _first(made)
    with open_store(made.path) as db:
        other = datasets.create(db, "other", "imported", {})
        trajectories.add(db, other, trajectory("one", frames=3))
        properties.put(db, made.dataset_id, "E", {frames[0]: 1.0})
        assert properties.of_dataset(db, other) == []
        datasets.delete(db, made.dataset_id)
        assert db.execute("SELECT count(*) FROM frame_properties").fetchone() == (0,)


def test_properties_of_several_data_sets_are_joined_by_name(made: Made) -> None:
    with open_store(made.path) as db:
        other = datasets.create(db, "other", "imported", {})
        one = trajectories.add(db, other, trajectory("one", frames=3))
        frames = trajectories.frame_ids_of(db, one).tolist()
        properties.put(db, made.dataset_id, "E", {1: 1.0})
        properties.put(db, made.dataset_id, "state", {1: 2.0})
        properties.put(db, other, "E", {frames[1]: 5.0})
        properties.put(db, other, "state", {frames[0]: "dry"})
        properties.put(db, other, "F", {frames[2]: 7.0})
        sets = [properties.all_values(db, each) for each in (made.dataset_id, other)]
    known = properties.joined(sets)
    assert list(known) == ["E", "F", "state"]

    def of(name: str) -> dict[int, float]:
        there = np.isfinite(known[name].values)
        ids, values = known[name].frame_ids[there], known[name].values[there]
        return dict(zip(ids.tolist(), values.tolist(), strict=True))

    assert of("E") == {1: 1.0, frames[1]: 5.0}
    assert of("F") == {frames[2]: 7.0}
    assert known["state"].classes == ("2", "dry")
    assert of("state") == {1: 0.0, frames[0]: 1.0}
