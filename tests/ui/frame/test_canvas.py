"""Drawings with known answers: where a stroke lands, what the eraser does, what wins."""

import numpy as np
import pytest

from morphcore.frames import roll
from tests.factory import blobs
from ui.frame import canvas

BLACK = np.zeros((100, 400), dtype=bool)
WHITE = ~BLACK
LAYOUT = canvas.layout_of((100, 400), periodic=True)
COLOURS = {"white": (255, 255, 255), "black": (0, 0, 0), "eraser": (255, 128, 128)}


def empty() -> np.ndarray:
    return np.zeros((200, 960, 4), dtype=np.uint8)


def stroke(rgba, x0: int, x1: int, colour: str = "white", y0: int = 20, y1: int = 60) -> np.ndarray:
    """A block in frame pixels; x runs from -40 to 440."""
    out = rgba.copy()
    block = slice(2 * y0, 2 * y1), slice(2 * (x0 + 40), 2 * (x1 + 40))
    out[block] = (*COLOURS[colour], 255)
    return out


def block(x0: int, x1: int, y0: int = 20, y1: int = 60) -> np.ndarray:
    out = BLACK.copy()
    out[y0:y1, x0:x1] = True
    return out


def ground() -> np.ndarray:
    return blobs(6, phi=0.5, seed=3)[-1] > 127


def test_a_stroke_inside_the_frame_lands_where_it_was_drawn():
    drawn = canvas.frame(BLACK, stroke(empty(), 100, 150), LAYOUT)
    np.testing.assert_array_equal(drawn, block(100, 150))


def test_a_stroke_over_the_right_margin_comes_in_at_the_left():
    drawn = canvas.frame(BLACK, stroke(empty(), 380, 430), LAYOUT)
    np.testing.assert_array_equal(drawn, block(380, 400) | block(0, 30))


def test_a_stroke_over_the_left_margin_comes_in_at_the_right():
    drawn = canvas.frame(BLACK, stroke(empty(), -25, 10), LAYOUT)
    np.testing.assert_array_equal(drawn, block(375, 400) | block(0, 10))


@pytest.mark.parametrize("shift", [40, 200, 219, 240])
def test_drawing_further_along_is_rolling(shift: int):
    drawn = canvas.frame(ground(), stroke(empty(), 170, 200, "black"), LAYOUT)
    along = canvas.frame(
        roll(ground(), shift), stroke(empty(), 170 + shift, 200 + shift, "black"), LAYOUT
    )
    np.testing.assert_array_equal(along, roll(drawn, shift))


def test_black_and_white_pens_paint_over_any_ground():
    rgba = stroke(stroke(empty(), 50, 150, "white"), 100, 200, "black")
    drawn = canvas.frame(ground(), rgba, LAYOUT)
    assert drawn[20:60, 50:100].all()
    assert not drawn[20:60, 100:200].any()
    untouched = ~block(50, 200)
    np.testing.assert_array_equal(drawn[untouched], ground()[untouched])


@pytest.mark.parametrize("x", [180, 380])
def test_the_eraser_brings_the_ground_back(x: int):
    rgba = stroke(stroke(empty(), x, x + 50, "white"), x + 10, x + 50, "eraser")
    drawn = canvas.frame(ground(), rgba, LAYOUT)
    np.testing.assert_array_equal(drawn, ground() | block(x, x + 10))


def test_paint_inside_the_frame_lies_over_paint_from_a_margin():
    rgba = stroke(stroke(empty(), 400, 430, "white"), 10, 20, "black")
    drawn = canvas.frame(BLACK, rgba, LAYOUT)
    np.testing.assert_array_equal(drawn, block(0, 10) | block(20, 30))
    erased = canvas.frame(BLACK, stroke(stroke(empty(), 400, 430), 10, 20, "eraser"), LAYOUT)
    np.testing.assert_array_equal(erased, block(0, 30))  # lets through what came in


def test_smooth_edges_are_cut_at_one_half():
    rgba = stroke(empty(), 100, 150)
    column = slice(40, 120), slice(2 * (100 + 40), 2 * (101 + 40)), 3
    for alpha, stays in ((120, False), (136, True)):
        rgba[column] = alpha
        drawn = canvas.frame(BLACK, rgba, LAYOUT)
        assert drawn[20:60, 100].all() == drawn[20:60, 100].any() == stays
        assert drawn[20:60, 101:150].all()


def test_mixtures_of_the_three_colours_are_separated():
    shares = np.array([[0.25, 0.5, 0.25], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0, 0, 1], [1, 0, 0]])
    mixed = shares @ np.array([COLOURS[each] for each in ("white", "black", "eraser")])
    rgba = np.dstack([mixed[None], np.full((1, 5), 255)]).astype(np.uint8)
    layer = canvas.paint(rgba)
    np.testing.assert_allclose(layer.white[0], shares[:, 0], atol=0.01)
    np.testing.assert_allclose(layer.kept[0], shares[:, 2], atol=0.01)


def test_an_empty_canvas_is_its_ground():
    assert not canvas.has_strokes(empty())
    assert canvas.has_strokes(stroke(empty(), 430, 432))
    for bits in (BLACK, WHITE, ground()):
        np.testing.assert_array_equal(canvas.frame(bits, empty(), LAYOUT), bits, LAYOUT)


def test_the_ground_continues_tinted_in_the_margins():
    picture = canvas.ground_picture(ground(), LAYOUT)
    assert picture.shape == (200, 960, 3)
    inside = picture[::2, 80:-80:2]
    np.testing.assert_array_equal(inside, np.where(ground(), 255, 0)[..., None].repeat(3, 2))
    green, right = picture[::2, :, 1], ground()[:, -40:]
    levels = green[:, :80:2]  # the left margin shows the frame's right end
    assert (levels[right].min(), levels[~right].max()) == (220, 80)
    np.testing.assert_array_equal(green[:, -80::2] > 150, ground()[:, :40])


def test_the_eraser_looks_like_an_even_ground():
    assert canvas.eraser_colour(BLACK) == "#000000"
    assert canvas.eraser_colour(WHITE) == "#ffffff"
    assert canvas.eraser_colour(ground()) == canvas.ERASER == "#ff8080"


def test_the_margin_is_wider_than_the_thickest_pen():
    assert max(canvas.PEN_WIDTHS.values()) < canvas.MARGIN


@pytest.mark.parametrize("shape", [(64, 64), (512, 512), (100, 900), (2048, 16)])
def test_a_canvas_fits_the_page_and_draws_what_it_shows(shape: tuple[int, int]):
    layout = canvas.layout_of(shape, periodic=False)
    assert layout.width <= canvas.WIDEST
    assert layout.height <= canvas.TALLEST
    rgba = np.zeros((layout.height, layout.width, 4), dtype=np.uint8)
    rgba[: layout.scale * 8, : layout.scale * 5] = 255
    drawn = canvas.frame(np.zeros(layout.shape, dtype=bool), rgba, layout)
    assert drawn.shape == layout.shape
    assert drawn.sum() == 40
    assert drawn[:8, :5].all()


def test_of_a_large_frame_the_middle_is_drawn():
    frame = np.zeros((600, 900), dtype=bool)
    frame[300, 450] = True
    layout = canvas.layout_of((600, 900), periodic=False)
    shown = canvas.middle(frame, layout)
    assert shown.shape == (512, 800)
    assert shown[256, 400]
