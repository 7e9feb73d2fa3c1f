"""Density contours hold their share of the points, and are closed."""

import numpy as np
import pytest

from morphcore.embedding.density_contours import SHARES, contours


def _normal(count: int = 20_000) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, 2)).astype(np.float32)


def test_contours_of_a_normal_are_circles_of_known_radius() -> None:
    lines = contours(_normal())
    for share in SHARES:
        ends = lines.ends[lines.share == share]
        radius = np.hypot(ends[:, 0], ends[:, 1])
        expected = np.sqrt(-2 * np.log(1 - share))  # within it, that share of the points
        assert np.median(radius) == pytest.approx(expected, rel=0.06)


def test_a_stretched_map_has_stretched_contours() -> None:
    points = _normal(4000)
    plain, stretched = contours(points), contours(points * np.float32([100, 0.01]))
    assert stretched.ends == pytest.approx(plain.ends * [100, 0.01, 100, 0.01], rel=1e-3, abs=1e-3)


def test_every_line_is_closed() -> None:
    """Each end of a segment is an end of exactly one other segment of its line."""
    two = np.concatenate([_normal(2000), _normal(2000) + np.float32([9, 3])])
    lines = contours(two)
    for share in SHARES:
        ends = np.round(lines.ends[lines.share == share].reshape(-1, 2), 6)
        _, times = np.unique(ends, axis=0, return_counts=True)
        assert (times % 2 == 0).all()


def test_equal_points_do_no_harm() -> None:
    assert np.isfinite(contours(np.zeros((10, 2), dtype=np.float32)).ends).all()
