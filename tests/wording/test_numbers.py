import pytest

from wording import numbers


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "a few seconds"),
        (4.9, "a few seconds"),
        (5, "about 5 s"),
        (42, "about 40 s"),
        (57, "about 55 s"),
        (58, "about 1 min"),
        (89, "about 1 min"),
        (91, "about 2 min"),
        (59 * 60, "about 59 min"),
        (3600, "about 1.0 h"),
        (5400, "about 1.5 h"),
        (36_000, "about 10 h"),
    ],
)
def test_durations_are_rounded_as_people_say_them(seconds: float, said: str):
    assert numbers.duration(seconds) == said


def test_an_unknown_time_left_is_not_spoken_of():
    assert numbers.left(None) == ""
    assert numbers.left(180) == "about 3 min left"


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (73_100_000, "73.1 MB"), (2_500_000_000, "2.5 GB")],
)
def test_sizes_have_the_unit_that_fits(count: int, said: str):
    assert numbers.size(count) == said


def test_counts_agree_with_their_nouns():
    assert numbers.amount(1, "frame") == "1 frame"
    assert numbers.amount(2305, "frame") == "2,305 frames"
    assert numbers.amount(0, "trajectory", "trajectories") == "0 trajectories"


def test_only_the_first_letter_is_made_a_capital():
    assert numbers.sentence("map: t-SNE of 12 frames") == "Map: t-SNE of 12 frames"
    assert numbers.sentence("") == ""


def test_a_free_name_counts_up():
    taken = {"film", "film 2", "film (2)", "other"}
    assert numbers.free_name("new", taken.__contains__) == "new"
    assert numbers.free_name("film", taken.__contains__) == "film 3"
    assert numbers.free_name("film", taken.__contains__, "{} ({})") == "film (3)"


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.3712, "0.37"), (8.699, "8.7"), (99.4, "99"), (131.6, "132"), (1320.4, "1,320")],
)
def test_figures_are_never_in_powers_of_ten(value: float, said: str):
    assert numbers.figure(value) == said
