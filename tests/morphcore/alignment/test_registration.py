import numpy as np
import pytest

from morphcore.alignment.registration import best_roll
from tests.factory import blobs

FRAME = blobs(3, phi=0.45, seed=3)[2] > 0


@pytest.mark.parametrize(
    ("pixels", "mirrored"), [(0, False), (1, False), (399, False), (123, True)]
)
def test_a_frame_that_was_moved_is_found_again(pixels: int, mirrored: bool) -> None:
    moved = np.roll(FRAME[:, ::-1] if mirrored else FRAME, pixels, axis=1)
    found = best_roll(moved, FRAME)
    assert (found.pixels, found.mirrored, found.agreement) == (pixels, mirrored, 1.0)
    assert (found.moved == moved).all()


def test_the_agreement_is_that_of_the_moved_frame_and_no_roll_is_better() -> None:
    other = blobs(3, phi=0.45, seed=4)[2] > 0
    found = best_roll(FRAME, other)
    assert found.agreement == pytest.approx((found.moved == FRAME).mean(), abs=1e-9)
    by_hand = max(
        (np.roll(each, pixels, axis=1) == FRAME).mean()
        for each in (other, other[:, ::-1])
        for pixels in range(400)
    )
    assert found.agreement == pytest.approx(by_hand, abs=1e-9)
