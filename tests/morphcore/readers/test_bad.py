"""Bad files, made for real: each is rejected with one clear sentence, and nothing else is lost."""

import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from morphcore.readers.limits import ReadLimits
from morphcore.readers.read import read
from morphcore.readers.results import ImportPathError, ReadTrajectory, Skipped, UnreadableFrame
from morphcore.readers.single_frame import single_frame
from morphcore.types import Rejection
from tests.bad_files import (
    FRAMES,
    PATTERN,
    Bad,
    all_bad,
    bad_arrays,
    bad_pictures,
    bad_texts,
    graspi_bytes,
    image_bytes,
    npy_bytes,
    npz_bytes,
    pages_bytes,
    symlink_zip,
    zip_bytes,
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore:Image size")
NOBODY = 65534


def is_a_sentence(text: str) -> bool:
    return text[0].isupper() and text.endswith(".") and "\n" not in text and "Error" not in text


@pytest.mark.parametrize("bad", all_bad(), ids=lambda bad: bad.name)
def test_a_bad_file_is_rejected_with_one_sentence(bad: Bad, tmp_path: Path) -> None:
    (tmp_path / bad.name).write_bytes(bad.data)
    (rejection,) = read(tmp_path / bad.name)
    assert isinstance(rejection, Rejection)
    assert rejection.file.startswith(bad.name) or bad.name == "lying.zip"
    assert bad.says in rejection.reason
    assert is_a_sentence(rejection.reason)


def test_good_files_beside_every_bad_one_come_in(tmp_path: Path) -> None:
    for bad in all_bad():
        (tmp_path / bad.name).write_bytes(bad.data)
    (tmp_path / "good_2.png").write_bytes(image_bytes(PATTERN))
    (tmp_path / "good_10.png").write_bytes(image_bytes(255 - PATTERN))
    (tmp_path / "good.npy").write_bytes(npy_bytes(FRAMES))
    items = list(read(tmp_path))
    good = {
        item.trajectory.name: item.trajectory for item in items if isinstance(item, ReadTrajectory)
    }
    assert set(good) == {"good (png)", "good (npy)"}
    assert (good["good (png)"].frames == FRAMES[:2]).all()
    assert good["good (png)"].times.tolist() == [2, 10]
    rejected = [item.file for item in items if isinstance(item, Rejection)]
    assert len(rejected) == len(set(rejected)) == len(all_bad())


@pytest.mark.parametrize("bad", bad_pictures(), ids=lambda bad: bad.name)
def test_a_bad_picture_is_refused_as_a_query_too(bad: Bad) -> None:
    with pytest.raises(UnreadableFrame) as caught:
        single_frame(bad.data, bad.name)
    assert bad.says in str(caught.value)


@pytest.mark.parametrize("bad", [*bad_texts(), *bad_arrays()], ids=lambda bad: bad.name)
def test_bad_arrays_and_texts_are_refused_as_queries(bad: Bad) -> None:
    if bad.name == "even.npy":
        pytest.skip("three frames; a single even frame is refused where it is compared")
    with pytest.raises(UnreadableFrame):
        single_frame(bad.data, bad.name)


def test_what_is_no_frame_is_skipped_and_named(tmp_path: Path) -> None:
    others = (
        "README.md",
        "run.log",
        "LICENSE",
        "facts.json",
        ".hidden.png",
        "notes.txt",
        "other.csv",
    )
    for name in others:
        (tmp_path / name).write_text("2 words and a 7\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.png").write_bytes(image_bytes(PATTERN))
    (tmp_path / "a.png").write_bytes(image_bytes(PATTERN))
    items = list(read(tmp_path))
    assert {item.file for item in items if isinstance(item, Skipped)} == {*others, ".git/"}
    assert [type(item) for item in items].count(ReadTrajectory) == 1
    assert not [item for item in items if isinstance(item, Rejection)]


def test_frames_of_a_kind_that_is_not_read_are_rejected_and_not_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.webp").write_bytes(b"RIFF")
    (rejection,) = read(tmp_path)
    assert isinstance(rejection, Rejection)
    assert "PNG, TIFF, JPEG, BMP" in rejection.reason


def test_a_file_that_was_asked_for_is_never_just_skipped(tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("no frame")
    for name in ("facts.json", "notes.txt"):
        (rejection,) = read(tmp_path / name)
        assert isinstance(rejection, Rejection)


def test_even_frames_are_welcome_where_others_of_the_trajectory_are_not(tmp_path: Path) -> None:
    white = np.full((100, 400), 255, dtype=np.uint8)
    (tmp_path / "1.png").write_bytes(image_bytes(white))
    (tmp_path / "2.png").write_bytes(image_bytes(white))
    (rejection,) = read(tmp_path)
    assert isinstance(rejection, Rejection)
    assert "one and the same" in rejection.reason
    (tmp_path / "3.png").write_bytes(image_bytes(PATTERN))
    (item,) = read(tmp_path)
    assert isinstance(item, ReadTrajectory)
    assert item.trajectory.frames.mean(axis=(1, 2))[:2].tolist() == [255, 255]


@pytest.mark.parametrize(
    "name", ["../out.png", "/abs.png", "a/../../out.png", "C:\\out.png", "..\\out.png"]
)
def test_a_path_out_of_the_zip_is_rejected_and_the_rest_comes_in(name: str, tmp_path: Path) -> None:
    data = zip_bytes({name: image_bytes(255 - PATTERN), "good.png": image_bytes(PATTERN)})
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    (folder / "a.zip").write_bytes(data)
    rejected, good = read(folder / "a.zip")
    assert isinstance(rejected, Rejection)
    assert "leads out of the zip" in rejected.reason
    assert isinstance(good, ReadTrajectory)
    assert (good.trajectory.frames == PATTERN).all()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.zip"]


def test_a_link_in_a_zip_is_rejected_and_the_rest_comes_in(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(symlink_zip())
    rejected, good = read(tmp_path / "a.zip")
    assert rejected == Rejection(
        "frame_2.png", "It is a link or a device and not a file; only files are read from a zip."
    )
    assert isinstance(good, ReadTrajectory)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_not_taken_for_two_frames(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr("a.png", image_bytes(PATTERN))
        out.writestr("a.png", image_bytes(255 - PATTERN))
    rejected, good = read(tmp_path / "a.zip")
    assert isinstance(rejected, Rejection)
    assert isinstance(good, ReadTrajectory)
    assert (good.trajectory.frames == PATTERN).all()


def test_limits_on_a_zip_are_checked_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zip_bytes({f"{n}.png": image_bytes(PATTERN) for n in range(4)}))
    (rejection,) = read(path, limits=ReadLimits(zip_members=3))
    assert isinstance(rejection, Rejection)
    assert "4 files; accepted are up to 3" in rejection.reason
    (rejection,) = read(path, limits=ReadLimits(zip_bytes=10_000))
    assert isinstance(rejection, Rejection)
    assert "unpack" in rejection.reason


def test_a_bomb_inside_an_npz_is_refused_too(tmp_path: Path) -> None:
    header = io.BytesIO()
    shape = (8_000, 200, 200)  # 320 MB of zeros
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    with (
        zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as out,
        out.open("a.npy", "w") as member,
    ):
        member.write(header.getvalue())
        for _ in range(320):
            member.write(bytes(1_000_000))
    (rejection,) = read(tmp_path / "a.npz")
    assert isinstance(rejection, Rejection)
    assert "zip bomb" in rejection.reason


def test_limits_on_frames_and_sizes(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    for number, frame in enumerate(FRAMES):
        (tmp_path / "run" / f"{number}.png").write_bytes(image_bytes(frame))
    (tmp_path / "a.npy").write_bytes(npy_bytes(FRAMES))
    (tmp_path / "a.gif").write_bytes(pages_bytes(FRAMES, "GIF"))
    (tmp_path / "b.npz").write_bytes(npz_bytes(u=FRAMES[:2]))
    items = list(read(tmp_path, limits=ReadLimits(frames=2)))
    rejected = {item.file: item.reason for item in items if isinstance(item, Rejection)}
    assert set(rejected) == {"run", "a.npy", "a.gif"}
    assert all("up to 2 in a trajectory" in reason for reason in rejected.values())
    assert sum(isinstance(item, ReadTrajectory) for item in items) == 1
    (item,) = read(tmp_path / "run" / "0.png", limits=ReadLimits(picture_bytes=100))
    assert isinstance(item, Rejection)
    assert "MB in a picture" in item.reason


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (ReadLimits(pixels=39_999), "up to 39,999 pixels in a picture"),
        (ReadLimits(values=119_999), "up to 119,999 values"),
    ],
)
def test_limits_on_an_array(tmp_path: Path, limits: ReadLimits, reason: str) -> None:
    (tmp_path / "a.npy").write_bytes(npy_bytes(FRAMES[:3]))
    (item,) = read(tmp_path / "a.npy", limits=limits)
    assert isinstance(item, Rejection)
    assert reason in item.reason


def test_a_folder_of_too_many_files_is_refused_at_once(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.png").touch()
    with pytest.raises(ImportPathError, match="more than 2 files"):
        read(tmp_path, limits=ReadLimits(files=2))


def test_a_sparse_hdf5_that_claims_too_much_is_refused_at_once(tmp_path: Path) -> None:
    import h5py

    with h5py.File(tmp_path / "a.h5", "w") as file:  # nothing is written: 2 kB on disk
        file.create_dataset("u", shape=(19_000, 7_000, 7_000), dtype="f8", chunks=(1, 700, 700))
    (rejection,) = read(tmp_path / "a.h5")
    assert isinstance(rejection, Rejection)
    assert "values" in rejection.reason


def test_an_hdf5_does_not_read_other_files(tmp_path: Path) -> None:
    import h5py

    secret = tmp_path / "secret.bin"
    secret.write_bytes(PATTERN.tobytes())
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("u", (100, 400), "u1", external=[(str(secret), 0, h5py.h5f.UNLIMITED)])
    (rejection,) = read(tmp_path / "a.h5")
    assert isinstance(rejection, Rejection)
    assert "lie in other files" in rejection.reason


def test_no_such_path(tmp_path: Path) -> None:
    with pytest.raises(ImportPathError, match="does not exist"):
        read(tmp_path / "none")  # at once, before anything is asked of it


def test_an_empty_folder_gives_nothing(tmp_path: Path) -> None:
    assert list(read(tmp_path)) == []


def test_links_pipes_and_odd_names_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "good.png").write_bytes(image_bytes(PATTERN))
    (tmp_path / "set" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "set" / "loop").symlink_to(tmp_path / "set")
    os.mkfifo(tmp_path / "set" / "pipe.png")
    odd = os.fsdecode(b"set/caf\xe9.png")
    (tmp_path / odd).write_bytes(b"no picture")
    items = list(read(tmp_path / "set"))
    rejected = {item.file for item in items if isinstance(item, Rejection)}
    assert rejected == {"gone.png", "loop", "caf\ufffd.png"}
    assert {item.file for item in items if isinstance(item, Skipped)} == {"pipe.png"}
    assert sum(isinstance(item, ReadTrajectory) for item in items) == 1


def test_links_to_files_are_followed_inside_the_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "good.png").write_bytes(image_bytes(PATTERN))
    (tmp_path / "secret.png").write_bytes(image_bytes(PATTERN))
    (tmp_path / "set" / "again.png").symlink_to("good.png")
    (tmp_path / "set" / "out.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "set" / "circle.png").symlink_to("circle.png")
    (tmp_path / "by a link").symlink_to(tmp_path / "set")
    for root in ("set", "by a link"):
        items = list(read(tmp_path / root))
        rejected = {item.file: item.reason for item in items if isinstance(item, Rejection)}
        assert rejected.keys() == {"out.png", "circle.png"}
        assert rejected["out.png"].startswith("It is a link")
        assert sum(isinstance(item, ReadTrajectory) for item in items) == 2


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder, worked on as a user who may not open everything (root may)."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_file_that_may_not_be_opened_is_rejected(unprivileged: Path) -> None:
    (unprivileged / "good.png").write_bytes(image_bytes(PATTERN))
    (unprivileged / "secret.npy").write_bytes(npy_bytes(FRAMES))
    (unprivileged / "secret.npy").chmod(0)
    (unprivileged / "closed").mkdir(mode=0)
    was = os.geteuid()
    if was == 0:
        list(read(unprivileged))  # whatever is imported late is there before rights are dropped
        os.seteuid(NOBODY)
    try:
        items = list(read(unprivileged))
        with pytest.raises(ImportPathError, match="permission denied"):
            read(unprivileged / "closed")
    finally:
        os.seteuid(was)
        (unprivileged / "closed").chmod(0o755)
    rejected = {item.file: item.reason for item in items if isinstance(item, Rejection)}
    assert rejected == {
        "closed": "The folder cannot be opened: permission denied.",
        "secret.npy": "It cannot be read: permission denied.",
    }
    assert sum(isinstance(item, ReadTrajectory) for item in items) == 1


def test_noise_in_any_file_ends_as_found_or_rejected(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    whole = {
        "a.png": image_bytes(PATTERN),
        "a.jpg": image_bytes(PATTERN, "JPEG"),
        "a.bmp": image_bytes(PATTERN, "BMP"),
        "a.gif": pages_bytes(FRAMES, "GIF"),
        "a.tif": pages_bytes(FRAMES, "TIFF"),
        "a.npy": npy_bytes(FRAMES),
        "a.npz": npz_bytes(frames=FRAMES, trajectory=np.array(["a", "a", "b"])),
        "a.zip": zip_bytes({"r/1.png": image_bytes(PATTERN), "trajectories.csv": b"name\nr\n"}),
        "a.txt": graspi_bytes(PATTERN > 0),
    }
    for name, data in whole.items():
        for _ in range(12):
            noisy = bytearray(data)
            for offset in rng.integers(0, min(300, len(data)), 3):
                noisy[offset] = rng.integers(256)
            (tmp_path / name).write_bytes(noisy[: rng.integers(1, 2 * len(noisy))])
            for item in read(tmp_path / name):
                assert isinstance(item, ReadTrajectory | Rejection | Skipped)
