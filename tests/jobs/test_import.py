"""The import job on real stores: what is stored, what is rejected, nothing twice."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from exports.export import export
from jobs import foreground, import_
from jobs.context import Context, JobProgress, Paused, Stopped
from jobs.specs import ImportJob
from morphcore import memory_short
from morphcore.errors import MorphError
from morphcore.readers.results import ImportPathError
from store import datasets, descriptors, jobs, properties, trajectories, unfinished
from store.db import InvalidName, StoreError, open_store
from tests.bad_files import FRAMES, PATTERN, bad_texts, bad_zips, image_bytes, npy_bytes, zip_bytes
from tests.factory import Made

ROOT = Path(__file__).resolve().parents[2]


def context(store: Path, listener: Callable[[JobProgress], None] | None = None) -> Context:
    with open_store(store) as db:
        job = jobs.enqueue(db, "import", {"made for": "a test"})
        jobs.claim(db, job.id)
    return Context(store, job.id, listener)


def make_folder(parent: Path, runs: tuple[str, ...] = ("run1", "run2")) -> Path:
    folder = parent / "my films"
    for seed, run in enumerate(runs):
        (folder / run).mkdir(parents=True)
        for number, frame in enumerate(FRAMES):
            moved = np.roll(frame, seed, axis=1)
            (folder / run / f"frame_{20 * number}.png").write_bytes(image_bytes(moved))
    return folder


def test_a_folder_becomes_a_data_set_with_descriptors_and_sources(
    store: Path, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path)
    (folder / "README").write_text("films")
    (folder / "run1" / "frame_30.png").write_bytes(b"")
    result = import_.run(context(store), ImportJob(path=str(folder)))
    assert result == {
        "dataset": "my films",
        "frames": 6,
        "trajectories": 2,
        "already": 0,
        "mended": [],
        "rejected": [{"file": "run1/frame_30.png", "reason": "It is empty (0 bytes)."}],
        "skipped": ["README"],
        "done": [],
        "warnings": [],
    }
    json.dumps(result)
    with open_store(store) as db:
        dataset = datasets.dataset(db, "my films")
        assert dataset.kind == "imported"
        first, second = trajectories.trajectories(db, dataset.id)
        assert (first.name, first.source_file, first.periodic) == ("run1", "run1", False)
        assert (second.name, second.time_unit) == ("run2", "step")
        table = trajectories.frame_table(db, dataset.id)
        assert table.time.tolist() == [0, 20, 40] * 2
        bits = trajectories.packed(db, table.frame_ids).one_size.bits()
        assert (bits[:3] == (FRAMES > 127)).all()
        measured = descriptors.of_dataset(db, dataset.id)
        assert (measured.frame_ids == table.frame_ids).all()
        assert measured.fraction == pytest.approx(bits.mean(axis=(1, 2)))
        (rejection,) = datasets.rejections(db, dataset.id)
        assert rejection.file == "run1/frame_30.png"


def test_the_same_again_adds_nothing_and_what_is_new_comes_in(store: Path, tmp_path: Path) -> None:
    folder = make_folder(tmp_path, ("run1",))
    import_.run(context(store), ImportJob(path=str(folder), name="films"))
    again = import_.run(context(store), ImportJob(path=str(folder), name="films"))
    assert (again["trajectories"], again["frames"], again["already"]) == (0, 0, 1)
    shutil.make_archive(str(tmp_path / "other"), "zip", folder)
    zipped = import_.run(context(store), ImportJob(path=str(tmp_path / "other.zip"), name="films"))
    assert (zipped["trajectories"], zipped["already"]) == (0, 1)
    (folder / "run2").mkdir()
    (folder / "run2" / "1.png").write_bytes(image_bytes(PATTERN))
    more = import_.run(context(store), ImportJob(path=str(folder), name="films"))
    assert (more["trajectories"], more["frames"], more["already"]) == (1, 1, 1)
    with open_store(store) as db:
        assert [each.frames for each in datasets.all_datasets(db)] == [4]


def test_what_has_to_be_decided_is_asked_for_before_anything_is_stored(
    store: Path, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path)
    (folder / "lying").mkdir()
    (folder / "lying" / "1.png").write_bytes(image_bytes(PATTERN.T))
    with pytest.raises(import_.Undecided, match=r"Nothing was stored.*--axes: lying: ") as caught:
        import_.run(context(store), ImportJob(path=str(folder), name="films"))
    assert [question.option for question in caught.value.look.questions] == ["axes"]
    with open_store(store) as db:
        assert datasets.all_datasets(db) == []
    options = {"axes": "txy"}
    result = import_.run(context(store), ImportJob(path=str(folder), name="films", options=options))
    assert result["trajectories"] == 3
    assert "Turned: its rows are x and its columns are y." in result["done"]
    with open_store(store) as db:
        config = datasets.dataset(db, "films").config
        assert config["options"] == options
        assert config["done"] == result["done"]
    # The data set's options are those of the next import into it.
    (folder / "lying" / "2.png").write_bytes(image_bytes(255 - PATTERN.T))
    again = import_.run(context(store), ImportJob(path=str(folder), name="films"))
    assert (again["trajectories"], again["frames"], again["already"]) == (0, 1, 2)
    assert again["mended"] == ["lying is longer by 1 frame."]
    with open_store(store) as db:
        dataset = datasets.dataset(db, "films")
        assert {each.shape for each in trajectories.trajectories(db, dataset.id)} == {(100, 400)}
        assert len(descriptors.of_dataset(db, dataset.id).frame_ids) == 8


def test_a_table_that_came_later_is_taken_up(store: Path, tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    import_.run(context(store), ImportJob(path=str(folder)))
    table = "name,phi,solvent,periodic\nrun1,0.4,CB,yes\nrun2,0.6,CF,no\n"
    (folder / "trajectories.csv").write_text(table)
    result = import_.run(context(store), ImportJob(path=str(folder)))
    assert (result["trajectories"], result["frames"], result["already"]) == (0, 0, 2)
    assert len(result["mended"]) == 2
    with open_store(store) as db:
        dataset = datasets.dataset(db, "my films")
        first, second = trajectories.trajectories(db, dataset.id)
        assert (first.phi, first.labels, first.periodic) == (0.4, {"solvent": "CB"}, True)
        assert (second.phi, second.labels, second.periodic) == (0.6, {"solvent": "CF"}, False)
        assert len(descriptors.of_dataset(db, dataset.id).frame_ids) == 6


def test_a_table_of_frames_becomes_their_properties_and_a_changed_one_replaces_them(
    store: Path, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path)
    table, words = folder / "frames.csv", folder / "trajectories.csv"
    table.write_text("file,JSC,state\nrun1/frame_0.png,-80.5,dry\nrun1/frame_20.png,-60,\n")
    words.write_text("name,E,batch\nrun2,3.5,annealed\n")
    spec = ImportJob(path=str(folder))
    import_.run(context(store), spec)

    def known() -> list[dict[str, float | str]]:
        with open_store(store) as db:
            table = trajectories.frame_table(db, datasets.dataset(db, "my films").id)
            return [properties.of_frame(db, frame_id) for frame_id in table.frame_ids]

    run2 = {"E": 3.5, "batch": "annealed"}
    assert known() == [{"JSC": -80.5, "state": "dry"}, {"JSC": -60.0}, {}, run2, run2, run2]
    table.write_text("file,JSC\nrun1/frame_0.png,-81\nrun1/frame_40.png,-50\n")
    again = import_.run(context(store), spec)
    assert (again["frames"], again["already"]) == (0, 2)
    assert known()[:3] == [{"JSC": -81.0, "state": "dry"}, {"JSC": -60.0}, {"JSC": -50.0}]


def test_a_check_stores_nothing_and_says_what_would_be_stored(store: Path, tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    (folder / "lying").mkdir()
    (folder / "lying" / "1.png").write_bytes(image_bytes(PATTERN.T))

    def check(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "jobs", "import", str(folder), "--check"]
        return subprocess.run(
            [*command, "--store", str(store), *options], cwd=ROOT, capture_output=True, text=True
        )

    shown = check("--json")
    assert shown.returncode == 0
    found = json.loads(shown.stdout)
    assert [each["name"] for each in found["trajectories"]] == ["lying", "run1", "run2"]
    assert found["trajectories"][1]["times"] == [0, 20, 40]
    assert found["trajectories"][1]["fraction"] == pytest.approx([0.5, 0.5], abs=0.01)
    assert not found["ready"]
    assert [each["option"] for each in found["questions"]] == ["--axes"]
    text = check("--axes", "txy", "--pixel-size", "2.5", "--length-unit", "nm").stdout
    assert "2.5 nm a pixel" in text
    assert "To be decided" not in text
    with open_store(store) as db:
        assert datasets.all_datasets(db) == []
    assert check("--axes", "no").returncode == 2
    shutil.rmtree(folder)
    folder.mkdir()
    nothing = check()
    assert nothing.returncode == 1
    assert "holds no frames. Accepted are" in nothing.stderr


def test_a_name_that_other_contents_have_gets_a_number(store: Path, tmp_path: Path) -> None:
    for seed in range(3):
        (tmp_path / "run.npy").write_bytes(npy_bytes(np.roll(FRAMES, seed, axis=1)))
        import_.run(context(store), ImportJob(path=str(tmp_path / "run.npy"), name="films"))
    with open_store(store) as db:
        dataset = datasets.dataset(db, "films")
        names = [each.name for each in trajectories.trajectories(db, dataset.id)]
    assert names == ["run", "run (2)", "run (3)"]


def test_our_own_export_comes_back_as_it_was(made: Made, tmp_path: Path) -> None:
    out = tmp_path / "frames.npz"
    export(made.path, "frames", out, dataset="blobs")
    result = import_.run(context(made.path), ImportJob(path=str(out), name="again"))
    assert (result["trajectories"], result["frames"], result["rejected"]) == (6, 120, [])
    assert import_.run(context(made.path), ImportJob(path=str(out), name="again"))["already"] == 6
    with open_store(made.path) as db:
        (first, second) = (datasets.dataset(db, name) for name in ("blobs", "again"))
        befores = trajectories.trajectories(db, first.id)
        afters = trajectories.trajectories(db, second.id)
        for before, after in zip(befores, afters, strict=True):
            for what in ("name", "phi", "chi", "time_unit", "periodic", "frame_count"):
                assert getattr(before, what) == getattr(after, what)
        old, new = (trajectories.frame_table(db, dataset.id) for dataset in (first, second))
        assert (old.time == new.time).all()
        packed = [trajectories.packed(db, table.frame_ids).one_size for table in (old, new)]
        assert (packed[0].packed == packed[1].packed).all()
        length = [descriptors.of_dataset(db, dataset.id).length for dataset in (first, second)]
        assert np.array_equal(*length)


def test_nothing_readable_leaves_no_data_set_behind(store: Path, tmp_path: Path) -> None:
    for bad in [*bad_texts(), *bad_zips()]:
        (tmp_path / bad.name).write_bytes(bad.data)
        with pytest.raises(MorphError, match=f"Nothing in {bad.name} could be read") as caught:
            import_.run(context(store), ImportJob(path=str(tmp_path / bad.name)))
        assert bad.says in str(caught.value)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "README").write_text("no frames here")
    with pytest.raises(MorphError, match=r"notes holds no frames\. Accepted are"):
        import_.run(context(store), ImportJob(path=str(tmp_path / "notes")))
    with pytest.raises(ImportPathError, match="does not exist"):
        import_.run(context(store), ImportJob(path=str(tmp_path / "none")))
    with pytest.raises(InvalidName, match="up to 100 characters"):
        import_.run(context(store), ImportJob(path=str(tmp_path / "notes"), name="n" * 101))
    with open_store(store) as db:
        assert datasets.all_datasets(db) == []


def test_rejections_into_an_existing_data_set_are_kept_and_it_stays(
    made: Made, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    result = import_.run(context(made.path), ImportJob(path=str(tmp_path / "a.png"), name="blobs"))
    assert (result["frames"], len(result["rejected"])) == (0, 1)
    with open_store(made.path) as db:
        assert datasets.dataset(db, "blobs").frames == 120
        assert [each.file for each in datasets.rejections(db, made.dataset_id)] == ["a.png"]


def test_progress_names_the_file_and_a_stop_keeps_what_is_stored(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.context.WRITE_SECONDS", 0.0)
    monkeypatch.setattr(import_, "WRITE_SECONDS", 0.0)
    folder = make_folder(tmp_path, ("run1", "run2", "run3"))
    (folder / "bad.npy").write_bytes(b"")
    reports: list[JobProgress] = []

    def listen(progress: JobProgress) -> None:
        reports.append(progress)
        if progress.stage == "reading run2":
            with open_store(store) as db:
                jobs.request(db, job_context.job_id, "stop")

    job_context = context(store, listen)
    with pytest.raises(Stopped):
        import_.run(job_context, ImportJob(path=str(folder), name="films"))
    assert reports[-1].stage == "reading run2"
    assert [report.share for report in reports] == sorted(report.share for report in reports)
    with open_store(store) as db:
        dataset = datasets.dataset(db, "films")
        assert (dataset.trajectories, dataset.frames) == (1, 3)
        assert [rejection.file for rejection in datasets.rejections(db, dataset.id)] == ["bad.npy"]
        jobs.finish(db, job_context.job_id, "stopped")
    rest = import_.run(context(store), ImportJob(path=str(folder), name="films"))
    assert (rest["trajectories"], rest["already"]) == (2, 1)


@pytest.mark.parametrize("ending", ["done", "failed", "stopped", "paused"])
def test_an_upload_is_deleted_unless_its_job_may_go_on(
    ending: str, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = tmp_path / "upload.npy"
    upload.write_bytes(b"" if ending == "failed" else npy_bytes(FRAMES))
    errors = {"failed": MorphError, "stopped": Stopped, "paused": Paused}
    if ending in ("stopped", "paused"):

        def end(*_: object) -> None:
            raise errors[ending]

        monkeypatch.setattr(Context, "progress", end)
    if ending == "done":
        import_.run(context(store), ImportJob(path=str(upload), cleanup=True))
    else:
        with pytest.raises(errors[ending]):
            import_.run(context(store), ImportJob(path=str(upload), cleanup=True))
    assert upload.exists() == (ending in ("paused", "stopped"))  # those may go on


def test_cleanup_never_deletes_a_folder(store: Path, tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    import_.run(context(store), ImportJob(path=str(folder), cleanup=True))
    assert len(list(folder.rglob("*.png"))) == 6
    (tmp_path / "kept.npy").write_bytes(npy_bytes(FRAMES))
    import_.run(context(store), ImportJob(path=str(tmp_path / "kept.npy")))
    assert (tmp_path / "kept.npy").exists()


def test_a_full_disk_is_said_and_what_was_stored_stays(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder(tmp_path, ("run1", "run2"))
    real, calls = unfinished.write, []

    def write(db, *args, **how):
        calls.append(args)
        if len(calls) == 2:  # SQLite's own report of a full disk: no page more than it has
            pages = db.execute("PRAGMA page_count").fetchone()[0]
            db.execute(f"PRAGMA max_page_count = {pages}")
        return real(db, *args, **how)

    monkeypatch.setattr(unfinished, "write", write)
    with pytest.raises(StoreError, match="is full"):
        import_.run(context(store), ImportJob(path=str(folder), name="films"))
    with open_store(store) as db:
        dataset = datasets.dataset(db, "films")
        assert (dataset.trajectories, dataset.frames) == (1, 3)
        assert len(descriptors.of_dataset(db, dataset.id).frame_ids) == 3


def test_memory_that_ran_out_is_a_sentence_and_what_was_stored_stays(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder(tmp_path, ("run1", "run2"))
    real, calls = unfinished.write, []

    def write(db, *args, **how):
        calls.append(args)
        return real(db, *args, **how) if len(calls) < 2 else np.empty((10**7, 10**7))

    monkeypatch.setattr(unfinished, "write", write)
    job = foreground.run_here(store, ImportJob(path=str(folder), name="films"))
    assert (job.state, job.error) == ("failed", memory_short.SENTENCE)
    with open_store(store) as db:
        assert datasets.dataset(db, "films").trajectories == 1


def test_the_runner_finds_the_job_and_the_command_line_prints_its_result(
    store: Path, tmp_path: Path
) -> None:
    path = tmp_path / "set.zip"
    path.write_bytes(zip_bytes({"r/1.png": image_bytes(PATTERN), "r/2.png": b"", "LOG": b"x"}))
    done = subprocess.run(
        [sys.executable, "-m", "jobs", "import", str(path), "--json", "--store", str(store)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    result = json.loads(done.stdout.strip().splitlines()[-1])
    assert (result["dataset"], result["frames"], result["skipped"]) == ("set", 1, ["LOG"])
    assert [each["file"] for each in result["rejected"]] == ["r/2.png"]
    (tmp_path / "bad.png").write_bytes(b"text")
    job = foreground.run_here(store, ImportJob(path=str(tmp_path / "bad.png")))
    assert job.state == "failed"
    assert job.error is not None
    assert job.error.startswith("Nothing in bad.png could be read. bad.png: It is not a picture")


def test_trajectories_of_equal_pictures_are_trajectories_of_their_own(
    store: Path, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path, runs=("a",))
    for name in ("b", "c"):
        shutil.copytree(folder / "a", folder / name)
    spec = ImportJob(path=str(folder))
    assert import_.run(context(store), spec)["trajectories"] == 3
    again = import_.run(context(store), spec)
    assert (again["trajectories"], again["frames"], again["already"]) == (0, 0, 3)
    (folder / "b" / "frame_60.png").write_bytes(image_bytes(FRAMES[0].T.reshape(FRAMES[0].shape)))
    longer = import_.run(context(store), spec)
    assert (longer["trajectories"], longer["frames"], longer["already"]) == (0, 1, 2)
    assert longer["mended"] == ["b is longer by 1 frame."]
