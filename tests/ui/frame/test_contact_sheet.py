import numpy as np
import pytest

from store.trajectories import FrameTable
from ui.frame.contact_sheet import spread


def table(runs: int, frames: int, unseparated: int = 0) -> FrameTable:
    index = np.tile(np.arange(frames), runs)
    return FrameTable(
        frame_ids=np.arange(runs * frames) + 100,
        trajectory_ids=np.repeat(np.arange(runs), frames) + 7,
        index=index,
        time=index * 20,
        unseparated=index < unseparated,
    )


@pytest.mark.parametrize(("runs", "frames"), [(1, 30), (4, 20), (57, 255)])
def test_frames_are_spread_over_trajectories_and_time(runs: int, frames: int):
    given = table(runs, frames, unseparated=3)
    rows = spread(given, 8) - 100
    assert len(set(rows.tolist())) == 8
    assert len(set(given.trajectory_ids[rows].tolist())) == min(runs, 8)
    assert (given.index[rows] >= 3).all()
    assert given.index[rows].max() - given.index[rows].min() > frames / 2


def test_small_and_empty_data_sets_give_what_they_have():
    assert spread(table(1, 1), 8).tolist() == [100]
    assert spread(table(0, 0), 8).tolist() == []
    assert len(spread(table(1, 5, unseparated=5), 3)) == 3
    assert sorted(spread(table(4, 1), 10).tolist()) == [100, 101, 102, 103]
