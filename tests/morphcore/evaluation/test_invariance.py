import numpy as np
import pytest

from morphcore.evaluation.invariance import moved, typical_distance

GALLERY = np.arange(20.0)[:, None]
ORIGINALS = np.array([3, 8, 15])


def test_frames_that_stay_where_they_were_are_all_found() -> None:
    result = moved(GALLERY[ORIGINALS], ORIGINALS, GALLERY, typical=5.0)
    assert result.retrieved.all()
    assert result.ratio.tolist() == [0.0, 0.0, 0.0]


def test_a_frame_that_lands_nearer_to_another_is_not_found() -> None:
    result = moved(GALLERY[ORIGINALS] + [[0.4], [0.6], [2.0]], ORIGINALS, GALLERY, typical=5.0)
    assert result.retrieved.tolist() == [True, False, False]
    assert result.ratio == pytest.approx([0.08, 0.12, 0.4])


def test_a_tie_within_a_millionth_of_the_typical_distance_counts_as_found() -> None:
    shifts = np.array([[0.5], [0.5 + 1e-6], [0.5 + 1e-5]])
    result = moved(GALLERY[ORIGINALS] + shifts, ORIGINALS, GALLERY, typical=5.0)
    assert result.retrieved.tolist() == [True, True, False]


def test_an_embedding_of_one_point_finds_nothing() -> None:
    nowhere = np.zeros((20, 2))
    typical = typical_distance(nowhere, seed=0)
    result = moved(nowhere[ORIGINALS], ORIGINALS, nowhere, typical=typical)
    assert typical == 0.0
    assert not result.retrieved.any()
    assert np.isnan(result.ratio).all()


def test_the_typical_distance_is_the_median_of_two_different_rows() -> None:
    assert typical_distance(np.array([[0.0], [4.0]]), seed=0) == 4.0
    normal = np.random.default_rng(0).standard_normal((3000, 1))
    # |a - b| of two normals is sqrt(2) |n|, whose median is .6745 sqrt(2).
    assert typical_distance(normal, seed=0) == pytest.approx(0.954, rel=0.06)
    assert typical_distance(np.zeros((1, 3)), seed=0) == 0.0
