"""The chart of a map that forms: all frames in sight, on axes that never move."""

import numpy as np
import pytest

from charts import forming


def test_every_frame_is_drawn_within_axes_that_stay():
    coords = np.array([[0.0, 1.0], [9.0, -9.0], [0.5, 0.5]], dtype=np.float32)
    chart = forming.draw(
        coords,
        held_out=np.array([False, True, False]),
        index=np.array([0, 4, 0]),
        length=np.array([5.0, 5.0, 1.0]),
    ).to_dict()
    (rows,) = chart["datasets"].values()
    assert [row["set"] for row in rows] == ["training", "held-out", "training"]
    assert [row["when"] for row in rows] == [0.0, 1.0, 0.0]
    assert (rows[1]["x"], rows[1]["y"]) == pytest.approx((forming.SPAN, -forming.SPAN))
    assert chart["encoding"]["x"]["scale"]["domain"] == [-forming.SPAN, forming.SPAN]
