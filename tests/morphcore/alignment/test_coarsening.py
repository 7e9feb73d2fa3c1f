"""L as a clock: its records, and the frame nearest to a given L."""

import numpy as np
import pytest

from morphcore.alignment.coarsening import growth, nearest


@pytest.mark.parametrize(
    ("length", "records"),
    [
        ([5.0, 3.0, 4.0, 3.5, 4.0, 6.0], [1, 2, 5]),
        ([np.inf, np.inf, 2.0, 3.0, np.inf, 4.0], [2, 3, 5]),
        ([4.0, 3.0, 2.0], [2]),  # it only falls
        ([2.0, 2.0, 2.0], [0]),
        ([np.inf, np.nan], []),
        ([], []),
    ],
)
def test_growth_is_where_l_was_never_larger(length: list[float], records: list[int]) -> None:
    assert growth(np.array(length, dtype=np.float64)).tolist() == records


def test_growth_rises_strictly() -> None:
    rng = np.random.default_rng(0)
    length = np.geomspace(3, 20, 100) * np.exp(0.05 * rng.standard_normal(100))
    records = growth(length)
    assert (np.diff(records) > 0).all()
    assert (np.diff(length[records]) > 0).all()


def test_nearest_is_nearest() -> None:
    rng = np.random.default_rng(0)
    values, wanted = np.sort(rng.random(30)), rng.random(100) * 1.4 - 0.2
    expected = np.abs(values[None] - wanted[:, None]).argmin(axis=1)
    assert (nearest(values, wanted) == expected).all()
    assert nearest(np.array([1.0, 2.0]), np.array([1.5])).tolist() == [0]
    assert nearest(np.array([3.0]), np.array([1.0, 9.0])).tolist() == [0, 0]
