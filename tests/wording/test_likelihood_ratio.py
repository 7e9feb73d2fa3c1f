"""Ratios of known value in words."""

from math import log

import pytest

from analysis.likelihood_ratio import Ratio
from wording.likelihood_ratio import answer, headline, no_ratio, posterior, ratio_text


def ratio(
    value: float, low: float, high: float, capped: int = 0, learnt_from: str = "replicates"
) -> Ratio:
    sources = (162, 54) if learnt_from == "replicates" else (0, 0)
    return Ratio(log(value), log(low), log(high), capped, learnt_from, *sources)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            ratio(14, 7, 31),
            "14 times as probable if one process made both as if two of this data set's did"
            " (7 to 31)",
        ),
        (
            ratio(1 / 26, 1 / 60, 1 / 12),
            "26 times as probable if two processes of this data set made them as if one did"
            " (12 to 60)",
        ),
        (
            ratio(1234, 99.7, 5000),
            "1,200 times as probable if one process made both as if two of this data set's did"
            " (100 to 5,000)",
        ),
        (ratio(1.3, 0.8, 2.1), "The frames do not tell: the ratio is 1.3 (0.8 to 2.1)"),
        (ratio(5, 0.7, 20), "The frames do not tell: the ratio is 5 (0.7 to 20)"),
        (
            ratio(45, 45, 45, 1),
            "At least 45 times as probable if one process made both as if two of this data set's"
            " did; more than that the 54 cells it was learnt from cannot tell",
        ),
        (
            ratio(1 / 45, 1 / 45, 1 / 30, -1),
            "At least 45 times as probable if two processes of this data set made them as if one"
            " did (30 or more); more than that the 54 cells it was learnt from cannot tell",
        ),
        (
            ratio(9, 9, 9, 1, "halves"),
            "At least 9 times as probable if one process made both as if two of this data set's"
            " did; more than that the halves of frames it was learnt from cannot tell",
        ),
    ],
)
def test_a_ratio_in_a_sentence(given: Ratio, said: str) -> None:
    assert answer(given) == said


@pytest.mark.parametrize(
    ("given", "prior", "said"),
    [
        (ratio(14, 7, 31), 0.5, "93 % (88 % to 97 %)"),
        (ratio(45, 30, 45, 1), 0.1, "at least 83 % (77 % or more)"),
        (ratio(1 / 45, 1 / 45, 1 / 30, -1), 0.5, "at most 2.2 % (3.2 % or less)"),
        (ratio(1, 1, 1), 0.25, "25 %"),
    ],
)
def test_a_prior_gives_a_probability(given: Ratio, prior: float, said: str) -> None:
    assert posterior(given, prior) == f"So with that prior: {said} that one process made both."


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (ratio(14, 7, 31), "One process: 14 times as probable"),
        (ratio(1 / 26, 1 / 60, 1 / 12), "Two processes: 26 times as probable"),
        (ratio(1.3, 0.8, 2.1), "Undecided: ratio 1.3"),
        (ratio(45, 45, 45, 1), "One process: at least 45 times as probable"),
        (ratio(1 / 45, 1 / 45, 1 / 30, -1), "Two processes: at least 45 times as probable"),
    ],
)
def test_a_ratio_as_a_headline(given: Ratio, said: str) -> None:
    assert headline(given) == said


def test_only_a_stated_prior_gives_a_probability() -> None:
    assert ratio_text(ratio(14, 7, 31)).posterior == ""
    assert "93 %" in ratio_text(ratio(14, 7, 31), 0.5).whole


def test_what_a_ratio_was_learnt_from_is_said() -> None:
    assert "162 realisations of 54 cells" in ratio_text(ratio(14, 7, 31)).source
    halves = ratio_text(ratio(14, 7, 31, learnt_from="halves")).source
    assert "Estimated from halves of frames" in halves


def test_why_there_is_no_ratio() -> None:
    assert no_ratio(unlike=["B"]).whole == (
        "B is unlike all that the model knows, so it gives no ratio."
    )
    assert no_ratio(unlike=["A", "B"]).answer.startswith("A and B are unlike all")
    assert "A has not separated yet" in no_ratio(unseparated=["A"]).answer
    assert "is missing" in no_ratio(error="The model file is missing.").answer
    assert "index the run again" in no_ratio().answer
