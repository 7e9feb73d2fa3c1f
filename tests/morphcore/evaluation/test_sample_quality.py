"""Similarity of two frames in statistics: no difference for one and itself, or rolled."""

import numpy as np
import pytest

from morphcore.evaluation.sample_quality import sample_similarity, two_point_errors
from tests.factory import blobs


@pytest.fixture(scope="module")
def bits() -> np.ndarray:
    return blobs(4, phi=0.5, seed=1)[1:] > 127


def test_a_frame_and_itself_are_alike_in_everything(bits: np.ndarray):
    similarity = sample_similarity(bits, bits)
    assert (similarity.abs_fraction, similarity.abs_log_length, similarity.two_point_error) == (
        0,
        0,
        0,
    )


def test_positions_do_not_matter_in_a_periodic_frame(bits: np.ndarray):
    similarity = sample_similarity(bits, np.roll(bits, 137, axis=2))
    assert similarity.abs_fraction == 0
    assert similarity.abs_log_length == 0
    assert similarity.two_point_error == pytest.approx(0, abs=1e-6)


def test_coarser_frames_are_farther_off(bits: np.ndarray):
    fine, coarse = np.repeat(bits[:1], 2, axis=0), bits[1:]
    errors = two_point_errors(fine, coarse)
    assert 0.01 < errors[0] < errors[1]
    ratio = sample_similarity(fine[:1], coarse[:1]).abs_log_length
    assert np.log(1.3) < ratio < np.log(4)


def test_frames_of_one_colour_are_left_out(bits: np.ndarray):
    white = np.ones_like(bits[:1])
    mixed = np.concatenate([bits[:2], white])
    assert sample_similarity(mixed, mixed).two_point_error == 0
    assert np.isnan(sample_similarity(bits[:1], white).two_point_error)
