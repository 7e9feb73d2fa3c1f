"""Targets: what is asked of which film."""

import numpy as np
import pytest

from morph.annealing import morphology, targets
from morph.annealing.schedule import Annealing
from morphcore.config import ConfigError
from morphcore.errors import MorphError
from morphcore.simulation import annealing
from tests.morph.annealing.films import FILM, drawn


def test_random_targets_differ_have_separated_and_know_their_schedule():
    some = drawn(6)
    assert len({target.phi for target in some}) == 6
    for target in some:
        assert 0.5 <= target.phi <= 0.6
        assert 0.2 < target.frame.mean() < 0.9
        assert [step for _, step in target.schedule] == FILM.ends[: len(target.schedule)]
        assert all(2.2 <= chi <= 4.0 for chi, _ in target.schedule)
    np.testing.assert_array_equal(drawn(6)[5].frame, some[5].frame)


def test_the_lever_rule_tells_a_films_phi_from_its_frame():
    film = annealing.mixed(0.54, np.random.default_rng(0), (64, 128))
    late = annealing.hold(film, 3.1, 500)  # the middle of the range
    settings = Annealing(shape=(64, 128))
    assert targets.of_frame(late.gray, settings).phi == pytest.approx(0.54, abs=0.01)
    assert targets.of_frame(late.gray, settings, phi=0.51).phi == 0.51


def test_a_target_by_descriptors_is_judged_by_these_alone():
    values = {"fraction": 0.55, "length": 6.0}
    asked = targets.of_descriptors(values, FILM).numbers
    assert np.isnan(asked).tolist() == [False, False, True, True, True]
    seen = asked.copy()
    seen[2:] = 4.0
    assert morphology.distance(seen, asked) == 0.0
    seen[1] += 1.0
    assert morphology.distance(seen, asked) == pytest.approx(np.sqrt(0.5))


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, "accepted are fraction"),
        ({"colour": 1.0}, "colour"),
        ({"fraction": 1.5}, "0 to 1"),
        ({"fraction": 0.5, "length": 0.0}, "above 0"),
        ({"length": 6.0}, "neither phi nor a fraction"),
        ({"fraction": 0.5, "euler": 3.0}, "length beside it"),
        ({"fraction": 0.9}, "0.35 to 0.65"),
    ],
)
def test_descriptors_that_cannot_be_asked_for_are_named(values, word):
    with pytest.raises(MorphError, match=word):
        targets.of_descriptors(values, FILM)


def test_frames_that_cannot_be_a_target_are_refused():
    with pytest.raises(MorphError, match=r"\(32, 64\)"):
        targets.of_frame(np.zeros((10, 10)), FILM)
    with pytest.raises(MorphError, match="one colour"):
        targets.of_frame(np.zeros((32, 64)), FILM)


def test_morphology_is_that_of_the_material_not_of_the_frame():
    frame = drawn()[0].frame
    numbers = morphology.measured(frame)
    np.testing.assert_allclose(morphology.measured(np.roll(frame, 13, axis=1)), numbers)
    twice = morphology.measured(np.tile(frame, (1, 2)))
    np.testing.assert_allclose(twice, numbers)  # L, Euler number and shares by the area
    flat = morphology.standardised(morphology.measured(np.ones((32, 64), dtype=np.bool_)))
    assert np.isfinite(flat).all()


@pytest.mark.parametrize(
    "settings",
    [
        {"shape": (32, 65)},
        {"shape": (8, 64)},
        {"chi_low": 3.0, "chi_high": 2.5},
        {"chi_low": 1.9},
        {"intervals": 1},
    ],
)
def test_settings_outside_their_ranges_are_refused(settings):
    with pytest.raises(ConfigError, match=r"accepted|must be"):
        Annealing(**settings)


def test_levels_are_chis():
    assert [FILM.chi_of(level) for level in (-1.0, 0.0, 1.0)] == [2.2, 3.1, 4.0]
    assert FILM.level_of(FILM.chi_of(0.3)) == pytest.approx(0.3)
