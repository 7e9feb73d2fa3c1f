"""Frames at a model's pixel size: the factor from what is known or chosen, and the pictures."""

import numpy as np
import pytest

from morphcore import frames
from morphcore.embedding.rescaling import (
    PixelScale,
    Rescaling,
    ScaleError,
    ScaleUnknown,
    binarised,
    decide,
    parse_choice,
    rescale,
)


def test_where_both_pixel_sizes_are_known_their_ratio_is_the_factor():
    model = PixelScale(100, 8.0, "nm")
    for size, unit in ((4.0, "nm"), (0.004, "µm"), (0.004, "um"), (40.0, "Å"), (4e-9, "m")):
        decided = decide(model, PixelScale(300, size, unit), None)
        assert (decided.factor, decided.how) == (pytest.approx(0.5, rel=1e-9), "pixel size")
    assert decide(model, PixelScale(300, 4.0, "nm"), "one").factor == 1.0  # a choice wins


def test_where_one_is_not_known_there_has_to_be_a_choice():
    known, unknown = PixelScale(100, 8.0, "nm"), PixelScale(401)
    for model, frame in ((known, unknown), (unknown, known), (known, PixelScale(9, 2.0, "R_g"))):
        with pytest.raises(ScaleUnknown):
            decide(model, frame, None)
    assert decide(known, unknown, "thickness").factor == 100 / 401
    assert decide(known, unknown, 0.3).words == "scaled by 0.3, as given"


@pytest.mark.parametrize("factor", [0.0, -1.0, 1000.0, float("nan"), float("inf")])
def test_a_factor_that_is_none_is_refused(factor: float):
    with pytest.raises(ScaleError, match=r"accepted are 0\.01 to 100"):
        decide(PixelScale(100), PixelScale(100), factor)


def test_choices_as_they_are_written():
    assert [parse_choice(text) for text in ("thickness", "one", "0.62")] == [
        "thickness",
        "one",
        0.62,
    ]
    with pytest.raises(ScaleError, match="accepted are thickness, one or a number"):
        parse_choice("twice")


def test_words_say_both_pixel_sizes():
    scaled = Rescaling(0.62, "pixel size", PixelScale(160, 5.0, "nm"))
    assert scaled.words == "scaled by 0.62: 5 nm/px to 8.06 nm/px"
    assert scaled.shape((160, 640)) == (99, 397)


def test_shrinking_takes_the_mean_over_area_and_keeps_the_area_fraction():
    gray = np.random.default_rng(0).integers(0, 256, (60, 200)).astype(np.uint8)
    small = rescale(gray, 0.5)
    blocks = gray.reshape(30, 2, 100, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(small, blocks, atol=0.51)


def test_enlarging_draws_straight_lines_between_pixels():
    ramp = np.tile(np.arange(0, 100, 10, dtype=np.uint8), (4, 1))
    large = rescale(ramp, 2.0)
    assert large.shape == (8, 20)
    np.testing.assert_allclose(np.diff(large[0, 1:-1].astype(int)), 5, atol=1)
    assert (rescale(np.full((5, 5), 77, dtype=np.uint8), 3.1) == 77).all()


def test_enlarging_goes_around_the_film_where_its_edges_join():
    gray = np.zeros((2, 4), dtype=np.uint8)
    gray[:, 0] = 200
    around, walls = rescale(gray, 2.0, periodic=True), rescale(gray, 2.0)
    assert around[0, -1] == 50
    assert around[0, 0] == 150
    assert (walls[0, -1], walls[0, 0]) == (0, 200)


def test_a_film_comes_back_from_half_its_size():
    y, x = np.mgrid[:100, :400]
    film = (np.sin(2 * np.pi * x / 50) + np.sin(2 * np.pi * y / 50)) > 0
    half = frames.resize(frames.to_gray(film), (50, 200))
    assert (binarised(half, 2.0, 0.5, periodic=True) != film).mean() < 0.01
    assert binarised(half, 2.0, 0.9).mean() < film.mean() < binarised(half, 2.0, 0.1).mean()
