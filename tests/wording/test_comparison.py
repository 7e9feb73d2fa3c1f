"""Sentences on two compared frames, on differences made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.comparison import ComparedFrame, Comparison, Difference
from analysis.frame_query import FrameQuery, measure_descriptors
from morphcore.types import Latents, Neighbour, Posteriors
from wording import comparison, descriptors
from wording.descriptors import DESCRIPTORS

SAME = {
    "fraction": (0.5, 0.5),
    "length": (20.0, 20.0),
    "euler": (3.0, 3.0),
    "components_white": (4.0, 4.0),
    "components_black": (5.0, 5.0),
    "connected_white": (1.0, 1.0),
    "connected_black": (0.0, 0.0),
    "chord_x": (20.0, 20.0),
    "chord_y": (20.0, 20.0),
    "first_zero": (10.0, 10.0),
    "chord_ratio": (1.0, 1.0),
    "contrast": (0.9, 0.9),
}


def said(**changed: tuple[float, float]) -> str:
    values = SAME | changed
    return comparison.sentence([Difference(name, a, b, b - a) for name, (a, b) in values.items()])


def test_every_descriptor_has_words():
    assert set(SAME) == set(DESCRIPTORS)
    assert descriptors.value("fraction", 0.512) == "51.2 %"
    assert descriptors.value("length", 20.04) == "20.0 px"


def test_two_frames_of_one_kind():
    assert said() == "Same area fraction, domains of the same size."


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"fraction": (0.5, 0.56)}, "6 points more white (56 % for 50 %)"),
        ({"fraction": (0.5, 0.511)}, "1 point more white (51 % for 50 %)"),
        ({"fraction": (0.56, 0.5)}, "6 points less white (50 % for 56 %)"),
        ({"length": (20.0, 32.0)}, "domains 1.6 times coarser"),
        ({"length": (32.0, 20.0)}, "domains 1.6 times finer"),
        ({"connected_white": (1.0, 0.0)}, "white no longer joined from top to bottom"),
        ({"connected_white": (1.0, 0.5)}, "white less joined from top to bottom"),
        ({"connected_black": (0.0, 0.9)}, "black now joined from top to bottom"),
        ({"components_white": (4.0, 12.0)}, "more white domains (12 for 4)"),
        ({"components_black": (12.0, 4.0)}, "fewer black domains (4 for 12)"),
        ({"chord_ratio": (1.0, 1.5)}, "longer along the film"),
        ({"chord_ratio": (1.5, 1.0)}, "longer across the film"),
        ({"contrast": (0.65, 0.9)}, "further separated (contrast 0.90 for 0.65)"),
        ({"contrast": (0.9, 0.65)}, "less far separated (contrast 0.65 for 0.90)"),
    ],
)
def test_what_differs_is_said(changed: dict[str, tuple[float, float]], words: str):
    assert words in said(**changed).replace("Domains", "domains")


def test_small_differences_are_none():
    small = said(length=(20.0, 20.9), components_white=(4.0, 6.0), contrast=(0.8, 0.9))
    assert small == said()
    assert said(chord_ratio=(1.0, float("inf"))) == said()  # without a change along the film
    assert said(contrast=(float("nan"), 0.9)) == said()  # of an older store


@pytest.mark.parametrize(
    ("contrast", "words"),
    [
        ((0.05, 0.9), "A has hardly begun to separate: contrast 0.05 for 0.90."),
        ((0.9, 0.05), "B has hardly begun to separate: contrast 0.05 for 0.90."),
        ((0.9, 0.45), "B has not separated yet: contrast 0.45 for 0.90."),
        ((0.1, 0.2), "Neither has separated yet: contrast 0.10 and 0.20."),
    ],
)
def test_before_separation_only_contrast_is_said(contrast: tuple[float, float], words: str):
    """Area fraction and L are the threshold's there: nothing is said of them."""
    assert said(contrast=contrast, fraction=(0.5, 0.9), length=(14.0, 60.0)) == words


def test_a_length_has_the_unit_of_the_data_set_beside_pixels():
    assert descriptors.value("length", 20.0, 2.5, "nm") == "20.0 px (50 nm)"
    assert descriptors.value("fraction", 0.5, 2.5, "nm") == "50.0 %"
    known = {"unseparated": False, "contrast": 0.9, "pixel_size": 0.01, "length_unit": "µm"}
    assert (
        descriptors.fraction_and_length(0.5, 20.0, **known)
        == "area fraction 50.0 % · L 20.0 px (0.2 µm)"
    )


def frame(bits: np.ndarray) -> ComparedFrame:
    query = FrameQuery(bits, None, periodic=True)
    latents = Latents(np.array([0]), np.zeros((1, 2), np.float32), np.zeros((1, 2), np.float32))
    return ComparedFrame(
        query=query, latents=latents, descriptors=measure_descriptors(query), is_outlier=False
    )


STRIPES = np.broadcast_to(np.arange(400) % 40 < 20, (100, 400))
PAIR = Comparison(
    a=frame(STRIPES),
    b=frame(np.roll(STRIPES, 7, axis=1)),
    distance=1.0,
    uncertainty=0.1,
    percentile=5.0,
    step_percentile=90.0,
    units=1.5,
    same_within=3.0,
    calibrated=True,
    differences=tuple(Difference(name, a, b, b - a) for name, (a, b) in SAME.items()),
)


def test_nearness_in_units_and_what_that_says():
    assert comparison.nearness(PAIR) == "1.5 units: could be the same process"
    far = replace(PAIR, units=12.0)
    assert comparison.nearness(far) == "12 units: another process, or another time"
    assert "95 % are within 3 units" in comparison.unit(PAIR)
    assert "index this run again" in comparison.nearness(replace(PAIR, units=None))
    assert "an evaluation with twins" in comparison.unit(replace(PAIR, calibrated=False))


def test_what_the_distance_may_be_off_by_depends_on_what_embeds_frames():
    assert "latents; ± the standard deviation" in comparison.distance_note(PAIR)
    posteriors = Posteriors(np.zeros((1, 4), np.float32), np.zeros((1, 4), np.float32))
    for embedded in (
        replace(PAIR.a.latents, own_z=posteriors),
        replace(PAIR.a.latents, z_missing=True),  # of an older version
    ):
        pair = replace(PAIR, a=replace(PAIR.a, latents=embedded))
        assert "embeddings; ± what other realisations" in comparison.distance_note(pair)


def test_all_that_is_said_of_two_frames():
    text = comparison.describe(PAIR)
    assert text.a == text.b == "area fraction 50.0 % · L 25.5 px"  # 20 px times 4 over pi
    assert text.distance == "1 ± 0.1"
    assert text.summary == said()
    assert text.overlay.startswith("B rolled by 33 px, where most pixels agree: 100 %.")


@pytest.mark.parametrize(
    ("percentile", "words"),
    [(0.0, "fewer than 0.1 %"), (13.4, "13.4 %"), (99.95, "nearly all"), (float("nan"), "–")],
)
def test_a_percentile_in_words(percentile: float, words: str):
    assert comparison.among(percentile) == words


@pytest.mark.parametrize(
    ("distance", "percentile", "said"),
    [
        (0.0, 0.0, "distance 0.000, nearer than all random pairs"),
        (8e-8, 0.0, "distance 0.000, nearer than all random pairs"),
        (1.2345, 0.2, "distance 1.23, nearer than 99.8 % of random pairs"),
        (0.5, 0.05, "distance 0.5, nearer than more than 99.9 % of random pairs"),
        (9.0, 50.0, "distance 9, nearer than 50.0 % of random pairs"),
        (4321.0, 98.0, "distance 4,321, nearer than 2.0 % of random pairs"),
        (12.3, 100.0, "distance 12.3, farther than nearly all random pairs"),
    ],
)
def test_the_distance_of_a_neighbour_in_words(distance: float, percentile: float, said: str):
    assert comparison.distance(Neighbour(1, distance, percentile), None) == said


def test_a_distance_in_units_says_so():
    text = comparison.distance(Neighbour(1, 3.0, 50.0), 1.5)
    assert text == "distance 3 (1.5 of the scatter), nearer than 50.0 % of random pairs"
