"""Leftovers of killed processes: all are found and cleaned, and nothing that is in use."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlite_utils import Database

from jobs import foreground, leftovers
from jobs.specs import MapJob
from morphcore import temporary
from store import datasets, jobs
from store.db import checkpoints_folder, open_store
from tests.factory import Made, add_run

OLD = time.time() - 90_000


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    system = tmp_path / "system"
    system.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(system))
    return system


def make_older(store: Path) -> None:
    with open_store(store) as db:
        db.execute("UPDATE runs SET created = 0")


def old_file(store: Path, name: str) -> Path:
    file = checkpoints_folder(store) / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"x" * 1000)
    os.utime(file, (OLD, OLD))
    return file


def test_a_store_in_order_has_none(made: Made) -> None:
    assert leftovers.find(made.path) == []


def test_what_a_killed_process_was_writing_is_found_and_cleaned(made: Made, tmp_path: Path) -> None:
    script = """
import sys, os, signal; from pathlib import Path
from morphcore.atomic_file import atomic_write
from morphcore.temporary import temporary_folder
with atomic_write(Path(sys.argv[1])) as part, temporary_folder() as system:
    part.write_bytes(b"half"); print(part.parent, system, sep="\\n", flush=True)
    if sys.argv[2] == "kill": os.kill(os.getpid(), signal.SIGKILL)
    input()
"""
    target = checkpoints_folder(made.path) / "run-9.pt"
    target.parent.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(tmp_path / "system")}
    for end in ("kill", "live"):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(target), end],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        ) as process:
            assert process.stdout is not None
            folders = {Path(process.stdout.readline().strip()) for _ in range(2)}
            if end == "kill":
                process.wait()
            assert all(folder.is_dir() for folder in folders)
            found = {each.path for each in leftovers.find(made.path)}
            assert found == (folders if end == "kill" else set())
            leftovers.sweep(made.path)
            assert all(folder.exists() == (end == "live") for folder in folders)
            process.communicate("")


def test_a_folder_of_an_older_version_or_another_machine_goes_after_a_day(made: Made) -> None:
    young = made.path.parent / ".morph-abcdefgh"
    old, far = made.path.parent / ".morph-abcdefg_", made.path.parent / ".morph-0abcde-1-abcdefgh"
    foreign = made.path.parent / ".morph-notes-of-mine"
    for folder in (young, old, far, foreign):
        folder.mkdir()
    for folder in (old, far, foreign):
        os.utime(folder, (OLD, OLD))
    assert {each.path for each in leftovers.sweep(made.path)} == {old, far}
    assert young.exists()
    assert foreign.exists()


def test_files_that_no_run_names_go_but_none_that_was_written_just_now(made: Made) -> None:
    make_older(made.path)
    orphans = [old_file(made.path, name) for name in ("run-1-epoch-9.pt", "a.tmp")]
    new = old_file(made.path, "run-1-epoch-10.pt")
    os.utime(new)
    notes = old_file(made.path, "notes.txt")
    named = old_file(made.path, "none.pt")
    leftovers.sweep(made.path)
    assert not any(file.exists() for file in orphans)
    assert all(file.exists() for file in (new, notes, named))


def test_models_of_another_store_are_named_and_never_deleted(made: Made) -> None:
    old_file(made.path, "none.pt")
    older = old_file(made.path, "run-1-epoch-9.pt")  # than the run: another store lay here before
    (found,) = leftovers.find(made.path)
    assert (found.path, found.ours) == (older, False)
    make_older(made.path)
    later = old_file(made.path, "run-2-epoch-9.pt")  # the store was set back: it has one run
    assert {each.path: each.ours for each in leftovers.find(made.path)} == {
        older: True,
        later: False,
    }
    add_run(made, "another second run")  # begun after the model of the lost one
    assert [each.path for each in leftovers.sweep(made.path)] == [older]
    assert later.exists()


def test_a_run_that_was_set_back_keeps_the_models_that_it_has(made: Made) -> None:
    make_older(made.path)
    (checkpoints_folder(made.path) / "none.pt").unlink(missing_ok=True)  # dropped by a newer one
    newer = old_file(made.path, "run-1-epoch-20.pt")
    assert leftovers.sweep(made.path) == []
    assert newer.exists()


def test_an_empty_data_set_goes_but_not_one_that_has_something(made: Made) -> None:
    with open_store(made.path) as db:
        datasets.create(db, "empty", "imported", {})
        kept = datasets.create(db, "rejected", "imported", {})
        datasets.add_rejections(db, kept, [datasets.Rejection("a", "b")])
    (found,) = leftovers.sweep(made.path)
    assert found.words == "the data set 'empty', which is empty"
    with open_store(made.path) as db:
        assert [each.name for each in datasets.all_datasets(db)] == ["blobs", "rejected"]


def test_frames_without_descriptors_are_measured_as_they_were(made: Made) -> None:
    def all_of(db: Database) -> list[tuple[float, ...]]:
        return db.conn.execute("SELECT * FROM descriptors ORDER BY frame_id").fetchall()

    with open_store(made.path) as db:
        db.execute("DELETE FROM descriptors")  # the factory measured no contrast
        leftovers.sweep(made.path)
        before = all_of(db)
        assert len(before) == 120
        db.execute("DELETE FROM descriptors WHERE frame_id IN (3, 50)")
        (found,) = leftovers.sweep(made.path)
        assert found.words == "2 frames without descriptors"
        assert all_of(db) == before


def test_while_another_job_is_at_work_the_store_is_left_alone(made: Made) -> None:
    make_older(made.path)
    old_file(made.path, "none.pt")
    old_file(made.path, "run-1-epoch-9.pt")
    with open_store(made.path) as db:
        datasets.create(db, "empty", "imported", {})
        db.execute("DELETE FROM descriptors WHERE frame_id < 4")
        job = jobs.enqueue(db, "train", {})
        jobs.claim(db, job.id)
    assert leftovers.find(made.path) == []
    assert len(leftovers.find(made.path, job.id)) == 3  # the one that asks


def test_a_job_cleans_at_its_start_and_says_so(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    make_older(made.path)
    old_file(made.path, "none.pt")
    orphan = old_file(made.path, "run-1-epoch-9.pt")
    job = foreground.run_here(made.path, MapJob(run=made.run_id, method="pca"))
    assert job.state == "done"
    assert not orphan.exists()
    assert "Cleaned: run-1-epoch-9.pt, 0.0 MB, which no run names" in capsys.readouterr().err


def test_only_names_that_morph_gives_have_an_owner() -> None:
    with temporary.temporary_folder() as folder:
        owner = temporary.owner_of(folder)
        assert owner == temporary.Owner(temporary.this_host(), os.getpid())
    for name in ("morph-pictures-of-mine", "morph-0abcde-x-abcdefgh", "other-abcdefgh"):
        with pytest.raises(ValueError, match="no temporary folder of Morph"):
            temporary.owner_of(Path(name))
