"""Principal axes against a singular value decomposition, and what projects on them."""

import numpy as np
import pytest

from morphcore.statistics import pca


@pytest.mark.parametrize("shape", [(60, 9), (12, 50)])
def test_principal_directions_are_those_of_a_singular_value_decomposition(
    shape: tuple[int, int],
) -> None:
    rows = np.random.default_rng(0).standard_normal(shape) * np.linspace(5, 1, shape[1])
    rows -= rows.mean(axis=0)
    directions = pca.principal_directions(rows, 4)
    expected = np.linalg.svd(rows, full_matrices=False)[2][:4]
    np.testing.assert_allclose(np.abs(expected @ directions), np.eye(4), atol=1e-8)


def test_fewer_directions_come_back_where_there_are_no_more() -> None:
    rows = np.outer([1.0, -2.0, 1.0], np.arange(8.0))  # along one line
    assert pca.principal_directions(rows, 4).shape == (8, 1)


def test_frames_are_projected_from_the_mean_of_those_that_the_axes_are_of() -> None:
    rows = np.random.default_rng(0).standard_normal((40, 6)) + 5
    axes = pca.fit_pca(rows.copy(), count=6)
    places = axes.project(rows)
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=1e-12)
    apart = np.linalg.norm(rows[0] - rows[1])
    assert np.linalg.norm(places[0] - places[1]) == pytest.approx(apart)  # all six: a rotation
