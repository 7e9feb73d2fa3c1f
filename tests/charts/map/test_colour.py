"""Colourings by properties: numbers along a line, words as classes."""

import numpy as np

from analysis.map_points import MapPoints
from charts.map import colour as map_colour
from charts.map import paint
from store import properties
from store.db import open_store
from store.properties import FrameProperty
from tests.analysis.test_map_points import points_of
from tests.factory import Made
from tests.properties import add_properties


def _words(points: MapPoints, words: list[str], known: np.ndarray) -> FrameProperty:
    classes = tuple(sorted(set(words)))
    codes = np.array([classes.index(word) for word in words], dtype=np.float64)
    return FrameProperty("batch", points.frame_ids, np.where(known, codes, np.nan), classes)


def test_numbers_are_coloured_along_a_line_and_unknown_ones_are_not(made: Made) -> None:
    points, current = points_of(made), add_properties(made)
    with open_store(made.path) as db:
        known = properties.values(db, made.dataset_id, "current")
    assert known is not None
    colour = map_colour.by_property(points, known)
    assert (colour.scale, colour.label) == ("linear", "current")
    expected = [current.get(frame, np.nan) for frame in points.frame_ids.tolist()]
    assert np.allclose(colour.values, expected, equal_nan=True)
    assert np.isnan(colour.values).any()
    assert colour.name in map_colour.options(points, 2, ["current"])


def test_words_are_classes_and_frames_without_one_are_gray(made: Made) -> None:
    points = points_of(made)
    rows = np.arange(len(points))
    known = _words(points, ["b" if row % 2 else "a" for row in rows], rows % 5 > 0)
    colour = map_colour.by_property(points, known)
    assert colour.classes == ("a", "b", "not known")
    assert np.array_equal(colour.values, np.where(rows % 5 == 0, 2, rows % 2))
    codes, legend = paint.paint(colour, points, known.values == known.values)
    assert set(codes[rows % 5 == 0].tolist()) == {paint.UNKNOWN_AT}
    assert len(set(codes.tolist())) == 3
    assert [count for _, _, count in legend.classes][2] == 0


def test_of_too_many_words_the_most_frequent_have_colours(made: Made) -> None:
    points = points_of(made)
    words = [f"w{min(row // 2, 30):02d}" for row in range(len(points))]  # w30 is the most frequent
    colour = map_colour.by_property(points, _words(points, words, np.ones(len(points), np.bool_)))
    assert len(colour.classes) == map_colour.MOST_CLASSES + 1
    assert "w30" in colour.classes
    assert colour.classes[-1] == "other"
    shown = [colour.classes[int(code)] for code in colour.values]
    assert all(shown[row] in (word, "other") for row, word in enumerate(words))
    assert shown[-1] == "w30"
