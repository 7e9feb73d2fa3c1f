"""Pictures that Pillow reads are turned as their camera was, and transparency hides nothing."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from morphcore.readers.options import DEFAULT_OPTIONS
from morphcore.readers.read import read, survey
from morphcore.readers.results import ReadTrajectory
from tests.morphcore.readers.patterns import film

BITS = film(white=0.3)
GRAY = BITS * np.uint8(255)
# What a camera stores, by the tag that turns it upright.
STORED = {
    2: GRAY[:, ::-1],
    3: GRAY[::-1, ::-1],
    4: GRAY[::-1],
    5: GRAY.T,
    6: np.rot90(GRAY),
    7: GRAY[::-1, ::-1].T,
    8: np.rot90(GRAY, -1),
}


def frame_of(path: Path) -> np.ndarray:
    (item,) = read(path, DEFAULT_OPTIONS)
    assert isinstance(item, ReadTrajectory)
    return np.asarray(item.trajectory.frames[0])


@pytest.mark.parametrize("tag", STORED)
def test_a_picture_is_turned_as_its_exif_tag_says(tmp_path: Path, tag: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = tag
    Image.fromarray(np.ascontiguousarray(STORED[tag])).save(tmp_path / "p.png", exif=exif)
    assert np.array_equal(frame_of(tmp_path / "p.png"), GRAY)


@pytest.mark.parametrize(("drawn", "share"), [(255, 0.3), (0, 0.7)])
def test_what_is_drawn_on_a_transparent_ground_is_seen(
    tmp_path: Path, drawn: int, share: float
) -> None:
    picture = np.full((*BITS.shape, 4), drawn, np.uint8)
    picture[..., 3] = GRAY
    Image.fromarray(picture).save(tmp_path / "p.png")
    assert (frame_of(tmp_path / "p.png") > 127).mean() == pytest.approx(share, abs=0.01)


def test_an_animated_png_is_a_trajectory(tmp_path: Path) -> None:
    frames = [Image.fromarray(film(seed) * np.uint8(255)) for seed in range(3)]
    frames[0].save(tmp_path / "movie.png", save_all=True, append_images=frames[1:])
    (item,) = read(tmp_path, DEFAULT_OPTIONS)
    assert isinstance(item, ReadTrajectory)
    assert len(item.trajectory.frames) == 3


def test_a_copied_folder_is_said_to_be_a_copy(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for each in range(2):
            Image.fromarray(film(each) * np.uint8(255)).save(tmp_path / folder / f"f_{each}.png")
    first, second = survey(tmp_path, DEFAULT_OPTIONS).look.trajectories
    assert first.warnings == ()
    assert second.warnings == ("Its files are the same as those of a.",)
