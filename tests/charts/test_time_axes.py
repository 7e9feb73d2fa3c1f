"""Curves of the player: values of the right frames, gaps where there are none, true axes."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from analysis import series
from analysis.series import Series
from charts import time_axes
from store import descriptors, trajectories
from store.db import open_store
from store.trajectories import FrameTable
from tests.factory import Made, described

TABLE = FrameTable(
    frame_ids=np.array([11, 12, 13, 21, 22], dtype=np.int64),
    trajectory_ids=np.array([1, 1, 1, 2, 2], dtype=np.int64),
    index=np.array([0, 1, 2, 0, 1], dtype=np.int64),
    time=np.array([4, 40, 5100, 20, 1240], dtype=np.int64),
    unseparated=np.array([True, False, False, False, False]),
)
MEASURED = described(  # frame 13 is not measured yet; the order is not the table's
    frame_ids=np.array([22, 12, 11, 21], dtype=np.int64),
    fraction=np.array([0.25, 0.5, 1.0, 0.75], dtype=np.float32),
    length=np.array([8.0, 2.5, np.inf, 4.0], dtype=np.float32),
)


@pytest.fixture
def first() -> Series:
    return series.of_trajectory(TABLE, MEASURED, 1, "step")


def test_values_follow_their_frame_and_gaps_are_none(first: Series) -> None:
    assert first.frame_ids == [11, 12, 13]
    assert first.time == [4, 40, 5100]
    assert first.unseparated == [True, False, False]
    # Without meaning before separation; measured; not measured.
    assert first.fraction == [None, 0.5, None]
    assert first.length == [None, 2.5, None]
    second = series.of_trajectory(TABLE, MEASURED, 2, "step")
    assert second.fraction == [0.75, 0.25]
    assert second.length == [4.0, 8.0]


def test_a_gap_says_why(first: Series) -> None:
    early = "— (not yet separated)"
    assert time_axes.length_curve(first).readouts == [early, "2.5", "not measured"]
    assert time_axes.fraction_curve(first).readouts == [early, "50.0", "not measured"]
    assert time_axes.contrast_curve(first).readouts == ["1.00", "1.00", "not measured"]
    assert "50.0 % at step 40" in time_axes.fraction_curve(first).summary
    nothing = replace(first, length=[None, None, None])
    assert "not measured" in time_axes.length_curve(nothing).summary


def test_words_name_the_time_unit(first: Series) -> None:
    assert series.counters(first)[2] == "frame 3 of 3 · step 5,100"
    assert series.time_label(first) == "time (simulation steps)"
    pictures = replace(first, time_unit="frame", time=[0, 1, 2])
    assert series.counters(pictures)[0] == "frame 1 of 3"
    assert series.when(pictures, 2) == "frame 3"  # one count everywhere, from 1 on
    assert time_axes.time_axis(pictures, log=False).high == 3
    assert "number" in series.time_label(pictures)


def test_log_axes_by_default_only_where_steps_span_much(first: Series) -> None:
    assert first.log_by_default
    assert not replace(first, time=[20, 40, 1000]).log_by_default  # a ratio of 50
    assert replace(first, time=[0, 20, 1001]).log_by_default  # step 0 has no ratio
    assert not replace(first, time=[0, 1, 254], time_unit="frame").log_by_default
    assert not replace(first, time=[0, 0, 0]).log_by_default


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.0, 10.0], [0, 2, 4, 6, 8, 10]),
        ([0.52, 1.0], [0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
        ([3.0, None, 21.0], [0, 5, 10, 15, 20, 25]),
        ([-0.3, 0.3], [-0.4, -0.2, 0, 0.2, 0.4]),
    ],
)
def test_linear_ticks_are_round_and_hold_the_values(values: list, ticks: list) -> None:
    axis = time_axes.linear_axis(values)
    assert [place for place, _ in axis.ticks] == pytest.approx(ticks)
    assert (axis.low, axis.high) == pytest.approx((ticks[0], ticks[-1]))


@pytest.mark.parametrize("values", [[0.5, 0.5], [0.0], [12.3, 12.3], [None], []])
def test_an_axis_has_a_width_even_where_values_do_not(values: list) -> None:
    axis = time_axes.linear_axis(values)
    assert axis.low < axis.high
    assert all(axis.low <= each <= axis.high for each in values if each is not None)
    assert len(axis.ticks) >= 2


def test_a_flat_fraction_is_drawn_flat() -> None:
    axis = time_axes.linear_axis([49.99, 50.01], least_span=time_axes.LEAST_SPAN)
    assert axis.high - axis.low >= time_axes.LEAST_SPAN


def test_log_ticks_stand_at_1_2_5() -> None:
    axis = time_axes.log_axis([4, 5100])
    assert (axis.low, axis.high) == (4, 5100)
    assert [label for _, label in axis.ticks] == (
        ["5", "10", "20", "50", "100", "200", "500", "1,000", "2,000", "5,000"]
    )
    many = time_axes.log_axis([1, 1e6])
    assert [value for value, _ in many.ticks] == pytest.approx([10.0**n for n in range(7)])
    narrow = time_axes.log_axis([100, 130])
    assert [value for value, _ in narrow.ticks] == pytest.approx([100, 110, 120, 130])


def test_a_log_axis_has_no_place_for_zero() -> None:
    axis = time_axes.log_axis([0, 20, 400])
    assert axis.low == 20
    assert time_axes.log_axis([None]).low > 0
    single = time_axes.log_axis([7, 7])
    assert single.low < 7 < single.high


def test_the_time_axis_ends_with_the_frames(first: Series) -> None:
    axis = time_axes.time_axis(first, log=False)
    assert (axis.low, axis.high) == (4, 5100)
    assert all(4 <= place <= 5100 for place, _ in axis.ticks)
    few = time_axes.time_axis(replace(first, time=[0, 1, 2]), log=False)
    assert [label for _, label in few.ticks] == ["0", "1", "2"]  # no half frames


def test_the_table_can_be_read_back(first: Series) -> None:
    rows = list(csv.DictReader(io.StringIO(series.as_csv(first))))
    assert [row["frame_id"] for row in rows] == ["11", "12", "13"]
    assert [row["simulation_step"] for row in rows] == ["4", "40", "5100"]
    assert [row["white_fraction"] for row in rows] == ["", "0.500000", ""]
    assert [row["L_px"] for row in rows] == ["", "2.5000", ""]
    assert [row["contrast"] for row in rows] == ["1.0000", "1.0000", ""]
    in_nm = series.as_csv(replace(first, pixel_size=2.0, length_unit="nm"))
    assert [row["L_nm"] for row in csv.DictReader(io.StringIO(in_nm))] == ["", "5", ""]


def test_a_stored_trajectory_has_its_own_numbers(made: Made) -> None:
    with open_store(made.path) as db:
        info = trajectories.trajectories(db, made.dataset_id)[2]
        table = trajectories.frame_table(db, made.dataset_id)
        own = series.of_trajectory(
            table, descriptors.of_dataset(db, made.dataset_id), info.id, info.time_unit
        )
        assert own.frame_ids == trajectories.frame_ids_of(db, info.id).tolist()
        for row, frame_id in enumerate(own.frame_ids):
            stored = descriptors.of_frame(db, frame_id)
            assert stored is not None
            assert own.contrast[row] == pytest.approx(stored.contrast)
            if own.unseparated[row]:
                assert own.fraction[row] is own.length[row] is None
            else:
                assert own.fraction[row] == pytest.approx(stored.fraction)
                assert own.length[row] == pytest.approx(stored.length)
