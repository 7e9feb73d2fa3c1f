import numpy as np
import pytest

from morphcore import frames
from morphcore.evaluation import baseline_features
from tests.factory import blobs

BITS = frames.binarise(blobs(6, phi=0.5, seed=3)[1:])


def test_pixels_unpack_only_what_is_asked_for_and_scale_it() -> None:
    scale = np.random.default_rng(0).random(40_000).astype(np.float32)
    rows = baseline_features.Pixels(frames.pack(BITS), scale)
    plain = baseline_features.pixels(BITS)
    assert len(rows) == 5
    np.testing.assert_array_equal(rows[np.array([3, 1])], plain[[3, 1]] * scale)
    np.testing.assert_array_equal(rows[slice(1, 3)], plain[1:3] * scale)


def test_the_deviation_of_a_pixel_is_that_of_its_column() -> None:
    expected = baseline_features.pixels(BITS).astype(np.float64).std(axis=0)
    np.testing.assert_allclose(
        baseline_features.pixel_deviation(frames.PackedFrames.of(BITS)), expected, atol=1e-12
    )


@pytest.mark.parametrize(("axis", "direction"), [(1, 0), (0, 2)])
def test_gradients_of_straight_stripes_have_one_direction(axis: int, direction: int) -> None:
    height, width = np.indices((100, 400))
    stripes = ((width if axis else height) // 5) % 2 == 0
    strengths = baseline_features.hog(stripes[None]).reshape(-1, 4)
    assert (strengths.sum(axis=0) > 0).tolist() == [n == direction for n in range(4)]


def test_gradients_of_slanted_stripes_point_across_them() -> None:
    height, width = np.indices((100, 400))
    rising = ((width + height) // 8) % 2 == 0
    of_rising = baseline_features.hog(rising[None]).reshape(-1, 4).sum(axis=0)
    of_falling = baseline_features.hog(rising[None, :, ::-1]).reshape(-1, 4).sum(axis=0)
    assert of_rising[1] > 5 * of_rising[3]
    assert of_falling[3] > 5 * of_falling[1]


def test_gradients_are_counted_in_their_own_cell() -> None:
    edge = np.zeros((1, 100, 400), dtype=np.bool_)
    edge[:, 40:60, 210:] = True  # a white block from 210 px on, in the third row of cells
    cells = baseline_features.hog(edge).reshape(5, 20, 4)
    # Central differences see an edge in the columns on both of its sides: 20 rows of the black one,
    # and of the white one all but both corners, which slant.
    assert cells[2, 10, 0] == 20 + 18
    assert cells[2, 10, 1] == cells[2, 10, 3] == pytest.approx(2**0.5)
    assert cells[2, 9].sum() == 0
    assert (baseline_features.hog(np.ones((1, 100, 400), dtype=np.bool_)) == 0).all()


def test_the_untrained_network_is_the_same_for_a_seed_and_forgets_rolls_by_its_stride() -> None:
    network = baseline_features.UntrainedNetwork(0)
    out = network(BITS)
    np.testing.assert_array_equal(out, baseline_features.UntrainedNetwork(0)(BITS))
    assert np.abs(out - baseline_features.UntrainedNetwork(1)(BITS)).max() > 0.1
    rolled = frames.roll(BITS, 48)  # a multiple of 2 x 2 x 2
    np.testing.assert_allclose(network(rolled), out, atol=1e-4)
    assert np.abs(out[0] - out[4]).max() > 0.05  # but it separates fine from coarse
