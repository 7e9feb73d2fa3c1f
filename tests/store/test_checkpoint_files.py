"""Files of checkpoints: a damaged one is marked, the last good one used, and both said."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database

from store import checkpoint_files, checkpoints, latents, runs
from store.checkpoint_files import DamagedModel, damage, newest_good, with_good_index
from store.db import checkpoints_folder, open_store
from tests.factory import NO_MODEL, NO_SHA256, Made


def add(made: Made, epoch: int, *, indexed: bool) -> int:
    """One more good checkpoint of the made run, with its own file; its id."""
    file = f"epoch-{epoch}.pt"
    (checkpoints_folder(made.path) / file).write_bytes(NO_MODEL)
    with open_store(made.path) as db:
        checkpoint_id = checkpoints.add(
            db, made.run_id, epoch=epoch, file=file, size=len(NO_MODEL), sha256=NO_SHA256
        )
        if indexed:
            latents.add(db, checkpoint_id, latents.of_checkpoint(db, made.checkpoint_id))
    return checkpoint_id


def run_of(made: Made) -> runs.IndexedRun:
    with open_store(made.path) as db:
        return runs.indexed(db, made.run_id)


def harm(made: Made, epoch: int) -> Path:
    file = checkpoints_folder(made.path) / f"epoch-{epoch}.pt"
    file.write_bytes(NO_MODEL[::-1])
    return file


def test_without_damage_the_newest_is_used_and_nothing_said(made: Made) -> None:
    newer = add(made, 13, indexed=True)
    good = newest_good(made.path, made.run_id)
    assert good is not None
    assert good.id == newer
    assert with_good_index(made.path, made.run_id).index.checkpoint_id == newer
    assert damage(made.path, run_of(made)) is None


def test_a_damaged_index_gives_way_to_one_as_complete(made: Made) -> None:
    add(made, 13, indexed=True)
    file = harm(made, 13)
    run = with_good_index(made.path, made.run_id)
    assert run.index.checkpoint_id == made.checkpoint_id
    assert run_of(made).index.checkpoint_id == made.checkpoint_id  # for all who read it
    words = damage(made.path, run)
    assert words == (
        f"The model of {run.name} saved after epoch 13 is damaged: its file {file.name}"
        " was changed or cut short; the last good one, saved after epoch 12, is used."
    )
    assert checkpoint_files.require_good_index(made.path, made.run_id) == run


def test_a_file_that_was_put_back_is_good_again(made: Made) -> None:
    newer = add(made, 13, indexed=True)
    file = harm(made, 13)
    with_good_index(made.path, made.run_id)
    file.write_bytes(NO_MODEL)
    run = with_good_index(made.path, made.run_id)
    assert run.index.checkpoint_id == newer
    assert damage(made.path, run) is None


def test_a_damaged_index_without_another_says_what_brings_one(made: Made) -> None:
    add(made, 13, indexed=False)
    (checkpoints_folder(made.path) / "none.pt").unlink()
    run = with_good_index(made.path, made.run_id)
    assert run.index.checkpoint_id == made.checkpoint_id  # its latents are as good as ever
    with pytest.raises(DamagedModel, match="index the run again, and the last good one") as raised:
        checkpoint_files.require_good_index(made.path, made.run_id)
    assert raised.value.index_again


def test_where_no_good_one_is_left_it_says_so(made: Made) -> None:
    (checkpoints_folder(made.path) / "none.pt").unlink()
    assert newest_good(made.path, made.run_id) is None
    with pytest.raises(DamagedModel, match=r"is missing; there is no good one: put the file back"):
        checkpoint_files.require_good_index(made.path, made.run_id)
    assert run_of(made).checkpoint_id == made.checkpoint_id


def test_a_damaged_one_that_is_neither_indexed_nor_used_is_dropped_by_the_next(made: Made) -> None:
    add(made, 13, indexed=False)
    harm(made, 13)
    assert newest_good(made.path, made.run_id) is not None
    add(made, 14, indexed=False)
    with open_store(made.path) as db:
        assert checkpoints.drop_unused(db, made.run_id) == ["epoch-13.pt"]
        assert [each.epoch for each in checkpoints.of_run(db, made.run_id)] == [14, 12]


def test_where_nothing_can_be_marked_damage_is_found_each_time(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkpoints_folder(made.path) / "none.pt").write_bytes(NO_MODEL[::-1])

    @contextmanager
    def read_only(path: Path) -> Iterator[Database]:
        with open_store(path) as db:
            db.conn.execute("PRAGMA query_only = ON")
            yield db

    monkeypatch.setattr(checkpoint_files, "open_store", read_only)
    with pytest.raises(checkpoint_files.DamagedModel):
        checkpoint_files.require_good_index(made.path, made.run_id)
