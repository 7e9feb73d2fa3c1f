"""The range of a data set is that of its separated frames."""

import numpy as np
import pytest

from analysis.descriptor_range import data_range, standings
from store.trajectories import FrameTable
from tests.factory import described


def table(unseparated: list[bool]) -> FrameTable:
    count = len(unseparated)
    return FrameTable(
        frame_ids=np.arange(1, count + 1),
        trajectory_ids=np.ones(count, np.int64),
        index=np.arange(count),
        time=np.arange(count, dtype=np.float64),
        unseparated=np.array(unseparated),
    )


def test_the_range_is_of_separated_frames_and_leaves_out_a_few_odd_ones():
    count = 1000
    fraction = np.linspace(0.4, 0.6, count, dtype=np.float32)
    length = np.linspace(10, 20, count, dtype=np.float32)
    fraction[0], length[0] = 0.001, 1e6  # one odd frame
    fraction[1], length[1] = 0.99, np.inf  # and one that has not separated
    mask = [False, True] + [False] * (count - 2)
    made = data_range(table(mask), described(np.arange(1, count + 1), fraction, length))
    assert made is not None
    assert made.fraction.low == pytest.approx(0.402, abs=0.003)
    assert made.fraction.high == pytest.approx(0.598, abs=0.003)
    assert made.length.high < 21
    assert made.length.middle == pytest.approx(15, abs=0.1)
    assert made.fraction.side(0.2) == "below"
    assert made.length.side(15) == "within"
    assert made.length.side(40) == "above"


def test_nothing_measured_has_no_range():
    ones = np.ones(2, np.float32)
    assert data_range(table([True, True]), described(np.arange(1, 3), ones, ones)) is None


def test_a_frame_stands_where_as_many_separated_frames_are_lower():
    fraction = np.array([0.1, 0.4, 0.5, 0.5, 0.6], np.float32)
    length = np.full(5, np.inf, np.float32)
    all_of_them = described(np.arange(1, 6), fraction, length)
    own = described(np.array([9]), np.float32([0.5]), np.float32([20]))
    (found,) = standings(
        table([True, False, False, False, False]), all_of_them, own, ("fraction", "length")
    )
    assert (found.name, found.value) == ("fraction", 0.5)
    assert found.lower == pytest.approx((1 + 2 / 2) / 4)
