"""Dynamic time warping: known answers, a search of all paths, and slowed trajectories."""

from functools import cache

import numpy as np
import pytest

from morphcore.alignment.dynamic_time_warping import align


def between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a[:, None] - b[None, :]).astype(np.float64)


def test_a_known_path() -> None:
    path = align(between(np.array([0.0, 1.0, 2.0]), np.array([0.0, 2.0, 2.0, 3.0])))
    assert list(zip(path.a.tolist(), path.b.tolist(), strict=True)) == (
        [(0, 0), (1, 0), (2, 1), (2, 2), (2, 3)]
    )
    assert path.distance == pytest.approx((1.0 + 1.0) / 7)  # once for 1 beside 0, once 2 beside 3


def test_a_trajectory_beside_itself_goes_straight() -> None:
    z = np.random.default_rng(0).standard_normal(40)
    path = align(between(z, z))
    assert path.distance == 0
    assert (path.a == np.arange(40)).all()
    assert (path.b == np.arange(40)).all()


def test_a_slowed_copy_is_found_exactly() -> None:
    rng = np.random.default_rng(1)
    z = rng.standard_normal(30)
    original = np.repeat(np.arange(30), rng.integers(1, 5, 30))  # every frame shown 1 to 4 times
    path = align(between(z, z[original]))
    assert path.distance == 0
    assert (path.a == original).all()
    assert (path.b == np.arange(len(original))).all()


@pytest.mark.parametrize("seed", range(4))
def test_no_path_is_shorter(seed: int) -> None:
    d = np.random.default_rng(seed).random((6, 7))

    @cache
    def least(i: int, j: int) -> float:
        if i < 0 or j < 0:
            return np.inf
        if i == j == 0:
            return 2 * d[0, 0]
        straight, diagonal = d[i, j], 2 * d[i, j]
        return min(
            least(i - 1, j) + straight, least(i - 1, j - 1) + diagonal, least(i, j - 1) + straight
        )

    path = align(d)
    assert path.distance == pytest.approx(least(5, 6) / 13)
    assert (path.a[0], path.b[0], path.a[-1], path.b[-1]) == (0, 0, 5, 6)
    steps = np.stack([np.diff(path.a), np.diff(path.b)])
    assert set(map(tuple, steps.T.tolist())) <= {(0, 1), (1, 0), (1, 1)}
    weights = np.concatenate([[2], steps.sum(axis=0)])
    assert (weights * d[path.a, path.b]).sum() / 13 == pytest.approx(path.distance)


def test_both_ways_are_the_same() -> None:
    d = np.random.default_rng(5).random((9, 4))
    assert align(d).distance == pytest.approx(align(d.T).distance)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1)])
def test_single_frames_go_with_all(shape: tuple[int, int]) -> None:
    path = align(np.ones(shape))
    assert len(path.a) == max(shape)
    assert path.distance == pytest.approx((max(shape) + 1) / sum(shape))


def test_nothing_cannot_be_aligned() -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        align(np.empty((0, 3)))
