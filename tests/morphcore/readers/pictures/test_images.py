"""Pictures that Pillow reads are turned as their camera was, and transparency hides nothing."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from morphcore.readers.options import DEFAULT_OPTIONS
from morphcore.readers.read import read
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
