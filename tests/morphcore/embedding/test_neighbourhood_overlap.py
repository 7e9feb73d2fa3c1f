"""Neighbourhood overlap: known answers, invariances, chance."""

import numpy as np
import pytest

from morphcore.embedding.neighbourhood_overlap import jaccard, overlap


def test_overlap_of_known_sets() -> None:
    first = np.array([[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]])
    second = np.array([[4, 3, 2, 1], [5, 6, 7, 8], [3, 4, 5, 6]])
    assert jaccard(first, second) == pytest.approx([1, 0, 2 / 6])


def test_turned_stretched_and_mirrored_spaces_have_the_same_neighbours() -> None:
    rng = np.random.default_rng(0)
    points = rng.standard_normal((300, 6)).astype(np.float32)
    turn, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    transformed = (-3.0 * points @ turn + 2.0).astype(np.float32)
    assert overlap(points, transformed).min() == 1


def test_spaces_that_have_nothing_in_common_share_what_chance_gives() -> None:
    rng = np.random.default_rng(0)
    first, second = (rng.standard_normal((500, 4)).astype(np.float32) for _ in range(2))
    shared = float(overlap(first, second).mean())
    assert shared == pytest.approx(10 / (2 * 500), rel=0.3)
