"""TIFF: what is chosen of stacks of many axes, what its tags say, and files that are damaged."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from morphcore.readers.options import ImportOptions
from morphcore.readers.results import UnreadableFrame
from tests.bad_files import pages_bytes
from tests.morphcore.readers.test_stacks import DEEP, FILM, REAL, lzw, only, saved


def test_a_channel_is_chosen_and_it_is_said(tmp_path: Path) -> None:
    """As a program without ImageJ writes a hyperstack: a page a plane, and its description."""
    path = tmp_path / "tc.tif"
    pages = [Image.fromarray(plane) for frame in FILM for plane in (frame, 255 - frame)]
    description = "ImageJ=1.53t\nimages=10\nchannels=2\nframes=5\nhyperstack=true\n"
    pages[0].save(path, save_all=True, append_images=pages[1:], tiffinfo={270: description})
    stack, values = only(path)
    assert np.array_equal(values, FILM)
    assert stack.done == ("Channel 0 of 2 is taken; the option channel chooses another.",)
    stack, values = only(path, ImportOptions(channel=1))
    assert np.array_equal(values, 255 - FILM)
    assert stack.done == ("Channel 1 of 2 is taken.",)
    with pytest.raises(UnreadableFrame, match="from 0 to 1"):
        only(path, ImportOptions(channel=2))


def test_one_slice_of_times_is_taken_and_slices_alone_are_times(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    both = np.stack([DEEP, 65535 - DEEP, DEEP // 2], axis=1)
    tifffile.imwrite(path, both, imagej=True, metadata={"axes": "TZYX"})
    stack, values = only(path)
    assert np.array_equal(values, DEEP)
    assert stack.done == ("The first of 3 slices is taken.",)
    tifffile.imwrite(path, DEEP, imagej=True, metadata={"axes": "ZYX"})
    stack, values = only(path)
    assert np.array_equal(values, DEEP)
    assert stack.done == ("Its 5 slices are taken as frames in time.",)


def test_pages_written_one_by_one_are_frames_and_a_thumbnail_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        for frame in DEEP:
            writer.write(frame, contiguous=False)
    stack, values = only(path)
    assert np.array_equal(values, DEEP)
    assert not stack.done
    with tifffile.TiffWriter(path) as writer:
        writer.write(FILM[0, :16, :20], metadata=None)
        for frame in FILM:
            writer.write(frame, metadata=None)
    stack, values = only(path)
    assert np.array_equal(values, FILM)
    assert stack.done == ("It holds several stacks: 5 x 24 x 60 is taken, 16 x 20 left out.",)


def test_palettes_are_expanded_transparency_is_white_and_deep_colours_are_said(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.tif"
    reds = np.zeros((3, 256), np.uint16)
    reds[0] = np.arange(256) * 257
    tifffile.imwrite(path, FILM, photometric="palette", colormap=reds)
    assert np.array_equal(only(path)[1], np.stack([FILM, FILM * 0, FILM * 0], axis=-1))
    grays = np.repeat(reds[:1], 3, axis=0)[:, ::-1]
    tifffile.imwrite(path, FILM, photometric="palette", colormap=grays)
    assert np.array_equal(only(path)[1], 255 - FILM)
    clear = np.stack([FILM[0], np.zeros_like(FILM[0])], axis=-1)
    tifffile.imwrite(path, clear, photometric="minisblack", extrasamples=["unassalpha"])
    assert (only(path)[1] == 255).all()
    colours = np.stack([FILM, FILM // 2, 255 - FILM], axis=-1)
    tifffile.imwrite(path, colours.astype(np.uint16) * 257, photometric="rgb")
    stack, values = only(path)
    assert np.array_equal(values, colours)
    assert stack.done == ("Its colours of 16 bits are brought to 8.",)


def test_an_electron_microscope_says_its_pixel(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    fei = "[Scan]\r\nPixelWidth=2.5e-009\r\nPixelHeight=2.5e-009\r\n"
    tifffile.imwrite(path, FILM[0], extratags=[(34682, 2, len(fei) + 1, fei, True)], metadata=None)
    stack, _ = only(path)
    assert (stack.pixel_size, stack.length_unit) == ((2.5, 2.5), "nm")


@pytest.mark.parametrize(
    ("density", "unit", "size"),
    [
        ((72, 72), "INCH", None),
        ((600, 600), "INCH", None),
        ((37.795, 37.795), "CENTIMETER", None),  # 96 an inch
        ((1, 1), "CENTIMETER", None),
        ((50_000, 50_000), "CENTIMETER", (200.0, 200.0)),
        ((50_000, 25_000), "CENTIMETER", (200.0, 400.0)),
    ],
)
def test_a_resolution_is_a_pixel_size_unless_it_is_a_screens_or_printers(
    tmp_path: Path,
    density: tuple[float, float],
    unit: str,
    size: tuple[float, float] | None,
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, FILM, resolution=density, resolutionunit=unit)
    stack, _ = only(path)
    assert stack.pixel_size == size
    assert stack.length_unit == (None if size is None else "nm")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_a_cut_off_tiff_is_refused_however_it_is_packed(tmp_path: Path, share: float) -> None:
    plain, packed = tmp_path / "a.tif", lzw(tmp_path / "b.tif", DEEP)
    tifffile.imwrite(plain, REAL)
    for path in (plain, packed, saved(tmp_path / "c.tif", pages_bytes(FILM, "TIFF"))):
        data = path.read_bytes()
        saved(path, data[: int(len(data) * share)])
        with pytest.raises(UnreadableFrame):
            only(path)


def test_complex_values_are_refused_by_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, REAL.astype(np.complex64))
    with pytest.raises(UnreadableFrame, match="complex64"):
        only(path)


# As Exif defines them.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_page_is_turned_as_its_orientation_says(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "turned.tif"
    tifffile.imwrite(path, FILM[0], extratags=[(274, "H", 1, orientation, True)])
    picture = Image.fromarray(FILM[0])
    turn = TURNS.get(orientation)
    expected = np.asarray(picture if turn is None else picture.transpose(turn))
    stack, (frame,) = only(path)
    assert stack.values.shape[1:3] == frame.shape == expected.shape
    np.testing.assert_array_equal(frame, expected)
    assert any("orientation tag" in said for said in stack.done) == (orientation != 1)


def test_pages_that_lead_in_a_circle_are_refused(tmp_path: Path) -> None:
    for around in (1, 2):
        data = bytearray(pages_bytes(FILM, "TIFF"))
        offsets, at = [], 4
        while (offset := int.from_bytes(data[at : at + 4], "little")) and len(offsets) < around:
            offsets.append(offset)
            at = offset + 2 + 12 * int.from_bytes(data[offset : offset + 2], "little")
        data[at : at + 4] = offsets[0].to_bytes(4, "little")
        with pytest.raises(UnreadableFrame, match="lead back to an earlier one"):
            only(saved(tmp_path / "a.tif", bytes(data)))
