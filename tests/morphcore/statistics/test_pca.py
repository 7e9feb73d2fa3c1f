"""Principal components against a singular value decomposition, and what is transformed by them."""

import numpy as np
import pytest

from morphcore.statistics.pca import fit_pca


@pytest.mark.parametrize("shape", [(60, 9), (12, 50), (5, 50)])
def test_components_are_those_of_a_singular_value_decomposition(shape: tuple[int, int]) -> None:
    rows = np.random.default_rng(0).standard_normal(shape) * np.linspace(5, 1, shape[1]) + 3
    components = fit_pca(rows.copy(), 4).components
    expected = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2][:4]
    np.testing.assert_allclose(np.abs(expected @ components.T), np.eye(4), atol=1e-8)
    assert (components[np.arange(4), np.abs(components).argmax(axis=1)] > 0).all()


def test_equal_features_give_equal_bits() -> None:
    rows = np.random.default_rng(0).standard_normal((30, 400)).astype(np.float32)
    first, second = (fit_pca(rows.copy(), 5).components for _ in range(2))
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize("frames", [3, 20])
def test_fewer_axes_come_back_where_there_are_no_more(frames: int) -> None:
    rows = np.outer(np.random.default_rng(0).standard_normal(frames), np.arange(8.0))
    assert fit_pca(rows, 4).components.shape == (1, 8)  # along one line


@pytest.mark.parametrize("shape", [(1, 5), (9, 5), (5, 9)])
def test_frames_that_are_all_the_same_are_at_zero(shape: tuple[int, int]) -> None:
    rows = np.ones(shape, dtype=np.float32)
    assert (fit_pca(rows.copy()).transform(rows) == 0).all()


def test_frames_are_transformed_from_the_mean_of_those_that_were_fitted() -> None:
    rows = np.random.default_rng(0).standard_normal((40, 6)) + 5
    coords = fit_pca(rows.copy(), count=6).transform(rows)
    np.testing.assert_allclose(coords.mean(axis=0), 0, atol=1e-12)
    apart = np.linalg.norm(rows[0] - rows[1])
    assert np.linalg.norm(coords[0] - coords[1]) == pytest.approx(apart)  # all six: a rotation
