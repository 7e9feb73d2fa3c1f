"""The doctor: damage of each kind is seen, costed, and mended where that is safe."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from benchmarks import damage_cases
from benchmarks.damage_cases import behind_morphs_back
from jobs.__main__ import main
from jobs.doctor.examine import Examination, examine
from store import datasets, jobs, row_checksums
from store.db import checkpoints_folder, open_store
from tests.factory import Made

MENDED_AS_IT_WAS = ("pictures.bits", "trajectories.frame_count", "checkpoints.sha256")
MENDED_ANEW = ("latents.mean", "projection_points.x", "projections: a row", "latents: all rows")
NOT_MENDED = (
    *("pictures.png", "frames.time", "epochs: a row deleted", "runs.config", "datasets.name"),
    *("datasets.twin_of", "checkpoint: the newest gone", "schema: a number", "cut to half"),
)
SEEN = (*MENDED_AS_IT_WAS, *MENDED_ANEW, *NOT_MENDED)


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "system").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "system"))


def inflict(store: Path, words: str) -> None:
    connection = sqlite3.connect(store)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    damage = next(each for each in damage_cases.all_of(store) if words in each.name)
    damage.inflict(store)


def rows_of(store: Path) -> dict[str, list[tuple[object, ...]]]:
    with open_store(store) as db:
        return {
            name: db.conn.execute(f"SELECT * FROM {name}").fetchall()
            for name in row_checksums.tables(db)
        }


def words_of(found: Examination) -> str:
    return "\n".join(each.what for each in found.problems)


def test_a_store_in_order_has_no_problem(made: Made) -> None:
    assert examine(made.path) == Examination((), ())


@pytest.mark.parametrize("damage", SEEN)
def test_damage_is_seen_with_its_cost_and_what_to_do(made: Made, damage: str) -> None:
    inflict(made.path, damage)
    problems = examine(made.path).problems
    assert problems
    assert all(each.cost and each.to_do for each in problems)


@pytest.mark.parametrize("damage", MENDED_AS_IT_WAS)
def test_what_its_checksum_proves_is_mended_as_it_was(made: Made, damage: str) -> None:
    before = rows_of(made.path)
    inflict(made.path, damage)
    found = examine(made.path, mend=True)
    assert found.problems == ()
    assert found.mended
    assert rows_of(made.path) == before


@pytest.mark.parametrize("damage", MENDED_ANEW)
def test_what_can_be_made_anew_is_dropped(made: Made, damage: str) -> None:
    inflict(made.path, damage)
    found = examine(made.path, mend=True)
    assert found.problems == ()
    if "latents" in damage:  # the index refills them
        assert any("not indexed" in note for note in found.notes)


@pytest.mark.parametrize("damage", NOT_MENDED)
def test_what_is_lost_is_not_mended_and_nothing_else_goes(made: Made, damage: str) -> None:
    inflict(made.path, damage)
    before = made.path.read_bytes() if "schema" in damage or "cut" in damage else None
    first = examine(made.path)
    again = examine(made.path, mend=True)
    assert again.problems
    assert words_of(again) == words_of(first)
    if before is not None:
        assert made.path.read_bytes() == before
    else:
        with open_store(made.path) as db:
            assert len(datasets.all_datasets(db)) == 1 or "datasets" in damage
            assert db.conn.execute("SELECT count(*) FROM frames").fetchone()[0] == 120


def test_damaged_descriptors_are_measured_again(made: Made) -> None:
    with open_store(made.path) as db:
        db.execute("DELETE FROM descriptors")  # the factory measured no contrast
    examine(made.path, mend=True)
    before = rows_of(made.path)
    inflict(made.path, "descriptors.chord_x")
    assert examine(made.path, mend=True).problems == ()
    assert rows_of(made.path) == before


def test_what_was_accepted_is_no_problem_any_more(made: Made) -> None:
    inflict(made.path, "frames.time")
    with behind_morphs_back(made.path) as connection:
        connection.execute("DELETE FROM trajectories WHERE id = 3")
    assert examine(made.path, mend=True).problems
    found = examine(made.path, accept=True)
    assert found.problems == ()
    assert {"frames", "trajectories"} <= set(found.accepted)
    with open_store(made.path) as db:  # what hung on the lost trajectory went with it
        assert db.conn.execute("SELECT count(*) FROM pictures").fetchone()[0] == 100


def test_two_models_that_were_swapped_are_both_seen(made: Made) -> None:
    folder = checkpoints_folder(made.path)
    with open_store(made.path) as db:
        db.execute(
            """INSERT INTO checkpoints (run_id, epoch, file, size, sha256, created)
               SELECT run_id, 13, 'b.pt', 5, 'x', 0 FROM checkpoints"""
        )
    shutil.copyfile(folder / "none.pt", folder / "b.pt")
    (folder / "none.pt").write_bytes(b"other")
    assert len([each for each in examine(made.path).problems if "its model" in each.what]) == 2


def test_a_store_that_is_gone_is_told_from_one_that_was_never_there(made: Made) -> None:
    absent = made.path.with_name("never.sqlite")
    found = examine(absent)
    assert found.problems == ()
    assert "no store" in found.notes[0]
    assert not absent.exists()
    made.path.write_bytes(b"")
    for _ in range(2):
        assert "has been emptied: it has 0 bytes" in words_of(examine(made.path, accept=True))
    made.path.unlink()
    assert "is gone, though morph-checkpoints lie" in words_of(examine(made.path))


def test_a_store_that_lost_its_log_is_seen_by_the_logs_of_its_jobs(made: Made) -> None:
    logs = made.path.with_name("morph-logs")
    logs.mkdir()
    with open_store(made.path) as db:
        for number in range(2):
            job = jobs.enqueue(db, "train", {"seed": number})
            db.execute("UPDATE jobs SET state = 'done'")
            (logs / f"job-{job.id}.log").touch()
    assert examine(made.path).problems == ()
    (logs / "job-7.log").touch()
    assert "set back to an earlier state" in words_of(examine(made.path))
    assert examine(made.path, mend=True).problems == ()
    assert (logs / "job-7.log.earlier").exists()


def test_the_command_exits_1_with_problems_and_0_without(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    doctor = ["doctor", "--store", str(made.path)]
    assert main(doctor) == 0
    assert "All is well." in capsys.readouterr().out
    inflict(made.path, "pictures.bits")
    assert main([*doctor, "--json"]) == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert set(problem) == {"problem", "cost", "what to do"}
    assert main(doctor) == 1
    out = capsys.readouterr().out
    assert "It costs: The picture of these frames" in out
    assert "doctor --mend" in out
    assert main([*doctor, "--mend"]) == 0
    assert "Mended: pictures: 1 row changed" in capsys.readouterr().out


def test_backup_and_restore_are_commands(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, store = str(tmp_path / "saved.zip"), ["--store", str(made.path)]
    assert main(["backup", saved, *store, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["checkpoints"] == 1
    assert main(["restore", saved, *store]) == 1
    assert "--overwrite" in capsys.readouterr().err
    with open_store(made.path) as db:
        job = jobs.enqueue(db, "train", {})
        jobs.claim(db, job.id)
    assert main(["restore", saved, *store, "--overwrite"]) == 1
    assert "A job is at work" in capsys.readouterr().err
    with open_store(made.path) as db:
        jobs.finish(db, job.id, "stopped")
    assert main(["restore", saved, *store, "--overwrite", "--json"]) == 0
    assert Path(json.loads(capsys.readouterr().out)["set_aside"]).exists()


def test_an_empty_simulated_data_set_is_named_with_the_job_that_may_fill_it(made: Made) -> None:
    with open_store(made.path) as db:
        datasets.create(db, "wanted", "simulated", {})
    for _ in range(2):
        (problem,) = examine(made.path, mend=True).problems
        assert problem.what == "Left over: the data set 'wanted', which is empty."
        assert "Resume that simulation" in problem.to_do
