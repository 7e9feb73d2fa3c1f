"""Synchronised playback by time, by L and along pairs, and its positions in a link."""

from dataclasses import replace

import numpy as np
import pytest

from analysis import playback_sync
from analysis.playback_sync import NotTogether
from analysis.series import Series


def trajectory(time: list[int], length: list[float | None]) -> Series:
    count = len(time)
    return Series(
        time_unit="step",
        frame_ids=list(range(count)),
        index=list(range(count)),
        time=time,
        unseparated=[value is None for value in length],
        fraction=[0.5] * count,
        length=length,
    )


A = trajectory([10, 20, 40, 80], [None, 4.0, 6.0, 9.0])
B = trajectory([20, 50, 200], [3.0, 5.0, 8.0])


def test_by_time_every_trajectory_shows_its_frame_nearest_in_time() -> None:
    sync = playback_sync.by_time([A, B])
    assert sync.values == ["10", "20", "40", "50", "80", "200"]
    assert sync.indices == [[0, 1, 2, 2, 3, 3], [0, 0, 1, 1, 1, 2]]
    assert sync.spans == [(0, 4), (1, 5)]  # before and after it has no frame of that time
    assert sync.words[-1] == "step 200"


def test_by_l_every_trajectory_shows_its_frame_of_that_l() -> None:
    sync = playback_sync.by_length([A, B], ["A", "B"])
    assert (sync.values[0], sync.values[-1]) == ("4.00", "8.00")
    for series, indices in zip((A, B), sync.indices, strict=True):
        lengths = np.array([np.inf if value is None else value for value in series.length])
        wanted = np.geomspace(4, 8, playback_sync.LENGTHS)
        assert (np.abs(lengths - wanted[:, None]).argmin(axis=1) == indices).all()
        assert (np.diff(indices) >= 0).all()  # a growing L never goes back in time


def test_trajectories_without_a_common_l_are_refused() -> None:
    late = trajectory([10, 20], [20.0, 30.0])
    with pytest.raises(NotTogether, match=r"early from 4.0 to 9.0 px, late from 20.0 to 30.0 px"):
        playback_sync.by_length([A, late], ["early", "late"])
    with pytest.raises(NotTogether, match="blank has no frame with a domain size"):
        playback_sync.by_length([A, trajectory([10], [None])], ["A", "blank"])


def test_times_of_different_units_do_not_join() -> None:
    with pytest.raises(NotTogether, match="times are not known"):
        playback_sync.by_time([A, replace(B, time_unit="frame")])


def test_pairs_are_positions() -> None:
    sync = playback_sync.along(A, B, ([1, 2, 3], [0, 0, 2]))
    assert sync.indices == [[1, 2, 3], [0, 0, 2]]
    assert sync.words[1] == "A at step 40, B at step 20"
    assert sync.values == ["1", "2", "3"]


def test_a_link_is_read_back() -> None:
    sync = playback_sync.by_time([A, B])
    for at, value in enumerate(sync.values):
        assert playback_sync.position(sync, float(value)) == at
    assert playback_sync.position(sync, 55.0) == 3
    assert playback_sync.offsets([A, B], [3, 1]) == [3, 1]
    assert playback_sync.offsets([A, B], [10**16, 1]) == [3, 1]
    for other in ([], [1], [1, 2, 3]):
        assert playback_sync.offsets([A, B], other) == [0, 0]
