"""Movies and filmstrips: read back, they are the stored frames, at the rate asked for."""

import io
import json
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

from exports import movie, trajectory
from jobs.__main__ import main
from store import trajectories
from store.db import open_store
from tests.factory import Made, blobs


def stored(made: Made, index: int) -> np.ndarray:
    with open_store(made.path) as db:
        return trajectories.frame(db, int(trajectories.frame_ids_of(db, 1)[index]))


def test_a_gif_holds_every_frame_exactly(made: Made) -> None:
    made_gif = Image.open(io.BytesIO(trajectory.movie_of(made.path, 1, kind="gif", rate=20)))
    assert made_gif.n_frames == 20
    for index in (1, 7, 19):
        made_gif.seek(index)
        assert made_gif.info["duration"] == 50
        assert (np.asarray(made_gif.convert("L"))[:100] == stored(made, index)).all()


def test_an_mp4_shows_the_frames_at_its_rate(made: Made, tmp_path: Path) -> None:
    out = tmp_path / "film.mp4"
    out.write_bytes(trajectory.movie_of(made.path, 1, kind="mp4", rate=10))
    assert iio.immeta(out, plugin="FFMPEG")["fps"] == 10
    shown = iio.imread(out, plugin="FFMPEG")
    assert shown.shape == (20, 240, 800, 3)
    small = shown[12, :200, :, 0].reshape(100, 2, 400, 2).mean((1, 3))
    assert np.abs(small - stored(made, 12)).mean() < 8  # of 255: it is compressed


def test_long_films_are_thinned_and_keep_both_ends() -> None:
    frames = list(blobs(2, phi=0.5, seed=0)) * 200
    made = Image.open(
        io.BytesIO(movie.movie(frames, [str(n) for n in range(400)], kind="gif", rate=25))
    )
    assert made.n_frames == movie.MOST_FRAMES


@pytest.mark.parametrize(
    ("count", "size"), [(1, (400, 120)), (3, (400, 384)), (4, (812, 252)), (9, (1224, 384))]
)
def test_a_strip_holds_its_frames_as_lines_are_read(count: int, size: tuple[int, int]) -> None:
    frames = list(blobs(count, phi=0.5, seed=1))
    sheet = Image.open(io.BytesIO(movie.filmstrip(frames, ["step 1"] * count)))
    assert sheet.size == size
    pixels = np.asarray(sheet)
    assert (pixels[:100, :400] == frames[0]).all()
    last_row, columns = size[1] - 120, {1: 1, 3: 1, 4: 2, 9: 3}[count]
    left = 412 * (columns - 1)
    assert (pixels[last_row : last_row + 100, left : left + 400] == frames[-1]).all()
    assert pixels[102:120, :400].min() < 100  # the words below


def test_the_command_line_writes_both(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    with open_store(made.path) as db:
        name = trajectories.trajectories(db, made.dataset_id)[0].name
    options = ["--dataset", "blobs", "--trajectory", name, "--store", str(made.path), "--json"]
    strip_file, movie_file = tmp_path / "a.png", tmp_path / "a.gif"
    assert main(["export", "--what", "strip", "--frames", "0,5,19", str(strip_file), *options]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] == 3
    assert main(["export", "--what", "movie", "--rate", "10", str(movie_file), *options]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] == 20
    assert Image.open(strip_file).size == (400, 384)
    assert Image.open(movie_file).n_frames == 20


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--what", "movie", "a.avi"], "ends in .mp4 or .gif"),
        (["--what", "movie", "--rate", "7", "a.gif"], "one of 5, 10, 20, 25"),
        (["--what", "strip", "a.jpg"], "ends in .png"),
        (["--what", "strip", "--frames", "0,x", "a.png"], "indices from 0"),
        (["--what", "strip", "--frames", "20", "a.png"], "frames 0 to 19"),
        (["--what", "strip", "--trajectory", "none", "a.png"], "no trajectory named 'none'"),
        (["--what", "strip", "--trajectory", "", "a.png"], "no trajectory named"),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(
    made: Made,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
    options: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store(made.path) as db:
        name = trajectories.trajectories(db, made.dataset_id)[0].name
    given = ["--dataset", "blobs", "--store", str(made.path), "--trajectory", name]
    assert main(["export", *given, *options]) == 1
    assert words in capsys.readouterr().err
    assert list(tmp_path.glob("a.*")) == []


def test_a_movie_needs_a_trajectory(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = str(tmp_path / "a.gif")
    assert main(["export", "--what", "movie", "--run", "1", "--store", str(made.path), out]) == 1
    assert "--dataset NAME --trajectory NAME" in capsys.readouterr().err
