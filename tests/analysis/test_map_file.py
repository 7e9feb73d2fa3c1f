"""The file of a map's points, read as the browser reads it."""

import json

import numpy as np

from analysis import map_file
from tests.analysis.test_map_points import points_of
from tests.factory import Made


def test_the_browser_finds_each_points_own_place_and_facts(made: Made) -> None:
    points = points_of(made)
    file = map_file.encode(points)
    first = 4 + int.from_bytes(file[:4], "little")
    head = json.loads(file[4:first])
    assert first % 4 == 0
    assert (head["count"], head["unit"]) == (120, "step")
    columns = np.frombuffer(file, "<i4", offset=first).reshape(8, 120)
    assert np.array_equal(columns[0], points.frame_ids)
    assert np.array_equal(columns[1].view("<f4"), points.x)
    assert np.array_equal(columns[4].view("<f4"), points.time.astype(np.float32))
    owners = [head["trajectories"][row]["id"] for row in columns[3].tolist()]
    assert owners == points.trajectory_ids.tolist()
    assert np.array_equal(columns[7], points.unseparated)
