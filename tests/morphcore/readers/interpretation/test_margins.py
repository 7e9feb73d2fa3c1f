"""Margins of figures and info bars are found, and what belongs to a film is left."""

import numpy as np
import pytest

from morphcore.progress import ignore
from morphcore.readers.interpretation.interpret import interpret
from morphcore.readers.interpretation.margins import Margins, find
from morphcore.readers.interpretation.value_statistics import gather
from morphcore.readers.options import ImportOptions
from tests.morphcore.readers.patterns import film, films, stack

FILMS = films(height=100, width=300).astype(np.uint8) * np.uint8(255)


def found(pictures: np.ndarray) -> Margins | None:
    return find(gather(pictures, len(pictures), pictures.dtype, ignore))


def figure(frames: np.ndarray) -> np.ndarray:
    """Frames as a plotting program saves them: a margin, a line around, letters as a title."""
    pages = np.full((len(frames), 150, 400), 255, np.uint8)
    pages[:, 25:127, 49:351] = 0
    pages[:, 26:126, 50:350] = frames
    pages[:, 8:16, 200:280:3] = 0
    return pages


def micrograph(seed: int) -> np.ndarray:
    """A picture of a microscope with a bar of lettering below it."""
    noise = np.random.default_rng(seed).normal(0, 9, (400, 512))
    picture = np.zeros((460, 512), np.uint8)
    picture[:400] = np.clip(60 + film(seed, 400, 512) * 80 + noise, 0, 255)
    picture[415:440, 20 + seed : 300 : 3] = 255
    return picture


@pytest.mark.parametrize("count", [1, 3])
def test_the_margin_of_a_figure_is_found_with_its_line(count: int) -> None:
    margins = found(figure(FILMS[:count]))
    assert margins is not None
    assert margins.border == (50, 26, 50, 24)
    assert margins.sure


def test_an_info_bar_is_found_though_its_letters_change() -> None:
    margins = found(np.stack([micrograph(seed) for seed in range(3)]))
    assert margins is not None
    assert margins.border == (0, 0, 0, 60)
    assert found(micrograph(4)[None]) == margins


def test_cropping_gives_the_film_back_and_asks_before() -> None:
    pages = figure(FILMS)
    asked, _ = interpret(stack(pages), "picture", ImportOptions())
    assert [question.option for question in asked.questions] == ["crop"]
    assert "(50,26,50,24 at left, top, right, bottom)" in asked.questions[0].message
    for crop in ("auto", (50, 26, 50, 24)):
        cropped, _ = interpret(stack(pages), "picture", ImportOptions(crop=crop))
        assert not cropped.questions
        _, gray = next(cropped.frames(stack(pages).values))
        assert (gray == FILMS).all()
    kept, _ = interpret(stack(pages), "picture", ImportOptions(crop="none"))
    assert not kept.questions
    assert kept.size == (150, 400)


def test_a_wall_of_a_simulation_is_kept_with_a_word() -> None:
    walled = FILMS.copy()
    walled[:, -6:] = 255
    margins = found(walled)
    assert margins is not None
    assert not margins.sure
    kept, _ = interpret(stack(walled), "npy", ImportOptions())
    assert not kept.questions
    assert "6 pixels at the bottom are the same in all frames" in kept.warnings[0]


def test_a_film_has_no_margin() -> None:
    assert found(FILMS) is None
    for seed in range(4):
        assert found(film(seed, 100, 400).astype(np.uint8)[None]) is None
    layered = FILMS[:1].copy()
    layered[:, :8], layered[:, -8:] = 255, 0
    assert found(layered) is None


def test_axes_are_found_beside_a_colour_bar_that_is_taller() -> None:
    pages = np.full((3, 250, 600), 255, np.uint8)
    pages[:, 70:182, 75:447] = 0
    pages[:, 71:181, 76:446] = 60 + 100 * films(height=110, width=370)
    pages[:, 30:222, 470:481] = np.linspace(200, 0, 192)[:, None]
    margins = found(pages)
    assert margins is not None
    assert margins.border == (76, 71, 154, 69)


def test_a_dark_film_is_not_taken_for_the_line_around_it() -> None:
    pages = figure((60 + 100 * FILMS.astype(bool)).astype(np.uint8))
    margins = found(pages)
    assert margins is not None
    assert margins.border == (50, 26, 50, 24)


def test_two_electrodes_are_not_asked_about() -> None:
    frames = FILMS.copy()
    frames[:, :3], frames[:, -3:] = 255, 0
    margins = found(frames)
    assert margins is not None
    assert not margins.sure


def test_what_is_around_a_growing_drop_is_no_margin() -> None:
    rows, columns = np.mgrid[:60, :200]
    away = np.hypot(rows - 30, columns - 100)
    margins = found(np.stack([(away < 6 + 3 * each) * np.uint8(255) for each in range(5)]))
    assert margins is not None
    assert not margins.sure


def test_a_look_crops_its_small_pictures_once() -> None:
    options = ImportOptions(crop="auto")
    choice, values = interpret(stack(figure(FILMS)), "picture", options)
    shown = choice.thinned(values.kept.pictures[0], values.kept.step)
    assert np.array_equal(shown, FILMS[0])


def test_a_hot_pixel_is_no_picture_within_margins() -> None:
    counts = (300 + 800 * FILMS.astype(np.float64) / 255).astype(np.uint16)
    counts[:, 3, 3] = 65535
    assert found(counts) is None
