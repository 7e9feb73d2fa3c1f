"""Charts under the player: every film's own numbers in common axes, events and bands in place."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.alignment import Stretch, TimeAlignment
from analysis.latent_path import LatentPath
from charts import time_axes
from charts.trajectory import alignment_charts, fastest, over_time_charts, speed_curve
from tests.analysis.test_playback_sync import A, B

PATH = LatentPath(
    frame_ids=np.array([1, 2, 3], dtype=np.int64),
    mean=np.zeros((3, 16), dtype=np.float32),
    speed=np.array([0.5, 2.0, np.nan]),
    events=np.array([2], dtype=np.int64),
    in_units=True,
)


def test_a_speed_stands_at_its_frame_and_gaps_are_none() -> None:
    curve = speed_curve(A, PATH)
    assert curve.values == [None, 0.5, 2.0, None]
    assert curve.readouts == ["not known", "0.50", "2.00", "not known"]
    assert curve.events == [2]
    assert curve.label == "latent speed (units/e-fold)"
    assert speed_curve(replace(A, time_unit="frame"), PATH).label.endswith("units/frame)")
    listed = fastest(A, PATH)
    assert listed is not None
    assert listed["places"] == [{"index": 2, "label": "step 40"}]
    quiet = fastest(A, replace(PATH, events=PATH.events[:0]))
    assert quiet is not None
    assert "No moment" in str(quiet["label"])


def test_trajectories_share_axes_that_hold_them_all() -> None:
    fraction, length, _, speed = over_time_charts([A, B], [PATH, None], ["A", "B"])
    assert [line.of for line in length.lines] == [0, 1]
    for axis in (length.linear, length.log):
        assert axis.low <= 3.0
        assert axis.high >= 9.0
    assert (fraction.across.log.low, fraction.across.log.high) == (10, 200)
    assert speed.lines[1].values == [None] * 3
    assert "A: L against time" in length.summary
    assert len(over_time_charts([A, B], [None, None], ["A", "B"])) == 3


def test_l_is_in_the_unit_that_all_trajectories_share() -> None:
    a, b = (replace(own, pixel_size=size) for own, size in ((A, 2.0), (B, 4.0)))
    a, b = replace(a, length_unit="nm"), replace(b, length_unit="nm")
    length = over_time_charts([a, b], [None, None], ["A", "B"])[1]
    assert length.label == "L (nm)"
    for line, own, size in zip(length.lines, (a, b), (2.0, 4.0), strict=True):
        known = [value for value in own.length if value is not None]
        assert [value for value in line.values if value is not None] == [
            size * value for value in known
        ]
        assert f"({known[0]:.1f} px)" in " ".join(line.readouts)
    for other in (B, replace(b, length_unit="µm")):  # one is not known, or of another unit
        assert over_time_charts([a, other], [None, None], ["A", "B"])[1].label == "L (px)"


def test_one_axis_that_holds_the_others_stays_as_it_is() -> None:
    wide, narrow = time_axes.linear_axis([0, 10]), time_axes.linear_axis([2, 4])
    assert time_axes.spanning([narrow, wide]) is wide
    logarithmic = time_axes.spanning([time_axes.log_axis([1, 10]), time_axes.log_axis([5, 100])])
    assert (logarithmic.low, logarithmic.high, logarithmic.log) == (1, 100, True)


@pytest.mark.parametrize("same_within", [2.0, None])
def test_an_alignment_is_drawn_with_where_it_is_together(same_within: float | None) -> None:
    stretches = (
        ()
        if same_within is None
        else (
            Stretch(0, 1, True, 1.0, 1.0, 0.0, 1.0),
            Stretch(2, 2, False, 5.0, 1.0, 0.0, 1.0),
        )
    )
    alignment = TimeAlignment(
        np.array([1, 2, 3]),
        np.array([0, 1, 2]),
        np.array([1.0, 0.5, 5.0]),
        2.0,
        same_within,
        stretches,
    )
    distance, times = alignment_charts(alignment, [A, B], ([1, 2, 3], [0, 1, 2]))
    assert distance.lines[0].values == [1.0, 0.5, 5.0]
    assert list(times.lines[0].xs) == [20, 40, 80]
    assert list(times.lines[0].values) == [20, 50, 200]
    assert times.guides[0].xs == (20, 80)  # times that both trajectories have
    if same_within is None:
        assert not distance.bands
        assert not distance.guides
        assert "latent space" in distance.label
    else:
        assert list(distance.bands) == [(1.0, 2.0)]
        assert list(times.bands) == [(20.0, 40.0)]
        assert distance.guides[0].values == [2.0, 2.0]
