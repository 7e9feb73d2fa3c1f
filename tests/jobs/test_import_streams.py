"""Imports of long films: in parts, and stored as they would be from memory; whole or not at all."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlite_utils import Database

from jobs import import_, import_store
from jobs.context import Context, Stopped
from jobs.specs import ImportJob
from morphcore import frame_file, frames
from morphcore.descriptors import contrast, measure
from morphcore.readers.files.listing import on_this_disk
from morphcore.readers.interpretation.interpret import interpret
from morphcore.readers.limits import DEFAULT_LIMITS
from morphcore.readers.names.filenames import Kind
from morphcore.readers.options import ImportOptions
from morphcore.readers.read import read
from morphcore.readers.results import ReadTrajectory, Stack
from morphcore.readers.stacks import stacks
from store import datasets, descriptors, growth, jobs, staging, trajectories, unfinished
from store.db import open_store, writing
from tests.jobs.test_import import context

ROOT = Path(__file__).resolve().parents[2]
STEP = 3  # frames of a chunk, here


def film(count: int, seed: int = 0) -> np.ndarray:
    """Gray pictures of stripes that widen and wander, with noise, 40 x 64."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(64), np.arange(40))
    waves = [np.sin((x + 0.3 * y + 2 * at) / (3 + at / 9)) for at in range(count)]
    noisy = np.stack(waves) + rng.normal(0, 0.1, (count, 40, 64))
    return np.rint(np.clip(0.5 + 0.45 * noisy, 0, 1) * 255).astype(np.uint8)


def folder_of_png(path: Path, values: np.ndarray) -> Path:
    path.mkdir()
    for number, picture in enumerate(values):
        Image.fromarray(picture).save(path / f"film_{number:03}.png")
    return path


def multi_page_tiff(path: Path, values: np.ndarray) -> Path:
    pages = [Image.fromarray(each) for each in values]
    pages[0].save(path := path.with_suffix(".tif"), save_all=True, append_images=pages[1:])
    return path


def gif(path: Path, values: np.ndarray) -> Path:
    pages = [Image.fromarray(each) for each in values]
    pages[0].save(path := path.with_suffix(".gif"), save_all=True, append_images=pages[1:])
    return path


def npy(path: Path, values: np.ndarray) -> Path:
    np.save(path := path.with_suffix(".npy"), values / 200 - 0.6)  # an order parameter
    return path


def npz(path: Path, values: np.ndarray) -> Path:
    np.savez(path := path.with_suffix(".npz"), c=values / 255, t=np.arange(len(values)) * 0.5)
    return path


def hdf5(path: Path, values: np.ndarray) -> Path:
    import h5py

    with h5py.File(path := path.with_suffix(".h5"), "w") as file:
        file["phi"] = values.astype(np.float32) * 3 + 7
    return path


KINDS: dict[str, tuple[Callable[[Path, np.ndarray], Path], Kind]] = {
    "png": (folder_of_png, "picture"),
    "tiff": (multi_page_tiff, "pages"),
    "gif": (gif, "pages"),
    "npy": (npy, "npy"),
    "npz": (npz, "npz"),
    "hdf5": (hdf5, "hdf5"),
}


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of a few frames, and no trajectory held in memory."""
    monkeypatch.setattr(frame_file, "_MOST_FRAMES", STEP)
    small = replace(DEFAULT_LIMITS, held_bytes=0)
    monkeypatch.setattr(import_, "DEFAULT_LIMITS", small)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("in_parts")
def test_a_film_read_in_parts_is_stored_as_from_memory(
    kind: str, store: Path, tmp_path: Path
) -> None:
    make, reader = KINDS[kind]
    path = make(tmp_path / "film", film(8))
    gray, threshold = in_memory(path, reader)
    import_.run(context(store), ImportJob(path=str(path), name="films"))
    bits = frames.binarise(gray, threshold)
    of_frames = contrast.measure(gray)
    with open_store(store) as db:
        (info,) = trajectories.trajectories(db, datasets.dataset(db, "films").id)
        ids = trajectories.frame_ids_of(db, info.id)
        expected = measure.measure(ids, bits, periodic=False, contrast=of_frames)
        assert info.threshold == threshold
        assert [trajectories.png(db, each) for each in ids.tolist()] == [png(each) for each in gray]
        stored = db.conn.execute("SELECT bits FROM pictures ORDER BY frame_id").fetchall()
        assert [row[0] for row in stored] == [each.tobytes() for each in frames.pack(bits)]
        measured = descriptors.of_dataset(db, info.dataset_id)
        for name in ("frame_ids", *descriptors.COLUMNS):
            assert getattr(measured, name).tobytes() == getattr(expected, name).tobytes()
        unseparated = trajectories.frame_table(db, info.dataset_id).unseparated
        mixed = frames.is_unseparated(bits) | ~contrast.is_separated(of_frames)
        assert unseparated.tolist() == mixed.tolist()


def in_memory(path: Path, kind: Kind) -> tuple[np.ndarray, float]:
    """The gray frames of a film and their threshold, by its interpretation as a whole."""
    if path.is_dir():
        pictures = np.stack([np.asarray(Image.open(each)) for each in sorted(path.iterdir())])
        np.save(path := path.with_suffix(".npy"), pictures)
        kind = "npy"
    stack = next(opened := stacks(kind, on_this_disk(path, path.name)))  # open while it is read
    assert isinstance(stack, Stack)
    decided, _ = interpret(stack, kind, ImportOptions())
    gray = np.stack([decided.gray(each) for each in stack.values.frames()])
    assert next(opened, None) is None
    return gray, decided.scale.threshold


def png(gray: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(gray).save(out, format="PNG", compress_level=6)
    return out.getvalue()


def test_windows_of_a_film_lie_in_one_file_and_are_the_same(tmp_path: Path) -> None:
    values = np.tile(film(7), (1, 2, 3))
    np.save(path := tmp_path / "film.npy", values)
    options = ImportOptions(window=(32, 48))
    held, filed = (
        [
            item.trajectory
            for item in read(path, options, limits=replace(DEFAULT_LIMITS, held_bytes=most))
            if isinstance(item, ReadTrajectory)
        ]
        for most in (10**9, 0)
    )
    assert len(held) == len(filed) == 8
    for one, other in zip(held, filed, strict=True):
        assert isinstance(one.frames, np.ndarray)
        assert isinstance(other.frames, frame_file.FrameFile)
        assert one.name == other.name
        assert np.array_equal(one.frames, other.array)
        assert np.array_equal(
            one.frames[[5, 2]], frame_file.of_rows(other.frames, np.array([5, 2]))
        )


@pytest.mark.usefixtures("in_parts")
def test_a_film_that_has_grown_is_lengthened_in_parts(store: Path, tmp_path: Path) -> None:
    values = film(12)
    folder = folder_of_png(tmp_path / "film", values[:7])
    job = ImportJob(path=str(folder), name="films")
    import_.run(context(store), job)
    with open_store(store) as db:
        before = rows(db, "films")
    for number in range(7, 12):
        Image.fromarray(values[number]).save(folder / f"film_{number:03}.png")
    grown = import_.run(context(store), job)
    assert (grown["frames"], grown["mended"]) == (5, ["film is longer by 5 frames."])
    with open_store(store) as db:
        after = rows(db, "films")
        assert after[:7] == before
        assert [index for index, *_ in after] == list(range(12))
        measured = descriptors.of_dataset(db, datasets.dataset(db, "films").id)
        assert measured.frame_ids.tolist() == [frame_id for _, frame_id, *_ in after]
        assert hidden(db) == 0


def rows(db: Database, name: str) -> list[tuple[object, ...]]:
    dataset_id = datasets.dataset(db, name).id
    return db.conn.execute(
        """SELECT f.idx, f.id, f.time, p.png FROM frames f JOIN pictures p ON p.frame_id = f.id
           JOIN trajectories t ON t.id = f.trajectory_id WHERE t.dataset_id = ? ORDER BY f.idx""",
        [dataset_id],
    ).fetchall()


def hidden(db: Database) -> int:
    """The frames that nobody sees."""
    return int(
        db.conn.execute(
            """SELECT count(*) FROM frames f JOIN trajectories t ON t.id = f.trajectory_id
               JOIN datasets d ON d.id = t.dataset_id WHERE d.unfinished_job IS NOT NULL"""
        ).fetchone()[0]
    )


@pytest.mark.usefixtures("in_parts")
def test_no_transaction_is_open_while_frames_are_measured_and_none_is_seen(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(path := tmp_path / "film.npy", film(8))
    real, seen = measure.measure, []

    def looked(*args: object, **how: object) -> object:
        with open_store(store) as db:
            db.conn.execute("PRAGMA busy_timeout = 0")
            with writing(db):  # nobody else holds the lock
                pass
            seen.append((hidden(db), len(datasets.all_datasets(db))))
        return real(*args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(import_store.measure, "measure", looked)
    import_.run(context(store), ImportJob(path=str(path), name="films"))
    assert seen == [(0, 0), (3, 0), (6, 0)]
    with open_store(store) as db:
        assert (hidden(db), datasets.dataset(db, "films").frames) == (0, 8)


@pytest.mark.usefixtures("in_parts")
def test_a_stop_in_the_middle_of_a_film_leaves_nothing_of_it(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(path := tmp_path / "film.npy", film(12))
    real = Context.progress

    def progress(self: Context, share: float, stage: str) -> None:
        if stage.startswith("measuring") and share > 0.8:
            raise Stopped
        real(self, share, stage)

    monkeypatch.setattr(Context, "progress", progress)
    with pytest.raises(Stopped):
        import_.run(context(store), ImportJob(path=str(path), name="films"))
    with open_store(store) as db:
        assert datasets.all_datasets(db) == []
        for table in ("frames", "pictures", "descriptors", "trajectories", "datasets"):
            assert db.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0


def test_what_a_kill_leaves_is_seen_by_nobody_and_dropped_by_the_next_job(
    store: Path, tmp_path: Path
) -> None:
    np.save(path := tmp_path / "film.npy", np.tile(film(8), (200, 1, 1)))
    command = [sys.executable, "-m", "jobs", "import", str(path), "--store", str(store)]
    process = subprocess.Popen([*command, "--name", "films"], cwd=ROOT, stderr=subprocess.DEVNULL)
    with open_store(store) as db:
        while not hidden(db):
            assert process.poll() is None
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        left = hidden(db)
        assert 0 < left < 1600
        assert datasets.all_datasets(db) == []
        (frame_id,) = db.conn.execute("SELECT min(id) FROM frames").fetchone()
        with pytest.raises(trajectories.UnknownFrame):
            trajectories.frame_info(db, frame_id)
        assert unfinished.drop_unfinished(db) == 0  # its job still counts as running
        (job,) = jobs.all_jobs(db)
        jobs.finish(db, job.id, "interrupted")
    np.save(tmp_path / "short.npy", film(3))
    command[4] = str(tmp_path / "short.npy")
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with open_store(store) as db:
        assert [each.name for each in datasets.all_datasets(db)] == ["short"]
        for table in ("frames", "pictures", "descriptors"):
            assert db.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 3


@pytest.mark.usefixtures("in_parts")
def test_who_was_dropped_meanwhile_stores_nothing_more(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(path := tmp_path / "film.npy", film(9))
    real = measure.measure

    def measured(*args: object, **how: object) -> object:
        with open_store(store) as db:
            unfinished.drop_unfinished(db, 1)
        return real(*args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(import_store.measure, "measure", measured)
    with pytest.raises(unfinished.Dropped, match="counted as ended"):
        import_.run(context(store), ImportJob(path=str(path), name="films"))
    with open_store(store) as db:
        assert datasets.all_datasets(db) == []
        assert hidden(db) == 0


def test_two_imports_of_the_same_at_once_store_it_once(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "first.npy", film(3, seed=5))
    np.save(path := tmp_path / "film.npy", film(4))
    import_.run(context(store), ImportJob(path=str(tmp_path / "first.npy"), name="films"))
    real, calls = growth.publish, []

    def publish(db: Database, dataset_id: int, new: staging.Staged) -> growth.Stored:
        calls.append(new)
        if len(calls) == 1:  # another one was quicker
            db.conn.execute("ROLLBACK")
            with staging.staged(db, dataset_id, new.read, new.source, job_id=9) as other:
                real(db, dataset_id, other)
            db.conn.execute("BEGIN IMMEDIATE")
        return real(db, dataset_id, new)

    monkeypatch.setattr(growth, "publish", publish)
    result = import_.run(context(store), ImportJob(path=str(path), name="films"))
    assert (result["already"], result["trajectories"]) == (1, 0)
    with open_store(store) as db:
        assert datasets.dataset(db, "films").frames == 7
        assert hidden(db) == 0


def test_a_data_set_that_another_import_makes_meanwhile_is_gone_on_with(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(path := tmp_path / "film.npy", film(4))
    real, calls = growth.publish, []

    def publish(db: Database, dataset_id: int, new: staging.Staged) -> growth.Stored:
        calls.append(new)
        if len(calls) == 1:  # another one was quicker: it made the data set, and stored the same
            db.conn.execute("ROLLBACK")
            made = datasets.create(db, "films", "imported", {})
            with staging.staged(db, made, new.read, new.source, job_id=9) as other:
                real(db, made, other)
            db.conn.execute("BEGIN IMMEDIATE")
            raise growth.Outdated
        assert len(calls) < 4
        return real(db, dataset_id, new)

    monkeypatch.setattr(growth, "publish", publish)
    result = import_.run(context(store), ImportJob(path=str(path), name="films"))
    assert (result["already"], result["trajectories"]) == (1, 0)
    assert len(calls) == 2


def test_memory_does_not_grow_with_a_film(tmp_path: Path) -> None:
    # Reading and writing; encoding and measuring, frame by frame, are left out for their time.
    script = """
import resource, sys
from pathlib import Path
import numpy as np
from morphcore import frames as framing
from morphcore.descriptors import contrast
from morphcore.readers.read import read
from store import datasets, frame_rows, growth, staging
from store.db import open_store, writing
frame_rows._png = lambda gray: b"png"
contrast.measure = lambda gray, chi=None: np.ones(len(gray), np.float32)
with open_store(Path(sys.argv[2])) as db:
    for item in read(Path(sys.argv[1])):
        with staging.staged(db, None, item.trajectory, item.source, job_id=1) as new:
            with writing(db):
                growth.publish(db, datasets.create(db, "films", "imported", {}), new)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
    used = []
    for count in (1200, 3000):
        path = tmp_path / f"film{count}.npy"
        part = np.tile(film(1)[0], (4, 4))
        np.save(path, np.broadcast_to(part, (count, *part.shape)))
        done = subprocess.run(
            [sys.executable, "-c", script, str(path), str(tmp_path / f"{count}.sqlite")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        used.append(int(done.stdout))
    assert used[1] < used[0] + 25  # MB; the longer one has 70 more of gray frames alone
