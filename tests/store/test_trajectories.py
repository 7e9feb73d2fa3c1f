import dataclasses
from pathlib import Path

import numpy as np
import pytest

from morphcore import frames
from morphcore.types import Rejection, Source
from store import datasets, trajectories
from store.db import NameTaken, open_store
from tests.factory import Made, trajectory


def test_a_trajectory_comes_back_as_it_went_in(store: Path) -> None:
    gray = np.random.default_rng(0).integers(0, 256, (5, 100, 400), dtype=np.uint8)
    made = trajectory("one", frames=5)
    made = type(made)("one", gray, made.times, {"phi": 0.5, "chi": 2.4, "kappa": 12.0})
    with open_store(store) as db:
        dataset_id = datasets.create(db, "set", "imported", {"path": "x"})
        source = Source("folder/one.tif", 123, "ab" * 32)
        trajectory_id = trajectories.add(db, dataset_id, made, source)
        frame_ids = trajectories.frame_ids_of(db, trajectory_id)
        for index, frame_id in enumerate(frame_ids.tolist()):
            assert (trajectories.frame(db, frame_id) == gray[index]).all()
            info = trajectories.frame_info(db, frame_id)
            assert (trajectories.frame(db, frame_ids[index]) == gray[index]).all()
            assert (info.index, info.time) == (index, 20 * (index + 1))
        packed = trajectories.packed(db, frame_ids[::-1]).one_size
        assert (packed.bits() == frames.binarise(gray)[::-1]).all()
        (info,) = trajectories.trajectories(db, dataset_id)
        assert (info.phi, info.chi, info.params["kappa"]) == (0.5, 2.4, 12.0)
        assert info.source_file == "folder/one.tif"


def test_a_name_is_taken_once_and_the_second_try_stores_nothing(made: Made) -> None:
    with open_store(made.path) as db:
        (first, *_) = trajectories.trajectories(db, made.dataset_id)
        with pytest.raises(NameTaken):
            trajectories.add(db, made.dataset_id, trajectory(first.name))
        assert db.conn.execute("SELECT count(*) FROM frames").fetchone()[0] == 120
        with pytest.raises(NameTaken):
            datasets.create(db, "blobs", "imported", {})


def test_the_frame_table_is_ordered_and_knows_what_has_not_separated(made: Made) -> None:
    with open_store(made.path) as db:
        table = trajectories.frame_table(db, made.dataset_id)
    assert len(table.frame_ids) == 120
    assert (table.index == np.tile(np.arange(20), 6)).all()
    assert (table.unseparated == (table.index == 0)).all()


def test_renaming_keeps_the_rows_and_refuses_a_name_in_use(made: Made) -> None:
    with open_store(made.path) as db:
        second = datasets.create(db, "other", "imported", {})
        with pytest.raises(NameTaken):
            datasets.rename(db, second, "blobs")
        datasets.rename(db, made.dataset_id, "spots")
        assert datasets.dataset(db, "spots").frames == 120
        with pytest.raises(datasets.UnknownDataset, match="spots, other"):
            datasets.dataset(db, "blobs")


def test_deleting_takes_all_that_hangs_on_it_and_gives_the_space_back(made: Made) -> None:
    with open_store(made.path) as db:
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = made.path.stat().st_size
        files = datasets.delete(db, made.dataset_id)
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert files == ["none.pt"]
        for table in ("frames", "pictures", "descriptors", "runs", "epochs", "latents"):
            assert db.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0, table
        assert db.conn.execute("PRAGMA foreign_key_check").fetchall() == []
    assert made.path.stat().st_size < before / 2


def test_a_small_part_of_a_store_is_deleted_without_writing_the_rest_anew(made: Made) -> None:
    with open_store(made.path) as db:
        dataset_id = datasets.create(db, "small", "imported", {})
        trajectories.add(db, dataset_id, trajectory("one", frames=3))
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = made.path.stat().st_size
        datasets.delete(db, dataset_id)
        log = made.path.with_name(made.path.name + "-wal")
        assert log.stat().st_size < before / 4
        # What comes next lies where it was.
        dataset_id = datasets.create(db, "next", "imported", {})
        trajectories.add(db, dataset_id, trajectory("one", frames=3))
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert made.path.stat().st_size <= before


def test_family_and_cell_come_back(made: Made) -> None:
    film = dataclasses.replace(trajectory("one", frames=2), family="noisy", cell="noisy-1")
    with open_store(made.path) as db:
        trajectories.add(db, made.dataset_id, film)
        by_name = {each.name: each for each in trajectories.trajectories(db, made.dataset_id)}
        first, *_ = trajectories.frame_ids_of(db, by_name["one"].id).tolist()
        assert (by_name["one"].family, by_name["one"].cell) == ("noisy", "noisy-1")
        assert trajectories.frame_info(db, first).trajectory == by_name["one"]


def test_twins_go_with_their_data_set_and_not_the_other_way_round(made: Made) -> None:
    with open_store(made.path) as db:
        for name in ("twins", "more twins"):
            twins = datasets.create(db, name, "simulated", {}, made.dataset_id)
            trajectories.add(db, twins, trajectory("one", frames=2))
        assert [dataset.twin_of for dataset in datasets.all_datasets(db)] == [None] + 2 * [
            made.dataset_id
        ]
        assert [dataset.name for dataset in datasets.twins_of(db, made.dataset_id)] == [
            "twins",
            "more twins",
        ]
        assert datasets.twins_of(db, twins) == []
        datasets.delete(db, twins)
        assert [dataset.name for dataset in datasets.all_datasets(db)] == ["blobs", "twins"]
        datasets.delete(db, made.dataset_id)
        assert datasets.all_datasets(db) == []
        assert db.conn.execute("SELECT count(*) FROM frames").fetchone()[0] == 0


def test_replicates_go_with_their_data_set_and_are_no_twins(made: Made) -> None:
    with open_store(made.path) as db:
        twins = datasets.create(db, "twins", "simulated", {}, twin_of=made.dataset_id)
        for name in ("replicates", "more replicates"):
            last = datasets.create(db, name, "simulated", {}, replicates_of=made.dataset_id)
            trajectories.add(db, last, trajectory("one", frames=2))
        assert [each.name for each in datasets.replicates_of(db, made.dataset_id)] == [
            "replicates",
            "more replicates",
        ]
        assert [each.id for each in datasets.twins_of(db, made.dataset_id)] == [twins]
        assert [each.serves for each in datasets.all_datasets(db)] == [None] + 3 * [made.dataset_id]
        assert datasets.by_id(db, last).twin_of is None
        datasets.delete(db, last)
        assert len(datasets.all_datasets(db)) == 3
        datasets.delete(db, made.dataset_id)
        assert datasets.all_datasets(db) == []
        assert db.conn.execute("SELECT count(*) FROM frames").fetchone()[0] == 0


def test_a_data_set_is_found_by_its_id_as_in_the_list_of_all(made: Made) -> None:
    with open_store(made.path) as db:
        datasets.create(db, "other", "imported", {})
        for dataset in datasets.all_datasets(db):
            assert datasets.by_id(db, dataset.id) == dataset
        with pytest.raises(datasets.UnknownDataset, match="999"):
            datasets.by_id(db, 999)


def test_an_unknown_frame_is_named(made: Made) -> None:
    with open_store(made.path) as db:
        for ask in (trajectories.frame, trajectories.frame_info, trajectories.png):
            with pytest.raises(trajectories.UnknownFrame, match="9999"):
                ask(db, 9999)
        with pytest.raises(trajectories.UnknownFrame):
            trajectories.packed(db, np.array([1, 9999]))


def test_a_file_rejected_twice_is_listed_once_with_its_newest_reason(made: Made) -> None:
    with open_store(made.path) as db:
        for reason in ("it is empty", "it is torn"):
            datasets.add_rejections(db, made.dataset_id, [Rejection("a.png", reason)])
        assert datasets.rejections(db, made.dataset_id) == [Rejection("a.png", "it is torn")]


def test_the_id_of_a_deleted_frame_is_never_used_again(made: Made) -> None:
    with open_store(made.path) as db:
        datasets.delete(db, made.dataset_id)
        dataset_id = datasets.create(db, "new", "simulated", {})
        trajectory_id = trajectories.add(db, dataset_id, trajectory("one", frames=3))
        assert dataset_id > made.dataset_id
        assert trajectories.frame_ids_of(db, trajectory_id).min() > 120
