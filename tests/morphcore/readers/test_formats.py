"""Each format, written with a known pattern and read back: the same frames by every way in."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from morphcore import frames as framing
from morphcore.readers.options import DEFAULT_OPTIONS, ImportOptions
from morphcore.readers.read import read
from morphcore.readers.results import ImportPathError, ReadTrajectory, UnreadableFrame
from morphcore.readers.single_frame import single_frame
from morphcore.types import Rejection
from tests.bad_files import (
    FRAMES,
    PATTERN,
    graspi_bytes,
    image_bytes,
    npy_bytes,
    npz_bytes,
    pages_bytes,
    zip_bytes,
)
from tests.factory import blobs

# Every gray level, each frame another one, none constant.
GRAY = np.stack([(np.arange(40_000) * step % 256).reshape(100, 400) for step in (1, 3, 7)])
GRAY = GRAY.astype(np.uint8)


def gray_of(data: bytes, options: ImportOptions = DEFAULT_OPTIONS) -> np.ndarray:
    return single_frame(data, "a.png", options).gray


def read_all(path: Path) -> list[ReadTrajectory]:
    items = list(read(path))
    assert all(isinstance(item, ReadTrajectory) for item in items), items
    return items  # type: ignore[return-value]


def only(path: Path) -> ReadTrajectory:
    (item,) = read_all(path)
    return item


def png_folder(parent: Path) -> Path:
    folder = parent / "run"
    folder.mkdir()
    for number, frame in zip((2, 10, 33), GRAY, strict=True):
        (folder / f"frame_{number}.png").write_bytes(image_bytes(frame))
    return folder


def tiff_folder(parent: Path) -> Path:
    folder = parent / "run"
    folder.mkdir()
    for number, frame in enumerate(GRAY):
        (folder / f"frame{number}.TIFF").write_bytes(image_bytes(frame, "TIFF"))
    return folder


def bmp_folder(parent: Path) -> Path:
    folder = parent / "run"
    folder.mkdir()
    for number, frame in enumerate(GRAY):
        (folder / f"{number}.bmp").write_bytes(image_bytes(frame, "BMP"))
    return folder


def zip_of_pictures(parent: Path) -> Path:
    members = {f"run/frame_{n}.png": image_bytes(frame) for n, frame in enumerate(GRAY, 9)}
    return write(parent / "set.zip", zip_bytes(members))


def npy_folder(parent: Path) -> Path:
    folder = parent / "run"
    folder.mkdir()
    for number, frame in enumerate(GRAY):
        (folder / f"u_{number}.npy").write_bytes(npy_bytes(frame))
    return folder


def h5_file(parent: Path) -> Path:
    with h5py.File(parent / "run.h5", "w") as file:
        file.create_dataset("deep/u", data=GRAY, chunks=(2, 50, 400), compression="gzip")
        file["time"] = np.arange(3)
    return parent / "run.h5"


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


WAYS: dict[str, Callable[[Path], Path]] = {
    "png folder": png_folder,
    "tiff folder": tiff_folder,
    "bmp folder": bmp_folder,
    "zip": zip_of_pictures,
    "npy": lambda parent: write(parent / "run.npy", npy_bytes(GRAY)),
    "npy, Fortran order": lambda parent: write(
        parent / "run.npy", npy_bytes(np.asfortranarray(GRAY.astype(np.int64)))
    ),
    "npy, floats to 255": lambda parent: write(parent / "run.npy", npy_bytes(GRAY.astype(">f4"))),
    "npy, floats to 1": lambda parent: write(parent / "run.npy", npy_bytes(GRAY / 255)),
    "npy, 16 bits": lambda parent: write(
        parent / "run.npy", npy_bytes(GRAY.astype(np.uint16) * np.uint16(257))
    ),
    "npy folder": npy_folder,
    "npz": lambda parent: write(parent / "run.npz", npz_bytes(u=GRAY, time=np.arange(3))),
    "h5": h5_file,
    "tiff": lambda parent: write(parent / "run.tif", pages_bytes(GRAY, "TIFF")),
    "gif": lambda parent: write(parent / "run.gif", pages_bytes(GRAY, "GIF")),
    "zip of an npz": lambda parent: write(
        parent / "run.zip", zip_bytes({"run.npz": npz_bytes(u=GRAY)})
    ),
    "zip of an h5": lambda parent: write(
        parent / "set.zip", zip_bytes({"run.h5": h5_file(parent).read_bytes()})
    ),
    "zip of a tiff": lambda parent: write(
        parent / "set.zip", zip_bytes({"run.tif": pages_bytes(GRAY, "TIFF")})
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_same_frames_come_in_by_every_way(way: str, tmp_path: Path) -> None:
    item = only(WAYS[way](tmp_path))
    assert (item.trajectory.frames == GRAY).all()
    assert item.trajectory.name == "run"
    assert not item.trajectory.periodic
    assert item.source.size > 0
    assert len(item.source.sha256) == 64


def test_bits_agree_through_a_lossy_video(tmp_path: Path) -> None:
    frames = blobs(6, phi=0.5, seed=1)[1:]
    film = tmp_path / "run.mp4"
    writer = imageio_ffmpeg.write_frames(
        str(film), (400, 100), pix_fmt_in="gray", macro_block_size=2, quality=9
    )
    writer.send(None)
    for frame in frames:
        writer.send(np.ascontiguousarray(frame))
    writer.close()
    trajectory = only(film).trajectory
    assert trajectory.frames.shape == frames.shape
    agree = framing.binarise(trajectory.frames) == framing.binarise(frames)
    assert agree.mean(axis=(1, 2)).min() > 0.99


def test_jpeg_agrees_but_for_its_loss(tmp_path: Path) -> None:
    frame = blobs(3, phi=0.5, seed=2)[2]
    (tmp_path / "a.jpg").write_bytes(image_bytes(frame, "JPEG", quality=95))
    (read_back,) = only(tmp_path).trajectory.frames
    assert (framing.binarise(read_back) == framing.binarise(frame)).mean() > 0.99


def test_any_size_is_kept_in_every_reader(tmp_path: Path) -> None:
    big = np.random.default_rng(0).integers(0, 256, (3, 250, 333)).astype(np.uint8)
    assert (only(write(tmp_path / "a.npy", npy_bytes(big))).trajectory.frames == big).all()
    tiff = only(write(tmp_path / "a.tif", pages_bytes(big, "TIFF"))).trajectory
    assert (tiff.frames == big).all()
    assert (single_frame(image_bytes(big[0]), "a.png").gray == big[0]).all()
    bits = big[0] > 127
    text = single_frame(graspi_bytes(bits), "a.txt").gray
    assert (text == (bits[::-1] * 255)).all()  # its first row is at the bottom


def test_a_folder_of_folders_gives_one_trajectory_each_in_natural_order(tmp_path: Path) -> None:
    for run in ("run10", "run2", "deep/run1"):
        folder = tmp_path / "set" / run
        folder.mkdir(parents=True)
        for number, frame in ((10, GRAY[1]), (2, GRAY[0]), (100, GRAY[2])):
            (folder / f"frame_{number}.png").write_bytes(image_bytes(frame))
    items = read_all(tmp_path / "set")
    assert [item.trajectory.name for item in items] == ["deep/run1", "run2", "run10"]
    for item in items:
        assert (item.trajectory.frames == GRAY).all()
        assert item.trajectory.times.tolist() == [2, 10, 100]
        assert item.trajectory.time_unit == "step"
        assert item.source.file == item.trajectory.name
    zipped = tmp_path / "set.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for file in sorted((tmp_path / "set").rglob("*.png"), reverse=True):
            archive.write(file, file.relative_to(tmp_path / "set"))
    again = read_all(zipped)
    assert [item.source for item in again] == [item.source for item in items]


def test_a_zip_beside_folders_reads_like_a_folder(tmp_path: Path) -> None:
    inner = zip_bytes({"r/1.png": image_bytes(GRAY[0]), "r/2.png": image_bytes(GRAY[1])})
    (tmp_path / "more.zip").write_bytes(inner)
    (tmp_path / "a.gif").write_bytes(pages_bytes(GRAY, "GIF"))
    items = {item.trajectory.name: item for item in read_all(tmp_path)}
    assert set(items) == {"a", "more/r"}
    assert items["more/r"].source.file == "more/r"
    outer = zip_bytes({"inner.zip": inner, "x.png": image_bytes(GRAY[0])})
    rejected, good = read(write(tmp_path / "outer.zip", outer))
    assert rejected == Rejection(
        "inner.zip",
        "It is an archive in an archive; unpack the outer one and import the folder.",
    )
    assert isinstance(good, ReadTrajectory)


def test_one_picture_is_a_trajectory_of_one_frame(tmp_path: Path) -> None:
    single = only(write(tmp_path / "photo7.png", image_bytes(PATTERN))).trajectory
    assert (single.frames == PATTERN).all()
    assert (single.name, single.times.tolist(), single.time_unit) == ("photo7", [0], "frame")
    named = write(tmp_path / "data_0.514_2.4_000220.png", image_bytes(PATTERN))
    run = only(named).trajectory
    assert (run.name, run.times.tolist(), run.time_unit) == ("data_0.514_2.4", [220], "step")
    assert run.params == {"phi": 0.514, "chi": 2.4}


def test_a_file_without_an_ending_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    assert (only(write(tmp_path / "upload", npy_bytes(GRAY))).trajectory.frames == GRAY).all()


def test_colour_transparency_and_depth_become_gray_as_written_down() -> None:
    colour = np.zeros((20, 20, 4), dtype=np.uint8)
    colour[:10] = (200, 100, 50, 255)  # 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2
    colour[10:] = (200, 100, 50, 0)  # transparent: white
    black = np.zeros((20, 20, 3), dtype=np.uint8)
    black[:10] = colour[:10, :, :3]
    expected = np.array([[124]] * 10 + [[255]] * 10, dtype=np.uint8).repeat(20, axis=1)
    given = ImportOptions(value_range=(0.0, 255.0), threshold=127.5)
    assert (gray_of(image_bytes(colour), given) == expected).all()
    assert (gray_of(image_bytes(black), given)[:10] == 124).all()
    palette = io.BytesIO()
    Image.fromarray(black).quantize(4).save(palette, format="PNG")
    assert (gray_of(palette.getvalue(), given)[:10] == 124).all()
    deep = np.linspace(0, 65535, 400).astype(np.uint16).reshape(20, 20)
    assert (gray_of(image_bytes(deep)) == np.rint(deep / 257)).all()
    share = np.linspace(0, 1, 400, dtype=np.float32).reshape(20, 20)
    assert (gray_of(image_bytes(share, "TIFF")) == np.rint(share * 255)).all()
    mask = np.eye(20, dtype=np.uint8)
    assert (gray_of(image_bytes(mask)) == mask * 255).all()


def test_a_portrait_picture_is_not_turned_unasked(tmp_path: Path) -> None:
    tall = image_bytes(FRAMES[0].T)
    (asked,) = read(write(tmp_path / "tall.png", tall))
    assert isinstance(asked, Rejection)
    assert "lies on its side" in asked.reason
    (turned,) = read(tmp_path / "tall.png", ImportOptions(axes="txy"))
    assert isinstance(turned, ReadTrajectory)
    assert (turned.trajectory.frames[0] == FRAMES[0]).all()
    query = single_frame(tall, "tall.png")
    assert (query.gray == FRAMES[0].T).all()
    assert [question.option for question in query.questions] == ["axes"]


def test_one_scale_holds_for_all_frames_of_an_array(tmp_path: Path) -> None:
    frames = GRAY.astype(np.float64)
    frames[1] = GRAY[1] % 2  # reaches 1 only: stays nearly black beside frames up to 255
    trajectory = only(write(tmp_path / "a.npy", npy_bytes(frames))).trajectory
    assert trajectory.frames[1].max() == 1
    pages = pages_bytes(frames.astype(np.float32), "TIFF")
    assert (only(write(tmp_path / "a.tif", pages)).trajectory.frames == trajectory.frames).all()


def test_a_little_overshoot_of_a_solver_is_clipped(tmp_path: Path) -> None:
    share = np.clip(GRAY / 255 * 1.01 - 0.005, -0.005, 1.005)
    trajectory = only(write(tmp_path / "a.npy", npy_bytes(share))).trajectory
    assert (trajectory.frames == np.rint(np.clip(share, 0, 1) * 255)).all()


def test_an_npz_of_several_arrays_gives_a_trajectory_each(tmp_path: Path) -> None:
    path = write(tmp_path / "set.npz", npz_bytes(a=GRAY, b=FRAMES, bad=GRAY * 0.0 - 1))
    items = list(read(path))
    good = [item for item in items if isinstance(item, ReadTrajectory)]
    assert [item.trajectory.name for item in good] == ["set/a", "set/b"]
    assert len({item.source.sha256 for item in good}) == 2
    (bad,) = (item for item in items if isinstance(item, Rejection))
    assert bad.file == "set.npz/bad"


@pytest.mark.parametrize("mixed", [False, True])
def test_our_own_npz_is_divided_into_its_trajectories(mixed: bool, tmp_path: Path) -> None:
    order = np.array([3, 0, 4, 2, 1]) if mixed else np.arange(5)
    frames = np.concatenate([GRAY, FRAMES[:2]])
    path = write(
        tmp_path / "frames.npz",
        npz_bytes(
            frames=frames[order],
            frame_id=np.arange(5)[order],
            trajectory=np.array(["a", "a", "a", "b", "b"])[order],
            index=np.array([0, 1, 2, 0, 1])[order],
            time=np.array([20, 40, 80, 0, 1])[order],
            phi=np.array([0.5, 0.5, 0.5, np.nan, np.nan])[order],
            chi=np.array([2.4, 2.4, 2.4, np.nan, np.nan])[order],
            periodic=np.array([True, True, True, False, False])[order],
        ),
    )
    a, b = sorted((item.trajectory for item in read_all(path)), key=lambda each: each.name)
    assert (a.frames == GRAY).all()
    assert (a.name, a.times.tolist(), a.time_unit) == ("a", [20, 40, 80], "step")
    assert (a.params, a.periodic) == ({"phi": 0.5, "chi": 2.4}, True)
    assert (b.frames == FRAMES[:2]).all()
    assert (b.times.tolist(), b.time_unit, b.params, b.periodic) == ([0, 1], "frame", {}, False)


def test_an_hdf5_gives_its_picture_like_data_sets_with_their_attributes(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file.attrs["chi"] = 3.2
        file.create_dataset("a/u", data=GRAY).attrs["phi"] = 0.6
        file["b"] = FRAMES
        file["bad"] = GRAY * 0.0 - 1
        file["time"] = np.arange(100)
        file["small"] = np.zeros((3, 3))
        file["link"] = h5py.ExternalLink("/etc/hostname", "/")
    items = list(read(tmp_path / "set.h5"))
    a, b = (item.trajectory for item in items if isinstance(item, ReadTrajectory))
    assert (a.name, b.name) == ("set/a/u", "set/b")
    assert (a.params, b.params) == ({"phi": 0.6, "chi": 3.2}, {"chi": 3.2})
    assert (a.frames == GRAY).all()
    link, bad = (item for item in items if isinstance(item, Rejection))
    assert link.file == "set.h5/link"
    assert bad.file == "set.h5/bad"


def test_the_source_of_a_folder_hashes_names_and_contents_in_order(tmp_path: Path) -> None:
    folder = png_folder(tmp_path)
    first = only(folder).source
    assert only(folder).source == first
    assert first.size == sum(file.stat().st_size for file in folder.iterdir())
    (folder / "frame_33.png").rename(folder / "frame_34.png")
    assert only(folder).source.sha256 != first.sha256


def test_trajectories_are_read_one_by_one_and_progress_goes_up(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number, frame in enumerate(GRAY):
            (tmp_path / name / f"{number}.png").write_bytes(image_bytes(frame))
    shares: list[float] = []
    files: list[str] = []
    items = read(tmp_path, progress=shares.append, on_file=files.append)
    assert isinstance(next(items), ReadTrajectory)
    assert shares[-1] < 0.5
    assert files == ["a"]
    (tmp_path / "b" / "1.png").write_bytes(b"")  # b was not opened yet
    later = list(items)
    assert [type(item) for item in later] == [Rejection, ReadTrajectory]
    assert shares == sorted(shares)
    assert 0.5 < shares[-1] <= 1
    assert files == ["a", "b"]


def test_what_progress_raises_goes_through(tmp_path: Path) -> None:
    class Halt(Exception):
        pass

    def halt(share: float) -> None:
        raise Halt(share)

    for way in ("png folder", "npy", "h5", "tiff"):
        folder = tmp_path / way.replace(" ", "_")
        folder.mkdir()
        with pytest.raises(Halt):
            list(read(WAYS[way](folder), progress=halt))


def test_a_query_file_is_one_frame_of_any_accepted_kind(tmp_path: Path) -> None:
    assert (single_frame(image_bytes(GRAY[0]), "a.png").gray == GRAY[0]).all()
    assert (single_frame(npy_bytes(GRAY[:1]), "a.npy").gray == GRAY[0]).all()
    assert (single_frame(npy_bytes(PATTERN > 0), "a.npy").gray == PATTERN).all()
    assert (
        single_frame(write(tmp_path / "a.txt", graspi_bytes(PATTERN[::-1] > 0)), "a.txt").gray
        == PATTERN
    ).all()
    assert (single_frame(image_bytes(GRAY[0]), "no ending").gray == GRAY[0]).all()
    with pytest.raises(UnreadableFrame, match="several frames"):
        single_frame(npy_bytes(GRAY), "a.npy")
    with pytest.raises(UnreadableFrame, match="several frames"):
        single_frame(pages_bytes(GRAY, "GIF"), "a.gif")
    with pytest.raises(UnreadableFrame, match="accepted are pictures"):
        single_frame(zip_bytes({"a.png": image_bytes(PATTERN)}), "a.zip")
    with pytest.raises(ImportPathError, match="does not exist"):
        single_frame(tmp_path / "none.png", "none.png")
