"""Colours to one number: colour maps are told from photographs, and followed in their order."""

import io

import numpy as np
import pytest
from PIL import Image

from morphcore.readers.interpretation.colours import ColourChoice, ColourHistogram, ColourToNumber
from morphcore.readers.interpretation.interpret import interpret
from morphcore.readers.options import DEFAULT_OPTIONS, ImportOptions
from tests.morphcore.readers.patterns import films, soft, stack

FIELDS = np.stack([soft(bits) for bits in films()])


def ramp(centre: float, field: np.ndarray) -> np.ndarray:
    return np.clip(1.5 - np.abs(4 * field - centre), 0, 1)


MAPS = {
    "bwr": lambda f: (
        np.clip(2 * f, 0, 1),
        np.minimum(np.clip(2 * f, 0, 1), np.clip(2 - 2 * f, 0, 1)),
        np.clip(2 - 2 * f, 0, 1),
    ),
    "jet": lambda f: (ramp(3, f), ramp(2, f), ramp(1, f)),
    "hot": lambda f: (np.clip(3 * f, 0, 1), np.clip(3 * f - 1, 0, 1), np.clip(3 * f - 2, 0, 1)),
    "blues": lambda f: (1 - 0.97 * f, 1 - 0.8 * f, 1 - 0.55 * f),
    "gray": lambda f: (f, f, f),
}


def drawn(name: str, field: np.ndarray, *, lossy: bool = False) -> np.ndarray:
    picture = (np.stack(MAPS[name](field), axis=-1) * 255).astype(np.uint8)
    if lossy:
        out = io.BytesIO()
        Image.fromarray(picture).save(out, "JPEG", quality=92)
        picture = np.asarray(Image.open(out))
    return picture


def choose(pictures: list[np.ndarray], options: ImportOptions = DEFAULT_OPTIONS) -> ColourChoice:
    histogram = ColourHistogram()
    for picture in pictures:
        histogram.add(picture)
    return histogram.choose(options)


@pytest.mark.parametrize("lossy", [False, True])
@pytest.mark.parametrize("name", ["bwr", "jet"])
def test_a_map_whose_lightness_turns_back_is_asked_about(name: str, lossy: bool) -> None:
    pictures = [drawn(name, field, lossy=lossy) for field in FIELDS]
    choice = choose(pictures)
    assert [question.option for question in choice.questions] == ["colours"]
    followed = choose(pictures, ImportOptions(colours="map"))
    assert not followed.questions
    for picture, field in zip(pictures, FIELDS, strict=True):
        white = followed.way(picture) >= 127.5
        assert (white == (field >= 0.5)).mean() > (0.95 if lossy else 0.99)


@pytest.mark.parametrize("lossy", [False, True])
@pytest.mark.parametrize("name", ["hot", "blues"])
def test_a_map_whose_lightness_rises_or_falls_is_read_by_it(name: str, lossy: bool) -> None:
    choice = choose([drawn(name, field, lossy=lossy) for field in FIELDS])
    assert choice.way.way == "lightness"
    assert not choice.questions
    assert "white is lighter than" in choice.done[0]


def test_gray_pictures_need_no_word() -> None:
    choice = choose([drawn("gray", field) for field in FIELDS])
    assert choice == ColourChoice(choice.way)
    assert choice.way.way == "lightness"


def test_lightness_is_that_of_itu_r_601() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    choice = choose([picture], ImportOptions(colours="lightness"))
    assert (choice.way(picture) == np.asarray(Image.fromarray(picture).convert("L"))).all()
    green = choose([picture], ImportOptions(colours="green"))
    assert (green.way(picture) == picture[..., 1]).all()


def two(black: tuple[int, int, int], white: tuple[int, int, int]) -> list[np.ndarray]:
    return [np.array([black, white], np.uint8)[bits.astype(int)] for bits in films()]


def test_a_large_picture_is_counted_and_read_in_strips_as_one_is_at_once() -> None:
    large = np.random.default_rng(0).integers(0, 256, (700, 801, 3), dtype=np.uint8)
    in_one, in_rows = ColourHistogram(), ColourHistogram()
    in_one.add(large)
    for row in large:
        in_rows.add(row[None])
    for colours in ("lightness", "map"):
        way = in_one.choose(ImportOptions(colours=colours)).way
        by_row = in_rows.choose(ImportOptions(colours=colours)).way
        np.testing.assert_array_equal(
            way(large), np.concatenate([by_row(row[None]) for row in large])
        )
    np.testing.assert_array_equal(
        ColourToNumber("lightness")(large), np.asarray(Image.fromarray(large).convert("L"))
    )


def test_two_flat_colours_are_two_phases_where_lightness_tells_them_apart() -> None:
    assert "red is the lighter one" in choose(two((0, 0, 255), (255, 0, 0))).done[0]
    alike = choose(two((200, 60, 60), (60, 120, 100)))
    assert [question.option for question in alike.questions] == ["colours"]
    three = [picture.copy() for picture in two((0, 0, 255), (255, 0, 0))]
    three[0][:20] = (0, 200, 0)
    assert "3 colours" in choose(three).questions[0].message


def test_a_photograph_is_read_by_lightness_with_a_word() -> None:
    rng = np.random.default_rng(1)
    base = np.where(films()[..., None], (230, 200, 160), (60, 70, 110)).astype(float)
    photos = [
        np.clip(each + rng.normal(0, 22, each.shape), 0, 255).astype(np.uint8) for each in base
    ]
    choice = choose(photos)
    assert choice.way.way == "lightness"
    assert not choice.questions
    assert choice.done or choice.warnings


def test_a_lossy_map_of_two_dark_ends_is_asked_about_though_they_differ_a_little() -> None:
    def cool(field: np.ndarray) -> np.ndarray:
        places = [0, 0.5, 1]
        ends = ((59, 221, 180), (76, 221, 4), (192, 221, 38))
        return np.stack([np.interp(field, places, each) for each in ends], axis=-1)

    pictures = []
    for bits in films():
        out = io.BytesIO()
        Image.fromarray(cool(soft(bits)).astype(np.uint8)).save(out, "JPEG", quality=85)
        pictures.append(np.asarray(Image.open(out)))
    assert [question.option for question in choose(pictures).questions] == ["colours"]


def test_two_colours_of_one_lightness_are_asked_about() -> None:
    green, red = np.array([0, 130, 0], np.uint8), np.array([255, 0, 0], np.uint8)
    pictures = np.where(films()[..., None], red, green)
    choice, _ = interpret(stack(pictures), "picture", DEFAULT_OPTIONS)
    assert [question.option for question in choice.questions] == ["colours"]
    assert np.array_equal(choice.gray(pictures[0]) > 127, films()[0])


def test_the_colours_of_two_channels_are_divided_at_half_of_their_own_lightness() -> None:
    level = np.rint(255 * FIELDS).astype(np.uint8)
    pictures = np.stack([level, 255 - level, 0 * level], axis=-1)
    choice, values = interpret(stack(pictures), "picture", DEFAULT_OPTIONS)
    assert choice.scale.cut == pytest.approx((values.low + values.high) / 2)
