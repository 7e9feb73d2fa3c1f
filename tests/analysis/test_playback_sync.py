"""Which frames go together: by time, by L, along pairs; and what a link says of it."""

from dataclasses import replace

import numpy as np
import pytest

from analysis import playback_sync
from analysis.playback_sync import NotTogether
from analysis.series import Series


def film(time: list[int], length: list[float | None]) -> Series:
    count = len(time)
    return Series(
        time_unit="step",
        frame_ids=list(range(count)),
        index=list(range(count)),
        time=time,
        unseparated=[each is None for each in length],
        fraction=[0.5] * count,
        length=length,
    )


A = film([10, 20, 40, 80], [None, 4.0, 6.0, 9.0])
B = film([20, 50, 200], [3.0, 5.0, 8.0])


def test_by_time_every_film_shows_its_frame_nearest_in_time() -> None:
    found = playback_sync.by_time([A, B])
    assert found.values == ["10", "20", "40", "50", "80", "200"]
    assert found.indices == [[0, 1, 2, 2, 3, 3], [0, 0, 1, 1, 1, 2]]
    assert found.spans == [(0, 4), (1, 5)]  # before and after it has no frame of that time
    assert found.words[-1] == "step 200"


def test_by_l_every_film_shows_its_frame_of_that_l() -> None:
    found = playback_sync.by_length([A, B], ["A", "B"])
    assert (found.values[0], found.values[-1]) == ("4.00", "8.00")
    for series, places in zip((A, B), found.indices, strict=True):
        lengths = np.array([np.inf if each is None else each for each in series.length])
        wanted = np.geomspace(4, 8, playback_sync.LENGTHS)
        assert (np.abs(lengths - wanted[:, None]).argmin(axis=1) == places).all()
        assert (np.diff(places) >= 0).all()  # a growing L never goes back in time


def test_films_without_a_common_l_say_so() -> None:
    late = film([10, 20], [20.0, 30.0])
    with pytest.raises(NotTogether, match=r"early from 4.0 to 9.0 px, late from 20.0 to 30.0 px"):
        playback_sync.by_length([A, late], ["early", "late"])
    with pytest.raises(NotTogether, match="blank has no frame with a domain size"):
        playback_sync.by_length([A, film([10], [None])], ["A", "blank"])


def test_times_of_different_units_do_not_join() -> None:
    with pytest.raises(NotTogether, match="times are not known"):
        playback_sync.by_time([A, replace(B, time_unit="frame")])


def test_pairs_are_positions() -> None:
    found = playback_sync.along(A, B, ([1, 2, 3], [0, 0, 2]))
    assert found.indices == [[1, 2, 3], [0, 0, 2]]
    assert found.words[1] == "A at step 40, B at step 20"
    assert found.values == ["1", "2", "3"]


def test_a_link_is_read_back() -> None:
    joined = playback_sync.by_time([A, B])
    for at, value in enumerate(joined.values):
        assert playback_sync.position(joined, value) == at
    assert playback_sync.position(joined, "55") == 3
    for nonsense in ("", "x", "nan", "inf"):
        assert playback_sync.position(joined, nonsense) == 0
    assert playback_sync.offsets([A, B], "3,1") == [3, 1]
    assert playback_sync.offsets([A, B], "99,1") == [3, 1]
    for nonsense in ("", "1", "1,x", "-1,2", "1,2,3"):
        assert playback_sync.offsets([A, B], nonsense) == [0, 0]
