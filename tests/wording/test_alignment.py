"""Sentences on two aligned trajectories have the figures that were computed."""

from math import nan

import numpy as np
import pytest

from analysis.alignment import Stretch, TimeAlignment
from tests.analysis.test_playback_sync import trajectory
from wording.alignment import sentence

TRAJECTORIES = (trajectory([10, 20, 40, 80], [2.0] * 4), trajectory([15, 30, 60, 120], [2.0] * 4))
ROWS = ([0, 1, 2, 3], [0, 1, 2, 3])


def stretch(first: int, last: int, together: bool, **measured: float) -> Stretch:
    usual = {"distance": 1.0, "length_ratio": 1.0, "fraction_step": 0.0, "time_ratio": 1.0}
    return Stretch(first, last, together, **{**usual, **measured})


def said(*stretches: Stretch, same_within: float | None = 2.0, rows: tuple = ROWS) -> str:
    four = np.arange(4)
    alignment = TimeAlignment(four, four, np.ones(4), 1.0, same_within, stretches)
    return sentence(alignment, TRAJECTORIES, rows)


def test_together_until_they_part() -> None:
    words = said(
        stretch(0, 1, True, time_ratio=1.5),
        stretch(2, 3, False, distance=6.0, length_ratio=1.25, fraction_step=-0.08),
    )
    assert "together until step 20 of A and step 30 of B" in words
    assert "6.0 scatter units apart" in words
    assert "B is coarser (L +25 %) and less white (by 8 per cent of the area)" in words
    assert "B takes 1.5 times as long as A" in words


def test_together_from_some_time_on() -> None:
    words = said(stretch(0, 1, False, length_ratio=0.7), stretch(2, 3, True, time_ratio=0.5))
    assert "together from step 40 of A and step 60 of B on" in words
    assert "B is finer (L −30 %)" in words
    assert "A takes 2.0 times as long as B" in words


def test_together_all_the_way_and_nowhere() -> None:
    assert "together all the way, 1.0 scatter units apart." in said(stretch(0, 3, True))
    nowhere = said(stretch(0, 3, False, length_ratio=nan, fraction_step=nan))
    assert "together nowhere" in nowhere
    assert "at like L and white fraction" not in nowhere  # nothing is known of them


def test_a_trajectory_that_waits_is_mentioned() -> None:
    waits = ([0, 0, 0, 1], [0, 1, 2, 3])
    words = said(stretch(0, 2, False), stretch(3, 3, True), rows=waits)
    assert "before, one frame of A stands against 3 of B: they are" in words
    assert "stands against" not in said(stretch(0, 2, False), stretch(3, 3, True))


def test_several_stretches_are_listed() -> None:
    words = said(
        stretch(0, 0, True), stretch(1, 1, False), stretch(2, 2, True), stretch(3, 3, False)
    )
    assert "at A's step 10 to 10 and step 40 to 40" in words


@pytest.mark.parametrize("same_within", [None])
def test_without_a_unit_it_says_what_to_do(same_within: None) -> None:
    assert "index it again" in said(same_within=same_within)
