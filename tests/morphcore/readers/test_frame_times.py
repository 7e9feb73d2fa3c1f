"""Times of frames: known ones in order, else counted."""

import numpy as np

from morphcore.readers.frame_times import frame_times
from morphcore.readers.options import DEFAULT_OPTIONS, ImportOptions


def test_known_times_keep_their_values_and_unit() -> None:
    known = frame_times(3, np.array([0.0, 0.1, 10.0]), "s", DEFAULT_OPTIONS)
    assert (known.times.tolist(), known.unit, known.order) == ([0.0, 0.1, 10.0], "s", None)
    assert frame_times(3, known.times, None, ImportOptions(time_unit="h")).unit == "h"


def test_unknown_times_are_counted_in_the_step_that_is_given() -> None:
    counted = frame_times(3, None, None, DEFAULT_OPTIONS)
    assert (counted.times.tolist(), counted.unit) == ([0.0, 1.0, 2.0], "frame")
    stepped = frame_times(3, None, None, ImportOptions(time_step=0.5, time_unit="s"))
    assert (stepped.times.tolist(), stepped.unit) == ([0.0, 0.5, 1.0], "s")


def test_times_out_of_order_are_sorted_and_equal_ones_asked_about() -> None:
    mixed = frame_times(3, np.array([2.0, 0.0, 1.0]), "s", DEFAULT_OPTIONS)
    assert mixed.times.tolist() == [0.0, 1.0, 2.0]
    assert mixed.order is not None
    assert mixed.order.tolist() == [1, 2, 0]
    assert mixed.done
    twice = frame_times(2, np.array([1.0, 1.0]), "s", DEFAULT_OPTIONS)
    assert [question.option for question in twice.questions] == ["names"]
