"""Two-point statistics against a sum over all pairs, and on pictures whose answer is known."""

import numpy as np
import pytest

from morphcore.descriptors import two_point
from tests.factory import blobs


@pytest.mark.parametrize("periodic", [True, False])
def test_covariance_is_the_mean_over_all_pairs(periodic: bool) -> None:
    bits = np.random.default_rng(0).random((2, 12, 18)) < 0.4
    covariance = two_point.covariance(bits, periodic=periodic, reach=5)
    assert covariance.shape == (2, 6, 6)
    for frame, bit in enumerate(bits - bits.mean((1, 2), keepdims=True)):
        for dy in range(6):
            for dx in range(6):
                means = []
                for shift in (dx, -dx):  # the frame and its mirror image
                    products = [
                        bit[y, x] * bit[y + dy, (x + shift) % 18]
                        for y in range(12 - dy)
                        for x in range(18)
                        if periodic or 0 <= x + shift < 18
                    ]
                    means.append(np.mean(products))
                assert covariance[frame, dy, dx] == pytest.approx(np.mean(means), abs=1e-6)


def test_the_numbers_of_a_frame_are_its_covariance_at_the_lags() -> None:
    bits = blobs(3, phi=0.6, seed=1)[1:] > 127
    statistics = two_point.statistics(bits).reshape(2, len(two_point.LAGS_Y), len(two_point.LAGS_X))
    fraction = bits.mean((1, 2))
    np.testing.assert_allclose(statistics[:, 0, 0], fraction * (1 - fraction), rtol=1e-5)
    whole = two_point.covariance(bits, reach=64)
    np.testing.assert_allclose(statistics[:, 5, 7], whole[:, 6, 12], rtol=1e-4, atol=1e-6)
    rolled = two_point.statistics(np.roll(bits, 99, axis=2)).reshape(statistics.shape)
    np.testing.assert_allclose(rolled, statistics, atol=1e-6)


def test_the_first_zero_follows_the_width_of_stripes() -> None:
    x = np.arange(400)
    zeros = []
    for width in (10, 20):
        stripes = np.broadcast_to((x // width) % 2 == 0, (1, 100, 400))
        zeros.append(two_point.first_zero(stripes)[0])
    # Of waves cos(pi x / w), averaged over directions: J0(pi r / w), whose first zero is 0.765 w;
    # of stripes with sharp edges a little more.
    assert 0.7 < zeros[0] / 10 < 0.95
    assert zeros[1] / zeros[0] == pytest.approx(2, rel=0.05)


def test_a_frame_of_one_colour_has_no_zero() -> None:
    bits = np.ones((1, 100, 400), dtype=bool)
    assert two_point.first_zero(bits)[0] <= two_point.REACH
    assert np.isfinite(two_point.first_zero(bits)[0])
